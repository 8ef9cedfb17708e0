"""Which label file belongs to which picture, where each picture has one of its own (`a.xml` of `a.jpg`).

The place counts first: the same path and name, but for the ending and for folders that only say what lies in them
(`Annotations/a.xml` and `JPEGImages/a.jpg`). Then the name alone, where one picture has it; then the name that the file
itself gives its picture, which is often that of an older copy.

Note: where several pictures fit and the file names none of them, none is guessed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import NamedTuple

from labeler.errors import Invalid
from labeler.exchange.parsing.dataset_files import FileSet, Finder, files_in, is_set, nearest, pictures_beside
from labeler.exchange.parsing.imagefolder import largest
from labeler.exchange.parsing.text_lines import opened
from labeler.exchange.sources import ImageLoader, ReadOptions, Source
from labeler.messages import Message

_SAY_WHAT_LIES_IN_THEM = frozenset(
    (
        "annotations",
        "annotation",
        "jpegimages",
        "images",
        "image",
        "imgs",
        "img",
        "labels",
        "xml",
        "xmls",
        "json",
        "ann",
    )
)


class Matched(NamedTuple):
    """labels: the label file of each picture that has one; left: (label file, why it belongs to none)."""

    labels: dict[str, str]
    left: list[tuple[str, str]]


def set_or_file(source: Source, options: ReadOptions, suffixes: Iterable[str]) -> tuple[FileSet, bool]:
    """Return the files of a folder or ZIP, or one label file with the pictures that lie beside it, and whether so."""
    if is_set(source):
        return files_in(source, options, suffixes), False
    most = largest("", options.limits)
    with opened(source) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise Invalid("{name} is larger than {most:,} bytes.", field="file", name=source.name, most=most)
    beside = pictures_beside(source, options)
    return beside._replace(others={source.name: lambda: data}, problems=()), True


def matched(
    pictures: Iterable[str], label_files: Mapping[str, ImageLoader], named: Callable[[ImageLoader], str]
) -> Matched:
    """Return which label file is of which picture. named: reads what a label file calls its picture, "" for nothing."""
    beside = _Beside(pictures)
    found = Matched({}, [])
    for file, load in label_files.items():
        try:
            picture = beside.picture_of(file, partial(named, load))
        except Invalid as error:
            found.left.append((file, error.message))
            continue
        if found.labels.setdefault(picture, file) != file:
            other = found.labels[picture]
            found.left.append((file, Message("{name} is a label file of this picture too, and was taken", name=other)))
    return found


class _Beside:
    """Finds the picture of a label file among pictures by name."""

    def __init__(self, pictures: Iterable[str]) -> None:
        self._by_place: dict[str, list[str]] = defaultdict(list)
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for name in pictures:
            self._by_place[_place(name)].append(name)
            self._by_name[PurePosixPath(name).stem.casefold()].append(name)
        self._finder = Finder(name for names in self._by_place.values() for name in names)

    def picture_of(self, label_file: str, named: Callable[[], str]) -> str:
        """Return the picture of a label file. named: what the file calls it; raises Invalid where none is meant."""
        fitting = self._by_place.get(_place(label_file)) or self._named_alike(label_file)
        if fitting and len(fitting) == 1:
            return fitting[0]
        wanted = named()
        if not wanted and not fitting:
            raise Invalid("there is no picture for this label file, so it was not used")
        if not fitting:
            return self._finder.find(wanted)
        file = PurePosixPath(wanted.replace("\\", "/")).name
        meant = [name for name in fitting if PurePosixPath(name).name == file]
        if len(meant) == 1:
            return meant[0]
        shown = " and ".join(fitting[:2])
        raise Invalid('"{wanted}" may mean {shown}; give the pictures different names', wanted=wanted, shown=shown)

    def _named_alike(self, label_file: str) -> Sequence[str]:
        return nearest(label_file, self._by_name.get(PurePosixPath(label_file).stem.casefold(), []))


def _place(name: str) -> str:
    path = PurePosixPath(name)
    folders = [part for part in path.parts[:-1] if part.casefold() not in _SAY_WHAT_LIES_IN_THEM]
    return "/".join((*folders, path.stem)).casefold()
