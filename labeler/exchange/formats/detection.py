"""What a source seems to be, with the reason, so that a person can overrule it.

Note: the content is asked first and the name second. A ZIP called .csv is a ZIP, and one with
label files in it is a dataset; only between formats that look alike (tables, plain JSON) does the name decide.
"""

import itertools
import os
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from labeler.errors import Invalid
from labeler.exchange.formats.base import Detection
from labeler.exchange.formats.signs import sign_of_dataset, sign_of_text
from labeler.exchange.parsing.text_lines import text_of
from labeler.exchange.sources import Source
from labeler.messages import Message

HEAD_BYTES = 4096
_NAMES_LOOKED_AT = 20_000
_LOOKED_INTO = (".json", ".jsonl", ".xml")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_REFUSED = (
    (b"\x1f\x8b", Message("is compressed with gzip; unpack it first")),
    (b"BZh", Message("is compressed with bzip2; unpack it first")),
    (b"\xfd7zXZ", Message("is compressed with xz; unpack it first")),
    (b"7z\xbc\xaf", Message("is a 7z archive; make a ZIP of it")),
    (b"Rar!", Message("is a RAR archive; make a ZIP of it")),
    (b"%PDF", Message("is a PDF, which holds no table")),
    (b"PAR1", Message("is a Parquet file; save it as CSV or JSON Lines")),
    (b"\xd0\xcf\x11\xe0", Message("is an old spreadsheet; save it as CSV")),
    (b"\x89PNG", Message("is a single image; put images into a folder or a ZIP")),
    (b"\xff\xd8\xff", Message("is a single image; put images into a folder or a ZIP")),
)
_BY_NAME = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


def detect(source: Source | Path | str, head: bytes = b"") -> Detection:
    """Return the format of a source, a path, or a name with the first bytes of its content; raise Invalid if unknown.

    A source goes by the name the person gave it, not by the name it is kept under; a stream is rewound if it can be.
    """
    if isinstance(source, Source):
        if source.path is not None and source.path.is_dir():
            return detect(source.path)
        head = _head(source.path) if source.path else _peeked(source.stream)
        return _by_content(source.name, head, source.path or source.stream)
    if isinstance(source, Path):
        if source.is_dir():
            return _dataset(
                source.name, "folder", Message("{name} is a folder.", name=source.name), _inside_folder(source)
            )
        return _by_content(source.name, _head(source), source)
    return _by_content(source, head, None)


def _by_content(full_name: str, head: bytes, whole: Path | BinaryIO | None) -> Detection:
    name = Path(full_name).name
    if head.startswith(_ZIP):
        inside = list(_inside_zip(whole))
        _check_no_office({entry for entry, _ in inside}, head, name)
        return _dataset(name, "zip", Message("{name} begins as a ZIP archive does.", name=name), inside)
    for magic, advice in _REFUSED:
        if head.startswith(magic):
            raise Invalid("{name} {advice}.", field="file", name=name, advice=advice)
    if name.lower().endswith(".spacy"):
        raise Invalid(
            "{name} is spaCy's binary format; save texts and entities as JSON Lines.", field="file", name=name
        )
    return _text_format(name, head)


def _check_no_office(names: set[str], head: bytes, name: str) -> None:
    """Raise Invalid for a document of an office program, which is a ZIP whatever the order of its parts."""
    made_by_office = "[Content_Types].xml" in names or b"[Content_Types].xml" in head
    if any(one.startswith("word/") for one in names):
        raise Invalid("{name} is a text document; save its texts as CSV or JSON Lines.", field="file", name=name)
    if made_by_office or any(one.startswith("xl/") for one in names) or b"opendocument.spreadsheet" in head:
        raise Invalid("{name} is a spreadsheet; save it as CSV.", field="file", name=name)


def _dataset(name: str, otherwise: str, why: str, inside: Iterable[tuple[str, bytes]]) -> Detection:
    """Return what kind of dataset a folder or ZIP is. inside: names, with the first bytes of JSON files."""
    found = sign_of_dataset(inside)
    return (
        Detection(found.format, Message("{name} {why}", name=name, why=found.why))
        if found
        else Detection(otherwise, why)
    )


def _inside_zip(whole: Path | BinaryIO | None) -> Iterator[tuple[str, bytes]]:
    """Yield the names of an archive, with the first bytes of JSON files; nothing when it cannot be looked into."""
    if whole is None or (not isinstance(whole, Path) and not whole.seekable()):
        return
    try:
        with zipfile.ZipFile(whole) as archive:
            for entry in itertools.islice(archive.infolist(), _NAMES_LOOKED_AT):
                head = b""
                if entry.filename.lower().endswith(_LOOKED_INTO):
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
    for path in itertools.islice(files, _NAMES_LOOKED_AT):
        yield path.relative_to(root).as_posix(), _head(path) if path.suffix.lower() in _LOOKED_INTO else b""


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


def _text_format(name: str, head: bytes) -> Detection:
    text = text_of(head).lstrip()
    if found := sign_of_text(text, name):
        return Detection(found.format, Message("{name} {why}", name=name, why=found.why))
    by_name = _BY_NAME.get(Path(name).suffix.lower())
    if by_name:
        return Detection(by_name, Message("The name {name} ends in {ending}.", name=name, ending=Path(name).suffix))
    if text.startswith("["):
        return Detection("json", Message("{name} begins with [, as a JSON list does.", name=name))
    if text.startswith("{"):
        return Detection("jsonl", Message("{name} begins with an object, as JSON Lines does.", name=name))
    first = text.partition("\n")[0]
    if "\t" in first:
        return Detection("tsv", Message("The first line of {name} has tabs.", name=name))
    if any(mark in first for mark in ",;|"):
        return Detection("csv", Message("The first line of {name} has separators.", name=name))
    raise Invalid("{name} is in no format that is known here. Choose one with --format.", field="format", name=name)
