"""A folder of images on this machine, in the ImageFolder layout (see image_set.py).

What a reader would get wrong: links are not followed, so a folder never brings in what lies outside it.
"""

import functools
import os
from collections.abc import Iterator
from pathlib import Path

from labeler.errors import Invalid
from labeler.exchange.formats.base import ImageLoader, Reader, ReadOptions, RejectedRow, Row, Source
from labeler.exchange.formats.image_set import TABLES, Found, is_of_the_system, read_set, sorted_out, wrapper
from labeler.exchange.formats.loaders import read_file


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the columns of the first metadata table, () when there is none."""
    for name, table in _found(source, options).tables.items():
        return TABLES[Path(name).name.lower()].columns(table, options)
    return ()


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each image below the folder, in the order of names."""
    yield from read_set(_found(source, options), source, options)


def _found(source: Source, options: ReadOptions) -> Found:
    if source.path is None or not source.path.is_dir():
        raise Invalid(f"{source.name} is not a folder.", field="file")
    names = list(_names(source.path, source.path))
    wrapped = wrapper(name for name in names if not sorted_out(name))
    root = source.path / wrapped
    images: dict[str, ImageLoader] = {}
    tables: dict[str, Source] = {}
    problems: list[tuple[str, str]] = []
    for full in names:
        name = full.removeprefix(wrapped)
        path = source.path / full
        reason = "a link, which is not followed" if path.is_symlink() else _odd(full) or sorted_out(full)
        if reason:
            problems.append((full.encode(errors="replace").decode(), reason))
        elif path.name.lower() in TABLES:
            tables[name] = Source(full, path=path, folder=(root / name).parent)
        else:
            images[name] = functools.partial(read_file, path, options.limits.image_bytes)
    return Found(images, tables, tuple(problems))


def _odd(name: str) -> str:
    """Return why a name cannot be an id: it holds bytes that are no text, or line breaks; "" when it can."""
    return "" if name.isprintable() else "its name holds characters that cannot be shown"


def _names(root: Path, folder: Path) -> Iterator[str]:
    """Yield the files below a folder, in the order of names, relative to `root`."""
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=lambda entry: entry.name)
    for entry in ordered:
        if is_of_the_system(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _names(root, Path(entry.path))
        else:
            yield Path(entry.path).relative_to(root).as_posix()


READER = Reader("folder", "Folder of images", (), columns, read)
