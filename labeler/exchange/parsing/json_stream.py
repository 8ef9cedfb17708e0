"""JSON read piece by piece, without ever holding the whole text: the elements of a list, or the members of an object.

Note: a value is taken only once the character behind it has been read, as a number cut at the
end of a block would look complete. And bytes that are no UTF-8 come through as halves of surrogate pairs; `tainted`
says that there were some, and whoever takes a value has to look for them.
"""

import re
from collections.abc import Iterator
from json import JSONDecoder
from typing import Any, NamedTuple, NoReturn

from labeler.errors import Invalid
from labeler.exchange.parsing.text_lines import BLOCK, LONGEST_LINE, Utf8
from labeler.messages import Message, either

_COMMA = Message("a comma")
_NO_OBJECT, _MORE = Message("an object is expected"), Message("something follows the object")
_NO_LIST = Message("a list is expected")


def _no_number(constant: str) -> NoReturn:
    raise ValueError(Message("{constant} is not JSON", constant=constant))


def _missing(constant: str) -> None:
    if constant != "NaN":
        _no_number(constant)


def _finite(written: str) -> float:
    number = float(written)
    if number - number != 0:
        raise ValueError(Message("the number {written} is too large", written=written))
    return number


def _finite_or_none(written: str) -> float | None:
    number = float(written)
    return number if number - number == 0 else None


DECODER = JSONDecoder(parse_constant=_no_number, parse_float=_finite)
"""Python would take NaN and Infinity, and 1e999 for infinity; JSON does not know them and PostgreSQL refuses them."""
OF_ROWS = JSONDecoder(parse_constant=_missing, parse_float=_finite)
"""Makes null of NaN, which is how Python writes that a value is missing, and knows as little of Infinity."""
FORGIVING = JSONDecoder(parse_constant=lambda _constant: None, parse_float=_finite_or_none)
"""Makes null of them, where one such number must not cost the rest of a file; whoever takes a number checks it."""

UNDECODED = re.compile(r"[\udc80-\udcff]")
_SPACE = re.compile(r"[ \t\r\n]*")


class Member(NamedTuple):
    """One value of an object, or one element of a list that is a value of it."""

    key: str
    value: Any
    listed: bool


class Window:
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
        self.tainted = self.tainted or (not piece.isascii() and UNDECODED.search(piece) is not None)
        self.start += _bytes_in(self.text[: self.at])
        self.text = self.text[self.at :] + piece
        self.at = 0
        return bool(block)

    def byte(self, position: int) -> int:
        """Return where a character of the window stands in the file, in bytes."""
        return self.start + _bytes_in(self.text[:position])


def next_value(window: Window, decoder: JSONDecoder, behind: str = ",]") -> tuple[Any, int]:
    """Return the value at the window's place and where it ends; raise ValueError when there is none.

    behind: the characters that may follow the value.
    """
    while True:
        try:
            value, end = decoder.raw_decode(window.text, window.at)
        except RecursionError as error:
            raise ValueError(Message("nested too deeply")) from error
        except ValueError:
            if len(window.text) - window.at > LONGEST_LINE or not window.more():
                raise
            continue
        match = _SPACE.match(window.text, end)
        after = match.end() if match else end
        if after < len(window.text):
            if window.text[after] not in behind:
                wanted = either([_COMMA if mark == "," else mark for mark in behind])
                found = window.text[after]
                raise ValueError(
                    Message("{wanted} is expected after the value, not {found!r}", wanted=wanted, found=found)
                )
            return value, after
        if not window.more():
            raise ValueError(Message("it is not closed with {bracket}", bracket=behind[-1]))


def members(window: Window, decoder: JSONDecoder, name: str) -> Iterator[Member]:
    """Yield the members of the one object a source holds, and of members that are lists the elements, one by one.

    Raises Invalid, naming the place, where it is no object or not well formed.
    """
    try:
        _expect(window, "{", _NO_OBJECT)
        window.at += 1
        if window.skip_space() != "}":
            yield from _members(window, decoder)
        window.at += 1
        _expect(window, "", _MORE)
    except ValueError as error:
        raise _broken(window, name, error) from error


def listed(window: Window, decoder: JSONDecoder, name: str) -> Iterator[Any]:
    """Yield the elements of the one list a source holds, one by one.

    Raises Invalid, naming the place, where it is no list or not well formed.
    """
    try:
        _expect(window, "[", _NO_LIST)
        window.at += 1
        yield from elements(window, decoder)
        window.at += 1
        _expect(window, "", _MORE)
    except ValueError as error:
        raise _broken(window, name, error) from error


def _broken(window: Window, name: str, error: ValueError) -> Invalid:
    place = Message("near byte {byte:,}", byte=window.byte(window.at))
    return Invalid("{name} is not valid JSON {place}: {error}.", field="file", name=name, place=place, error=error)


def _expect(window: Window, mark: str, otherwise: str) -> None:
    if window.skip_space() != mark:
        raise ValueError(otherwise)


def _members(window: Window, decoder: JSONDecoder) -> Iterator[Member]:
    while True:
        key, window.at = next_value(window, decoder, ":")
        if not isinstance(key, str):
            unnamed = Message("the name of a member must be a text")
            raise ValueError(unnamed)  # noqa: TRY004  what the file says is wrong
        window.at += 1
        if window.skip_space() == "[":
            window.at += 1
            for value in elements(window, decoder):
                yield Member(key, value, listed=True)
            window.at += 1
            if window.skip_space() not in {",", "}"}:
                raise ValueError(Message("a comma or }} is expected after a list"))
        else:
            value, window.at = next_value(window, decoder, ",}")
            yield Member(key, value, listed=False)
        if window.text[window.at] == "}":
            return
        window.at += 1
        window.skip_space()


def elements(window: Window, decoder: JSONDecoder) -> Iterator[Any]:
    """Yield the elements of a list whose bracket was read already, up to its closing bracket; raise ValueError."""
    if window.skip_space() == "]":
        return
    while True:
        value, end = next_value(window, decoder)
        yield value
        window.at = end
        if window.text[window.at] == "]":
            return
        window.at += 1
        window.skip_space()


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
