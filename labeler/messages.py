"""What the program says to people: a sentence that every reader can have in their own language.

The rules know no request and no reader. So a sentence is kept as its message id (the English sentence with places for
values, which translators see) and the values. As a text it is the English sentence, for the API, the commands and the
log; a page asks `extensions.translating` for the reader's.

Note: the id must be a literal where it is written, never an f-string, or no translator ever
sees it; `tests/test_messages.py` says so. `{count:,}` is a number that each language writes in its own way, `{name!r}`
somebody's word between quotes, and a brace of the sentence itself is doubled.
"""

import json
from collections.abc import Callable
from numbers import Integral
from typing import Any, Self

Value = str | int | float
"""What a message can name; another message is a str and is translated too."""

_PLAIN = frozenset((str, int, float))
_MARK = '{"message": '


class Message(str):
    """A sentence in English that knows its id and values. `Message("{count:,} rows read", count=12000)`."""

    __slots__ = ("id", "values")
    id: str
    values: dict[str, Value]

    def __new__(cls, message_id: str, /, **values: Any) -> Self:
        """Fill the values in."""
        kept = {name: value if type(value) in _PLAIN else _plain(value) for name, value in values.items()}
        return cls.said(message_id.format(**values), message_id, kept)

    @classmethod
    def said(cls, english: str, message_id: str, values: dict[str, Value]) -> Self:
        """Return a message that reads `english`, whatever its id is by now."""
        made = super().__new__(cls, english)
        made.id, made.values = message_id, values
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return self.said, (str(self), self.id, self.values)

    def masked(self, mask: Callable[[str], str]) -> "Message":
        """Return the message without the values that `mask` takes out of its English."""
        english = mask(str(self))
        values: dict[str, Value] = {}
        for name, value in self.values.items():
            if isinstance(value, Message):
                values[name] = value.masked(mask)
            else:
                values[name] = value if str(value) in english else "…"
        return Message.said(english, self.id, values)


def verbatim(text: str) -> Message:
    """Return a text that nobody can translate, since it comes from elsewhere, as a message."""
    return text if isinstance(text, Message) else Message.said(text, _escaped(text), {})


def either(names: list[str]) -> str:
    """Return "a or b" (of more, "a or b or c") as a message."""
    *others, last = names
    return Message("{one} or {other}", one=either(others), other=last) if others else last


def listed(names: list[str]) -> str:
    """Return "a, b, c" as a message."""
    *others, last = names
    return Message("{one}, {other}", one=listed(others), other=last) if others else last


def packed(text: str) -> str:
    """Return a message as a text from which `unpacked` makes it again, any other text as it is."""
    if not isinstance(text, Message):
        return packed(verbatim(text)) if text.startswith(_MARK) else text  # somebody's own, which looks like one
    values = {name: packed(value) if isinstance(value, str) else value for name, value in text.values.items()}
    return json.dumps({"message": text.id, "values": values, "english": str(text)}, ensure_ascii=False)


def unpacked(text: str) -> str:
    """Return the message in a text that `packed` made; any other text, as earlier versions stored it, as it is."""
    if not text.startswith(_MARK):
        return text
    try:
        found = json.loads(text)
        values = {name: unpacked(value) if isinstance(value, str) else value for name, value in found["values"].items()}
        return Message.said(found["english"], found["message"], values)
    except (ValueError, KeyError, TypeError, AttributeError):
        return text  # stored by an earlier version, and only begins like one


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _plain(value: Any) -> Value:
    """Return a value that JSON can hold: numbers of NumPy are none of Python's."""
    if isinstance(value, Exception) and value.args and isinstance(value.args[0], Message):
        return value.args[0]
    if isinstance(value, str | float):
        return value
    return int(value) if isinstance(value, Integral) else str(value)
