"""The files of a Pascal VOC dataset: which are pictures, sheets of boxes, lists of splits, masks."""

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple

from labeler.errors import Invalid
from labeler.exchange.parsing.beside import set_or_file
from labeler.exchange.parsing.dataset_files import OTHER, SPLITS, FileSet
from labeler.exchange.sources import ImageLoader, ReadOptions, Source

PICTURES = "JPEGImages"
SHEETS = "Annotations"
_LISTS = ("imagesets", "main")
_MASKS = frozenset(("segmentationclass", "segmentationobject"))


class Dataset(NamedTuple):
    """sheets: the XML files; splits: by the name of a picture, without its ending; masks, lists: of no use here.

    alone: whether it is one XML file, whose picture lies beside it; there: pictures that are items already.
    """

    pictures: dict[str, ImageLoader]
    sheets: dict[str, ImageLoader]
    splits: dict[str, str]
    masks: tuple[str, ...]
    lists: tuple[str, ...]
    problems: tuple[tuple[str, str], ...]
    alone: bool
    there: frozenset[str]


def dataset_of(source: Source, options: ReadOptions) -> Dataset:
    """Return the files of a source; raises Invalid when it holds no pictures."""
    files, alone = set_or_file(source, options, (".xml", ".txt"))
    masks = tuple(name for name in files.pictures if _MASKS & _folders(name))
    pictures = {name: loader for name, loader in files.pictures.items() if name not in masks}
    if alone and not pictures:
        raise Invalid("{name} names pictures but holds none; send a ZIP with both.", field="file", name=source.name)
    if not pictures:
        raise Invalid("{name} holds no pictures; put them beside the labels.", field="file", name=source.name)
    sheets = {name: load for name, load in files.others.items() if alone or name.lower().endswith(".xml")}
    lists = [name for name in files.others if name not in sheets and _LISTS[0] in _folders(name)]
    used = [name for name in lists if _is_split(name)]
    unused = tuple(name for name in lists if name not in used)
    spare = [(name, OTHER) for name in files.others if name not in sheets and name not in lists]
    return Dataset(pictures, sheets, _splits(files, used), masks, unused, (*files.problems, *spare), alone, files.there)


def _folders(name: str) -> set[str]:
    return {part.casefold() for part in PurePosixPath(name).parts[:-1]}


def _is_split(name: str) -> bool:
    path = PurePosixPath(name)
    return path.stem.lower() in SPLITS and path.parent.name.casefold() == _LISTS[1]


def _splits(files: FileSet, lists: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in lists:
        split = PurePosixPath(name).stem
        for line in files.others[name]().decode(errors="replace").splitlines():
            if line.strip():
                found.setdefault(line.strip(), split)
    return found
