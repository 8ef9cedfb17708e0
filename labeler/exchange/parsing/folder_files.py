"""The files below a folder, here or elsewhere.

Note: links are not followed, so a folder never brings in what lies outside it.
"""

import functools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from labeler.exchange.parsing.image_files import read_file
from labeler.exchange.parsing.imagefolder import (
    is_of_the_system,
    largest,
)
from labeler.exchange.sources import ImageLoader, Limits, Source
from labeler.messages import Message


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


def listed(source: Source, unwanted: Callable[[str], str]) -> tuple[dict[str, ImageLoader], list[tuple[str, str]]]:
    """Return of a set that lies elsewhere what `walk` returns of a folder."""
    loaders: dict[str, ImageLoader] = {}
    problems = list(source.refused)
    for name, loader in (source.files or {}).items():
        if reason := unwanted(name):
            problems.append((name, reason))
        else:
            loaders[name] = loader
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
