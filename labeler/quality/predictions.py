"""Class probabilities for every item from models that never saw its label.

What a reader would get wrong: an item's probabilities come from the four fifths of the data it is not part of, and
items with identical content share a fold, or the model would have seen the item's twin. Items without a label are
predicted by the models of all folds. Columns are the project's classes in project order, also those without a
single example, which get a tiny floor; `standard.py` reorders them for cleanlab.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.quality import softmax
from labeler.quality.dataset import FeatureBlock, Matrix

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers

FOLDS = 5
FLOOR = 1e-6
STRENGTHS = (0.003, 0.03, 0.3, 3.0, 30.0)


@dataclass(frozen=True)
class FoldJob:
    """Everything one fold needs, so that it can run elsewhere: train, then predict the held-out and unlabeled rows."""

    train: Matrix
    targets: Floats
    test: Matrix
    strength: float
    start: Floats | None = None


@dataclass(frozen=True)
class FoldResult:
    """The log probabilities of the job's test rows over the trained classes, and the weights to go on from."""

    logs: Floats
    weights: Floats


@dataclass(frozen=True)
class Plan:
    """Which fold holds which item back: N fold numbers, -1 = unlabeled; present: classes with at least one label."""

    folds: Integers
    count: int
    present: Integers


@dataclass
class BlockModel:
    """One block's chosen penalty and last weights a fold; kept between refits to start from."""

    block: FeatureBlock
    strength: float
    weights: list[Floats]


@dataclass(frozen=True)
class Predictions:
    """Held-out probabilities of one round: N x K pooled, and N x K log probabilities a block; weights of the pool."""

    probabilities: Floats
    logs: list[Floats]
    powers: Floats


def map_folds(function: Callable[[FoldJob], FoldResult], jobs: Sequence[FoldJob]) -> list[FoldResult]:
    """Run each job; the seam where folds can be sent to other machines. Local and in order today."""
    return [function(job) for job in jobs]


def run_fold(job: FoldJob) -> FoldResult:
    """Train on one fold's training rows and predict its held-out rows.

    One BLAS thread: the vectors of L-BFGS are short, and waiting threads cost ten times the work on a busy machine.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        weights = softmax.fit(job.train, job.targets, job.strength, job.start)
        return FoldResult(softmax.predict(job.test, weights), weights)


def plan_folds(labels: Integers, groups: Integers, seed: int) -> Plan | None:
    """Deal the labeled items out class by class, keeping identical items together; None when nothing can be held out.

    A class with fewer items than folds is spread over as many folds as it has items, which StratifiedKFold refuses.
    """
    import numpy as np

    labeled = np.flatnonzero(labels >= 0)
    present = np.unique(labels[labeled])
    heads, member = np.unique(groups[labeled], return_inverse=True)
    if len(present) < 2 or len(heads) < 2:  # noqa: PLR2004 - one class or one text leaves nothing to learn
        return None
    count = min(FOLDS, len(heads))
    shuffled = np.random.default_rng(seed).permutation(len(heads))
    order = shuffled[np.argsort(_group_labels(labels[labeled], member, len(heads))[shuffled], kind="stable")]
    fold_of_group = np.empty(len(heads), dtype=np.int64)
    fold_of_group[order] = np.arange(len(heads)) % count
    folds = np.full(len(labels), -1, dtype=np.int64)
    folds[labeled] = fold_of_group[member]
    return Plan(folds, count, present)


def _group_labels(labels: Integers, member: Integers, count: int) -> Integers:
    import numpy as np

    first = np.zeros(count, dtype=np.int64)
    first[member[::-1]] = labels[::-1]
    return first


def one_hot(labels: Integers, classes: int) -> Floats:
    """Return N x K rows with a 1 at the label, all zero where there is none."""
    import numpy as np

    targets = np.zeros((len(labels), classes))
    labeled = labels >= 0
    targets[np.flatnonzero(labeled), labels[labeled]] = 1.0
    return targets


def choose_strength(block: FeatureBlock, labels: Integers, targets: Floats, plan: Plan) -> BlockModel:
    """Pick the penalty by the log loss of the first fold's held-out given labels after tempering, from weak to strong.

    Label-only: one number a block, picked on a fifth of the labels; stops when it gets worse.
    """
    import numpy as np

    tested = plan.folds == 0
    best, strength, start = np.inf, STRENGTHS[0], None
    for candidate in STRENGTHS:
        result = run_fold(_jobs(BlockModel(block, candidate, [start] if start is not None else []), targets, plan)[0])
        start = result.weights
        logs = _full(result.logs[: tested.sum()], plan.present, targets.shape[1])
        loss = log_loss(pool([logs], temper([logs], labels[tested])), labels[tested])
        if loss > best:
            break
        best, strength = loss, candidate
    return BlockModel(block, strength, [])


def predict(models: Sequence[BlockModel], targets: Floats, labels: Integers, plan: Plan) -> Predictions:
    """Train every block on the targets (N x K, zero rows are left out) and pool the held-out predictions.

    The powers of the pool are fitted to the labels that were held out.
    """
    logs = [_held_out(model, targets, plan) for model in models]
    labeled = labels >= 0
    powers = temper([block[labeled] for block in logs], labels[labeled])
    return Predictions(pool(logs, powers), logs, powers)


def _jobs(model: BlockModel, targets: Floats, plan: Plan) -> list[FoldJob]:
    """Make a job a fold; its test rows are the held-out items, then the unlabeled ones."""
    import numpy as np

    matrix = model.block.matrix
    unlabeled = np.flatnonzero(plan.folds < 0)
    jobs = []
    for fold in range(plan.count):
        train = np.flatnonzero((plan.folds >= 0) & (plan.folds != fold))
        test = np.concatenate([np.flatnonzero(plan.folds == fold), unlabeled])
        start = model.weights[fold] if fold < len(model.weights) else None
        jobs.append(FoldJob(matrix[train], targets[train][:, plan.present], matrix[test], model.strength, start))
    return jobs


def _held_out(model: BlockModel, targets: Floats, plan: Plan) -> Floats:
    import numpy as np

    results = map_folds(run_fold, _jobs(model, targets, plan))
    model.weights = [result.weights for result in results]
    logs = np.zeros((len(targets), len(plan.present)))
    for fold, result in enumerate(results):
        held = plan.folds == fold
        logs[held] = result.logs[: held.sum()]
        logs[plan.folds < 0] += result.logs[held.sum() :] / plan.count
    return _full(logs, plan.present, targets.shape[1])


def _full(logs: Floats, present: Integers, classes: int) -> Floats:
    """Spread columns of the present classes over all classes; the absent get the floor."""
    import numpy as np

    full = np.full((len(logs), classes), np.log(FLOOR))
    full[:, present] = np.maximum(logs, np.log(FLOOR))
    return full


def temper(logs: Sequence[Floats], labels: Integers) -> Floats:
    """Find the powers, one a block and none negative, whose log pool predicts the labels best (log loss, n labels).

    One block: temperature scaling (Guo et al. 2017). Several: a log-linear pool (Genest and Zidek 1986); fitting the
    powers together keeps two blocks that say the same from counting twice.
    """
    import numpy as np
    from scipy.optimize import minimize

    stack = np.stack(logs)
    picked = stack[:, np.arange(len(labels)), labels]

    def loss(powers: Floats) -> tuple[float, Floats]:
        mixed = softmax.log_softmax(np.tensordot(powers, stack, axes=1))
        expected = np.einsum("bnk,nk->bn", stack, np.exp(mixed))
        ridge = 1e-3 * float(((powers - 1 / len(stack)) ** 2).sum())
        chosen = mixed[np.arange(len(labels)), labels]
        slope = (expected - picked).mean(axis=1) + 2e-3 * (powers - 1 / len(stack))
        return float(-chosen.mean()) + ridge, slope

    start = np.full(len(stack), 1 / len(stack))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0.0, 10.0)] * len(stack))
    powers: Floats = found.x
    return powers


def pool(logs: Sequence[Floats], powers: Floats) -> Floats:
    """Multiply the blocks' probabilities, each raised to its power, and normalise: N x K."""
    import numpy as np

    mixed = np.maximum(np.exp(softmax.log_softmax(np.tensordot(powers, np.stack(logs), axes=1))), FLOOR)
    probabilities: Floats = mixed / mixed.sum(axis=1, keepdims=True)
    return probabilities


def log_loss(probabilities: Floats, labels: Integers) -> float:
    """Mean negative log probability of the labels, in nats."""
    import numpy as np

    return float(-np.log(probabilities[np.arange(len(labels)), labels]).mean())


def accuracy(probabilities: Floats, labels: Integers) -> float:
    """Share of labels that are the most probable class."""
    return float((probabilities.argmax(axis=1) == labels).mean())


def calibration_error(probabilities: Floats, labels: Integers, bins: int = 15) -> float:
    """Expected calibration error of the top class in equally wide bins (Naeini, Cooper, Hauskrecht 2015), 0..1."""
    import numpy as np

    top = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    place = np.minimum((top * bins).astype(np.int64), bins - 1)
    gaps = np.abs(np.bincount(place, top, bins) - np.bincount(place, right, bins))
    return float(gaps.sum() / len(labels))
