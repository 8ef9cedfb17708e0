"""What else is known of items, as columns of texts: one value an item, "" where there is none."""

from collections.abc import Mapping, Sequence
from typing import Any

LONGEST = 200  # characters of a value that tell it from others
MOST = 100  # columns; more are no table


def as_columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the columns of N rows whose values are plain, as texts; lists and objects are no values of a column."""
    names = list(dict.fromkeys(name for row in rows for name in row))[:MOST]
    found: dict[str, list[str]] = {}
    for name in names:
        values = [row.get(name) for row in rows]
        if not any(isinstance(value, list | dict) for value in values):
            found[name] = [_as_text(value) for value in values]
    return found


def _as_text(value: Any) -> str:
    """Return a value as JSON spells it, so that it can be looked for in what is stored."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)[:LONGEST]
