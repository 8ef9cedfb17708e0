"""Class probabilities for every item from models that never saw its label.

Unlike opinions are pooled: logistic regression on each feature block, naive Bayes on words, and a vote of the most
similar other items. The folds are dealt anew several times and the log probabilities averaged: one deal's luck is a
good part of a weak model's error. Penalties and powers are chosen by the labels alone, on held-out items. Columns are
the project's classes in project order, also those without an example; `standard.py` reorders them for cleanlab.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labeler.quality import folds, pooling
from labeler.quality.dataset import Dataset, Features, Matrix
from labeler.quality.folds import Learner, Plan

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers, Singles

STRENGTHS = (0.0003, 0.003, 0.03, 0.3, 3.0, 30.0)
MOST_DEALS = 6
TESTED = 800  # labels a penalty is picked on, so that chance does not pick it
HEARD = 0.02  # least power for which an opinion is worth another deal
ITEMS_DEALT = 15_000  # all deals together, so that large projects cost one round and small ones the mean of six
PRIOR_NEIGHBOURS = 2.0  # how many imagined neighbours with the overall shares of the classes join each vote


@dataclass(frozen=True)
class Opinion:
    """One learner on one feature block; name is what the summary shows."""

    name: str
    learner: Learner
    matrix: Matrix
    strength: float


@dataclass(frozen=True)
class Predictions:
    """What the models said of items they never saw, and how much each was heard.

    probabilities: N x K pooled; logs: N x K log probabilities an opinion; names, powers: one an opinion; strengths: the
    inverse penalty of each logistic regression; deals: how often the folds were dealt.
    """

    probabilities: Floats
    logs: list[Floats]
    names: list[str]
    powers: Floats
    strengths: dict[str, float]
    folds: int
    deals: int


def learn(
    dataset: Dataset, features: Features, near: tuple[Integers, Singles], report: Callable[[float], None], seed: int
) -> Predictions | None:
    """Train, predict what was held back, and pool; None when nothing can be held back (see `plan_folds`).

    near: N x M most similar items and their cosines; report: told the share done, 0..1.
    """
    labels, classes = dataset.labels, len(dataset.classes)
    deals = max(1, min(MOST_DEALS, ITEMS_DEALT // max(1, len(dataset))))
    plans = [folds.plan_folds(labels, features.groups, seed + deal) for deal in range(deals)]
    dealt = [plan for plan in plans if plan is not None]
    opinions = _opinions(features)
    if not dealt or not opinions:
        return None
    targets = folds.one_hot(labels, classes)
    chosen = [choose_strength(opinion, labels, targets, dealt[0]) for opinion in opinions]
    report(0.3)
    logs = [held_out(opinion, targets, dealt[0]) for opinion in chosen]
    logs.append(vote_of_neighbours(features.groups, near, targets))
    powers = _powers(logs, labels)
    for place, opinion in enumerate(chosen):
        report(0.5 + 0.5 * place / len(chosen))
        if powers[place] >= HEARD:
            again = sum(held_out(opinion, targets, plan) for plan in dealt[1:])
            logs[place] = (logs[place] + again) / len(dealt)
    powers = _powers(logs, labels)
    names = [opinion.name for opinion in chosen] + ["neighbours"]
    strengths = {opinion.name: opinion.strength for opinion in chosen if opinion.learner == "logistic"}
    return Predictions(pooling.pool(logs, powers), logs, names, powers, strengths, dealt[0].count, len(dealt))


def _powers(logs: list[Floats], labels: Integers) -> Floats:
    known = labels >= 0
    return pooling.temper([one[known] for one in logs], labels[known])


def held_out(opinion: Opinion, targets: Floats, plan: Plan) -> Floats:
    """Return N x K log probabilities, each item's from a model trained without its fold."""
    jobs = [
        replace(folds.make_job(opinion.learner, opinion.matrix, targets, plan, fold), strength=opinion.strength)
        for fold in range(plan.count)
    ]
    return folds.gather(folds.map_folds(folds.run_fold, jobs), plan, targets.shape[1])


def choose_strength(opinion: Opinion, labels: Integers, targets: Floats, plan: Plan) -> Opinion:
    """Pick the penalty by the log loss of held-out labels after tempering, from strong to weak.

    One number, picked on as many folds as hold `TESTED` labels back; the search stops when the loss rises, and each fit
    goes on from the one before.
    """
    import numpy as np

    if opinion.learner != "logistic":
        return opinion
    size = max(1, int((labels >= 0).sum()) // plan.count)
    tried = range(min(plan.count, 1 + TESTED // size))
    jobs = [folds.make_job(opinion.learner, opinion.matrix, targets, plan, fold) for fold in tried]
    tested = [plan.folds == fold for fold in tried]
    given = np.concatenate([labels[held] for held in tested])
    best, picked = np.inf, STRENGTHS[0]
    for strength in STRENGTHS:
        results = folds.map_folds(folds.run_fold, [replace(job, strength=strength) for job in jobs])
        jobs = [replace(job, start=result.weights) for job, result in zip(jobs, results, strict=True)]
        held = [result.logs[: one.sum()] for one, result in zip(tested, results, strict=True)]
        logs = [folds.spread(np.concatenate(held), plan.present, targets.shape[1])]
        loss = pooling.log_loss(pooling.pool(logs, pooling.temper(logs, given)), given)
        if loss > best:
            break
        best, picked = loss, strength
    return replace(opinion, strength=picked)


def vote_of_neighbours(groups: Integers, near: tuple[Integers, Singles], targets: Floats) -> Floats:
    """Return N x K log shares of the most similar other items' labels, weighted by cosine.

    An item's own label takes no part, nor do those of identical items, so this is held out without folds.
    """
    import numpy as np

    places, cosines = near
    other = (places >= 0) & (groups[places] != groups[:, None])
    weight = np.where(other, np.maximum(cosines, 0.0), 0.0)
    votes = np.einsum("nm,nmk->nk", weight, targets[places])
    overall = (targets.sum(axis=0) + folds.FLOOR) / (targets.sum() + folds.FLOOR * targets.shape[1])
    usual = float(weight[weight > 0].mean()) if (weight > 0).any() else 1.0
    shares = votes + PRIOR_NEIGHBOURS * usual * overall
    logs: Floats = np.log(np.maximum(shares / shares.sum(axis=1, keepdims=True), folds.FLOOR))
    return logs


def _opinions(features: Features) -> list[Opinion]:
    blocks: Sequence[tuple[str, Matrix]] = [(block.name, block.matrix) for block in features.blocks]
    opinions = [Opinion(name, "logistic", matrix, 1.0) for name, matrix in blocks]
    return opinions + [
        Opinion(f"{name}, naive Bayes", "bayes", matrix, 1.0) for name, matrix in blocks if name == "words"
    ]
