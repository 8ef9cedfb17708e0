"""How probable each class is as the true one, given what the models say and how labels of this set go wrong.

The held-out opinions are pooled to q(x), and a class-level noise matrix T (rows: true class, columns: label) is fitted
so that q(x) T predicts the labels best (forward correction: Patrini et al. 2017). The posterior of the true class is
q_k(x) T[k, label], normalised. Pool and noise explain the same data, so the labels alone often cannot tell them apart:
T is drawn toward even noise by imagined labels, as many as possible without losing held-out likelihood beyond one
standard error (Breiman et al. 1984). Where the labels show no pattern of mistakes, T stays even.
What a reader would get wrong: the models are deliberately not trained again on corrected labels. An item's label would
reach its own prediction through the corrected labels of the others, and would confirm itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.quality import folds, linear

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers

WRONG = 0.1  # share of wrong labels in the even noise that T is drawn toward
IMAGINED = (3.0, 30.0, 300.0, 3000.0, 30000.0)  # labels a class; the last leaves no room for a pattern
SAMPLE = 100_000  # numbers an opinion (items x classes) that the noise is fitted to


@dataclass(frozen=True)
class Noise:
    """K x K chances of a label (column) given the true class (row), the powers of the pool, and the imagined labels."""

    matrix: Floats
    powers: Floats
    imagined: float


@dataclass(frozen=True)
class Judgement:
    """What follows for each item, and the noise it rests on.

    posterior: N x K of the true class, the pool where there is no label; scores: N, 1 = surely wrong, NaN = unlabeled.
    """

    posterior: Floats
    scores: Floats
    noise: Noise


def judge(logs: Sequence[Floats], start: Floats, labels: Integers, seed: int) -> Judgement:
    """Fit the noise to the held-out opinions (N x K logs) and return what follows for each label.

    start: powers of the pool without noise.
    """
    import numpy as np

    stack = np.stack(logs)
    labeled = np.flatnonzero(labels >= 0)
    size = min(len(labeled), max(1000, SAMPLE // stack.shape[2]))
    used = np.random.default_rng(seed).permutation(labeled)[:size]
    with folds.one_thread():
        noise = choose_noise(stack[:, used], start, labels[used])
    posterior = np.exp(_pooled(stack, noise.powers))
    joint = posterior[labeled] * noise.matrix[:, labels[labeled]].T
    posterior[labeled] = joint / joint.sum(axis=1, keepdims=True)
    scores = np.full(len(labels), np.nan)
    scores[labeled] = 1 - posterior[labeled, labels[labeled]]
    return Judgement(posterior, scores, noise)


def choose_noise(stack: Floats, start: Floats, labels: Integers) -> Noise:
    """Fit with as many imagined labels as the held-out likelihood allows within one standard error.

    stack: B x n x K log probabilities in random order of items; labels: n.
    """
    import numpy as np

    half = np.arange(len(labels)) % 2
    losses = []
    for imagined in IMAGINED:
        loss = np.empty(len(labels))
        for part in (0, 1):
            noise = fit_noise(stack[:, half != part], start, labels[half != part], imagined / 2)
            loss[half == part] = -np.log(_chance(stack[:, half == part], noise, labels[half == part]))
        losses.append(loss)
    best = min(losses, key=lambda loss: float(loss.mean()))
    worse = [loss - best for loss in losses]
    allowed = [more.mean() <= more.std() / len(more) ** 0.5 for more in worse]
    chosen = max(imagined for imagined, fine in zip(IMAGINED, allowed, strict=True) if fine)
    return fit_noise(stack, start, labels, chosen)


def fit_noise(stack: Floats, start: Floats, labels: Integers, imagined: float) -> Noise:
    """Maximise the likelihood of the n labels over the powers and T together, plus `imagined` labels a class."""
    import numpy as np
    from scipy.optimize import minimize

    count, _, classes = stack.shape
    given = np.eye(classes)[labels]
    even = np.full((classes, classes), WRONG / max(1, classes - 1))
    np.fill_diagonal(even, 1 - WRONG)

    def loss(flat: Floats) -> tuple[float, Floats]:
        pooled = np.exp(_pooled(stack, flat[:count]))
        log_noise = linear.log_softmax(flat[count:].reshape(classes, classes))
        joint = pooled * np.exp(log_noise)[:, labels].T
        chance = joint.sum(axis=1)
        belief = joint / chance[:, None]
        counts = imagined * even
        value = float(-np.log(chance).sum() - (counts * log_noise).sum()) / len(labels)
        counts = counts + belief.T @ given
        slope_noise = counts.sum(axis=1, keepdims=True) * np.exp(log_noise) - counts
        slope_powers = np.einsum("nk,bnk->b", pooled - belief, stack)
        return value, np.concatenate([slope_powers, slope_noise.ravel()]) / len(labels)

    first = np.concatenate([start, np.log(even).ravel()])
    bounds = [(0.0, 10.0)] * count + [(None, None)] * classes**2
    found = minimize(loss, first, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 100})
    matrix = np.exp(linear.log_softmax(found.x[count:].reshape(classes, classes)))
    return Noise(matrix, found.x[:count], imagined)


def _pooled(stack: Floats, powers: Floats) -> Floats:
    import numpy as np

    return linear.log_softmax(np.tensordot(powers, stack, axes=1))


def _chance(stack: Floats, noise: Noise, labels: Integers) -> Floats:
    import numpy as np

    joint = np.exp(_pooled(stack, noise.powers)) * noise.matrix[:, labels].T
    chance: Floats = joint.sum(axis=1)
    return chance
