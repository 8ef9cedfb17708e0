"""Two linear classifiers, alike in form and unlike in error: logistic regression and naive Bayes.

Both give (D + 1) x K weights, intercepts last, so that one `predict` serves both. Targets are rows of weights over the
classes (a one at the label, or shares of votes). Own code, because the logistic fit restarts from earlier weights when
the penalty changes and treats two and more classes alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.quality.dataset import Matrix

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Singles

STEPS = 25  # stopping early costs no held-out log loss on sparse text and half the time
SMOOTHING = 0.3  # imagined weight of each term in each class


def fit_logistic(matrix: Matrix, targets: Floats, strength: float, start: Floats | Singles | None = None) -> Floats:
    """Minimise cross-entropy plus |weights|^2 / (2 C) over n x D rows by L-BFGS (Hastie et al. 2009, 4.4).

    targets: n x K; strength: C as in scikit-learn; start: weights of an earlier fit to go on from.
    """
    import numpy as np
    from scipy.optimize import minimize

    rows, width = matrix.shape
    classes = targets.shape[1]
    transposed = matrix.T
    single = targets.astype(np.float32)
    weight = single.sum(axis=1, keepdims=True)

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(width + 1, classes)
        raw = np.asarray(matrix @ weights[:-1].astype(np.float32)) + weights[-1].astype(np.float32)
        raw -= raw.max(axis=1, keepdims=True)
        wanted = float(np.einsum("nk,nk->", targets, raw))
        np.exp(raw, out=raw)  # single numbers, in place: with many classes this is nearly all of the work
        total = raw.sum(axis=1, keepdims=True)
        raw *= weight / total
        raw -= single
        gradient = np.empty_like(weights)
        gradient[:-1] = (transposed @ raw + weights[:-1] / strength) / rows
        gradient[-1] = raw.sum(axis=0, dtype=np.float64) / rows
        penalty = float((weights[:-1] ** 2).sum()) / (2 * strength * rows)
        likelihood = wanted - float((weight * np.log(total, dtype=np.float64)).sum())
        return penalty - likelihood / rows, gradient.ravel()

    first = np.zeros((width + 1) * classes) if start is None else start.ravel()
    options = {"maxiter": STEPS, "maxcor": 6, "gtol": 1e-5, "ftol": 1e-7}
    best = minimize(loss, first, jac=True, method="L-BFGS-B", options=options)
    weights: Floats = best.x.reshape(width + 1, classes)
    return weights


def fit_bayes(matrix: Matrix, targets: Floats) -> Singles:
    """Multinomial naive Bayes on TF-IDF weights, n x D not negative (Rennie et al. 2003)."""
    import numpy as np

    weights = np.empty((matrix.shape[1] + 1, targets.shape[1]), dtype=np.float32)
    terms = weights[:-1]  # worked on in place: with many classes this is most of the memory of the pass
    terms[:] = matrix.T @ targets.astype(np.float32)
    terms += SMOOTHING
    terms /= terms.sum(axis=0)
    np.log(terms, out=terms)
    prior = targets.sum(axis=0) + SMOOTHING
    weights[-1] = np.log(prior / prior.sum())
    return weights


def fit_logistic_each(matrix: Matrix, targets: Floats, strength: float) -> Floats:
    """Fit K binary logistic regressions at once; targets: n x K of 0 and 1. Returns (D + 1) x K weights."""
    import numpy as np
    from scipy.optimize import minimize

    rows, width = matrix.shape
    classes = targets.shape[1]
    transposed, single = matrix.T, targets.astype(np.float32)

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(width + 1, classes)
        odds = scores(matrix, weights)
        gradient = np.empty_like(weights)
        slope = (1 / (1 + np.exp(-np.clip(odds, -30, 30)))).astype(np.float32) - single
        gradient[:-1] = (transposed @ slope + weights[:-1] / strength) / rows
        gradient[-1] = slope.sum(axis=0, dtype=np.float64) / rows
        penalty = float((weights[:-1] ** 2).sum()) / (2 * strength * rows)
        return penalty + float((np.logaddexp(0, odds) - targets * odds).sum()) / rows, gradient.ravel()

    first = np.zeros((width + 1, classes))
    share = np.clip(targets.mean(axis=0), 0.5 / rows, 1 - 0.5 / rows)
    first[-1] = np.log(share / (1 - share))
    options = {"maxiter": STEPS, "maxcor": 6, "gtol": 1e-5, "ftol": 1e-7}
    best = minimize(loss, first.ravel(), jac=True, method="L-BFGS-B", options=options)
    weights: Floats = best.x.reshape(width + 1, classes)
    return weights


def fit_bayes_each(matrix: Matrix, targets: Floats) -> Singles:
    """Fit K binary naive Bayes models at once; targets: n x K of 0 and 1. Returns (D + 1) x K log odds a term."""
    import numpy as np

    inside = np.asarray(matrix.T @ targets.astype(np.float32)) + SMOOTHING
    outside = np.asarray(matrix.sum(axis=0)).reshape(-1, 1) + 2 * SMOOTHING - inside
    weights = np.empty((matrix.shape[1] + 1, targets.shape[1]), dtype=np.float32)
    weights[:-1] = np.log(inside / inside.sum(axis=0)) - np.log(outside / outside.sum(axis=0))
    many = targets.sum(axis=0)
    weights[-1] = np.log((many + SMOOTHING) / (len(targets) - many + SMOOTHING))
    return weights


def scores(matrix: Matrix, weights: Floats | Singles) -> Floats:
    """Return n x K values of the linear functions."""
    import numpy as np

    found: Floats = np.asarray(matrix @ np.asarray(weights[:-1], dtype=np.float32)).astype(np.float64) + weights[-1]
    return found


def predict(matrix: Matrix, weights: Floats | Singles) -> Floats:
    """Return n x K log probabilities."""
    return log_softmax(scores(matrix, weights))


def log_softmax(scores: Floats) -> Floats:
    """Turn n x K scores into log probabilities without overflow."""
    import numpy as np

    shifted = scores - scores.max(axis=1, keepdims=True)
    logs: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logs
