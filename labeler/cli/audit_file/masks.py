"""Personal data in texts that are quoted in a report, which travels further than the file: shown as what it is.

Note: a mask is a precaution, not a finding. It takes what has the form of an address, a bank account, a card
(whose check digit is right) or a telephone number, and leaves everything else as it is.
"""

import re
from collections.abc import Callable

_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w])")
_PHONE = re.compile(
    r"(?<![\w.,])(?:\+|00|0|\()\d?[\d ()/.-]{6,20}\d(?![\w])|(?<![\w.,-])\d{3}[ .-]\d{3}[ .-]\d{4}(?![\w-])"
)
_NO_PHONE = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{2,4}\b|\d+\.\d+$")  # a date, a fraction
_LEAST_DIGITS, _MOST_DIGITS = 8, 15


def masked_name(name: str) -> str:
    """Return the name of an item or a file, whose digits are its own, without the addresses of people."""
    return _EMAIL.sub("[e-mail]", name)


def masked(text: str) -> str:
    """Return a text with its personal data replaced by words in brackets."""
    text = _EMAIL.sub("[e-mail]", text)
    text = _IBAN.sub(_if(_is_iban, "[bank account]"), text)
    text = _CARD.sub(_if(_is_card, "[card number]"), text)
    return _PHONE.sub(_if(_is_phone, "[phone number]"), text)


def _if(holds: Callable[[str], bool], name: str) -> Callable[[re.Match[str]], str]:
    return lambda found: name if holds(found.group()) else found.group()


def _is_iban(found: str) -> bool:
    """Check the two digits (ISO 13616)."""
    plain = found.replace(" ", "")
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def _is_card(found: str) -> bool:
    """Check the last digit (ISO/IEC 7812, the sum of Luhn)."""
    digits = [int(sign) for sign in found if sign.isdigit()][::-1]
    doubled = (2 * digit - 9 * (digit > 4) for digit in digits[1::2])  # noqa: PLR2004 - the sum of the digits of 2 x
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_phone(found: str) -> bool:
    digits = sum(sign.isdigit() for sign in found)
    return _LEAST_DIGITS <= digits <= _MOST_DIGITS and not _NO_PHONE.match(found)
