"""The file a backup is: a ZIP that any program opens, with a manifest, sealed so that one wrong byte is noticed.

`manifest.json` (the last entry) says what is in it and how it must hash; `tables/NAME.jsonl` are the rows (`portable`),
`files/…` and `uploads/…` the files of the instance. The ZIP's comment ends with the SHA-256 of all bytes before it, so
that headers, names and the manifest are covered too.
"""

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from labeler import durable
from labeler.errors import Conflict, Invalid, NotFound, Unavailable

MANIFEST = "manifest.json"
_SEAL = b"labeler backup, sha256 of all before this number: "
_DIGEST = 64  # hexadecimal digits
_VERSION = 1
_BLOCK = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass
class Manifest:
    """What a backup holds. tables, files: {name: [rows or bytes, sha256]}; as_of: what was stored before is in it."""

    revision: str
    as_of: str
    database: str
    labeler: str
    tables: dict[str, tuple[int, str]] = field(default_factory=dict)
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    version: int = _VERSION


class Writer:
    """A backup while it is written."""

    def __init__(self, zipped: zipfile.ZipFile, manifest: Manifest) -> None:
        self._zip = zipped
        self.manifest = manifest

    def add_table(self, name: str, lines: Iterable[bytes]) -> None:
        """Write the rows of a table."""
        rows, digest = 0, hashlib.sha256()
        with self._zip.open(_entry(f"tables/{name}.jsonl", zipfile.ZIP_DEFLATED), "w", force_zip64=True) as target:
            for line in lines:
                rows += 1
                digest.update(line)
                target.write(line)
        self.manifest.tables[name] = (rows, digest.hexdigest())

    def add_file(self, name: str, path: Path) -> None:
        """Write a file under a name; one that was removed meanwhile is left out."""
        if name in self.manifest.files:
            return
        try:
            source = path.open("rb")
        except FileNotFoundError:
            return
        size, digest = 0, hashlib.sha256()
        with source, self._zip.open(_entry(name, zipfile.ZIP_STORED), "w", force_zip64=True) as target:
            while block := source.read(_BLOCK):
                size += len(block)
                digest.update(block)
                target.write(block)
        self.manifest.files[name] = (size, digest.hexdigest())


@contextmanager
def written(path: Path, manifest: Manifest) -> Iterator[Writer]:
    """Yield a backup to be filled; it is at `path`, sealed and durable, once the block was left.

    Raises Conflict when there is a file already and Unavailable when the disk does not take it.
    """
    if path.exists():
        raise Conflict("{path} is there already; a backup never replaces a file. Give another name.", path=path)
    try:
        with durable.writing(path) as file:
            with zipfile.ZipFile(file, "w", compresslevel=1) as zipped:
                yield Writer(zipped, manifest)
                zipped.writestr(_entry(MANIFEST, zipfile.ZIP_DEFLATED), json.dumps(asdict(manifest), indent=1))
                zipped.comment = _SEAL + b"0" * _DIGEST
            _seal(file)
    except OSError as error:
        raise Unavailable(
            "The backup {path} could not be written ({reason}). Make room, or give another place.",
            path=path,
            reason=error.strerror or error,
        ) from error


@contextmanager
def opened(path: Path) -> Iterator["Reader"]:
    """Yield a backup whose every byte was checked; raises NotFound or Invalid before anything of it is used."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise NotFound("{path} cannot be read ({reason}).", path=path, reason=error.strerror) from error
    with file:
        if not _is_sealed(file):
            raise Invalid(
                "{path} is damaged, not complete, or no backup of Labeler: its bytes are not those that were written. "
                "Nothing was changed; take another backup.",
                path=path,
            )
        with zipfile.ZipFile(file) as zipped:
            yield Reader(path, zipped)


class Reader:
    """A backup whose bytes were checked."""

    def __init__(self, path: Path, zipped: zipfile.ZipFile) -> None:
        found: dict[str, Any] = json.loads(zipped.read(MANIFEST))
        if found["version"] != _VERSION:
            raise Invalid(
                "{path} was made by a newer Labeler ({version}). Install that version to restore it.",
                path=path,
                version=found["labeler"],
            )
        self.manifest = Manifest(**found)
        self._zip = zipped
        wanted = {MANIFEST, *self.manifest.files, *(f"tables/{name}.jsonl" for name in self.manifest.tables)}
        if missing := sorted(wanted - set(zipped.namelist())):
            raise Invalid(
                "{path} is not complete: {missing} is missing. Nothing was changed; take another backup.",
                path=path,
                missing=missing[0],
            )

    def lines(self, table: str) -> Iterator[bytes]:
        """Yield the rows of a table."""
        with self._zip.open(f"tables/{table}.jsonl") as source:
            yield from source

    def copy_file(self, name: str, target: BinaryIO) -> None:
        """Write the content of a file."""
        with self._zip.open(name) as source:
            shutil.copyfileobj(source, target, _BLOCK)


def _entry(name: str, compression: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = compression
    entry.external_attr = durable.PRIVATE << 16
    return entry


def _seal(file: BinaryIO) -> None:
    file.flush()
    end = file.seek(0, io.SEEK_END) - _DIGEST
    digest = _digest(file, end)
    file.seek(end)
    file.write(digest)


def _is_sealed(file: BinaryIO) -> bool:
    end = file.seek(0, io.SEEK_END) - _DIGEST
    if end < len(_SEAL):
        return False
    file.seek(end - len(_SEAL))
    seal, digest = file.read(len(_SEAL)), file.read(_DIGEST)
    return seal == _SEAL and digest == _digest(file, end)


def _digest(file: BinaryIO, length: int) -> bytes:
    file.seek(0)
    digest, left = hashlib.sha256(), length
    while left and (block := file.read(min(_BLOCK, left))):
        digest.update(block)
        left -= len(block)
    return digest.hexdigest().encode()
