"""JSON: one list of objects, read without ever holding the list.

What a reader would get wrong: a list has no line ends to go on from after a broken object, so what comes after one is
lost, and the last rejected row says so; JSON Lines does not have that weakness. A value is taken only once the comma or
bracket behind it has been read, as a number cut at the end of a block would look complete.
"""

import re
from collections.abc import Iterator
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.formats.base import Reader, ReadOptions, RejectedRow, Row, Source
from labeler.exchange.formats.checks import SHOWN
from labeler.exchange.formats.lines import BLOCK, LONGEST_LINE, ByteReader, Utf8, opened
from labeler.exchange.formats.records import DECODER, Record, find_names, to_rows

_SPACE = re.compile(r"[ \t\r\n]*")
_UNDECODED = re.compile(r"[\udc80-\udcff]")


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the keys of the first objects."""
    with opened(source) as stream:
        return find_names(_records(stream, source, options))


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each object of the list; raise Invalid when it is no list or lacks the wanted keys."""
    with opened(source) as stream:
        yield from to_rows(_records(stream, source, options), source, options)


class _Window:
    """The part of the text that is being looked at: it moves on and never goes back."""

    def __init__(self, utf8: Utf8) -> None:
        self._utf8 = utf8
        self._bytes = b""
        self.text = ""
        self.at = 0
        self.ended = False
        self.tainted = False
        self.start = utf8.offset

    def skip_space(self) -> str:
        """Move to the next character that is not a blank and return it, "" at the end."""
        while True:
            match = _SPACE.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.text) or not self.more():
                return self.text[self.at : self.at + 1]

    def more(self) -> bool:
        """Read on, at least as much as is waiting; say whether anything came."""
        if self.ended:
            return False
        block = self._utf8.read(max(BLOCK, len(self.text) - self.at))
        self.ended = not block
        data = self._bytes + block
        # Up to three bytes of a character that goes on in the next block wait for it.
        cut = len(data) if self.ended else _whole_characters(data)
        self._bytes = data[cut:]
        piece = data[:cut].decode(errors="surrogateescape")
        self.tainted = self.tainted or (not piece.isascii() and _UNDECODED.search(piece) is not None)
        self.start += _bytes_in(self.text[: self.at])
        self.text = self.text[self.at :] + piece
        self.at = 0
        return bool(block)

    def byte(self, position: int) -> int:
        """Return where a character of the window stands in the file, in bytes."""
        return self.start + _bytes_in(self.text[:position])


def _records(stream: ByteReader, source: Source, options: ReadOptions) -> Iterator[Record | RejectedRow]:
    window = _Window(Utf8(stream, source.name, options.encoding))
    if window.skip_space() != "[":
        raise Invalid(f"{source.name} must be a list of objects: [{{…}}, {{…}}].", field="file")
    window.at += 1
    number = 0
    if window.skip_space() == "]":
        return
    while True:
        number += 1
        window.skip_space()
        try:
            value, end = _next_value(window)
        except ValueError as error:
            place = f"near byte {window.byte(window.at):,} of the file; what follows was not read"
            shown = window.text[window.at : window.at + SHOWN]
            yield RejectedRow(number, "", f"not valid JSON: {error}, {place}", shown)
            return
        yield _judged(window, number, value, end)
        window.at = end
        if window.skip_space() == "]":
            return
        window.at += 1


def _next_value(window: _Window) -> tuple[Any, int]:
    """Return the value at the window's place and where it ends; raise ValueError when there is none."""
    while True:
        try:
            value, end = DECODER.raw_decode(window.text, window.at)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        except ValueError:
            if len(window.text) - window.at > LONGEST_LINE or not window.more():
                raise
            continue
        match = _SPACE.match(window.text, end)
        behind = match.end() if match else end
        if behind < len(window.text):
            if window.text[behind] not in ",]":
                raise ValueError(f"a comma or ] is expected after the value, not {window.text[behind]!r}")
            return value, behind
        if not window.more():
            raise ValueError("the list is not closed with ]")


def _judged(window: _Window, number: int, value: object, end: int) -> Record | RejectedRow:
    written = window.text[window.at : end]
    if window.tainted and (match := _UNDECODED.search(written)):
        byte = window.byte(window.at + match.start())
        shown = written[:SHOWN].encode(errors="surrogateescape").decode(errors="replace")
        code = ord(match.group()) - 0xDC00
        return RejectedRow(number, "", f"not valid UTF-8: byte 0x{code:02X} at byte {byte} of the file", shown)
    return Record(number, value, written)


def _whole_characters(data: bytes) -> int:
    """Return how many bytes of `data` end at the end of a character."""
    for back in range(1, min(4, len(data) + 1)):
        byte = data[-back]
        if byte < 0x80:  # noqa: PLR2004  ASCII
            break
        if byte >= 0xC0:  # noqa: PLR2004  the first byte of a longer character
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4  # noqa: PLR2004  as UTF-8 defines
            return len(data) - back if length > back else len(data)
    return len(data)


def _bytes_in(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="surrogateescape"))


READER = Reader("json", "JSON list", (".json",), columns, read)
