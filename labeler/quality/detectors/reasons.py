"""The reasons that several detectors give, as small JSON-able dicts; `reasons.html` beside this turns each into words.

Class numbers are positions in the project's class order: "class" is what a reason speaks for, "given" what it speaks
against; "item" and "annotator" name whom it points at. A reason is None when it has nothing to say. What only one
detector says has its words in the detector's folder.
"""

from __future__ import annotations

from labeler.quality.dataset import Evidence, Reason


def model(evidence: Evidence, item: int, suggested: int, given: int) -> Reason | None:
    """Say what a model that never saw this item thinks of two classes."""
    if evidence.probabilities is None:
        return None
    row = evidence.probabilities[item]
    return {
        "kind": "model",
        "class": suggested,
        "probability": round(float(row[suggested]), 4),
        "given": given,
        "given_probability": round(float(row[given]), 4),
    }


def votes(evidence: Evidence, item: int, suggested: int) -> Reason | None:
    """Count how many annotators chose the suggested class."""
    counts = evidence.crowd.counts[item]
    count, of = int(counts[suggested]), int(counts.sum())
    return {"kind": "votes", "count": count, "of": of, "class": suggested} if count else None


def duplicate(evidence: Evidence, other: int, similarity: float) -> Reason:
    """Point at the nearly identical item and its label."""
    label = int(evidence.dataset.labels[other])
    return {
        "kind": "duplicate",
        "item": int(other),
        "similarity": round(float(similarity), 4),
        "class": label if label >= 0 else None,
    }
