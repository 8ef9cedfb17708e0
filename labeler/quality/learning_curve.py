"""How good a model gets with more labels: trained on an eighth, a quarter, half and four fifths of them.

The smaller sets lie inside the larger ones and hold each class in its share; every model is judged on all labels, each
by a model that did not see it. All but the last learn from one half and judge the other, which costs less than the one
pass that they stand beside. Right means "the same class as the label", and labels may be wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.quality import predictions
from labeler.quality.dataset import Features
from labeler.quality.folds import FOLDS

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers, Singles, Truths
    from labeler.quality.judgeable import Judgeable

SHARES = (0.25, 0.5, 1.0)  # of the labels, of which one half learns and the other is judged
HALVES = 2
FEWEST = 20  # labels that a point of the curve needs
REPLICATES = 400
AHEAD_FROM = 3  # points that an outlook needs


@dataclass(frozen=True)
class Curve:
    """labels: how many a model learned from at each point; right: the share of all labels that it then gives.

    gain, low, high: how much twice the labels would add to the last share if the curve goes on as it did, with a 95 %
    interval from resampled items; None with too few points.
    """

    labels: tuple[int, ...]
    right: tuple[float, ...]
    gain: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Course:
    """What models learn from. judged: the labels; near: as for `predictions.learn`; seed: of all chance in it."""

    judged: Judgeable
    features: Features
    near: tuple[Integers, Singles]
    seed: int

    def halves(self, labels: Integers) -> Integers | None:
        """Return the N class positions said by models of one half of these labels (N, -1 = none) each, or None."""
        return self._said(labels, HALVES)

    def folds(self, labels: Integers) -> Integers | None:
        """Return the same of models that learned from all but a fold."""
        return self._said(labels, FOLDS)

    def _said(self, labels: Integers, folds: int) -> Integers | None:
        held = predictions.learn(
            labels, self.features, self.near, lambda _: None, self.seed, most_deals=1, most_folds=folds
        )
        return None if held is None else self.judged.classes[held.probabilities.argmax(axis=1)]


@dataclass(frozen=True)
class Measured:
    """The points of a curve that were measured by halves. hits: points x labels, whether each was given."""

    labels: tuple[int, ...]
    hits: Truths
    halves: Integers


def measure(course: Course, report: Callable[[float], None]) -> Measured | None:
    """Train on parts of the labels, judge all of them; None where no model can be trained on all of them."""
    import numpy as np

    judged = course.judged
    known = np.flatnonzero(judged.labels >= 0)
    truth = judged.classes[judged.labels[known]]
    rank = ranks(judged.labels, course.features.groups, course.seed)
    used, right, said = [], [], None
    for place, share in enumerate(SHARES):
        report(place / len(SHARES))
        part = np.where(rank < share, judged.labels, -1)
        many = int((part >= 0).sum())
        said = course.halves(part) if many >= HALVES * max(FEWEST, len(judged.classes)) else None
        if said is not None:
            used.append(many // HALVES)
            right.append(said[known] == truth)
    return None if said is None else Measured(tuple(used), np.array(right), said)


def curve(course: Course, points: Measured, said: Integers) -> Curve:
    """Put the points together with the last one. said: what models say that learned from all labels but a fold."""
    import numpy as np

    labels = course.judged.labels
    known = np.flatnonzero(labels >= 0)
    last = said[known] == course.judged.classes[labels[known]]
    count, most = FOLDS, len(known)
    gain, low, high = _outlook(np.vstack([points.hits, last]), course.seed)
    right = (*(float(one) for one in points.hits.mean(axis=1)), float(last.mean()))
    return Curve((*points.labels, most * (count - 1) // count), right, gain, low, high)


@dataclass(frozen=True)
class Without:
    """What leaving labels out of the training does to all other labels: the shares of them that models give."""

    before: float
    after: float


def without(course: Course, points: Measured, doubtful: Truths) -> Without | None:
    """Compare models that learned with the doubtful labels (N booleans) and without them; None without a model."""
    import numpy as np

    judged = course.judged
    then = course.halves(np.where(doubtful, -1, judged.labels))
    if then is None:
        return None
    others = np.flatnonzero((judged.labels >= 0) & ~doubtful)
    truth = judged.classes[judged.labels[others]]
    before, after = (float((one[others] == truth).mean()) for one in (points.halves, then))
    return Without(before, after)


def ranks(labels: Integers, groups: Integers, seed: int) -> Floats:
    """Return N numbers in 0..1, even within each class and equal for equal contents: below s lies a share s of all."""
    import numpy as np

    chance = np.random.default_rng(seed).random(len(labels))
    rank = np.ones(len(labels))
    for one in np.unique(labels[labels >= 0]):
        members = np.flatnonzero(labels == one)
        order = members[np.argsort(chance[members], kind="stable")]
        rank[order] = (np.arange(len(order)) + 0.5) / len(order)
    even: Floats = rank[groups]
    return even


def _outlook(hits: Truths, seed: int) -> tuple[float | None, float | None, float | None]:
    """Return the gain of twice the labels and its 95 % interval.

    hits: points x items; each point but the last has twice the labels of the one before.
    """
    import numpy as np

    if len(hits) <= AHEAD_FROM:
        return None, None, None
    codes = (1 << np.arange(len(hits))) @ hits
    patterns, counts = np.unique(codes, return_counts=True)
    bits = (patterns[:, None] >> np.arange(len(hits))) & 1
    drawn = np.random.default_rng(seed).multinomial(counts.sum(), counts / counts.sum(), REPLICATES)
    gains = _gain(1 - drawn @ bits / counts.sum())
    now = float(_gain(1 - hits.mean(axis=1)[None, :])[0])
    low, high = np.percentile(gains, (2.5, 97.5))
    return now, min(float(low), now), max(float(high), now)


def _gain(errors: Floats) -> Floats:
    """Return by how much twice the labels lower the last error, for rows of errors at sizes that double but the last.

    The error falls as a power of the size (Hestness et al. 2017); the power is that of the last two doublings.
    """
    import numpy as np

    later, before = np.maximum(errors[:, -2], 1e-9), np.maximum(errors[:, -4], 1e-9)
    factor = np.minimum(np.sqrt(later / before), 1.0)
    gain: Floats = errors[:, -1] * (1 - factor)
    return gain
