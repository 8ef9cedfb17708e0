"""How probable each class is as the true one, seen what the models say and how labels of this set go wrong.

The held-out probabilities p(x) are combined with one class-level noise matrix T (true class -> label given), found by
EM: posterior(k) ~ p_k(x) T[k, given]; T = mean of the posteriors by given label (Dawid and Skene 1979, with one
"annotator" and a classifier as the prior). The models are then trained again on the two most probable classes of each
item, weighted by the posterior, twice. What a reader would get wrong: the sum of the scores estimates how many labels
are wrong and is only an estimate; the order of the scores is what was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.quality import predictions
from labeler.quality.predictions import BlockModel, Plan, Predictions

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers

ROUNDS = 2
PSEUDO = 1.0  # labels a class is thought to have seen right before any is counted


@dataclass(frozen=True)
class Judgement:
    """N x K posterior of the true class (the pool where there is no label), N scores (1 = surely wrong, NaN without
    a label), the K x K noise matrix (rows: true class) and the last round's predictions.
    """

    posterior: Floats
    scores: Floats
    noise: Floats
    predictions: Predictions


def judge(models: Sequence[BlockModel], first: Predictions, labels: Integers, plan: Plan) -> Judgement:
    """Alternate between noise matrix and refit models, starting from the predictions trained on the labels as given."""
    import numpy as np

    current = first
    for _ in range(ROUNDS):
        posterior, _ = infer(current.probabilities, labels)
        current = predictions.predict(models, _two_best(posterior, labels), labels, plan)
    posterior, noise = infer(current.probabilities, labels)
    scores = np.full(len(labels), np.nan)
    labeled = np.flatnonzero(labels >= 0)
    wrong = 1 - posterior[labeled, labels[labeled]]
    unexpected = 1 - current.probabilities[labeled, labels[labeled]]
    scores[labeled] = by_rank(wrong, [wrong, unexpected])
    return Judgement(posterior, scores, noise, current)


def infer(probabilities: Floats, labels: Integers, steps: int = 100) -> tuple[Floats, Floats]:
    """Return the N x K posterior of the true class and the K x K noise matrix; rows without a label stay as they are."""
    import numpy as np

    labeled = np.flatnonzero(labels >= 0)
    given, chance = labels[labeled], probabilities[labeled]
    classes = probabilities.shape[1]
    counts = np.bincount(given, minlength=classes).astype(float)
    added = PSEUDO * (0.8 * np.eye(classes) + 0.2 * (counts + 1) / (counts + 1).sum())
    noise = added / added.sum(axis=1, keepdims=True)
    for _ in range(steps):
        posterior = chance * noise[:, given].T
        posterior /= posterior.sum(axis=1, keepdims=True)
        sums = added.copy()
        np.add.at(sums.T, given, posterior)
        before, noise = noise, sums / sums.sum(axis=1, keepdims=True)
        if np.abs(noise - before).max() < 1e-5:  # noqa: PLR2004 - far below what any score shows
            break
    full = probabilities.copy()
    full[labeled] = posterior
    return full, noise


def by_rank(values: Floats, scores: Sequence[Floats]) -> Floats:
    """Give `values` out again in the order of the mean rank of the scores; 0..1, ties broken by the mean rank.

    So the order is that of the mean rank while the numbers stay probabilities.
    """
    import numpy as np
    from scipy.stats import rankdata

    if not len(values):
        return values
    mean = sum(rankdata(score) for score in scores) / (len(scores) * len(values))
    spread = np.empty(len(values))
    spread[np.argsort(mean, kind="stable")] = np.sort(values)
    mixed: Floats = np.clip(0.999 * spread + 0.001 * mean, 0.0, 1.0)
    return mixed


def _two_best(posterior: Floats, labels: Integers) -> Floats:
    import numpy as np

    second = np.partition(posterior, -2, axis=1)[:, [-2]]
    kept = np.where(posterior >= second, posterior, 0.0)
    targets: Floats = kept / kept.sum(axis=1, keepdims=True)
    targets[labels < 0] = 0.0
    return targets
