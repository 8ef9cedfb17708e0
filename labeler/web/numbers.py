"""Numbers in addresses and forms, which anybody may write as they like.

What a reader would get wrong: `int` is not enough. Neither database takes a number of any length as an id: SQLite
refuses more than 64 bits and PostgreSQL more than 32, which would be an error of ours instead of "not there".
"""

from babel.numbers import get_decimal_symbol
from flask_babel import get_locale
from wtforms import DecimalField

from labeler.extensions.access import NO_ID


class NumberField(DecimalField):  # type: ignore[misc]  # WTForms ships no types
    """A number with the decimal sign of the language; a point is taken in every language."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was written."""
        super().process_formdata([text.strip().replace(_decimal_sign(), ".") for text in valuelist])

    def _value(self) -> str:
        text = str(super()._value())
        return text if self.raw_data else text.replace(".", _decimal_sign())


def _decimal_sign() -> str:
    return get_decimal_symbol(get_locale() or "en")


def id_in(text: str) -> int:
    """Return the number a text says; raises ValueError (so that `get(…, type=id_in)` falls back) for what is no id."""
    number = int(text)
    if not 0 <= number < NO_ID:
        raise ValueError("no id is as large as this")
    return number
