"""Numbers in addresses and forms, which anybody may write as they like.

Note: `int` is not enough. Neither database takes a number of any length as an id: SQLite
refuses more than 64 bits and PostgreSQL more than 32, which would be an error of ours instead of "not there". And a
number field of a form is a line of text: <input type=number> throws away "0,80", the very thing a German page shows.
"""

import re
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal, get_decimal_symbol
from flask_babel import get_locale
from flask_babel import gettext as _
from wtforms import StringField

from labeler.extensions.access import NO_ID

_SPACES = re.compile(r"[\s'\u2019\u00a0\u2009\u202f]")  # between thousands, in one language or another
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
_GROUPED = {sign: re.compile(rf"[+-]?\d{{1,3}}(?:\{sign}\d{{3}})+", re.ASCII) for sign in ",."}
_LONGEST = 40  # characters of a number


class NumberField(StringField):  # type: ignore[misc]  # WTForms ships no types
    """A number as the language of the page writes it, with the other signs of people's keyboards. data: a Decimal.

    places: digits after the decimal sign that are always shown; further ones are shown as far as there are any, so that
    saving what is shown changes nothing.
    """

    MORE = 6  # digits after those
    data: Any

    def __init__(self, *args: Any, places: int = 2, **more: Any) -> None:
        more["render_kw"] = {"inputmode": "decimal", "autocomplete": "off"} | (more.get("render_kw") or {})
        super().__init__(*args, **more)
        self.places = places

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was written. Raises ValueError, said beside the field, for what is no number."""
        if valuelist:
            self.data = self._read(valuelist[0]) if valuelist[0].strip() else None

    def _read(self, text: str) -> Any:
        number = number_in(text)
        if number is None:
            raise ValueError(_("Write a number, such as %(example)s.", example=self._shown(Decimal("12.5"))))
        return number

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self._shown(self.data)

    def _shown(self, number: Any) -> str:
        pattern = "0." + "0" * self.places + "#" * self.MORE
        return str(format_decimal(number, format=pattern, locale=get_locale() or "en"))


class WholeNumberField(NumberField):
    """A whole number; data: an int."""

    def __init__(self, *args: Any, **more: Any) -> None:
        more["render_kw"] = {"inputmode": "numeric"} | (more.get("render_kw") or {})
        super().__init__(*args, **more)

    def _read(self, text: str) -> Any:
        number = number_in(text)
        if number is None or number != number.to_integral_value():
            raise ValueError(_("Write a whole number."))
        return int(number)

    def _shown(self, number: Any) -> str:
        return str(int(number))


def number_in(text: str) -> Decimal | None:
    """Return the number somebody wrote in the language of the request, None for what is no number.

    Both signs are understood in every language. One sign alone is the decimal sign, unless it is not that of the
    language and parts groups of three digits ("1.000" is a thousand in German and one in English).
    """
    plain = _SPACES.sub("", text).replace("\u2212", "-").removesuffix("%")
    if len(plain) > _LONGEST:
        return None
    decimal = get_decimal_symbol(get_locale() or "en")
    signs = {sign for sign in plain if sign in ",."}
    if len(signs) == len(",."):
        decimal = max(",.", key=plain.rfind)  # the last one, whatever the language
    elif signs:
        (sign,) = signs
        thousands = _GROUPED[sign].fullmatch(plain) and not plain.lstrip("+-").startswith("0")
        grouped = thousands and (sign != decimal or plain.count(sign) > 1)
        decimal = "" if grouped else sign
    whole, point, part = plain.partition(decimal) if decimal else (plain, "", "")
    for sign in set(",.") - {decimal}:
        if sign in whole and not _GROUPED[sign].fullmatch(whole):
            return None
        whole = whole.replace(sign, "")
    written = f"{whole}.{part}" if point else whole
    return Decimal(written) if _PLAIN.fullmatch(written) else None


def id_in(text: str) -> int:
    """Return the number a text says; raises ValueError (so that `get(…, type=id_in)` falls back) for what is no id."""
    number = int(text)
    if not 0 <= number < NO_ID:
        raise ValueError("no id is as large as this")
    return number
