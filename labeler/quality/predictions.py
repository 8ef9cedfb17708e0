"""Class probabilities for every item from models that never saw its label.

Few, unlike opinions are pooled. Texts: logistic regression on character runs and on what the texts mean, naive Bayes
on words, and two votes of the most similar other items, by topic and by meaning. Pictures: logistic regression on each
feature block, and a vote. Both: what other models make of the items, where an operator named one or somebody imported
its vectors (a regression on them, and a vote) or its probabilities. A small project's folds are
dealt anew several times and the log probabilities averaged: one deal's luck is a good part of a weak model's error.
Powers, and penalties where the features are dense, are chosen by the labels alone, on held-out items.

Note: the columns here are the classes that can be judged (`judgeable.py`), without gaps, not
the project's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labeler.quality import folds, neighbours, pooling
from labeler.quality.dataset import Features, Matrix
from labeler.quality.folds import Learner, Plan

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers, Singles

STRENGTHS = (0.0003, 0.003, 0.03, 0.3, 3.0, 30.0)
FOR_RUNS = 3.0  # inverse penalty on character runs, where a search gains nothing and costs half the time
FOR_TOPICS = 30.0  # the same on topics, which few numbers make up
FOR_SPACES = 10.0  # the same on unit rows, such as meaning
MOST_WEIGHTS = 4_000_000  # columns x classes of a regression on character runs; beyond, topics stand in for them
TESTED = 800  # labels a penalty is picked on, so that chance does not pick it
HEARD = 0.02  # least power for which an opinion is worth another deal
LABELS_DEALT = 10_000  # all deals together: small projects get the mean of several
ONE_DEAL_FROM = 2_000  # labels
PRIOR_NEIGHBOURS = 2.0  # how many imagined neighbours with the overall shares of the classes join each vote
IMPORTED = "imported probabilities"  # the name of that opinion
WIDTH = 0.1  # of cosine, over which a neighbour's weight falls to a third


@dataclass(frozen=True)
class Opinion:
    """One learner on one feature block; name is what the summary shows. strength: None = to be chosen."""

    name: str
    learner: Learner
    matrix: Matrix
    strength: float | None


@dataclass(frozen=True)
class Predictions:
    """What the models said of items they never saw, and how much each was heard.

    probabilities: N x k pooled; logs: N x k log probabilities an opinion; names, powers: one an opinion; strengths: the
    inverse penalty of each logistic regression; deals: how often the folds were dealt. opinions, voters: the learners
    with the penalties that were chosen, and the most similar items whose labels were heard, in the order of the names.
    """

    probabilities: Floats
    logs: list[Floats]
    names: list[str]
    powers: Floats
    strengths: dict[str, float]
    folds: int
    deals: int
    opinions: list[Opinion]
    voters: dict[str, tuple[Integers, Singles]]


def learn(
    labels: Integers,
    features: Features,
    near: tuple[Integers, Singles],
    report: Callable[[float], None],
    seed: int,
    *,
    most_deals: int = folds.MOST_DEALS,
    most_folds: int = folds.FOLDS,
    outside: Floats | None = None,
) -> Predictions | None:
    """Train, predict what was held back, and pool; None when nothing can be held back (see `plan_folds`).

    labels: N, 0..k-1, -1 = none; near: N x M most similar items and their cosines; report: told the share done, 0..1;
    most_deals, most_folds: less of them for those who compare many models and can do with one deal's luck;
    outside: N x k probabilities by a model that did not learn from these labels, NaN = none: one more opinion.
    """
    deals = min(most_deals, deals_of(int((labels >= 0).sum())))
    plans = [folds.plan_folds(labels, features.groups, seed + deal, most_folds) for deal in range(deals)]
    dealt = [plan for plan in plans if plan is not None]
    classes = int(labels.max(initial=-1)) + 1
    opinions = opinions_on(features, classes)
    if not dealt or not opinions:
        return None
    targets = folds.one_hot(labels, classes)
    chosen = [choose_strength(opinion, labels, targets, dealt[0]) for opinion in opinions]
    report(0.3)
    logs = [held_out(opinion, targets, dealt[0]) for opinion in chosen]
    voted = _voters(features, near)
    votes = {name: vote_of_neighbours(features.groups, one, labels, classes) for name, one in voted.items()}
    others = votes | _imported(outside, labels, classes)
    logs += others.values()
    powers = _powers(logs, labels)
    for place, opinion in enumerate(chosen):
        report(0.5 + 0.5 * place / len(chosen))
        if powers[place] >= HEARD:
            for plan in dealt[1:]:
                logs[place] += held_out(opinion, targets, plan)
            logs[place] /= len(dealt)
    powers = _powers(logs, labels)
    names = [opinion.name for opinion in chosen] + list(others)
    strengths = {one.name: one.strength for one in chosen if one.learner == "logistic" and one.strength is not None}
    pooled = pooling.pool(logs, powers)
    return Predictions(pooled, logs, names, powers, strengths, dealt[0].count, len(dealt), chosen, voted)


def deals_of(labeled: int) -> int:
    """Return how often the folds are dealt."""
    if labeled >= ONE_DEAL_FROM:
        return 1
    return max(1, min(folds.MOST_DEALS, LABELS_DEALT // max(1, labeled)))


def opinions_on(features: Features, classes: int) -> list[Opinion]:
    """Return which learner looks at which block; sparse blocks are words and character runs, dense ones their own."""
    blocks = {block.name: block.matrix for block in features.blocks}
    spaces = [Opinion(name, "logistic", rows, FOR_SPACES) for name, rows in features.spaces.items()]
    if not blocks.keys() & {"words", "characters"}:
        own = [name for name in blocks if name != "topics" and name not in features.spaces]
        return [Opinion(name, "logistic", blocks[name], None) for name in own] + spaces
    runs, words, topics = blocks.get("characters"), blocks.get("words"), blocks.get("topics")
    opinions = []
    if runs is not None and runs.shape[1] * classes <= MOST_WEIGHTS:
        opinions.append(Opinion("characters", "logistic", runs, FOR_RUNS))
    elif topics is not None:
        opinions.append(Opinion("topics", "logistic", topics, FOR_TOPICS))
    if words is not None:
        opinions.append(Opinion("words, naive Bayes", "bayes", words, 1.0))
    return opinions + spaces


def _voters(features: Features, near: tuple[Integers, Singles]) -> dict[str, tuple[Integers, Singles]]:
    """Return the items whose labels are heard of each item, by the name of the space in which they are near it."""
    found = {"neighbours": near}
    for name, rows in features.spaces.items():
        places, cosines = neighbours.nearest(rows)
        places[~rows.any(axis=1)] = -1  # of which nothing is known, nobody is near
        found[f"neighbours by {name}"] = (places, cosines)
    return found


def _imported(outside: Floats | None, labels: Integers, classes: int) -> dict[str, Floats]:
    """Return N x k log probabilities that were imported; an item without any has the shares of the classes."""
    import numpy as np

    if outside is None:
        return {}
    shares = np.bincount(labels[labels >= 0], minlength=classes) + folds.FLOOR
    chance = np.where(np.isnan(outside).any(axis=1, keepdims=True), shares / shares.sum(), outside)
    return {IMPORTED: np.log(np.maximum(chance, folds.FLOOR))}


def _powers(logs: list[Floats], labels: Integers) -> Floats:
    known = labels >= 0
    return pooling.temper([one[known] for one in logs], labels[known])


def held_out(opinion: Opinion, targets: Floats, plan: Plan) -> Floats:
    """Return N x k log probabilities, each item's from a model trained without its fold."""
    jobs = (folds.make_job(opinion.learner, opinion.matrix, targets, plan, fold) for fold in range(plan.count))
    ready = (replace(job, strength=opinion.strength or 1.0) for job in jobs)
    return folds.gather(folds.map_folds(folds.predict_fold, ready), plan, targets.shape[1])


def choose_strength(opinion: Opinion, labels: Integers, targets: Floats, plan: Plan) -> Opinion:
    """Pick the penalty by the log loss of held-out labels after tempering, from strong to weak.

    One number, picked on as many folds as hold `TESTED` labels back; the search stops when the loss rises, and each fit
    goes on from the one before.
    """
    import numpy as np

    if opinion.strength is not None:
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


def vote_of_neighbours(groups: Integers, near: tuple[Integers, Singles], labels: Integers, classes: int) -> Floats:
    """Return N x k log shares of the most similar other items' labels; weight exp((cosine - highest) / WIDTH).

    An item's own label takes no part, nor do those of identical items, so this is held out without folds.
    """
    import numpy as np

    places, cosines = near
    other = (places >= 0) & (groups[places] != groups[:, None]) & (labels[places] >= 0)
    highest = np.where(other, cosines, -1.0).max(axis=1, initial=-1.0, keepdims=True)
    weight = np.where(other, np.exp((cosines - highest) / WIDTH), 0.0)
    votes = np.zeros((len(labels), classes))
    row, column = np.nonzero(other)
    np.add.at(votes, (row, labels[places[row, column]]), weight[row, column])
    shares = np.bincount(labels[labels >= 0], minlength=classes) + folds.FLOOR
    usual = float(weight[other].mean()) if other.any() else 1.0
    votes += PRIOR_NEIGHBOURS * usual * shares / shares.sum()
    logs: Floats = np.log(np.maximum(votes / votes.sum(axis=1, keepdims=True), folds.FLOOR))
    return logs
