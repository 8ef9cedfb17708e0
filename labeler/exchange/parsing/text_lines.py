"""Bytes to lines of text, without letting one bad byte stop the good lines around it.

Note: nothing is ever decoded with replacement and kept. A block that decodes is passed on as
it is (the fast way). In a block that does not, each line is decoded alone; a line that fails is passed on with
replacement characters only so that quotes still pair up, and is named in `bad`, so the reader rejects its row.
Other encodings than UTF-8 are turned into UTF-8 bytes first; there a bad byte refuses the source, as what follows
could not be trusted.
"""

import codecs
import contextlib
import io
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, Protocol

from labeler.errors import Invalid
from labeler.exchange.parsing.encodings import known_name
from labeler.exchange.sources import Source
from labeler.messages import Message

BLOCK = 256 * 1024
LONGEST_LINE = 128 * 1024 * 1024
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class ByteReader(Protocol):
    """What can be read in pieces."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""


class BadLine(NamedTuple):
    """A line that is not to be trusted. line: 1 for the first; byte: position in the source, 0 for its first."""

    line: int
    byte: int
    reason: str


class NoLines:
    """What a table without lines has in their place. bad: the rows not to be trusted, in order."""

    def __init__(self) -> None:
        self.bad: deque[BadLine] = deque()


@contextlib.contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """Open a source for reading bytes; a given stream stays open, as its owner closes it. Raise Invalid."""
    if source.stream is not None:
        yield source.stream
        return
    if source.path is None or not source.path.is_file():
        raise Invalid("{name} is not a file that can be read.", field="file", name=source.name)
    with source.path.open("rb") as stream:
        yield stream


def text_of(head: bytes) -> str:
    """Return the first bytes of a file as text to look at; what is cut or damaged is replaced."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[2:].decode(encoding, errors="replace")
    return head.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")


class Utf8:
    """A stream as UTF-8 bytes without its byte order mark. offset: how many bytes the mark took."""

    def __init__(self, stream: ByteReader, name: str, encoding: str | None = None) -> None:
        self._stream = stream
        self._name = name
        self.offset = 0
        self._head = stream.read(BLOCK)
        asked = known_name(encoding) if encoding is not None else "utf-8"
        found = self._strip_mark() or asked
        self._decoder = None if found == "utf-8" else codecs.getincrementaldecoder(found)()
        self._encoding = found
        self._done = 0

    def read(self, size: int, /) -> bytes:
        """Return about `size` bytes of UTF-8; none at the end."""
        if self._head:
            block, self._head = self._head, b""
        else:
            block = self._stream.read(size)
        if self._decoder is None:
            return block
        return self._transcoded(block, size)

    def _strip_mark(self) -> str | None:
        if self._head.startswith(codecs.BOM_UTF8):
            self._head, self.offset = self._head[3:], 3
            return "utf-8"
        for mark, encoding in _UTF16.items():
            if self._head.startswith(mark):
                self._head, self.offset = self._head[2:], 2
                return encoding
        return None

    def _transcoded(self, block: bytes, size: int) -> bytes:
        if self._decoder is None:
            return block
        while True:
            try:
                text = self._decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                place = Message("near byte {byte}", byte=self.offset + self._done + error.start)
                raise Invalid(
                    "{name} is not valid {encoding} {place}.",
                    field="file",
                    name=self._name,
                    encoding=self._encoding,
                    place=place,
                ) from error
            self._done += len(block)
            if text or not block:
                return text.encode()
            block = self._stream.read(size)


class TextLines:
    """The lines of a stream, with their ends, as text; each is a line of the file, not yet a record.

    bad: the lines not to be trusted, in order, up to the block read last.
    """

    def __init__(self, stream: ByteReader, name: str, encoding: str | None = None) -> None:
        self._utf8 = Utf8(stream, name, encoding)
        self._name = name
        self.bad: deque[BadLine] = deque()
        self._lines = self._read()

    def __iter__(self) -> Iterator[str]:
        return self._lines

    def __next__(self) -> str:
        return next(self._lines)

    def _read(self) -> Iterator[str]:
        count = 0
        position = self._utf8.offset
        for block in self._blocks():
            lines = self._decoded(block, count, position)
            count += len(lines)
            position += len(block)
            yield from lines

    def _blocks(self) -> Iterator[bytes]:
        """Yield blocks that end where a line ends."""
        rest = b""
        while block := self._utf8.read(max(BLOCK, len(rest))):
            data = rest + block
            cut = data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, len(data) - 1) + 1
            rest = data[cut:]
            if len(rest) > LONGEST_LINE:
                raise Invalid(
                    "{name} has a line of more than {most:,} bytes.", field="file", name=self._name, most=LONGEST_LINE
                )
            if cut:
                yield data[:cut]
        if rest:
            yield rest

    def _decoded(self, block: bytes, count: int, position: int) -> list[str]:
        if b"\0" not in block:
            try:
                # Unlike str.splitlines this breaks only at \n, \r\n and \r, as every spreadsheet does.
                return io.StringIO(block.decode(), newline="").readlines()
            except UnicodeDecodeError:
                pass
        lines = []
        for number, line in enumerate(block.splitlines(keepends=True), count + 1):
            lines.append(self._checked(line, number, position))
            position += len(line)
        return lines

    def _checked(self, line: bytes, number: int, position: int) -> str:
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            byte = position + error.start
            reason = Message(
                "not valid UTF-8: byte 0x{code:02X} at byte {byte} of the file (line {number})",
                code=line[error.start],
                byte=byte,
                number=number,
            )
            self.bad.append(BadLine(number, byte, reason))
            return line.decode(errors="replace")
        if "\0" in text:
            byte = position + line.index(b"\0")
            self.bad.append(
                BadLine(
                    number,
                    byte,
                    Message("a NUL character at byte {byte} of the file (line {number})", byte=byte, number=number),
                )
            )
        return text
