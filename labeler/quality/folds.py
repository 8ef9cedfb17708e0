"""Holding items back, so that no model judges an item whose label it saw.

Note: items with identical content share a fold, or the model would have seen the item's twin;
and a class with fewer items than folds is dealt out over as many folds as it has items, which scikit-learn's
StratifiedKFold answers with a warning or an error. Items without a label are predicted by the models of all folds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeVar

from labeler.quality import compute, linear
from labeler.quality.dataset import Matrix

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

    from labeler.quality.dataset import Floats, Integers, Singles

FOLDS = 5
MOST_DEALS = 6  # of the folds, in a small set
FLOOR = 1e-6  # least probability of a class, also of one without a single example

Learner = Literal["logistic", "bayes"]
Result = TypeVar("Result")


@dataclass(frozen=True)
class FoldJob:
    """Everything one fold needs, so that it can run elsewhere: train, then predict the held-out and unlabeled rows."""

    learner: Learner
    train: Matrix
    targets: Floats
    test: Matrix
    strength: float
    start: Floats | Singles | None = None


@dataclass(frozen=True)
class FoldResult:
    """The log probabilities of the job's test rows over the trained classes, and the weights to go on from."""

    logs: Floats
    weights: Floats | Singles


@dataclass(frozen=True)
class Plan:
    """Which fold holds which item back: N fold numbers, -1 = unlabeled; present: classes with at least one label."""

    folds: Integers
    count: int
    present: Integers


def one_thread() -> AbstractContextManager[object]:
    """Hold numpy's linear algebra to one thread for a block; finding its libraries takes 4 ms, so it is done once."""
    limit: AbstractContextManager[object] = _controller().limit(limits=1, user_api="blas")
    return limit


@cache
def _controller() -> ThreadpoolController:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def map_folds(function: Callable[[FoldJob], Result], jobs: Iterable[FoldJob]) -> list[Result]:
    """Run each job where this pass computes.

    Jobs may come one by one, so that here only one fold's copy of the features is held at once.
    """
    return compute.run(function, jobs)


def run_fold(job: FoldJob) -> FoldResult:
    """Train on one fold's training rows and predict its held-out rows.

    One BLAS thread: the vectors of L-BFGS are short, and waiting threads cost ten times the work on a busy machine.
    """
    with one_thread():
        if job.learner == "bayes":
            weights: Floats | Singles = linear.fit_bayes(job.train, job.targets)
        else:
            weights = linear.fit_logistic(job.train, job.targets, job.strength, job.start)
        return FoldResult(linear.predict(job.test, weights), weights)


def predict_fold(job: FoldJob) -> Floats:
    """Return only the log probabilities of one fold: its weights, columns x classes, need not be kept."""
    return run_fold(job).logs


def plan_folds(labels: Integers, groups: Integers, seed: int, most: int = FOLDS) -> Plan | None:
    """Deal the labeled items out class by class; None when there is nothing to learn or nothing to hold back.

    labels: N class positions, -1 = none; groups: N numbers, equal for identical contents.
    """
    import numpy as np

    labeled = np.flatnonzero(labels >= 0)
    present = np.unique(labels[labeled])
    heads, first, member = np.unique(groups[labeled], return_index=True, return_inverse=True)
    if len(present) < 2 or len(heads) < 2:  # noqa: PLR2004 - two classes and two contents are the least
        return None
    count = min(most, len(heads))
    shuffled = np.random.default_rng(seed).permutation(len(heads))
    order = shuffled[np.argsort(labels[labeled][first][shuffled], kind="stable")]
    fold_of_group = np.empty(len(heads), dtype=np.int64)
    fold_of_group[order] = np.arange(len(heads)) % count
    folds = np.full(len(labels), -1, dtype=np.int64)
    folds[labeled] = fold_of_group[member]
    return Plan(folds, count, present)


def one_hot(labels: Integers, classes: int) -> Floats:
    """Return N x K rows with a 1 at the label, all zero where there is none."""
    import numpy as np

    targets = np.zeros((len(labels), classes))
    labeled = np.flatnonzero(labels >= 0)
    targets[labeled, labels[labeled]] = 1.0
    return targets


def make_job(learner: Learner, matrix: Matrix, targets: Floats, plan: Plan, fold: int) -> FoldJob:
    """Make the job of one fold; its test rows are the held-out items, then the unlabeled ones."""
    import numpy as np

    train = np.flatnonzero((plan.folds >= 0) & (plan.folds != fold))
    test = np.concatenate([np.flatnonzero(plan.folds == fold), np.flatnonzero(plan.folds < 0)])
    return FoldJob(learner, matrix[train], targets[train][:, plan.present], matrix[test], 1.0)


def gather(results: Sequence[Floats], plan: Plan, classes: int) -> Floats:
    """Put the folds' log probabilities together: N x K; unlabeled items get the mean over the folds."""
    import numpy as np

    logs = np.zeros((len(plan.folds), len(plan.present)))
    for fold, result in enumerate(results):
        held = plan.folds == fold
        logs[held] = result[: held.sum()]
        logs[plan.folds < 0] += result[held.sum() :] / plan.count
    return spread(logs, plan.present, classes)


def spread(logs: Floats, present: Integers, classes: int) -> Floats:
    """Spread n columns of the present classes over all K classes; the absent get the floor."""
    import numpy as np

    full = np.full((len(logs), classes), np.log(FLOOR))
    full[:, present] = np.maximum(logs, np.log(FLOOR))
    return full
