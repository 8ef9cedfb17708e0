"""Names of classes that somebody writes in one line, for a file that calls classes by number and says no names."""

import csv
import re

from labeler.errors import Invalid

_NUMBERED = re.compile(r"\s*(\d{1,6})\s*=\s*(.*\S)\s*", re.DOTALL)
_MOST_CHARACTERS = 100_000


def parted(written: str) -> list[str]:
    """Return names that commas or line ends part, but for commas within quotes."""
    line = ",".join(written[:_MOST_CHARACTERS].splitlines())
    cells = next(csv.reader([line], skipinitialspace=True), [])
    return [cell.strip() for cell in cells if cell.strip()]


def names_by_number(written: str) -> dict[int, str]:
    """Return classes by number: `cat,dog` from 0 on, or `1=cat,3=dog`; {} for nothing.

    Raises Invalid where only some have a number, or two have the same.
    """
    names = parted(written)
    pairs = [match for name in names if (match := _NUMBERED.fullmatch(name))]
    if not pairs:
        return dict(enumerate(names))
    found = {int(number): name for number, name in (match.groups() for match in pairs)}
    if len(found) != len(names):
        raise Invalid(
            "Write the classes of the file in the order of their numbers from 0 (cat,dog), or each with its own number "
            "(1=cat,3=dog).",
            field="classes",
        )
    return found
