"""Messages in the language of who reads them.

The rules say everything in English and keep the message id and the values (`labeler.messages`). Here both are put
together again in the reader's language, with numbers as that language writes them.

Note: a text that is no message is shown as it is. That is what an earlier version stored, and
what other programs say, such as the operating system about a file.
"""

from string import Formatter
from typing import Any

from flask_babel import format_decimal, get_locale, gettext

from labeler.messages import Message

_FORMS = {",": None, "g": "0.######", ".0f": "0"}
"""How a language writes a number (CLDR), by the format of the message; None: as it writes whole numbers."""


def translated(text: str | None) -> str:
    """Return what was said in the language of the request."""
    locale = get_locale()
    if not isinstance(text, Message) or locale is None or locale.language == "en":
        return str(text or "")
    try:
        return _FORMATTER.vformat(str(gettext(text.id)), (), text.values)
    except (KeyError, ValueError, TypeError, ArithmeticError):
        return str(text)  # stored by a version that gave it other values


class _Localised(Formatter):
    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        """Take a value by its name alone, with no look into it."""
        return self.get_value(field_name, args, kwargs), field_name

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        """Put quotes around a value where the sentence says so; a message in it is translated."""
        return super().convert_field(translated(value) if isinstance(value, Message) else value, conversion)

    def format_field(self, value: Any, format_spec: str) -> str:
        """Write a number as the language does."""
        if isinstance(value, str):
            return value
        if format_spec in _FORMS:
            return str(format_decimal(value, _FORMS[format_spec]))
        return str(format(value, format_spec))


_FORMATTER = _Localised()
