"""Which key answers which class, the same on every page: two rows of keys by position, then Shift with a digit.

A class whose name begins with a number has the key of that number, since nobody should press 1 for "0 none": 0 to 9
are the digits, 10 to 19 the row of letters below them (10 is Q). So a digit never stands for a name that begins with
another number.

Note: years and tens (2024, 10, 20, 30) are no digits. Without any name of one digit the
classes have their keys by position, as words have.
"""

import re
from collections.abc import Sequence

DIGITS = tuple("1234567890")
LETTERS = tuple("qwertyuiop")
SHIFTED = ("shift+1", "shift+2", "shift+3", "shift+4")
CLASS_KEYS = (*DIGITS, *LETTERS, *SHIFTED)
_NUMBER = re.compile(r"[\s(\[#]*(?P<sign>[+\-\u2212]?)(?P<whole>\d{1,9})(?P<part>[.,]\d+)?", re.ASCII)


def class_keys(names: Sequence[str]) -> tuple[str, ...]:
    """Return the key of each class in order, "" for those beyond the last key."""
    numbers = [_number(name) for name in names]
    if not any(number is not None and 0 <= number <= len(DIGITS) - 1 for number in numbers):
        return (*CLASS_KEYS[: len(names)], *[""] * (len(names) - len(CLASS_KEYS)))
    own = _own_keys(numbers)
    scale = 2 * len(own) >= len(names)  # on a scale a digit is a number, and never "can't tell"
    free = [key for key in CLASS_KEYS if key not in own.values()]
    keys = []
    for at, number in enumerate(numbers):
        digits = number is None and not scale
        key = own.get(at) or next((key for key in free if digits or key not in DIGITS), "")
        free = [one for one in free if one != key]
        keys.append(key)
    return tuple(keys)


def _own_keys(numbers: Sequence[float | None]) -> dict[int, str]:
    """Return the place of each class that has the key of its number: {place: key}. Of two with one number the first."""
    wanted = {float(key): key for key in DIGITS} | {float(at): key for at, key in enumerate(LETTERS, start=10)}
    own: dict[int, str] = {}
    for at, number in enumerate(numbers):
        if number is not None and number in wanted:
            own[at] = wanted.pop(number)
    return own


def _number(name: str) -> float | None:
    """Return the number a name begins with, None without one."""
    found = _NUMBER.match(name)
    if found is None:
        return None
    number = float(found["whole"] + (found["part"] or "").replace(",", "."))
    return -number if found["sign"] in ("-", "\u2212") else number
