"""What class each token is expected to be marked with, or with none, by models that never saw its text.

Two opinions on hashed features of a token and its neighbours: logistic regression and naive Bayes. Most tokens are
marked with nothing and teach little, so only some of these are trained on, each standing for several. Memory is bounded
by working on parts of the texts one after the other, and by fewer columns where there are many classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.quality import folds, pooling
from labeler.quality.judges.tokens import words

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers, Matrix
    from labeler.quality.folds import Learner, Plan
    from labeler.quality.judges.tokens.words import Tokens

LEARNERS: tuple[Learner, ...] = ("logistic", "bayes")
STRENGTH = 30.0  # inverse penalty: rows are of length 1, so features are small
MOST_COLUMNS, FEWEST_COLUMNS = 2**17, 2**12
MOST_WEIGHTS = 2_000_000  # columns x classes
MOST_NUMBERS = 6_000_000  # tokens x classes of one part
UNMARKED = 4  # unmarked tokens trained on for each marked one
MOST_TRAINED = 120_000  # tokens of one fold


@dataclass(frozen=True)
class Expected:
    """What the models say of T tokens. logs: T x (k + 1) an opinion, column 0 = not marked; pooled: T x (k + 1)."""

    logs: list[Floats]
    pooled: Floats


def expect(tokens: Tokens, marked: Integers, plan: Plan, classes: int, seed: int) -> Expected:
    """Return what is expected of each token.

    marked: T, 0 = nothing, 1..k a class, -1 = of a class that nobody can judge; plan: of the texts.
    """
    import numpy as np

    matrix = _used(words.features(tokens, columns_for(classes)))
    fold_of = plan.folds[tokens.text_of]
    targets = _targets(marked, classes, seed)
    found = []
    for learner in LEARNERS:
        logs = np.zeros((len(marked), classes + 1))
        jobs = (_job(learner, matrix, targets, fold_of, fold) for fold in range(plan.count))
        for fold, result in enumerate(folds.map_folds(folds.predict_fold, jobs)):
            logs[fold_of == fold] = result
        found.append(np.maximum(logs, np.log(folds.FLOOR)))
    known = np.flatnonzero(marked >= 0)
    powers = pooling.temper([one[known] for one in found], marked[known])
    return Expected(found, pooling.pool(found, powers))


def _used(matrix: Matrix) -> Matrix:
    """Return only the columns in which anything is: of few texts a small part."""
    import numpy as np

    return matrix[:, np.unique(matrix.indices)]


def columns_for(classes: int) -> int:
    """Return the number of hashed columns: fewer where there are many classes."""
    columns = MOST_COLUMNS
    while columns > FEWEST_COLUMNS and columns * (classes + 1) > MOST_WEIGHTS:
        columns //= 2
    return columns


def _targets(marked: Integers, classes: int, seed: int) -> Floats:
    """Return T x (k + 1) weights: all marked tokens, and some of the others, which stand for all of them."""
    import numpy as np

    random = np.random.default_rng(seed)
    inside, outside = np.flatnonzero(marked > 0), np.flatnonzero(marked == 0)
    room = max(1, MOST_TRAINED // (1 + UNMARKED))
    inside = random.permutation(inside)[:room]
    kept = random.permutation(outside)[: max(1000, UNMARKED * len(inside))]
    targets = np.zeros((len(marked), classes + 1), dtype=np.float64)
    targets[inside, marked[inside]] = 1.0
    targets[kept, 0] = len(outside) / max(1, len(kept))
    return targets


def _job(learner: Learner, matrix: Matrix, targets: Floats, fold_of: Integers, fold: int) -> folds.FoldJob:
    import numpy as np

    train = np.flatnonzero((fold_of != fold) & (targets.sum(axis=1) > 0))
    return folds.FoldJob(learner, matrix[train], targets[train], matrix[fold_of == fold], STRENGTH)
