"""What a source seems to be, with the reason, so that a person can overrule it.

Note: the content is asked first and the name second. A ZIP called .csv is a ZIP, and one with
label files in it is a dataset; only between formats that look alike (tables, plain JSON) does the name decide.
"""

import contextlib
import itertools
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal

from labeler.errors import Invalid
from labeler.exchange.formats.base import Certainty, Detection, Glimpse, Reader
from labeler.exchange.formats.foreign import LOOKED_INTO, Foreign, check_not_foreign, foreign, refused_set
from labeler.exchange.formats.registry import READERS
from labeler.exchange.parsing.image_files import is_picture
from labeler.exchange.parsing.tar_archive import as_zip, is_tar
from labeler.exchange.parsing.text_lines import text_of
from labeler.exchange.sources import ImageLoader, Limits, Source
from labeler.messages import Message

HEAD_BYTES = 4096
_NAMES_LOOKED_AT = 20_000
_FETCHED_FOR_A_LOOK = 50  # files of labels of a set elsewhere
_OTHERS_LOOKED_AT = 50  # files that no reader knows by their content, in a set
_LABELS = (".json", ".jsonl", ".xml")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_REFUSED = (
    (b"\x1f\x8b", Message("is compressed with gzip; unpack it first")),
    (b"BZh", Message("is compressed with bzip2; unpack it first")),
    (b"\xfd7zXZ", Message("is compressed with xz; unpack it first")),
    (b"7z\xbc\xaf", Message("is a 7z archive; make a ZIP of it")),
    (b"Rar!", Message("is a RAR archive; make a ZIP of it")),
    (b"%PDF", Message("is a PDF, which holds no table")),
    (b"\xd0\xcf\x11\xe0", Message("is an old spreadsheet; save it as CSV")),
    (b"\x89HDF\r\n", Message("is an HDF5 file; save its table as Parquet or CSV")),
    (b"ARROW1", Message("is a Feather (Arrow) file; save it as Parquet")),
    (b"SQLite format 3", Message("is an SQLite database; save its table as CSV")),
)


def detect(source: Source | Path | str, head: bytes = b"", *, among: Iterable[Reader] | None = None) -> Detection:
    """Return the format of a source, a path, or a name with the first bytes of its content; raise Invalid if unknown.

    A source goes by the name the person gave it, not by the name it is kept under; a stream is rewound if it can be.
    among: the readers that are asked, in this order; all when left out.
    """
    readers = tuple(READERS.values() if among is None else among)
    if isinstance(source, Source) and source.files is not None:
        return _dataset(source.name, "directory", _inside_elsewhere(source.files), readers)
    if isinstance(source, Source):
        if source.path is not None and source.path.is_dir():
            return detect(source.path, among=readers)
        head = _head(source.path) if source.path else _peeked(source.stream)
        return _by_content(source.name, head, source.path or source.stream, readers)
    if isinstance(source, Path):
        if source.is_dir():
            return _dataset(source.name, "directory", _inside_folder(source), readers)
        return _by_content(source.name, _head(source), source, readers)
    return _by_content(source, head, None, readers)


def _by_content(full_name: str, head: bytes, whole: Path | BinaryIO | None, readers: Sequence[Reader]) -> Detection:
    name = Path(full_name).name
    if head.startswith(_ZIP):
        inside = list(_inside_zip(whole))
        _check_no_office({entry for entry, _ in inside}, head, name)
        return _dataset(name, "archive", inside, readers)
    source = _as_source(name, whole)
    if source is not None and is_tar(source):
        with as_zip(source, Limits())[0] as stream:
            return _dataset(name, "archive", _inside_zip(stream), readers)
    if is_picture(name, head):
        return _surest(Glimpse(name, kind="picture"), readers)
    for magic, advice in _REFUSED:
        if head.startswith(magic):
            raise Invalid("{name} {advice}.", field="file", name=name, advice=advice)
    glimpse = Glimpse(name, text_of(head).lstrip())
    return _surest(glimpse, readers, lambda: check_not_foreign(glimpse))


def _as_source(name: str, whole: Path | BinaryIO | None) -> Source | None:
    if whole is None:
        return None
    return Source(name, path=whole) if isinstance(whole, Path) else Source(name, stream=whole)


def _surest(glimpse: Glimpse, readers: Sequence[Reader], unsure: Callable[[], None] = lambda: None) -> Detection:
    """Return the format that knows a glimpse best; raises Invalid when none does.

    unsure: asked where no reader is sure that it is its own; may raise Invalid, saying what it is.
    """
    name = glimpse.name
    signs = ((reader, sign) for reader in readers if (sign := reader.sign(glimpse)))
    reader, sign = max(signs, key=lambda found: found[1].certainty, default=(None, None))
    if sign is None or sign.certainty < Certainty.SURE:
        unsure()
    if reader is None or sign is None:
        raise Invalid("{name} is in no format that is known here. Choose one with --format.", field="format", name=name)
    if sign.certainty == Certainty.NAMED:
        return Detection(reader.name, Message("The name {name} {why}", name=name, why=sign.why))
    return Detection(reader.name, Message("{name} {why}", name=name, why=sign.why))


def _check_no_office(names: set[str], head: bytes, name: str) -> None:
    """Raise Invalid for a document of an office program that nobody reads, a ZIP whatever the order of its parts."""
    made_by_office = "[Content_Types].xml" in names or b"[Content_Types].xml" in head
    if any(one.startswith("word/") for one in names):
        raise Invalid("{name} is a text document; save its texts as CSV or JSON Lines.", field="file", name=name)
    if "xl/workbook.xml" in names:
        return
    if made_by_office or any(one.startswith("xl/") for one in names) or b"opendocument.spreadsheet" in head:
        raise Invalid("{name} is a spreadsheet; save it as CSV.", field="file", name=name)


def _dataset(
    name: str, kind: Literal["directory", "archive"], inside: Iterable[tuple[str, bytes]], readers: Sequence[Reader]
) -> Detection:
    """Return what kind of dataset a folder or ZIP is. inside: names, with how files of labels begin."""
    in_sets = [reader for reader in readers if reader.in_sets]
    files, others, looked_into = [], list[tuple[str, Foreign]](), 0
    for full, head in inside:
        files.append(full)
        if found := _labels_inside(PurePosixPath(full), head, in_sets):
            return Detection(found.format, Message("{name} {why}", name=name, why=found.why))
        looked_into += bool(head)
        if head and not others and looked_into <= _OTHERS_LOOKED_AT:
            other = foreign(Glimpse(PurePosixPath(full).name, text_of(head).lstrip()))
            others = [(full, other)] if other else []
    glimpse = Glimpse(name, kind=kind, files=tuple(files))

    def unsure() -> None:
        for file, other in others:
            raise refused_set(glimpse, file, other)

    return _surest(glimpse, readers, unsure)


def _labels_inside(path: PurePosixPath, head: bytes, readers: Sequence[Reader]) -> Detection | None:
    """Return which format knows a file of labels among the files of a set by its content."""
    if path.suffix.lower() not in _LABELS or not head:
        return None
    glimpse = Glimpse(path.name, text_of(head).lstrip())
    for reader in readers:
        sign = reader.sign(glimpse)
        if sign and sign.certainty > Certainty.NAMED:
            return Detection(reader.name, Message("holds {name}, which {why}", name=path.name, why=sign.why))
    return None


class _Heads:
    """Says of which files of a set the beginning is looked at: all that a reader may know, of others a few."""

    def __init__(self) -> None:
        self._others = 0

    def is_wanted(self, name: str) -> bool:
        """Whether a file is looked into."""
        ending = PurePosixPath(name).suffix.lower()
        self._others += ending in LOOKED_INTO and ending not in _LABELS
        return ending in _LABELS or (ending in LOOKED_INTO and self._others <= _OTHERS_LOOKED_AT)


def _inside_zip(whole: Path | BinaryIO | None) -> Iterator[tuple[str, bytes]]:
    """Yield the names of an archive, with how files of labels begin; nothing when it cannot be looked into."""
    is_wanted = _Heads().is_wanted
    if whole is None or (not isinstance(whole, Path) and not whole.seekable()):
        return
    try:
        with zipfile.ZipFile(whole) as archive:
            for entry in itertools.islice(archive.infolist(), _NAMES_LOOKED_AT):
                head = b""
                if is_wanted(entry.filename):
                    with archive.open(entry) as file:
                        head = file.read(HEAD_BYTES)
                yield entry.filename.replace("\\", "/"), head
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError):
        return  # the reader of the format says what is wrong with it
    finally:
        if not isinstance(whole, Path):
            whole.seek(0)


def _inside_folder(root: Path) -> Iterator[tuple[str, bytes]]:
    files = (Path(folder) / name for folder, _, names in os.walk(root) for name in sorted(names))
    is_wanted = _Heads().is_wanted
    for path in itertools.islice(files, _NAMES_LOOKED_AT):
        yield path.relative_to(root).as_posix(), _head(path) if is_wanted(path.name) else b""


def _inside_elsewhere(files: Mapping[str, ImageLoader]) -> Iterator[tuple[str, bytes]]:
    """Yield the names of a set that lies elsewhere, with how the first of its files of labels begin."""
    fetched = 0
    for name, loader in itertools.islice(files.items(), _NAMES_LOOKED_AT):
        head = b""
        if name.lower().endswith(_LABELS) and fetched < _FETCHED_FOR_A_LOOK:
            fetched += 1
            with contextlib.suppress(Invalid):  # the reader of the format says what is wrong with it
                head = loader()[:HEAD_BYTES]
        yield name, head


def _peeked(stream: BinaryIO | None) -> bytes:
    if stream is None or not stream.seekable():
        return b""
    place = stream.tell()
    head = stream.read(HEAD_BYTES)
    stream.seek(place)
    return head


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise Invalid(
            "{name} cannot be read: {reason}.", field="file", name=path.name, reason=error.strerror
        ) from error
