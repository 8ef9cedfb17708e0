"""Agreement on answers that are sets of classes, from how many items carry which sets.

The number to lead with is alpha over whole sets with MASI distance, beside it how much two annotators'
sets have in common, and each class alone as chosen or not. Note on the class that is hardly ever
chosen: its specific agreement asks only about those who did choose it, its alpha about all items.

There may be as many different sets as answers, so no table of patterns by sets is ever made, and beyond `TABLE` pairs
of sets what chance would give is estimated from a sample of the answers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from labeler.errors import Invalid
from labeler.measures.headline import Headline
from labeler.measures.histogram import PAIR, Counts
from labeler.measures.intervals import SEED, Interval, interval, ratios, resampled
from labeler.measures.masks import chosen_in
from labeler.measures.metrics import ClassAgreement, per_class
from labeler.measures.summary import (
    ENOUGH_ITEMS,
    ENOUGH_OTHERS,
    WHOLE_ANSWERS,
    Reason,
    each_class,
    missing,
    pair,
    why_missing,
)
from labeler.messages import Message

if TYPE_CHECKING:
    from labeler.measures.histogram import Floats

TABLE = 16_000_000  # pairs of sets that are compared, 4,000 sets with each other
BLOCK = 2_000_000  # of them at a time: 16 MB
ALPHA, JACCARD, SPECIFIC = range(3)  # columns of what is measured; one a class from SPECIFIC on
SetPattern = tuple[str, ...]  # the codes of one item's answers, as `masks.mask_of` made them, in any order


@dataclass(frozen=True)
class LabelSetAgreement:
    """Agreement on sets, shares from 0 to 1 (alpha may be negative); None is undefined.

    items, answers: with two answers an item or more; sets: how many different ones; alpha: Krippendorff's, MASI
    distance; jaccard: what two annotators of an item have in common over all they chose, the mean over items; exact:
    how often two annotators of an item chose the same set. per_class: one entry a class, chosen against not chosen;
    `answers` there counts those who chose it. `reason` says why alpha or the intervals are missing.
    """

    items: int
    answers: int
    sets: int
    alpha: float | None
    interval: Interval | None
    jaccard: float | None
    jaccard_interval: Interval | None
    exact: float | None
    per_class: tuple[ClassAgreement, ...]
    specific_intervals: tuple[Interval | None, ...]
    reason: Reason | None
    others: int

    @property
    def reason_sentence(self) -> str:
        """Say why alpha or its interval is missing; "" when both are there."""
        return why_missing(self.reason, _WHY_MISSING, self.items, self.others)

    def headline(self, names: tuple[str, ...]) -> Headline:
        """Return what the overview says."""
        del names
        words = Message("Krippendorff alpha, sets")
        return Headline(words, self.alpha, self.interval, self.reason_sentence, percent=self.exact)

    def as_dict(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Return it as tools outside read it."""
        return {
            "measure": "krippendorff_alpha_masi",
            "scale": "nominal",
            "alpha": self.alpha,
            "interval": pair(self.interval),
            "percent": self.exact,
            "jaccard": self.jaccard,
            "jaccard_interval": pair(self.jaccard_interval),
            "reason": self.reason_sentence or None,
            "pairable_items": self.items,
            "pairable_answers": self.answers,
            "classes": each_class(names, self.per_class, self.specific_intervals),
        }


_WHY_MISSING = WHOLE_ANSWERS | {
    Reason.FEW_OTHERS: lambda _k, n: Message(
        "Too few answers outside the most used set ({count:,} of {enough}).", count=n, enough=ENOUGH_OTHERS
    ),
    Reason.UNSTABLE: Message("The answers outside the most used set come from too few items."),
}


@dataclass(frozen=True, eq=False)
class _Sets:
    """The pairable part of a histogram over sets.

    members: (sets, classes) zeros and ones; counts: its table says how many answers of a pattern chose each class;
    rows, flat: (answers,) the pattern and the set of each answer of a pattern.
    """

    members: Floats
    counts: Counts
    rows: Any
    flat: Any

    @property
    def used(self) -> Floats:
        """(sets,) answers that are this set."""
        import numpy as np

        return np.bincount(self.flat, self.counts.items[self.rows], len(self.members)).astype(np.float64)

    def added(self, per_set: Floats) -> Floats:
        """Return (patterns,) sums of (sets,) values over a pattern's answers."""
        import numpy as np

        return np.bincount(self.rows, per_set[self.flat], len(self.counts.items)).astype(np.float64)


def label_set_agreement(histogram: Mapping[SetPattern, int], n_classes: int) -> LabelSetAgreement:
    """Measure agreement from {codes of an item's answers: items}. Raises Invalid for a set with a class outside.

    Same input, same output: the bootstrap's seed is fixed. What a resampled pool of answers would reach by chance is
    taken to first order (see `_alphas`), which leaves out a part of the order of 1 / items.
    """
    import numpy as np

    found = _read(histogram, n_classes)
    items, used, chosen = found.counts.items, found.used, found.counts.table
    unlike, jaccard, exact = _within(found)
    far = _far(found.members, used)
    average = float(used @ far) / max(float(used.sum()), 1)
    same = chosen * (chosen - 1) / (found.counts.answers - 1)[:, None]
    adds = np.column_stack(
        [unlike, found.added(far), found.counts.answers, jaccard, np.ones_like(jaccard), same, chosen]
    )
    measured = _measures((items @ adds)[None, :], average, n_classes)
    others = round(float(used.sum() - used.max()))
    alpha = _number(measured[0, ALPHA])
    reason = missing(found.counts.n_items, others, alpha)
    enough = found.counts.n_items >= ENOUGH_ITEMS
    sums = resampled(found.counts, adds) if enough else adds[:0]
    drawn = _measures(sums, average, n_classes)
    spread = interval(drawn[:, ALPHA]) if reason is None else None
    return LabelSetAgreement(
        items=found.counts.n_items,
        answers=found.counts.n_answers,
        sets=int((used > 0).sum()),
        alpha=alpha,
        interval=spread,
        jaccard=_number(measured[0, JACCARD]),
        jaccard_interval=interval(drawn[:, JACCARD]),
        exact=float(items @ exact / items.sum()) if items.size else None,
        per_class=tuple(_one_class(found.counts, index) for index in range(n_classes)),
        specific_intervals=tuple(interval(column) for column in drawn[:, SPECIFIC:].T),
        reason=Reason.UNSTABLE if reason is None and spread is None else reason,
        others=others,
    )


def common(shared: Floats, one: Floats, two: Floats) -> tuple[Floats, Floats]:
    """Return Jaccard similarity and MASI distance of sets of sizes `one` and `two` with `shared` classes in common.

    The same numbers as `sets.jaccard` and `sets.masi` give pair by pair.
    """
    import numpy as np

    union = one + two - shared
    similar = np.where(union > 0, shared / np.maximum(union, 1), 1.0)
    nested = shared == np.minimum(one, two)
    nearness = np.where(shared == union, 1.0, np.where(nested, 2 / 3, 1 / 3))
    return similar, 1 - similar * nearness


def _read(histogram: Mapping[SetPattern, int], n_classes: int) -> _Sets:
    """Return the pairable patterns over sets, in code order, so that the order of rows changes no digit."""
    import numpy as np

    patterns: dict[SetPattern, int] = {}
    for pattern, items in histogram.items():
        if len(pattern) >= PAIR and items:
            row = tuple(sorted(pattern))
            patterns[row] = patterns.get(row, 0) + items
    ordered = sorted(patterns)
    codes = sorted({code for pattern in ordered for code in pattern}) or ["m0"]
    index = {code: place for place, code in enumerate(codes)}
    members = np.zeros((len(codes), n_classes))
    for row_of, code in enumerate(codes):
        classes = list(chosen_in(code))
        if classes and classes[-1] >= n_classes:
            raise Invalid("A set names a class outside 0..{last}.", field="histogram", last=n_classes - 1)
        members[row_of, classes] = 1
    lengths = np.array([len(pattern) for pattern in ordered], np.int64)
    flat = np.array([index[code] for pattern in ordered for code in pattern], np.int64)
    rows = np.repeat(np.arange(len(ordered)), lengths)
    chosen = [np.bincount(rows, members[flat, place], len(ordered)) for place in range(n_classes)]
    weights = np.array([patterns[pattern] for pattern in ordered], np.float64)
    return _Sets(members, Counts(np.column_stack(chosen), weights, lengths.astype(np.float64)), rows, flat)


def _within(found: _Sets) -> tuple[Floats, Floats, Floats]:
    """Return each pattern's summed MASI distances / (answers - 1), mean Jaccard similarity and share of equal pairs."""
    import numpy as np

    answers = found.counts.answers.astype(np.int64)
    starts = np.cumsum(answers) - answers
    sizes = found.members.sum(axis=1)
    unlike, similar, equal = np.zeros((3, len(answers)))
    for length in np.unique(answers).tolist():
        rows = np.flatnonzero(answers == length)
        for a, b in combinations(range(length), 2):
            one, two = found.flat[starts[rows] + a], found.flat[starts[rows] + b]
            shared = np.einsum("pc,pc->p", found.members[one], found.members[two])
            near, apart = common(shared, sizes[one], sizes[two])
            unlike[rows] += apart
            similar[rows] += near
            equal[rows] += one == two
    pairs = found.counts.answers * (found.counts.answers - 1) / 2
    return 2 * unlike / (found.counts.answers - 1), similar / pairs, equal / pairs


def _far(members: Floats, used: Floats) -> Floats:
    """Return (sets,) mean MASI distances to a random answer; a sample of answers where there are very many sets."""
    import numpy as np

    n_sets = len(members)
    others, weights = np.arange(n_sets), used / max(float(used.sum()), 1)
    if n_sets * n_sets > TABLE:
        drawn = np.random.default_rng(SEED).multinomial(TABLE // n_sets, weights)
        others = np.flatnonzero(drawn)
        weights = drawn[others] / drawn.sum()
    sizes = members.sum(axis=1)
    far = np.empty(n_sets)
    for start in range(0, n_sets, step := max(1, BLOCK // len(others))):
        block = slice(start, start + step)
        shared = members[block] @ members[others].T
        far[block] = common(shared, sizes[block, None], sizes[others])[1] @ weights
    return far


def _measures(sums: Floats, average: float, n_classes: int) -> Floats:
    """Return alpha, mean Jaccard similarity and each class's specific agreement (rows, 2 + classes), NaN undefined.

    sums: (rows, 5 + 2 classes) of distances within items, of distances to any answer, of answers, of similarities, of
    items, and of what is above and below the line for each class. average: the expected distance of all items. With
    shares p of the sets and q of resampled ones, the expected distance q D q is taken as 2 q D p - p D p.
    """
    import numpy as np

    unlike, far, answers, jaccard, items = sums[:, :5].T
    expected = 2 * ratios(far, answers) - average
    alpha = 1 - ratios((answers - 1) * unlike, answers**2 * expected)
    specific = ratios(sums[:, 5 : 5 + n_classes], sums[:, 5 + n_classes :])
    return np.column_stack([alpha, ratios(jaccard, items), specific])


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _one_class(pairable: Counts, index: int) -> ClassAgreement:
    return replace(per_class(pairable.one_against_rest(index))[0], index=index)
