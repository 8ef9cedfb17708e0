"""One opinion out of several, and how good it is: powers for a log pool, temperature scaling, and three measures.

Everything here is fitted to labels that were held out, with one number a block, so there is next to nothing to overfit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labeler.quality import linear

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers

FLOOR = 1e-6
SAID = (0.0, 0.5, 0.7, 0.8, 0.9, 0.97)  # lower ends of the bins of `reliability`


def temper(logs: Sequence[Floats], labels: Integers) -> Floats:
    """Find the powers, one a block and none negative, whose log pool predicts the n labels best (log loss).

    One block: temperature scaling (Guo et al. 2017). Several: a log-linear pool (Genest and Zidek 1986); fitting the
    powers together keeps two blocks that say the same from counting twice.
    """
    import numpy as np
    from scipy.optimize import minimize

    stack = np.stack(logs)
    rows = np.arange(len(labels))
    picked = stack[:, rows, labels]
    even = 1 / len(stack)

    def loss(powers: Floats) -> tuple[float, Floats]:
        mixed = linear.log_softmax(np.tensordot(powers, stack, axes=1))
        expected = np.einsum("bnk,nk->bn", stack, np.exp(mixed))
        slope = (expected - picked).mean(axis=1) + 2e-3 * (powers - even)
        return float(-mixed[rows, labels].mean() + 1e-3 * ((powers - even) ** 2).sum()), slope

    bounds = [(0.0, 10.0)] * len(stack)
    found = minimize(loss, np.full(len(stack), even), jac=True, method="L-BFGS-B", bounds=bounds)
    powers: Floats = found.x
    return powers


def pool(logs: Sequence[Floats], powers: Floats) -> Floats:
    """Multiply the blocks' probabilities, each raised to its power, and normalise: N x K, none below the floor."""
    import numpy as np

    mixed = np.maximum(np.exp(linear.log_softmax(np.tensordot(powers, np.stack(logs), axes=1))), FLOOR)
    probabilities: Floats = mixed / mixed.sum(axis=1, keepdims=True)
    return probabilities


def log_loss(probabilities: Floats, labels: Integers) -> float:
    """Return the mean negative log probability of the n labels, in nats."""
    import numpy as np

    return float(-np.log(probabilities[np.arange(len(labels)), labels]).mean())


def accuracy(probabilities: Floats, labels: Integers) -> float:
    """Return the share of labels that are the most probable class."""
    return float((probabilities.argmax(axis=1) == labels).mean())


def calibration_error(probabilities: Floats, labels: Integers, bins: int = 15) -> float:
    """Return the expected calibration error of the top class, 0..1 (Naeini, Cooper, Hauskrecht 2015)."""
    import numpy as np

    top = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    place = np.minimum((top * bins).astype(np.int64), bins - 1)
    gaps = np.abs(np.bincount(place, top, bins) - np.bincount(place, right, bins))
    return float(gaps.sum() / len(labels))


def reliability(probabilities: Floats, labels: Integers) -> list[dict[str, Any]]:
    """Return how sure the top class was said to be, and how often it was the label: a bin each {said, right, labels}.

    Bins without a label are left out (a reliability diagram; DeGroot and Fienberg 1983).
    """
    import numpy as np

    top, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    place = np.digitize(top, SAID) - 1
    return [
        {"said": round(float(top[inside].mean()), 3), "right": round(float(right[inside].mean()), 3), "labels": many}
        for inside, many in ((place == one, int((place == one).sum())) for one in range(len(SAID)))
        if many
    ]
