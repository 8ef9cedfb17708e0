"""Agreement on boxes, polygons and spans: how often what one annotator marks is marked by another, and as what.

A unit is one thing that anybody marked, its label a class or "absent"; see `task_types`. Nobody marks the things that
are not there, so there are no true negatives: the number to lead with is F1, and alpha over classes and "absent" says
how far existence and class agree together, for the details.

Note: F1 asks for the same thing *and* the same class, `found` only for the same thing.
And what is resampled are objects, so where the objects of one item stand or fall together the intervals are too narrow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labeler.measures.headline import Headline
from labeler.measures.histogram import Counts, Pattern, counts
from labeler.measures.intervals import Interval, bootstrap, interval, ratios, resampled
from labeler.measures.metrics import ClassAgreement, alpha, per_class
from labeler.measures.summary import ENOUGH_ITEMS, ENOUGH_OTHERS, Reason, each_class, missing, pair, why_missing
from labeler.messages import Message

if TYPE_CHECKING:
    from labeler.measures.histogram import Floats
    from labeler.measures.summary import Why

F1, FOUND, SAME_CLASS = range(3)


@dataclass(frozen=True)
class ObjectAgreement:
    """Agreement on the objects of one project, shares from 0 to 1 (alpha may be negative); None is undefined.

    objects: things on items of two annotators or more; marks: how often they were marked. With `same` the pairs of
    marks on one thing with one class, F1 = 2 same / (marks of one + marks of the other) for two annotators; for more,
    a thing that m annotators looked for weighs each of its pairs by 1 / (m - 1), as in the coincidence matrix, and F1
    is specific agreement pooled over the classes. `found` is the same with all classes as one, and `class_agreement` is
    the share of things found by both that were given one class: F1 = found x class_agreement.
    `reason` says why F1 or the intervals beside it are missing, `alpha_reason` why alpha or its interval is.
    """

    objects: int
    marks: int
    f1: float | None
    f1_interval: Interval | None
    found: float | None
    found_interval: Interval | None
    class_agreement: float | None
    class_interval: Interval | None
    alpha: float | None
    alpha_interval: Interval | None
    per_class: tuple[ClassAgreement, ...]
    specific_intervals: tuple[Interval | None, ...]
    reason: Reason | None
    alpha_reason: Reason | None
    others: int

    @property
    def reason_sentence(self) -> str:
        """Say why F1 or its interval is missing; "" when both are there."""
        return why_missing(self.reason, _WHY_MISSING, self.objects, self.others)

    def headline(self, names: tuple[str, ...]) -> Headline:
        """Return what the overview says."""
        del names
        words = Message("F1: marked by both with one class")
        return Headline(words, self.f1, self.f1_interval, self.reason_sentence)

    def as_dict(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Return it as tools outside read it."""
        return {
            "measure": "f1",
            "scale": "nominal",
            "f1": self.f1,
            "f1_interval": pair(self.f1_interval),
            "found": self.found,
            "class_agreement": self.class_agreement,
            "alpha": self.alpha,
            "interval": pair(self.alpha_interval),
            "reason": self.reason_sentence or None,
            "objects": self.objects,
            "marks": self.marks,
            "classes": each_class(names, self.per_class, self.specific_intervals),
        }


_WHY_MISSING: dict[Reason, Why] = {
    Reason.NO_PAIRS: Message("No item with something marked has two answers yet."),
    Reason.ONE_CLASS: Message("Everyone marked the same with one class; agreement beyond chance cannot be judged."),
    Reason.FEW_ITEMS: lambda k, _n: Message(
        "Too few objects on double-labelled items ({count:,} of {enough}).", count=k, enough=ENOUGH_ITEMS
    ),
    Reason.FEW_OTHERS: lambda _k, n: Message(
        "Too few marks outside the most used class ({count:,} of {enough}).", count=n, enough=ENOUGH_OTHERS
    ),
    Reason.UNSTABLE: Message("The marks outside the most used class come from too few objects."),
}


def object_agreement(histogram: Mapping[Pattern, int], n_classes: int) -> ObjectAgreement:
    """Measure agreement from {labels of a unit: units}, labels 0..n_classes-1, or n_classes where it was not marked.

    Raises Invalid for a label outside. Same input, same output: the bootstrap's seed is fixed.
    """
    pairable = counts(histogram, n_classes + 1).pairable()
    over, under = _ratios(pairable, n_classes)
    values = _shares(pairable, over, under)
    used = pairable.items @ pairable.table
    others = round(float(used.sum() - used.max()))
    chance_corrected = alpha(pairable)
    reason = Reason.NO_PAIRS if not pairable.n_items else Reason.FEW_ITEMS if pairable.n_items < ENOUGH_ITEMS else None
    alpha_reason = missing(pairable.n_items, others, chance_corrected)
    shares: tuple[Interval | None, ...] = (None, None, None)
    if reason is None:
        drawn = ratios(resampled(pairable, over), resampled(pairable, under))  # one seed, so the same objects
        shares = tuple(interval(column) for column in drawn.T)
    spread = bootstrap(pairable) if reason is None else None
    of_alpha = interval(spread.alpha) if spread and alpha_reason is None else None
    return ObjectAgreement(
        objects=pairable.n_items,
        marks=round(float(used[:n_classes].sum())),
        f1=values[F1],
        f1_interval=shares[F1],
        found=values[FOUND],
        found_interval=shares[FOUND],
        class_agreement=values[SAME_CLASS],
        class_interval=shares[SAME_CLASS],
        alpha=chance_corrected,
        alpha_interval=of_alpha,
        per_class=per_class(pairable)[:n_classes],
        specific_intervals=tuple(interval(spread.specific[:, k]) if spread else None for k in range(n_classes)),
        reason=reason,
        alpha_reason=Reason.UNSTABLE if alpha_reason is None and of_alpha is None else alpha_reason,
        others=others,
    )


def _ratios(pairable: Counts, n_classes: int) -> tuple[Floats, Floats]:
    """Return what each pattern adds above and below the line of F1, found and class agreement: (patterns, 3) each."""
    import numpy as np

    table = pairable.table[:, :n_classes]
    marked = table.sum(axis=1)
    together = marked * (marked - 1) / (pairable.answers - 1)
    same = (table * (table - 1)).sum(axis=1) / (pairable.answers - 1)
    return np.column_stack([same, together, same]), np.column_stack([marked, marked, together])


def _shares(pairable: Counts, over: Floats, under: Floats) -> list[float | None]:
    above, below = (pairable.items @ over).tolist(), (pairable.items @ under).tolist()
    return [one / other if other else None for one, other in zip(above, below, strict=True)]
