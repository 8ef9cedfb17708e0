"""Personal data in texts: what has the form of an e-mail address, a bank account, a card or a telephone number.

A form is no proof: numbers count only where their check digits are right, and a telephone number only with as many
digits as one has.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

EMAIL, ACCOUNT, CARD, PHONE = "email", "account", "card", "phone"

_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w])")
_PHONE = re.compile(
    r"(?<![\w.,])(?:\+|00|0|\()\d?[\d ()/.-]{6,20}\d(?![\w])|(?<![\w.,-])\d{3}[ .-]\d{3}[ .-]\d{4}(?![\w-])"
)
_NO_PHONE = re.compile(  # a date, a fraction, the years from and to
    r"\d{1,2}([./-])\d{1,2}\1\d{2,4}\b|\d+\.\d+$|\(?(?:1[5-9]|20)\d\d ?[-/] ?(?:1[5-9]|20)\d\d\b"
)
_LEAST_DIGITS, _MOST_DIGITS = 8, 15
_MAY_HOLD = re.compile(r"@|(?:\d\W{0,3}){7}\d|[A-Z]{2}\d\d")  # most texts have none, which is seen at once


class Datum(NamedTuple):
    """One place in a text. kind: what it looks like; start, end: in code points, the end exclusive."""

    kind: str
    start: int
    end: int


def find(text: str) -> list[Datum]:
    """Return all places of a text that look like personal data, in their order, none inside another."""
    if not _MAY_HOLD.search(text):
        return []
    found, rest = [], text
    for kind, pattern, holds in _KINDS:
        places = [place.span() for place in pattern.finditer(rest) if holds(place.group())]
        found += [Datum(kind, start, end) for start, end in places]
        for start, end in places:  # what is known already is no part of anything else
            rest = rest[:start] + "\n" * (end - start) + rest[end:]
    return sorted(found, key=lambda datum: datum.start)


def without(text: str, names: dict[str, str], *, kinds: tuple[str, ...] = (EMAIL, ACCOUNT, CARD, PHONE)) -> str:
    """Return a text in which personal data of some kinds are replaced by what the kind is called."""
    shown, end = [], 0
    for datum in find(text):
        if datum.kind in kinds:
            shown += [text[end : datum.start], names[datum.kind]]
            end = datum.end
    return "".join([*shown, text[end:]])


def is_account(found: str) -> bool:
    """Check the two digits of an international bank account number (ISO 13616)."""
    plain = found.replace(" ", "")
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def is_card(found: str) -> bool:
    """Check the last digit of a payment card (ISO/IEC 7812, the sum of Luhn)."""
    digits = [int(sign) for sign in found if sign.isdigit()][::-1]
    doubled = (2 * digit - 9 * (digit > 4) for digit in digits[1::2])  # noqa: PLR2004 - the sum of the digits of 2 x
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_phone(found: str) -> bool:
    digits = sum(sign.isdigit() for sign in found)
    return _LEAST_DIGITS <= digits <= _MOST_DIGITS and not _NO_PHONE.match(found)


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    (EMAIL, _EMAIL, bool),
    (ACCOUNT, _IBAN, is_account),
    (CARD, _CARD, is_card),
    (PHONE, _PHONE, _is_phone),
)
"""Each kind with the form it has and whether what has the form is one, the surest first."""
