"""What more labels would bring, measured within a pass at a small part of its cost; and how much models learn by heart.

The models of a pass learned from four fifths of the labels. Here the same learners, with the penalties and powers that
were chosen there, learn from two small parts of the labels and judge all others. The error falls as a power of the
number of labels (Hestness et al. 2017), which the larger part and the pass itself fix. `learning_curve.py` measures
more sizes with all choices made anew, for who has the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING, Any

from labeler.quality import folds, learning_curve, pooling, predictions
from labeler.quality.folds import FoldJob

if TYPE_CHECKING:
    from labeler.quality.dataset import Features, Floats, Truths
    from labeler.quality.judgeable import Judgeable
    from labeler.quality.predictions import Opinion, Predictions

SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2)  # of the labels, from which a model learns; two neighbours are measured
FEWEST = 20  # labels, and one of each class, that a model learns from
MORE = 5  # the outlook is on a fifth more labels, as a round number
FEWEST_MORE = 20
REPLICATES = 400


@dataclass(frozen=True)
class Lesson:
    """What the models of a pass learned from, and what they said. predictions: by the classes of `judged`."""

    judged: Judgeable
    features: Features
    predictions: Predictions


@dataclass(frozen=True)
class Outlook:
    """labels: how many a model learned from at each point; right: the share of all others that it then gives.

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


def outlook(lesson: Lesson, seed: int) -> Outlook | None:
    """Measure what more labels would bring; None where there are too few labels to compare sizes."""
    labels, said = lesson.judged.labels, lesson.predictions
    many = int((labels >= 0).sum())
    rank = learning_curve.ranks(labels, lesson.features.groups, seed)
    parts = [(labels >= 0) & (rank < share) for share in _shares(many, len(lesson.judged.classes))]
    tried = [_right(lesson, part) for part in parts]
    hits = [one for one in tried if one is not None]
    if not hits or len(hits) < len(parts):
        return None
    last = said.probabilities.argmax(axis=1) == labels
    judged = (labels >= 0) & ~parts[-1]
    sizes = (*(int(part.sum()) for part in parts), many * (said.folds - 1) // said.folds)
    more = round_number(many / MORE)
    gain, low, high = _gain(hits[-1][judged], last[judged], sizes[-1] / sizes[-2], (many + more) / many, seed)
    unseen = (float(one[(labels >= 0) & ~part].mean()) for one, part in zip(hits, parts, strict=True))
    learnt = float(hits[-1][parts[-1]].mean())
    return Outlook(sizes, (*unseen, float(last[labels >= 0].mean())), more, gain, low, high, learnt)


def round_number(about: float) -> int:
    """Return the number nearest to this, on a scale of factors, among 20, 50, 100, 200, 500 and so on."""
    wanted = max(about, FEWEST_MORE)
    power: int = 10 ** int(log10(wanted))
    steps = [step * power for step in (1, 2, 5, 10) if step * power >= FEWEST_MORE]
    return min(steps, key=lambda one: abs(log10(one / wanted)))


def _shares(labels: int, classes: int) -> tuple[float, ...]:
    """Return the two smallest neighbouring shares that are enough labels to learn from; none where none are."""
    enough = max(FEWEST, classes)
    first = next((place for place, share in enumerate(SHARES[:-1]) if labels * share >= enough), None)
    return () if first is None else SHARES[first : first + 2]


def _right(lesson: Lesson, part: Truths) -> Truths | None:
    """Return for each item whether models that learned from a part give its label; None where nothing can be learned.

    Labels of the part are those they have seen.
    """
    import numpy as np

    labels, heard = np.where(part, lesson.judged.labels, -1), lesson.predictions
    present, classes = np.unique(labels[part]), len(lesson.judged.classes)
    if len(present) < 2:  # noqa: PLR2004 - there must be something to tell apart
        return None
    fitted = heard.powers[: len(heard.opinions)]
    votes = heard.powers[len(fitted) : len(fitted) + len(heard.voters)]  # what was imported learns from no labels here
    targets = folds.one_hot(labels[part], classes)[:, present]
    loud = [opinion for opinion, power in zip(heard.opinions, fitted, strict=True) if power >= predictions.HEARD]
    jobs = (_job(opinion, part, targets) for opinion in loud)
    logs = [folds.spread(one, present, classes) for one in folds.map_folds(folds.predict_fold, jobs)]
    groups, voters = lesson.features.groups, heard.voters.values()
    logs += [predictions.vote_of_neighbours(groups, near, labels, classes) for near in voters]
    powers = np.concatenate([fitted[fitted >= predictions.HEARD], votes])
    right: Truths = pooling.pool(logs, powers).argmax(axis=1) == lesson.judged.labels
    return right


def _job(opinion: Opinion, part: Truths, targets: Floats) -> FoldJob:
    """Make the job that learns from a part and judges all; numbers that no item of the part has teach nothing."""
    import numpy as np
    from scipy import sparse

    matrix, train = opinion.matrix, opinion.matrix[np.flatnonzero(part)]
    if sparse.issparse(matrix):
        met = np.unique(train.indices)
        matrix, train = matrix[:, met], train[:, met]
    return FoldJob(opinion.learner, train, targets, matrix, opinion.strength or 1.0)


def _gain(before: Truths, last: Truths, grown: float, ratio: float, seed: int) -> tuple[float, float, float]:
    """Return the share that more labels add, with its 95 % interval. grown: sizes of the points as a ratio."""
    import numpy as np

    pairs = np.bincount(2 * before.astype(np.int64) + last, minlength=4)
    drawn = np.random.default_rng(seed).multinomial(len(last), pairs / len(last), REPLICATES)
    shares = np.vstack([pairs, drawn]) / len(last)
    then, now = shares[:, 0] + shares[:, 1], shares[:, 0] + shares[:, 2]  # errors at the two points
    power = np.maximum(np.log(np.maximum(then, 1e-9) / np.maximum(now, 1e-9)) / np.log(grown), 0.0)
    gains = now * (1 - ratio**-power)
    low, high = np.percentile(gains[1:], (2.5, 97.5))
    gain = float(gains[0])
    return gain, min(float(low), gain), max(float(high), gain)
