"""A folder of images on this machine, in the ImageFolder layout (see image_set.py).

Note: links are not followed, so a folder never brings in what lies outside it.
"""

import functools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from labeler.errors import Invalid
from labeler.exchange.formats.base import ImageLoader, Limits, Reader, ReadOptions, RejectedRow, Row, Source
from labeler.exchange.formats.image_set import (
    TABLES,
    Found,
    is_of_the_system,
    is_table,
    largest,
    read_set,
    sorted_out,
    wrapper,
)
from labeler.exchange.formats.loaders import read_file
from labeler.messages import Message


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
        raise Invalid("{name} is not a folder.", field="file", name=source.name)
    loaders, problems = walk(source.path, options.limits, sorted_out)
    wrapped = wrapper(loaders)
    images: dict[str, ImageLoader] = {}
    tables: dict[str, Source] = {}
    for full, loader in loaders.items():
        path = source.path / full
        if is_table(full):
            tables[full.removeprefix(wrapped)] = Source(full, path=path, folder=path.parent)
        else:
            images[full.removeprefix(wrapped)] = loader
    return Found(images, tables, tuple(problems))


def walk(
    folder: Path, limits: Limits, unwanted: Callable[[str], str]
) -> tuple[dict[str, ImageLoader], list[tuple[str, str]]]:
    """Return loaders of the files below a folder by relative name, and (name, reason) of those left out.

    unwanted: returns why a file is not wanted, "" when it is.
    """
    loaders: dict[str, ImageLoader] = {}
    problems: list[tuple[str, str]] = []
    for name in _names(folder, folder):
        path = folder / name
        reason = Message("a link, which is not followed") if path.is_symlink() else _odd(name) or unwanted(name)
        if reason:
            problems.append((name.encode(errors="replace").decode(), reason))
        else:
            loaders[name] = functools.partial(read_file, path, largest(name, limits))
    return loaders, problems


def _odd(name: str) -> str:
    """Return why a name cannot be an id: it holds bytes that are no text, or line breaks; "" when it can."""
    return "" if name.isprintable() else Message("its name holds characters that cannot be shown")


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


READER = Reader("folder", Message("Folder of images"), (), columns, read, media=frozenset({"image"}))
