"""What all votes of a project come to, with all that is to be said of it: a calculation, in positions, not in ids."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from labeler.consensus.base import Consensus, Floats, Ints, Votes
    from labeler.consensus.temper import Checked

    Truths = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Beside:
    """What is known beside the votes.

    ratios: (classes, items) log P(class | content) - log P(class) of a model that saw no label of the items, None
    without one; checked: items that were drawn at random and judged; instead: methods that take others' place, as the
    classes ask for (`registry.ON_STEPS`).
    """

    ratios: Floats | None = None
    checked: Sequence[Checked] = ()
    instead: Mapping[str, str] = field(default_factory=dict)


NOTHING = Beside()


@dataclass(frozen=True, eq=False)
class Outcome:
    """What follows for each item and each person.

    method: its name; label: (items,), -1 while undecided; confidence: (items,) how probably the label is right; right:
    (annotators,) how often each is expected to be right, None where nothing tells; content_weight: as of `Consensus`;
    power: of the temper.
    """

    method: str
    label: Ints
    confidence: Floats
    right: Floats | None
    content_weight: float
    power: float


def infer(votes: Votes, beside: Beside = NOTHING) -> Outcome:
    """Infer by the method that suits the votes; ties stay open unless the evidence passes the bar of `ties`."""
    from labeler.consensus.registry import recommended
    from labeler.consensus.temper import learnt, tempered
    from labeler.consensus.ties import with_ties_open

    name = recommended(votes)
    name = beside.instead.get(name, name)
    found = _heard(name, votes, beside.ratios)
    power = learnt(found.probabilities, beside.checked)
    confidence = tempered(found.probabilities, power).max(axis=1, initial=0.0)
    label = with_ties_open(found.label, confidence, votes)
    return Outcome(name, label, confidence, found.accuracy, found.content_weight, power)


def _heard(name: str, votes: Votes, ratios: Floats | None) -> Consensus:
    from labeler.consensus.methods.averaged.held_out import Content
    from labeler.consensus.registry import METHODS, WITH_CONTENT

    if ratios is None or name not in WITH_CONTENT:
        return METHODS[name](votes)
    return WITH_CONTENT[name](votes, Content(ratios))
