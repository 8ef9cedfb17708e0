"""Agreement where it matters who answered: two annotators, all pairs, one against the others.

A table is (classes, classes): rows what the first annotator said, columns the second. Note: a
pair needs many shared items (30 by default) before its kappa says anything: at 200 annotators a pair of them shares
50 items of a million answers, so `against_others` is the better first view.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.measures.distances import similarity_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.measures.histogram import Floats

    Ints = NDArray[np.integer]

ENOUGH_SHARED = 30


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


def _tables(answers: Ints, n_classes: int) -> Iterator[Floats]:
    import numpy as np

    for first in range(answers.shape[1]):
        for second in range(first + 1, answers.shape[1]):
            shared = (answers[:, first] >= 0) & (answers[:, second] >= 0)
            cells = answers[shared, first] * n_classes + answers[shared, second]
            table = np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)
            yield table.astype(np.float64)


def light_kappa(answers: Ints, n_classes: int) -> float | None:
    """Return Light's kappa (1971), the mean over pairs of annotators; answers (items, annotators), -1 missing.

    Pairs that share no item or whose kappa is undefined are left out.
    """
    kappas = [cohen_kappa(table) for table in _tables(answers, n_classes) if table.sum()]
    defined = [kappa for kappa in kappas if kappa is not None]
    return sum(defined) / len(defined) if defined else None


def conger_kappa(answers: Ints, n_classes: int) -> float | None:
    """Return Conger's kappa (1980; missing answers as in Gwet 2014); answers (items, annotators), -1 missing.

    Chance comes from each annotator's own class frequencies: with two annotators it is Cohen's kappa.
    """
    import numpy as np

    given = answers[..., None] == np.arange(n_classes)
    table = given.sum(axis=1).astype(np.float64)
    totals = table.sum(axis=1)
    paired = totals > 1
    own = given.sum(axis=0) / np.maximum(given.sum(axis=(0, 2)), 1)[:, None]
    active = own[own.sum(axis=1) > 0]
    if not paired.any() or len(active) < 2:  # noqa: PLR2004 - two annotators make a pair
        return None
    agreeing = (table * (table - 1)).sum(axis=1)[paired] / (totals * (totals - 1))[paired]
    by_chance = (active.mean(axis=0) ** 2 - active.var(axis=0, ddof=1) / len(active)).sum()
    return _corrected(float(agreeing.mean()), float(by_chance))


@dataclass(frozen=True, eq=False)
class PairMatrix:
    """All pairs that share an item: annotators `first` < `second`, `shared` items, `percent`, `kappa` (NaN undefined).

    Five arrays of one entry a pair.
    """

    first: Ints
    second: Ints
    shared: Ints
    percent: Floats
    kappa: Floats

    def enough(self, needed: int = ENOUGH_SHARED) -> NDArray[np.bool_]:
        """Tell which pairs share enough items to be judged."""
        return self.shared >= needed


def _meetings(item: Ints, annotator: Ints, label: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return every two answers that meet on an item: annotators a < b, and what each said."""
    import numpy as np

    order = np.lexsort((annotator, item))
    item, annotator, label = item[order], annotator[order], label[order]
    lefts, rights = [], []
    for step in range(1, int(np.bincount(item).max(initial=1))):
        left = np.flatnonzero(item[step:] == item[:-step])
        lefts.append(left)
        rights.append(left + step)
    left = np.concatenate(lefts) if lefts else np.empty(0, np.int64)
    right = np.concatenate(rights) if rights else np.empty(0, np.int64)
    return annotator[left], annotator[right], label[left], label[right]


def pair_matrix(item: Ints, annotator: Ints, label: Ints, n_classes: int) -> PairMatrix:
    """Return Cohen's kappa of every pair of annotators; three arrays of one entry an answer, at most one a person."""
    import numpy as np

    one, two, said, heard = _meetings(item, annotator, label)
    n_annotators = int(annotator.max(initial=0)) + 1
    pair, row = np.unique(one.astype(np.int64) * n_annotators + two, return_inverse=True)
    shared = np.bincount(row, minlength=len(pair))
    percent = np.bincount(row, weights=said == heard, minlength=len(pair)) / np.maximum(shared, 1)
    by_chance = np.zeros(len(pair))
    for index in range(n_classes):
        says = np.bincount(row, weights=said == index, minlength=len(pair))
        hears = np.bincount(row, weights=heard == index, minlength=len(pair))
        by_chance += says * hears / shared.astype(np.float64) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        kappa = np.where(by_chance < 1, (percent - by_chance) / (1 - by_chance), np.nan)
    return PairMatrix(pair // n_annotators, pair % n_annotators, shared, percent, kappa)


@dataclass(frozen=True, eq=False)
class AgainstOthers:
    """Each annotator against everyone else on the same items; arrays (annotators,), NaN where nothing is shared.

    shared: items with another answer; percent: mean share of others who said the same; kappa: beyond chance.
    """

    shared: Ints
    percent: Floats
    kappa: Floats


def against_others(item: Ints, annotator: Ints, label: Ints, n_annotators: int, n_classes: int) -> AgainstOthers:
    """Compare each annotator with the others who answered the same items; an answer never meets itself.

    Chance is the annotator's own class frequencies times those of the others on the same items, as in Cohen's kappa.
    """
    import numpy as np

    n_items = int(item.max(initial=-1)) + 1
    cells = np.bincount(item * n_classes + label, minlength=n_items * n_classes)
    answers = np.bincount(item, minlength=n_items)
    met = answers[item] > 1
    item, annotator, label = item[met], annotator[met], label[met]
    others = (answers[item] - 1).astype(np.float64)
    agreeing = (cells[item * n_classes + label] - 1) / others
    shared = np.bincount(annotator, minlength=n_annotators)
    by_chance = np.zeros(n_annotators)
    with np.errstate(divide="ignore", invalid="ignore"):
        for index in range(n_classes):
            says = label == index
            heard = (cells[item * n_classes + index] - says) / others
            own = np.bincount(annotator, weights=says, minlength=n_annotators)
            by_chance += own * np.bincount(annotator, weights=heard, minlength=n_annotators) / shared**2.0
        percent = np.bincount(annotator, weights=agreeing, minlength=n_annotators) / shared
        kappa = np.where(by_chance < 1, (percent - by_chance) / (1 - by_chance), np.nan)
    return AgainstOthers(shared, percent, kappa)
