"""What changed from one check of labels to the next: which flags are new, which are gone, and by what.

A flag here is an item under one kind, and only while it waits: what a lead has decided waits no more, whether or not
the next check would flag it again.
"""

from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

DECIDED, OTHER_LABEL, NOT_SUSPECTED = "decided", "label_changed", "not_suspected"

Waiting = Mapping[tuple[int, str], str]
"""Of each flag that waits, by (item id, kind), the label it was raised about."""


@dataclass(frozen=True)
class Changes:
    """since: id of the run before; new: by kind; gone: by kind; why: by what they went."""

    since: int
    new: Mapping[str, int]
    gone: Mapping[str, int]
    why: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return them as they are kept with a run."""
        parts = {"new": self.new, "gone": self.gone, "why": self.why}
        return {"since": self.since, **{name: dict(part) for name, part in parts.items()}}


def compare(since: int, before: Waiting, now: Waiting, labels: Mapping[int, str], decided: Container[int]) -> Changes:
    """Compare what waited after the run before with what waits now. labels: of the items now; decided: items by now."""
    new = Counter(kind for item, kind in now.keys() - before.keys())
    gone = before.keys() - now.keys()
    why = Counter(_why(item, before[item, kind], labels, decided) for item, kind in gone)
    return Changes(since, new, Counter(kind for _, kind in gone), why)


def _why(item: int, label: str, labels: Mapping[int, str], decided: Container[int]) -> str:
    if item in decided:
        return DECIDED
    return NOT_SUSPECTED if labels.get(item, "") == label else OTHER_LABEL
