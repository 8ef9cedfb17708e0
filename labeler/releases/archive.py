"""The archive of a release: the same entries give the same bytes, on any day and on any machine.

Entries are stored as they are, without compression, since what a compressor makes differs from one of its versions to
the next; each bears the same time; the last one is SHA256SUMS, which `sha256sum -c` reads.
"""

import hashlib
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple, Self

SUMS = "SHA256SUMS"
_AT = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP can name
_UNIX = 3
_PIECE = 1 << 20  # bytes
BROKEN = (
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    OSError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    struct.error,
    zlib.error,
)
"""What reading a ZIP raises in which any byte may be another."""


class Entry(NamedTuple):
    """One file of a release. size: bytes."""

    name: str
    size: int
    sha256: str


class Archive:
    """A release that is being written, as a context; left without `finish` it is none."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
        self.entries: list[Entry] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # of one that was not finished; the file is still open here
            self._zip.close()

    def add(self, name: str, pieces: Iterable[bytes]) -> Entry:
        """Add a file that comes in pieces; returns what is known of it then."""
        size, digest = 0, hashlib.sha256()
        with self._zip.open(_info(name), "w", force_zip64=True) as entry:
            for piece in pieces:
                entry.write(piece)
                digest.update(piece)
                size += len(piece)
        self.entries.append(Entry(name, size, digest.hexdigest()))
        return self.entries[-1]

    def add_folder(self, name: str) -> None:
        """Add a folder, in which nothing need be. name: ends in a slash."""
        info = _info(name)
        info.external_attr = (stat.S_IFDIR | 0o755) << 16 | 0x10  # the last is a folder's mark on Windows
        self._zip.writestr(info, b"")

    def finish(self) -> None:
        """Write the sums of all files, and the list of entries."""
        lines = [f"{one.sha256}  {one.name}\n" for one in self.entries]
        self.add(SUMS, ["".join(lines).encode()])
        self._zip.close()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _AT)
    info.create_system = _UNIX  # whatever the machine
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    return info


def add_unpacked(archive: Archive, packed: Path, folder: str) -> list[Entry]:
    """Add the files of a ZIP under a folder of the release; returns them."""
    added = []
    with zipfile.ZipFile(packed) as inner:
        for info in inner.infolist():
            if info.is_dir():
                archive.add_folder(f"{folder}/{info.filename}")
                continue
            with inner.open(info) as entry:
                added.append(archive.add(f"{folder}/{info.filename}", pieces_of(entry)))
    return added


def pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    """Yield what is in a file."""
    while piece := file.read(_PIECE):
        yield piece


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for piece in pieces_of(file):
            digest.update(piece)
    return digest.hexdigest()


def entries_of(path: Path) -> list[Entry]:
    """Return the files of a release as its own list names them. Raises what `zipfile` does for no ZIP."""
    with zipfile.ZipFile(path) as archive:
        sums = [line.split("  ", 1) for line in archive.read(SUMS).decode().splitlines()]
        return [Entry(name, archive.getinfo(name).file_size, digest) for digest, name in sums]


@contextmanager
def opened(path: Path, name: str) -> Iterator[IO[bytes]]:
    """Open one file of a release. Raises KeyError when there is none of this name."""
    with zipfile.ZipFile(path) as archive, archive.open(name) as entry:
        yield entry


def wrong_entries(path: Path) -> list[str]:
    """Return the names of the files that are not what the list of the release says; "" where that cannot be read."""
    wrong: list[str] = []
    try:
        with zipfile.ZipFile(path) as archive:
            wrong += [one.name for one in entries_of(path) if _digest_in(archive, one.name) != one.sha256]
    except BROKEN:
        return [*wrong, ""]
    return wrong


def _digest_in(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    try:
        with archive.open(name) as entry:
            for piece in pieces_of(entry):
                digest.update(piece)
    except BROKEN:  # its own checksum says so already
        return ""
    return digest.hexdigest()
