"""What more labels would bring, measured within a pass at a small part of its cost; and how much models learn by heart.

The models of a pass learned from four fifths of the labels. Here the same learners, with the penalties and powers that
were chosen there, learn from two small parts of the labels, by halves, and judge all labels that they did not see. The
error falls as a power of the number of labels (Hestness et al. 2017), which the larger part and the pass itself fix.
`learning_curve.py` measures more sizes with all choices made anew, for who has the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING, Any

from labeler.quality import folds, learning_curve, pooling, predictions
from labeler.quality.folds import FoldJob

if TYPE_CHECKING:
    from labeler.quality.dataset import Features, Floats, Integers, Truths
    from labeler.quality.folds import Plan
    from labeler.quality.judgeable import Judgeable
    from labeler.quality.predictions import Opinion, Predictions

SHARES = (1 / 8, 1 / 4, 1 / 2, 1.0)  # of the labels, of which a half learns; two neighbours of these are measured
MORE = 5  # the outlook is on a fifth more labels, as a round number
FEWEST_MORE = 20


@dataclass(frozen=True)
class Lesson:
    """What the models of a pass learned from, and what they said. predictions: by the classes of `judged`."""

    judged: Judgeable
    features: Features
    predictions: Predictions


@dataclass(frozen=True)
class Outlook:
    """labels: how many a model learned from at each point; right: the share of all labels that it then gives.

    more, gain, low, high: what so many further labels would add to the last share, with a 95 % interval from resampled
    items. learnt: of the labels that models of the last point but one learned from, the share that they give.
    """

    labels: tuple[int, ...]
    right: tuple[float, ...]
    more: int
    gain: float
    low: float
    high: float
    learnt: float

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept with a run: shares with four digits."""
        rounded = {name: round(getattr(self, name), 4) for name in ("gain", "low", "high", "learnt")}
        return {
            "labels": list(self.labels),
            "right": [round(one, 4) for one in self.right],
            "more": self.more,
        } | rounded


@dataclass(frozen=True)
class _Tried:
    """Models of two halves of some labels: whether each label was given that they had not seen, and that they had."""

    hits: Truths
    learnt: float


def outlook(lesson: Lesson, seed: int) -> Outlook | None:
    """Measure what more labels would bring; None where there are too few labels to compare sizes."""
    import numpy as np

    labels = lesson.judged.labels
    known, said = np.flatnonzero(labels >= 0), lesson.predictions
    parts = _parts(len(known), len(lesson.judged.classes))
    rank = learning_curve.ranks(labels, lesson.features.groups, seed)
    tried = [_halves(lesson, np.where(rank < share, labels, -1), seed) for share in parts]
    found = [one for one in tried if one is not None]
    if len(found) < len(SHARES) // 2:
        return None
    last = said.probabilities[known].argmax(axis=1) == labels[known]
    sizes = [int((rank[known] < share).sum()) // learning_curve.HALVES for share in parts]
    sizes.append(len(known) * (said.folds - 1) // said.folds)
    more = round_number(len(known) / MORE)
    ratio = (len(known) + more) / len(known)
    gain, low, high = _gain(found[-1].hits, last, sizes[-1] / sizes[-2], ratio, seed)
    right = (*(float(one.hits.mean()) for one in found), float(last.mean()))
    return Outlook(tuple(sizes), right, more, gain, low, high, found[-1].learnt)


def round_number(about: float) -> int:
    """Return the number nearest to this, on a scale of factors, among 20, 50, 100, 200, 500 and so on."""
    power = 10 ** int(log10(max(about, FEWEST_MORE)))
    return min(
        (step * power for step in (1, 2, 5, 10) if step * power >= FEWEST_MORE),
        key=lambda one: abs(log10(one / max(about, FEWEST_MORE))),
    )


def _parts(labels: int, classes: int) -> tuple[float, ...]:
    """Return the two smallest neighbouring shares that leave enough labels in each half; none where none do."""
    enough = learning_curve.HALVES * max(learning_curve.FEWEST, classes)
    first = next((place for place, share in enumerate(SHARES[:-1]) if labels * share >= enough), None)
    return () if first is None else SHARES[first : first + 2]


def _halves(lesson: Lesson, part: Integers, seed: int) -> _Tried | None:
    import numpy as np

    labels, groups = lesson.judged.labels, lesson.features.groups
    plan = folds.plan_folds(part, groups, seed, learning_curve.HALVES)
    if plan is None or plan.count < learning_curve.HALVES:
        return None
    targets, heard = folds.one_hot(part, len(lesson.judged.classes)), lesson.predictions
    unseen, seen, powers = [], [], []
    for opinion, power in zip(heard.opinions, heard.powers, strict=False):  # votes have powers too, behind these
        if power >= predictions.HEARD:
            both = _said(opinion, targets, plan)
            unseen.append(_of_fold(both, plan.folds))
            seen.append(_of_fold(both[::-1], plan.folds))
            powers.append(power)
    for near, power in zip(heard.voters.values(), heard.powers[len(heard.opinions) :], strict=True):
        voted = predictions.vote_of_neighbours(groups, near, part, targets.shape[1])
        unseen.append(voted)
        seen.append(voted)
        powers.append(power)
    known, learnt = np.flatnonzero(labels >= 0), np.flatnonzero(part >= 0)
    hits, recalled = (pooling.pool(logs, np.array(powers)).argmax(axis=1) == labels for logs in (unseen, seen))
    return _Tried(hits[known], float(recalled[learnt].mean()))


def _said(opinion: Opinion, targets: Floats, plan: Plan) -> list[Floats]:
    """Return what the models of each half say of all items: N x k log probabilities each."""
    import numpy as np

    def job(fold: int) -> FoldJob:
        train = np.flatnonzero((plan.folds >= 0) & (plan.folds != fold))
        wanted = targets[train][:, plan.present]
        return FoldJob(opinion.learner, opinion.matrix[train], wanted, opinion.matrix, opinion.strength or 1.0)

    logs = folds.map_folds(folds.predict_fold, (job(fold) for fold in range(plan.count)))
    return [folds.spread(one, plan.present, targets.shape[1]) for one in logs]


def _of_fold(both: list[Floats], fold: Integers) -> Floats:
    """Return for each item what the model of its fold says, and for one in no fold the mean of both."""
    import numpy as np

    logs: Floats = np.where((fold == 0)[:, None], both[0], both[1])
    logs[fold < 0] = (both[0][fold < 0] + both[1][fold < 0]) / 2
    return logs


def _gain(before: Truths, last: Truths, grown: float, ratio: float, seed: int) -> tuple[float, float, float]:
    """Return the share that more labels add, with its 95 % interval. grown: sizes of the points as a ratio."""
    import numpy as np

    pairs = np.bincount(2 * before.astype(np.int64) + last, minlength=4)
    drawn = np.random.default_rng(seed).multinomial(len(last), pairs / len(last), learning_curve.REPLICATES)
    shares = np.vstack([pairs, drawn]) / len(last)
    then, now = shares[:, 0] + shares[:, 1], shares[:, 0] + shares[:, 2]  # errors at the two points
    power = np.maximum(np.log(np.maximum(then, 1e-9) / np.maximum(now, 1e-9)) / np.log(grown), 0.0)
    gains = now * (1 - ratio**-power)
    low, high = np.percentile(gains[1:], (2.5, 97.5))
    gain = float(gains[0])
    return gain, min(float(low), gain), max(float(high), gain)
