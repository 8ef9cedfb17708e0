"""Which label file of a YOLO dataset belongs to which picture.

First by the place: `labels/…/a.txt` is of `images/…/a`, however the two folders are written in small and capital
letters, and a file beside a picture is of that picture. What is left over is matched by its name and the folders next
to it, where one picture and one label file share them and no others do, if there are lines of YOLO in it.

Note: where a label file was matched to nothing, the pictures without one are not known to be
empty; they are only known not to have been matched. And a text file counts as one of labels by its folder or by what
is written in it, so that a README or a list of pictures is none.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple

from labeler.exchange.parsing.dataset_files import FileSet, nearest
from labeler.exchange.parsing.imagefolder import is_image

LISTS = frozenset(("classes.txt", "obj.names"))
LINE = re.compile(r"\d{1,6}(\.0*)?([ \t]+[-+]?[\d.]+([eE][-+]?\d+)?){4,}[ \t]*")
_LOOKED_AT = 20


class Matched(NamedTuple):
    """labels: label files by the picture they belong to, without its ending; left: label files of no picture."""

    labels: dict[str, str]
    left: tuple[str, ...]


def matched(files: FileSet) -> Matched:
    """Match the label files of a dataset to its pictures."""
    stems = {_stem(name): _stem(name) for name in files.pictures}
    called = {PurePosixPath(stem).name.casefold() for stem in stems}
    folded = {stem.casefold(): stem for stem in stems}
    labels: dict[str, str] = {}
    left, others = [], []
    for name in files.others:
        if PurePosixPath(name).suffix.lower() != ".txt" or PurePosixPath(name).name.lower() in LISTS:
            continue
        stem = next((known for one in _places(name) if (known := stems.get(one) or folded.get(one.casefold()))), None)
        if stem and stem not in labels:
            labels[stem] = name
        elif _in_labels(name) or _holds_labels(files, name):
            left.append(name)
        elif called & _calls(name):
            others.append(name)
    labels, unused = _by_name(stems, labels, left)
    return Matched(labels, (*unused, *others))


def _calls(label_file: str) -> set[str]:
    """Return the names of pictures, without their ending, that a label file may be called after."""
    path = PurePosixPath(label_file)
    return {path.stem.casefold(), PurePosixPath(path.stem).stem.casefold()}


def _places(label_file: str) -> Iterable[str]:
    """Yield the paths, without their ending, of the picture that a label file may belong to by its own place."""
    path = PurePosixPath(label_file).with_suffix("")
    for one in (path, path.with_suffix("")) if is_image(path.name) else (path,):
        parts = list(one.parts)
        folder = max((place for place, part in enumerate(parts[:-1]) if part.lower() == "labels"), default=-1)
        if folder >= 0:
            parts[folder] = "images"
        yield "/".join(parts)


def _by_name(stems: Iterable[str], labels: dict[str, str], left: list[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Match what is left by the name and the folders next to it, where it is the only one on either side."""
    pictures, files = defaultdict(list), defaultdict(list)
    for stem in stems:
        pictures[PurePosixPath(stem).name.casefold()].append(stem)
    for name in (*left, *labels.values()):
        files[PurePosixPath(name).stem.casefold()].append(name)
    found = dict(labels)
    for name in left:
        key = PurePosixPath(name).stem.casefold()
        near = nearest(name, pictures[key])
        if len(near) == 1 and near[0] not in labels and nearest(near[0], files[key]) == [name]:
            found[near[0]] = name
    taken = set(found.values())
    return found, tuple(name for name in left if name not in taken)


def _in_labels(name: str) -> bool:
    return any(part.lower() == "labels" for part in PurePosixPath(name).parts[:-1])


def _holds_labels(files: FileSet, name: str) -> bool:
    lines = [line for line in files.others[name]().decode(errors="replace").splitlines() if line.strip()]
    return bool(lines) and all(LINE.fullmatch(line.strip()) for line in lines[:_LOOKED_AT])


def _stem(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(""))
