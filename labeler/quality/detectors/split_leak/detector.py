"""Items whose metadata put them on one side of a split while a nearly identical item stands on another side.

A model that learnt from the one has seen the other, so a test with it gives too good a result. Flagged is the item
outside the training side: it is the one to move or to drop.
"""

from __future__ import annotations

from labeler.messages import Message
from labeler.quality import split_leak
from labeler.quality.dataset import Evidence, Finding
from labeler.quality.detectors.base import Detector, item_should_go
from labeler.quality.detectors.reasons import duplicate

KIND = "split_leak"


def find(evidence: Evidence) -> list[Finding]:
    """Flag each item that has a twin on another side; the score is how alike the two are."""
    leak = leak_of(evidence)
    if leak is None:
        return []
    sides = evidence.dataset.columns[leak.column]
    findings = []
    for item, other in leak.pairs:
        alike = evidence.twins[item][other]
        why = {**duplicate(evidence, other, alike), "kind": "sides", "side": sides[item], "other_side": sides[other]}
        findings.append(Finding(item, KIND, float(alike), None, 0.0, [why]))
    return findings


def leak_of(evidence: Evidence) -> split_leak.Leak | None:
    """Return what leaks across the split of a set, None where no column says which side an item is on."""
    columns = evidence.dataset.columns
    column = split_leak.split_column(columns)
    return split_leak.find(column, columns[column], evidence.twins) if column else None


def notes(evidence: Evidence) -> list[str]:
    """Say how many items leak, by which column."""
    leak = leak_of(evidence)
    if leak is None or not leak.pairs:
        return []
    return [
        Message(
            "{count:,} of {compared:,} items outside {column} = {training} are nearly the same as an item on another "
            "side, so a test on this split gives too good a result.",
            count=len(leak.pairs),
            compared=leak.compared,
            column=leak.column,
            training=leak.training,
        )
    ]


DETECTOR = Detector(
    KIND,
    find,
    title=Message("Split leak"),
    waiting=Message("Items on both sides of a split"),
    explanation=Message("It is nearly the same as an item on another side of the split, such as training and test."),
    about="item",
    was_right=item_should_go,
    notes=notes,
)
