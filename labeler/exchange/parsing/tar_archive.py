"""TAR archives, packed or not, as the ZIP that is read in their place.

Note: a packed TAR can only be read from its beginning, while pictures are wanted one by one. So its files are
copied once into a ZIP in a temporary file without a name, and everything that is asked of a ZIP is asked of that:
nothing is ever written under a name from the archive. What comes out of it is counted while it is read.
"""

import bz2
import gzip
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, Any, BinaryIO

from labeler.errors import Invalid
from labeler.exchange.parsing.imagefolder import largest
from labeler.exchange.parsing.text_lines import opened
from labeler.exchange.sources import Limits, Source
from labeler.messages import Message

PACKED: tuple[tuple[bytes, Callable[[BinaryIO], Any]], ...] = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open))
"""Not xz, whose archives say themselves how much memory unpacking takes."""
DAMAGED = (tarfile.TarError, OSError, EOFError, ValueError, zlib.error, OverflowError)
_MARK_AT, _MARK = 257, b"ustar"
_HEAD = 512
_BLOCK = 1024 * 1024
_HONEST = 64 * 1024 * 1024
"""Bytes that may come out of any archive, however small it is."""
_NO_FILE = (stat.S_IFLNK | 0o777) << 16


class _Header(tarfile.TarInfo):
    """A header whose long names are no longer than a name can be; the library reads them whole."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in b"xgXLK" and self.size > _BLOCK:
            raise tarfile.ReadError("a header is too long")
        return super()._proc_member(archive)  # type: ignore[misc,no-any-return]  # not told by the library's types


class _Counted:
    """Bytes of an archive, as many as it may unpack to."""

    def __init__(self, stream: IO[bytes], most: int, name: str) -> None:
        self._stream, self._left, self._most, self._name = stream, most, most, name

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _too_much(self._name, self._most)
        return data


def _too_much(name: str, most: int) -> Invalid:
    return Invalid(
        "{name} unpacks to more than {most:,} bytes, which is more than a file of its size may hold.",
        field="file",
        name=name,
        most=most,
    )


def is_tar(source: Source) -> bool:
    """Say whether a file is a TAR, packed or not; a stream is rewound."""
    if source.path is not None and not source.path.is_file():
        return False
    if source.stream is not None and not source.stream.seekable():
        return False
    with opened(source) as stream:
        place = stream.tell()
        try:
            head: bytes = _unpacked(stream).read(_HEAD)
            return head[_MARK_AT:].startswith(_MARK)
        except DAMAGED:
            return False
        finally:
            stream.seek(place)


def as_zip(source: Source, limits: Limits) -> tuple[BinaryIO, list[tuple[str, str]]]:
    """Return the files as an open ZIP, and (name, reason) of those left out; raises Invalid when it is no honest TAR.

    The caller closes the ZIP, with which its temporary file goes.
    """
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - it outlives this call
    try:
        with opened(source) as stream, zipfile.ZipFile(copy, "w") as out:
            problems = _copied_from(stream, out, source.name, limits)
    except BaseException:
        copy.close()
        raise
    return copy, problems


def _copied_from(stream: BinaryIO, out: zipfile.ZipFile, name: str, limits: Limits) -> list[tuple[str, str]]:
    start = stream.tell()
    size = stream.seek(0, 2) - start
    stream.seek(start)
    most = min(limits.unpacked_bytes, max(_HONEST, size * limits.ratio))
    counted = _Counted(_unpacked(stream), most, name)
    try:
        with tarfile.open(fileobj=counted, mode="r|", tarinfo=_Header) as archive:  # type: ignore[call-overload]
            return _copied(archive, out, name, limits, most)
    except DAMAGED as error:
        raise Invalid(
            "{name} is not a TAR archive, or it is cut off: {error}.", field="file", name=name, error=error
        ) from error
    finally:
        stream.seek(start)


def _unpacked(stream: BinaryIO) -> Any:
    place = stream.tell()
    head = stream.read(6)
    stream.seek(place)
    for magic, opener in PACKED:
        if head.startswith(magic):
            return opener(stream)
    return stream


def _copied(
    archive: tarfile.TarFile, out: zipfile.ZipFile, source: str, limits: Limits, most_bytes: int
) -> list[tuple[str, str]]:
    problems: list[tuple[str, str]] = []
    taken: set[str] = set()
    for count, member in enumerate(archive, 1):
        if count > limits.entries:
            raise Invalid("{name} has more than {most:,} entries.", field="file", name=source, most=limits.entries)
        if not 0 <= member.size <= most_bytes:  # the library would go over it block by block, for years
            raise _too_much(source, most_bytes)
        name = member.name.encode(errors="replace").decode()
        if member.isdir() or name in {"", "."}:
            continue
        entry = zipfile.ZipInfo(name.removeprefix("./"))
        if entry.filename in taken:
            problems.append((name[:200], Message("the name appears twice in the archive; the first one was taken")))
        elif not member.isreg() or member.issparse():
            entry.external_attr = _NO_FILE
            out.writestr(entry, b"")
        elif member.size > (most := largest(name, limits)):
            problems.append((name[:200], Message("larger than {most:,} bytes", most=most)))
        else:
            file = archive.extractfile(member)
            out.writestr(entry, file.read() if file else b"")
        taken.add(entry.filename)
    return problems
