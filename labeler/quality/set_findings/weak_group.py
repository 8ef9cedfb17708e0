"""Groups of items, by their metadata, in which clearly more goes wrong than in the others.

Two things are compared (`slices.py`: one-sided, exact, adjusted for the number of groups): labels that look wrong, and
labels that a model which never saw the item does not give. The second differs between groups for many good reasons, so
it must differ by more, and more surely.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labeler.messages import Message
from labeler.quality import slices
from labeler.quality.detectors.registry import WRONG_LABELS
from labeler.quality.set_findings.base import SetFinding

if TYPE_CHECKING:
    from labeler.quality.dataset import Evidence, Finding, Truths
    from labeler.quality.slices import Slice

KIND = "weak_group"
LEAST_DIFFERENCE, LEVEL = 0.1, 0.01  # of the share that the model does not give, and of the chance of it
SHOWN = 5


def find(evidence: Evidence, findings: Sequence[Finding]) -> list[SetFinding]:
    """Say which groups have more labels that look wrong, and which the model knows less well; none without a model."""
    import numpy as np

    dataset = evidence.dataset
    if evidence.probabilities is None or not dataset.columns:
        return []
    labeled = np.flatnonzero((dataset.labels >= 0) & evidence.judgeable[np.maximum(dataset.labels, 0)])
    columns = {name: [values[item] for item in labeled.tolist()] for name, values in dataset.columns.items()}
    doubtful = np.zeros(len(dataset), dtype=bool)
    doubtful[[one.item for one in findings if one.kind == WRONG_LABELS.kind]] = True
    missed = evidence.probabilities.argmax(axis=1) != dataset.labels
    wrong = _standing_out(columns, doubtful[labeled])
    weak = [one for one in _standing_out(columns, missed[labeled]) if _is_weak(one)]
    told = {(one.column, one.value) for one in wrong}
    return [_finding(one, len(labeled), int(doubtful[labeled].sum()), flagged=True) for one in wrong[:SHOWN]] + [
        _finding(one, len(labeled), int(missed[labeled].sum()), flagged=False)
        for one in weak[:SHOWN]
        if (one.column, one.value) not in told
    ]


def _is_weak(one: Slice) -> bool:
    return one.share - one.others >= LEAST_DIFFERENCE and one.chance <= LEVEL


def _standing_out(columns: dict[str, list[str]], hits: Truths) -> list[Slice]:
    return [one for one in slices.compare(columns, hits) if one.stands_out and one.value]


def _finding(one: Slice, labeled: int, hits: int, *, flagged: bool) -> SetFinding:
    others, other_hits = labeled - one.items, hits - one.hits
    facts = {
        "items": one.items,
        "hits": one.hits,
        "others": others,
        "other_hits": other_hits,
        "chance": float(f"{one.chance:.3g}"),
    }
    said = (_wrong if flagged else _missed)(one, others, other_hits)
    return SetFinding(KIND, said, one.column, one.value, flagged, facts)


def _wrong(one: Slice, others: int, other_hits: int) -> str:
    return Message(
        "More labels look wrong where {column} is {value}: {hits:,} of {items:,}, against {other_hits:,} of the "
        "{others:,} others.",
        column=one.column,
        value=one.value,
        hits=one.hits,
        items=one.items,
        other_hits=other_hits,
        others=others,
    )


def _missed(one: Slice, others: int, other_hits: int) -> str:
    return Message(
        "The model knows the items less well where {column} is {value}: it does not give the label of {hits:,} of "
        "{items:,}, against {other_hits:,} of the {others:,} others. Label more of them, or look at how they differ.",
        column=one.column,
        value=one.value,
        hits=one.hits,
        items=one.items,
        other_hits=other_hits,
        others=others,
    )
