"""Multinomial logistic regression that learns from label *distributions*, and restarts where it stopped.

scikit-learn's LogisticRegression takes one class a row; the refit on "the two best labels weighted by the posterior"
would need every row twice. Here the target is a row of weights over the classes, the loss is its cross-entropy with an
L2 penalty 1 / (2 n C) on all weights but the intercepts (Hastie, Tibshirani, Friedman 2009, 4.4), and L-BFGS minimises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.quality.dataset import Matrix

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats

STEPS = 60


def fit(matrix: Matrix, targets: Floats, strength: float, start: Floats | None = None) -> Floats:
    """Return (D + 1) x K weights, intercepts last, for n x D rows and n x K targets (rows sum to their weight).

    strength: C of scikit-learn, the inverse of the penalty; start: weights of an earlier fit to go on from.
    """
    import numpy as np
    from scipy.optimize import minimize

    rows, width = matrix.shape
    classes = targets.shape[1]
    transposed = matrix.T
    weight = targets.sum(axis=1, keepdims=True)

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(width + 1, classes)
        scores = (matrix @ weights[:-1].astype(np.float32)).astype(np.float64) + weights[-1]
        logs = log_softmax(scores)
        slope = (weight * np.exp(logs) - targets) / rows
        gradient = np.empty_like(weights)
        gradient[:-1] = transposed @ slope.astype(np.float32) + weights[:-1] / (strength * rows)
        gradient[-1] = slope.sum(axis=0)
        penalty = float((weights[:-1] ** 2).sum()) / (2 * strength * rows)
        return float(-(targets * logs).sum()) / rows + penalty, gradient.ravel()

    first = np.zeros((width + 1) * classes) if start is None else start.ravel()
    options = {"maxiter": STEPS, "maxcor": 6, "gtol": 1e-5, "ftol": 1e-7}
    best = minimize(loss, first, jac=True, method="L-BFGS-B", options=options)
    weights: Floats = best.x.reshape(width + 1, classes)
    return weights


def predict(matrix: Matrix, weights: Floats) -> Floats:
    """Return n x K log probabilities."""
    import numpy as np

    return log_softmax((matrix @ weights[:-1].astype(np.float32)).astype(np.float64) + weights[-1])


def log_softmax(scores: Floats) -> Floats:
    """Turn n x K scores into log probabilities without overflow."""
    import numpy as np

    shifted = scores - scores.max(axis=1, keepdims=True)
    logs: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logs
