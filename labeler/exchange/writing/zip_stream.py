"""A ZIP written as it is made: entries go in, bytes come out, nothing but the list of entries is kept.

Note: the bytes cannot be gone back to, so sizes stand behind each entry's data instead of
before it, which every tool that reads the list at the end of the archive takes.
"""

import io
import stat
import zipfile
from datetime import datetime
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer


class Sink(io.RawIOBase):
    """A file that can only be written; `take` returns what came since the last time."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        """Return True: that is all it is for."""
        return True

    def write(self, data: "Buffer") -> int:
        """Keep bytes until they are taken."""
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def take(self) -> bytes:
        """Return the bytes that came since the last time."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


class ZipStream:
    """An archive whose bytes are taken as they come. at: the time that all its entries bear, ISO 8601."""

    def __init__(self, at: str) -> None:
        self._sink = Sink()
        self._archive = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED)
        self._open: IO[bytes] | None = None
        moment = datetime.fromisoformat(at)
        self._at = (max(moment.year, 1980), moment.month, moment.day, moment.hour, moment.minute, moment.second)

    def add(self, name: str, text: str) -> None:
        """Add a text file in UTF-8."""
        self._add(name, text.encode(errors="replace"), zipfile.ZIP_DEFLATED)

    def add_packed(self, name: str, data: bytes) -> None:
        """Add a file that is compressed as it is."""
        self._add(name, data, zipfile.ZIP_STORED)

    def add_folder(self, name: str) -> None:
        """Add a folder, in which nothing need be."""
        self._end()
        entry = zipfile.ZipInfo(f"{name}/", self._at)
        entry.external_attr = (stat.S_IFDIR | 0o755) << 16 | 0x10  # the last is a folder's mark on Windows
        self._archive.writestr(entry, b"")

    def _add(self, name: str, data: bytes, method: int) -> None:
        self._end()
        entry = zipfile.ZipInfo(name, self._at)
        entry.compress_type = method
        entry.external_attr = 0o644 << 16
        self._archive.writestr(entry, data)

    def begin(self, name: str) -> None:
        """Begin a text file that comes in pieces; it ends where the next file begins, or the archive ends."""
        self._end()
        entry = zipfile.ZipInfo(name, self._at)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        self._open = self._archive.open(entry, "w")

    def put(self, text: str) -> None:
        """Add a piece to the file that was begun."""
        if self._open is not None:
            self._open.write(text.encode(errors="replace"))

    def put_data(self, data: bytes) -> None:
        """Add a piece of bytes to the file that was begun."""
        if self._open is not None:
            self._open.write(data)

    def _end(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def take(self) -> bytes:
        """Return the bytes that came since the last time."""
        return self._sink.take()

    def close(self) -> bytes:
        """Return the last bytes, with the list of entries."""
        self._end()
        self._archive.close()
        return self._sink.take()
