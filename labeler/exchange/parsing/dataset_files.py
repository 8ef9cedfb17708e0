"""The files of a dataset that is a folder or a ZIP: pictures, and the files that say what is in them.

Note: a name that a file gives a picture is looked for, not believed. It may be written from
another folder than the archive's, so the end of a path is enough where only one picture has it; where several do, none
is guessed. Nothing outside the folder or ZIP is ever reached.
"""

import io
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from labeler.errors import Invalid
from labeler.exchange.parsing.folder_files import listed, walk
from labeler.exchange.parsing.imagefolder import ARCHIVES, NESTED, is_image
from labeler.exchange.parsing.tar_archive import is_tar
from labeler.exchange.parsing.zip_archive import unpack
from labeler.exchange.rows import RejectedRow, Row, rejected_file
from labeler.exchange.sources import ImageLoader, ReadOptions, Source
from labeler.messages import Message

SPLITS = ("train", "training", "val", "valid", "validation", "dev", "test", "testing")


class FileSet(NamedTuple):
    """Loaders by full name, in order. problems: (name, why a file was left out), but for what nobody would look for.

    there: names of pictures that are not in the source but items already; what is not said of them means nothing.
    """

    pictures: dict[str, ImageLoader]
    others: dict[str, ImageLoader]
    problems: tuple[tuple[str, str], ...]
    there: frozenset[str] = frozenset()

    def text(self, name: str) -> str:
        """Return one of the other files as text; raises Invalid when it is none."""
        try:
            return self.others[name]().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Invalid(
                "{name} is not valid UTF-8 at byte {place}.", field="file", name=name, place=error.start
            ) from error

    def stream(self, name: str) -> io.BytesIO:
        """Return the bytes of one of the other files as a stream."""
        return io.BytesIO(self.others[name]())


class Finder:
    """Finds pictures by the names that a file gives them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._named: dict[str, list[str]] = defaultdict(list)
        for name in names:
            self._named[PurePosixPath(name).name].append(name)

    def find(self, wanted: str, *, near: str = "") -> str:
        """Return the full name of a picture; raises Invalid when there is none, or several and none of them is meant.

        near: a word that the path of the right one holds as a folder, where several fit (a split).
        """
        fitting = self.fitting(wanted)
        if len(fitting) > 1 and near:
            fitting = [name for name in fitting if near in PurePosixPath(name).parts] or fitting
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            shown = " and ".join(fitting[:2])
            raise Invalid('"{wanted}" may mean {shown}; give the pictures different names', wanted=wanted, shown=shown)
        raise Invalid('there is no picture "{wanted}"', wanted=wanted)

    def fitting(self, wanted: str) -> Sequence[str]:
        """Return the full names that a name or path may mean: one where it is that one's, or ends like no other."""
        wanted = wanted.replace("\\", "/")
        same = self._named.get(PurePosixPath(wanted).name, [])
        if wanted in same:
            return [wanted]
        return [name for name in same if name.endswith(f"/{wanted}")] or nearest(wanted, same)


def nearest(wanted: str, names: Sequence[str]) -> Sequence[str]:
    """Return those of some paths of one file name whose last folders are most like those of the path wanted."""

    def alike(name: str) -> int:
        pairs = zip(reversed(wanted.split("/")[:-1]), reversed(name.split("/")[:-1]), strict=False)
        return sum(1 for _ in itertools.takewhile(lambda pair: pair[0].casefold() == pair[1].casefold(), pairs))

    most = max(map(alike, names), default=0)
    return [name for name in names if alike(name) == most]


def is_set(source: Source) -> bool:
    """Say whether a source is a folder, here or elsewhere, begins as a ZIP does, or is a TAR."""
    if source.files is not None or (source.path is not None and source.path.is_dir()):
        return True
    if is_tar(source):
        return True
    if source.stream is not None:
        if not source.stream.seekable():
            return False
        place = source.stream.tell()
        head = source.stream.read(4)
        source.stream.seek(place)
        return head == b"PK\x03\x04"
    if source.path is None:
        return False
    with source.path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def files_in(source: Source, options: ReadOptions, suffixes: Iterable[str]) -> FileSet:
    """Return the pictures and the files with these endings; raises Invalid when it is neither a folder nor a ZIP."""
    wanted = frozenset(suffixes)
    if source.files is not None:
        loaders, problems = listed(source, _keep(wanted))
    elif source.path is not None and source.path.is_dir():
        loaders, problems = walk(source.path, options.limits, _keep(wanted))
    else:
        loaders, problems = unpack(source, options.limits, _keep(wanted))
    pictures = {name: loader for name, loader in loaders.items() if is_image(name)}
    others = {name: loader for name, loader in loaders.items() if not is_image(name)}
    told = tuple((name, reason) for name, reason in problems if reason != _PLAIN)
    return _with_those_there(FileSet(pictures, others, told), source)


def pictures_beside(source: Source, options: ReadOptions) -> FileSet:
    """Return the pictures that a single file of labels may be about: those in its folder, and those that are items."""
    if source.folder is None:
        return _with_those_there(FileSet({}, {}, ()), source)
    return files_in(Source(source.name, path=source.folder, there=source.there), options, ())


def _with_those_there(files: FileSet, source: Source) -> FileSet:
    """Add the pictures that are items already, but for those of a name that a picture of the source has."""
    if source.there is None:
        return files
    own = {_bare(name) for name in files.pictures}
    more = {name: picture for name, picture in source.there.named() if _bare(name) not in own}
    return files._replace(pictures={**files.pictures, **more}, there=frozenset(more))


def _bare(name: str) -> str:
    return PurePosixPath(name).stem.casefold()


def split_in(name: str) -> str | None:
    """Return the folder of a path that names a split, as it is written there, or None."""
    return next((part for part in PurePosixPath(name).parts[:-1] if part.lower() in SPLITS), None)


UNNAMED = Message("no annotation file names this picture")
OTHER = Message("not read: the labels of this set are in other files")
_PLAIN = "plain"
_ABOUT_THE_SET = frozenset((".md", ".rst", ".cache", ".py", ".sh", ".html", ".pdf", ".log", ".yaml", ".yml", ".cff"))
_OURS, _CLASSES = frozenset(("report.txt", "pictures.csv")), "classes.csv"
_PAPERS = ("readme", "license", "licence", "changelog", "citation", "notice")


def _keep(wanted: frozenset[str]) -> Callable[[str], str]:
    """Return what says why a file is not wanted; _PLAIN for papers, settings and programs, which hold no labels."""

    def unwanted(name: str) -> str:
        path = PurePosixPath(name)
        ending = path.suffix.lower()
        if path.name.lower() in _OURS:
            return _PLAIN
        if is_image(name) or ending in wanted:
            return ""
        if ending in _ABOUT_THE_SET or path.name.lower() == _CLASSES or path.stem.lower().startswith(_PAPERS):
            return _PLAIN
        return NESTED if ending in ARCHIVES else OTHER

    return unwanted


def source_inside(source: Source, options: ReadOptions, suffixes: Iterable[str], *, preferred: str = "") -> Source:
    """Return the one file of labels in a folder or ZIP as a source that finds its pictures; any other as it is.

    preferred: the file name to take where there are several. Raises Invalid when there is none or several.
    """
    if not is_set(source):
        if options.media != "image" or (source.there is None and (source.path is None or source.folder is None)):
            return source
        return replace(source, find=_found_in(pictures_beside(source, options).pictures, set()))
    files = files_in(source, options, suffixes)
    names = [name for name in files.others if PurePosixPath(name).name == preferred] or list(files.others)
    if len(names) != 1:
        listed = (
            Message("several files of labels ({names} …)", names=", ".join(names[:3]))
            if names
            else Message("no file of labels")
        )
        raise Invalid("{name} holds {listed}; give it exactly one.", field="file", name=source.name, listed=listed)
    used: set[str] = set()

    def unused() -> list[tuple[str, str]]:
        asked = options.media == "image" and options.wants == "items"
        own = [name for name in files.pictures if name not in files.there]
        left = [(name, UNNAMED) for name in own if asked and name not in used]
        spare = [(name, OTHER) for name in files.others if name != names[0]]
        return [*files.problems, *spare, *left]

    found = _found_in(files.pictures, used)
    return Source(names[0], stream=files.stream(names[0]), find=found, fetch=source.fetch, unused=unused)


def _found_in(pictures: dict[str, ImageLoader], used: set[str]) -> Callable[[str], ImageLoader]:
    finder = Finder(pictures)

    def found(name: str) -> ImageLoader:
        full = finder.find(name)
        used.add(full)
        return pictures[full]

    return found


def with_unused(rows: Iterable[Row | RejectedRow], source: Source) -> Iterator[Row | RejectedRow]:
    """Yield rows, then what of the set they come from was not used."""
    yield from rows
    if source.unused is not None:
        yield from (rejected_file(name, reason) for name, reason in source.unused())
