"""Flask-Babel with types: it ships none, and every sentence a function returns would be Any without them."""

from datetime import date

import flask_babel


def gettext(text: str, **values: object) -> str:
    """Return a text in the language of the request, with %(name)s filled in."""
    return str(flask_babel.gettext(text, **values))


def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    """Return the form of a text that fits `num`, which is also a value of it."""
    return str(flask_babel.ngettext(singular, plural, num, **values))


def format_date(day: date, form: str) -> str:
    """Return a day as the language writes it; form: a CLDR pattern such as "d MMM"."""
    return str(flask_babel.format_date(day, form))


def format_decimal(number: float, form: str | None = None) -> str:
    """Return a number as the language writes it; form: a CLDR pattern such as "0.0"."""
    return str(flask_babel.format_decimal(number, form))


def format_percent(share: float) -> str:
    """Return a share of 0 to 1 in percent, as the language writes it."""
    return str(flask_babel.format_percent(share))


def format_tenths(share: float) -> str:
    """Return a share of 0 to 1 in percent with one digit after the point."""
    return gettext("%(number)s%%", number=format_decimal(100 * share, "0.0"))
