"""In which order items are served. A calculation: an order is a function from an item to its priority.

Items are served by ascending priority, then in the order they were imported. A policy sets the first priority; `moves`
says what changes it later. What a lead sends back goes to the front, whatever the policy: what is for one person
(SENT_TO_ONE) before what anybody may answer (SENT_BACK), so that nobody's claim steps over what is not theirs.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

SENT_TO_ONE, SENT_BACK = -2.0, -1.0
DEFAULT = "in_order"
ANSWERS, CERTAINTY, CHECK = "answers", "certainty", "check"
_REACH = 1e9  # numbers of a column are told apart up to here, to about a millionth
_LETTERS = 6


@dataclass(frozen=True)
class Facts:
    """What is known of an item when it comes in. column: whose value says the order, "" for none."""

    content_hash: str
    meta: Mapping[str, Any] = field(default_factory=dict)
    column: str = ""


@dataclass(frozen=True)
class Policy:
    """One order. first: the priority of an item that nobody has answered; moves: what changes it later.

    moves: "" for nothing, `answers` (each answer puts an item back), `certainty` (the surer its label, the later) or
    `check` (the likelier its label is wrong by the last check, the sooner).
    """

    first: Callable[[Facts], float]
    moves: str = ""


def in_order(item: Facts) -> float:
    """Serve items as they were imported."""
    del item
    return 0.0


def shuffled(item: Facts) -> float:
    """Serve items in an order that has nothing to do with the file, but is the same on every machine: 0 to 1."""
    return int.from_bytes(hashlib.sha256(item.content_hash.encode()).digest()[:6]) / 2**48


def by_column(item: Facts) -> float:
    """Serve items by a column of their metadata: numbers first, ascending, then texts by their first letters.

    Items without a value come last. A minus before the name of the column turns both round.
    """
    value, turned = item.meta.get(item.column.removeprefix("-")), item.column.startswith("-")
    number, text = _number(value), "" if value is None else str(value).strip().casefold()
    if number is not None:
        return 2 * _REACH + (-number if turned else number)
    if not text:
        return 6 * _REACH
    place: float = _REACH * int.from_bytes(text.encode()[:_LETTERS].ljust(_LETTERS, b"\0")) / 2 ** (8 * _LETTERS)
    return 4 * _REACH + (_REACH - place if turned else place)


def _number(value: Any) -> float | None:
    """Return a value as a number within the reach of what is told apart; None for no number."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return None if math.isnan(number) else max(-_REACH, min(_REACH, number))


POLICIES: dict[str, Policy] = {
    "in_order": Policy(in_order),
    "shuffled": Policy(shuffled),
    "fewest_first": Policy(in_order, ANSWERS),
    "most_uncertain": Policy(in_order, CERTAINTY),
    "most_doubtful": Policy(shuffled, CHECK),
    "by_column": Policy(by_column),
}


def policy_of(settings: Mapping[str, Any]) -> Policy:
    """Return the order of a project; of one that is not known any more, that of the import."""
    return POLICIES.get(str(settings.get("order", DEFAULT)), POLICIES[DEFAULT])


def follows_certainty(settings: Mapping[str, Any]) -> bool:
    """Whether items whose label is unsure come first."""
    return policy_of(settings).moves == CERTAINTY
