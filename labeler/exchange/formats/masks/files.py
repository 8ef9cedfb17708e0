"""The files of a set of masks: which picture has which, and what the numbers or colours in them mean."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

from labeler.errors import Invalid
from labeler.exchange.parsing.dataset_files import FileSet, files_in
from labeler.exchange.parsing.spreadsheet import restore
from labeler.exchange.sources import ImageLoader, ReadOptions, Source

CLASSES, COLOURS = "classes.csv", "labelmap.txt"
FOLDERS = frozenset(("masks", "mask", "segmentationclass"))
_SHOWS_PICTURES = frozenset(("images", "image", "jpegimages", "imgs", "img", "train", "val", "test"))
_BACKGROUND = frozenset(("", "background", "_background_"))
_COLOUR = re.compile(r"\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*", re.ASCII)
Colour = tuple[int, int, int]


class Meaning(NamedTuple):
    """What a mask says. numbers: classes by the number of a pixel; colours: by its colour; "" for background."""

    numbers: Mapping[int, str]
    colours: Mapping[Colour, str]


class Dataset(NamedTuple):
    """masks: by the name of the picture; left: masks of no picture; problems: (name, why it was left out)."""

    pictures: dict[str, ImageLoader]
    masks: dict[str, str]
    loaders: dict[str, ImageLoader]
    meaning: Meaning
    left: tuple[str, ...]
    problems: tuple[tuple[str, str], ...]


def dataset_of(source: Source, options: ReadOptions) -> Dataset:
    """Return the files of a folder or ZIP; raises Invalid without pictures, or where nothing says what masks mean."""
    files = files_in(source, options, (".csv", ".txt"))
    masks = {name: load for name, load in files.pictures.items() if is_mask(name)}
    pictures = {name: load for name, load in files.pictures.items() if name not in masks}
    if not pictures:
        raise Invalid("{name} holds no pictures; put them beside the masks.", field="file", name=source.name)
    found = _matched(pictures, masks)
    left = tuple(name for name in masks if name not in found.values())
    return Dataset(pictures, found, masks, _meaning(files, source), left, files.problems)


def is_mask(name: str) -> bool:
    """Say whether a picture is a mask, by its folder."""
    path = PurePosixPath(name)
    return path.suffix.lower() == ".png" and bool(FOLDERS & {part.casefold() for part in path.parts[:-1]})


def _matched(pictures: Iterable[str], masks: Iterable[str]) -> dict[str, str]:
    """Return the mask of each picture: of its place, but for folders that say what lies in them, else of its name."""
    by_place = {_place(name): name for name in masks}
    names: dict[str, list[str]] = {}
    for name in masks:
        names.setdefault(PurePosixPath(name).stem.casefold(), []).append(name)
    found = {}
    for picture in pictures:
        alike = names.get(PurePosixPath(picture).stem.casefold(), [])
        mask = by_place.get(_place(picture)) or (alike[0] if len(alike) == 1 else None)
        if mask:
            found[picture] = mask
    return found


def _place(name: str) -> str:
    path = PurePosixPath(name)
    folders = [part for part in path.parts[:-1] if part.casefold() not in FOLDERS | _SHOWS_PICTURES]
    return "/".join((*folders, path.stem)).casefold()


def _meaning(files: FileSet, source: Source) -> Meaning:
    by_name = {PurePosixPath(name).name.lower(): name for name in reversed(list(files.others))}
    if CLASSES in by_name:
        return _numbered(files.text(by_name[CLASSES]), by_name[CLASSES])
    if COLOURS in by_name:
        return _coloured(files.text(by_name[COLOURS]), by_name[COLOURS])
    raise Invalid(
        "{name} has no classes.csv (number,class) or labelmap.txt that says what the masks mean.",
        field="file",
        name=source.name,
    )


def _numbered(text: str, file: str) -> Meaning:
    numbers: dict[int, str] = {}
    for row in csv.DictReader(io.StringIO(text)):
        number, name = str(row.get("number") or ""), row.get("class")
        if not number.isascii() or not number.isdigit() or len(number) > 5 or name is None:  # noqa: PLR2004
            raise Invalid("{file} needs the columns number and class.", field="file", file=file)
        numbers[int(number)] = restore(name).strip()
    return Meaning({0: "", **numbers}, {})


def _coloured(text: str, file: str) -> Meaning:
    """Return what the colours of Pascal VOC's masks mean, a line "name:red,green,blue:parts:actions" each."""
    colours: dict[Colour, str] = {}
    numbers: dict[int, str] = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        if not line.strip() or line.startswith("#"):
            continue
        if not (sides := _COLOUR.fullmatch(rest.split(":")[0])):
            raise Invalid("{file} needs lines such as name:128,0,0::", field="file", file=file)
        red, green, blue = map(int, sides.groups())
        known = "" if name.strip().lower() in _BACKGROUND else name.strip()
        numbers[len(numbers)] = known
        colours[red, green, blue] = known
    return Meaning(numbers, colours)
