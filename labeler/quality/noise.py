"""How probably each label is wrong, given what the models say and how labels of this set go wrong.

The held-out opinions are pooled with powers and a bias a class to p(x), and the chances T of a label (column) given the
true class (row) are fitted with them, so that p(x) T predicts the labels best (forward correction: Patrini et al.
2017). Two forms of T: *even*, one rate of accidents that go to all other classes alike, and *patterned*, any T, drawn
toward the even one. Mistakes with a pattern leave few accidents in all directions, so the even rate collapses where the
patterned one does not: 1 - even / patterned says how much of the noise has a pattern, and so how far the patterned
posterior is heard. Where nothing has a pattern the score is the posterior under even noise, whose powers and biases
explain the labels best as truth and accidents.

Note: held-out likelihood cannot choose between the two forms, it prefers the patterned one
also where that takes the models' own confusions for mistakes. And the models are deliberately not trained again on
corrected labels: an item's label would reach its own prediction through the others, and would confirm itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.quality import folds, linear, noise_forms, pooling

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers
    from labeler.quality.noise_forms import Form

SAMPLE = 400_000  # numbers an opinion (items x classes) that powers, biases and noise are fitted to
TRUST = 0.75  # most weight of the patterned posterior: its assumption cannot be checked by the labels
STEEP = 3  # power of the share of a pattern: a slight one is mostly the models' own confusions
POWERS_HELD = 4.0  # how strongly powers are drawn to those of the pool, in labels
BIASES_HELD = 10.0  # how strongly biases are drawn to none, in labels
LEAST_RATE = 0.002  # of accidents, so that no label is beyond doubt
DRAWN_TO = (0.005, 0.3)  # least and most even rate that a pattern is drawn to
ODDS_EDGE = 1e-9
STEPS = 200


@dataclass(frozen=True)
class Fit:
    """Powers (one an opinion), biases (one a class) and K x K chances of a label given the true class; loss: nats."""

    powers: Floats
    biases: Floats
    matrix: Floats
    loss: float


@dataclass(frozen=True)
class NoiseEstimate:
    """What follows for each item, and the noise it rests on.

    belief: N x K of the true class, the pool where there is no label; scores: N, 1 = surely wrong, NaN = unlabeled;
    matrix: K x K; accidents, wrong: the estimated shares of wrong labels, even noise alone and with a pattern;
    patterned: 0..1, how much of the noise has a pattern.
    """

    belief: Floats
    scores: Floats
    matrix: Floats
    accidents: float
    wrong: float
    patterned: float


def sample(labels: Integers, classes: int, seed: int) -> Integers:
    """Return the labeled positions that fits are made on, in random order: all, or as many as `SAMPLE` allows."""
    import numpy as np

    labeled = np.flatnonzero(labels >= 0)
    return np.random.default_rng(seed).permutation(labeled)[: max(1000, SAMPLE // classes)]


def estimate(logs: Sequence[Floats], powers: Floats, labels: Integers, seed: int) -> NoiseEstimate:
    """Estimate the noise in N labels, and how probably each is wrong.

    logs: held-out opinions, each N x K; powers: those of their pool without noise; labels: -1 = none.
    """
    import numpy as np

    pooled = pooling.pool(logs, powers)
    used = sample(labels, pooled.shape[1], seed)
    stack, given = np.stack([one[used] for one in logs]), labels[used]
    with folds.one_thread():
        even = fit(stack, given, noise_forms.Even(pooled.shape[1]), powers)
        patterned = _fit_pattern(stack, given, even, powers)
    accidents = 1 - float(even.matrix[0, 0])
    labeled = np.flatnonzero(labels >= 0)
    truth, wrong = _posterior([one[labeled] for one in logs], labels[labeled], patterned)
    share = max(0.0, 1 - accidents / wrong) if patterned is not even and wrong > 0 else 0.0
    weight = TRUST * share**STEEP
    rows, own = np.arange(len(labeled)), labels[labeled]
    expected = predict([one[labeled] for one in logs], even)
    accident = accident_chance(expected[rows, own], accidents, pooled.shape[1])
    scores = np.full(len(labels), np.nan)
    scores[labeled] = _blend(accident, 1 - truth[rows, own], weight)
    belief = pooled.copy()
    belief[labeled] = weight * truth + (1 - weight) * pooled[labeled]
    return NoiseEstimate(belief, scores, patterned.matrix, accidents, wrong, share)


def accident_chance(own: Floats, rate: float, classes: int) -> Floats:
    """Return the chance that labels whose class has the chance `own` were accidents that went to any class alike."""
    rate = max(rate, LEAST_RATE)
    wrong = rate * (1 - own)
    chance: Floats = wrong / (wrong + (1 - rate) * max(1, classes - 1) * own)
    return chance


def fit(stack: Floats, labels: Integers, form: Form, powers: Floats) -> Fit:
    """Maximise the likelihood of n labels over powers, biases and noise together, from each start of the form.

    stack: B x n x K logs; powers: those of the pool, which the fitted ones are drawn to. Several starts, because L-BFGS
    may stop in a poor place and does not say so; the best is kept.
    """
    import numpy as np
    from scipy.optimize import minimize

    count, size, classes = stack.shape

    def loss(flat: Floats) -> tuple[float, Floats]:
        return _loss(flat, stack, labels, form, powers)

    bounds = [(0.0, 10.0)] * count + [(None, None)] * (classes + form.numbers)
    best = None
    for start in form.starts():
        first = np.concatenate([powers, np.zeros(classes), start])
        found = minimize(loss, first, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": STEPS})
        best = found if best is None or found.fun < best.fun else best
    assert best is not None  # noqa: S101 - a form has at least one start
    at = count + classes
    return Fit(best.x[:count], best.x[count:at], form.matrix(best.x[at:]), float(best.fun) * size)


def predict(stack: Floats | Sequence[Floats], found: Fit) -> Floats:
    """Return n x K of the true class before its label is looked at."""
    import numpy as np

    mixed = np.tensordot(found.powers, np.asarray(stack), axes=1) + found.biases
    probabilities: Floats = np.exp(linear.log_softmax(mixed))
    return probabilities


def _loss(flat: Floats, stack: Floats, labels: Integers, form: Form, centre: Floats) -> tuple[float, Floats]:
    """Return the penalised negative log likelihood a label, and its slope."""
    import numpy as np

    count, size, classes = stack.shape
    powers, biases, rest = flat[:count], flat[count : count + classes], flat[count + classes :]
    truth = np.exp(linear.log_softmax(np.tensordot(powers, stack, axes=1) + biases))
    joint = truth * form.matrix(rest)[:, labels].T
    chance = joint.sum(axis=1)
    belief = joint / chance[:, None]
    prior, slope = form.slope(rest, belief, labels)
    away = powers - centre
    value = -np.log(chance).sum() + prior
    value += POWERS_HELD / 2 * (away**2).sum() + BIASES_HELD / 2 * (biases**2).sum()
    change = truth - belief
    slopes = [
        np.array([np.vdot(change, one) for one in stack]) + POWERS_HELD * away,
        change.sum(axis=0) + BIASES_HELD * biases,
        slope,
    ]
    return float(value) / size, np.concatenate(slopes) / size


def _fit_pattern(stack: Floats, labels: Integers, even: Fit, powers: Floats) -> Fit:
    """Fit any noise; the even one stands where there are more pairs of classes than labels."""
    classes = stack.shape[2]
    if classes**2 > len(labels):
        return even
    rate = min(max(1 - float(even.matrix[0, 0]), DRAWN_TO[0]), DRAWN_TO[1])
    return fit(stack, labels, noise_forms.Patterned(classes, rate), powers)


def _posterior(logs: Sequence[Floats], labels: Integers, found: Fit) -> tuple[Floats, float]:
    """Return n x K of the true class given the label, and the share of wrong labels that is expected."""
    truth = predict(logs, found)
    rate = float((truth.mean(axis=0) * (1 - found.matrix.diagonal())).sum())
    joint = truth * found.matrix[:, labels].T
    joint /= joint.sum(axis=1, keepdims=True)
    return joint, rate


def _blend(first: Floats, second: Floats, weight: float) -> Floats:
    """Mix two chances by their log odds."""
    import numpy as np

    def odds(chance: Floats) -> Floats:
        inside = np.clip(chance, ODDS_EDGE, 1 - ODDS_EDGE)
        logs: Floats = np.log(inside / (1 - inside))
        return logs

    mixed: Floats = 1 / (1 + np.exp(-(1 - weight) * odds(first) - weight * odds(second)))
    return mixed
