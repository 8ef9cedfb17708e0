"""A cell that a spreadsheet would run as a formula, made harmless, and back.

Note: the quote put in front must come off again exactly, so a cell that already begins with
quotes before a dangerous sign gets one more. Numbers such as -5 or +3.5e2 stay numbers.
"""

import re

DANGEROUS = "=+-@\t\r"
_NEEDS_CARE = frozenset(DANGEROUS + "'")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_QUOTED = re.compile(r"'+[=+\-@\t\r]")


def neutralise(cell: str | None) -> str | None:
    """Put a quote in front of what a spreadsheet would run; leave everything else, and numbers, as they are."""
    if not cell or cell[0] not in _NEEDS_CARE:
        return cell
    if cell[0] == "'":
        return f"'{cell}" if _QUOTED.match(cell) else cell
    return cell if _NUMBER.fullmatch(cell) else f"'{cell}"


def restore(cell: str) -> str:
    """Take off the quote that `neutralise` put on; only for our own exports, as elsewhere it may be text."""
    return cell[1:] if cell[:1] == "'" and _QUOTED.match(cell) else cell
