"""Agreement of two annotators, where it matters who answered: Cohen's kappa and Scott's pi.

A table is (classes, classes): items by what the first annotator said (row) and what the second did (column).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from labeler.measures.distances import similarity_weights

if TYPE_CHECKING:
    from labeler.measures.histogram import Floats


def _corrected(observed: float, expected: float) -> float | None:
    return (observed - expected) / (1 - expected) if expected < 1 else None


def _joint(table: Floats) -> tuple[Floats, Floats, Floats]:
    import numpy as np

    joint = np.asarray(table, np.float64) / np.sum(table)
    return joint, joint.sum(axis=1), joint.sum(axis=0)


def _identity(table: Floats) -> Floats:
    return similarity_weights("identity", len(table))


def cohen_kappa(table: Floats, weights: Floats | None = None) -> float | None:
    """Return Cohen's kappa (1960; weighted 1968) of a table with at least one item; None where chance agrees always."""
    joint, rows, columns = _joint(table)
    weights = _identity(table) if weights is None else weights
    return _corrected(float((joint * weights).sum()), float(rows @ weights @ columns))


def scott_pi(table: Floats) -> float | None:
    """Return Scott's pi (1955): like Cohen's kappa with the annotators' class frequencies pooled."""
    joint, rows, columns = _joint(table)
    return _corrected(float(joint.trace()), float((((rows + columns) / 2) ** 2).sum()))


def cohen_standard_error(table: Floats, weights: Floats | None = None) -> float | None:
    """Return the large-sample standard error of (weighted) kappa, Fleiss, Cohen & Everitt (1969)."""
    joint, rows, columns = _joint(table)
    weights = _identity(table) if weights is None else weights
    kappa, by_chance = cohen_kappa(table, weights), float(rows @ weights @ columns)
    if kappa is None:
        return None
    usual = (weights @ columns)[:, None] + (rows @ weights)[None, :]
    spread = float((joint * (weights - usual * (1 - kappa)) ** 2).sum())
    variance = (spread - (kappa - by_chance * (1 - kappa)) ** 2) / (float(table.sum()) * (1 - by_chance) ** 2)
    return math.sqrt(max(variance, 0.0))
