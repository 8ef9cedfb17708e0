"""Which fields of a form somebody changed: two people who save different fields of one form at once keep both.

Note: a form sends all its fields, also those that were left as they were. It carries what it
showed when it was opened (`shown`), and only what is otherwise now was changed by whoever sent it.
"""

import json
from collections.abc import Mapping
from typing import Any

from labeler.storage.nested import read_json


def as_shown(values: Mapping[str, Any]) -> str:
    """Return the values of a form as it carries them beside its fields."""
    return json.dumps(dict(values), sort_keys=True)


def changed(values: Mapping[str, Any], shown: str | None) -> dict[str, Any]:
    """Return those values that are not what the form showed; all of them where it does not say what that was."""
    try:
        before = read_json(shown) if shown else None
    except ValueError:
        before = None
    if not isinstance(before, dict):
        return dict(values)
    return {name: value for name, value in values.items() if name not in before or before[name] != value}
