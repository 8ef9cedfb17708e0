"""Classes that have so few labels beside the largest one that a model will hardly learn them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labeler.messages import Message
from labeler.quality import notes
from labeler.quality.set_findings.base import SetFinding

if TYPE_CHECKING:
    from labeler.quality.dataset import Evidence, Finding

KIND = "rare_class"
TIMES_RARER = 50
FEWEST = 100  # labels of the largest class, below which a set is only at its beginning
SHOWN = 10


def find(evidence: Evidence, findings: Sequence[Finding]) -> list[SetFinding]:
    """Name the classes that are fifty times rarer than the largest one, also those without a label."""
    del findings
    counts = notes.class_counts(evidence.dataset)
    largest = max(counts, key=lambda name: counts[name], default="")
    if not largest or counts[largest] < FEWEST:
        return []
    rare = sorted((count, name) for name, count in counts.items() if count * TIMES_RARER <= counts[largest])
    if not rare:
        return []
    shown = ", ".join(f"{name} ({count})" for count, name in rare[:SHOWN]) + (" …" if len(rare) > SHOWN else "")
    said = Message(
        "Some classes have fifty times fewer labels than {largest} ({most:,}) or none at all: {rare}. A model hardly "
        "learns them, and wrong labels among them are hard to find. Look for more such items.",
        largest=largest,
        most=counts[largest],
        rare=shown,
    )
    facts = {"largest": largest, "labels": counts[largest], "rare": {name: count for count, name in rare}}
    return [SetFinding(KIND, said, facts=facts)]
