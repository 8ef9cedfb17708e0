"""Is this class in the set? K binary questions about N items, answered by models that never saw the item.

All questions are asked together: of texts by logistic regression on character runs and naive Bayes on words, of
pictures by logistic regression on each feature block, and of both by the sets of the most similar other items.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from labeler.quality import folds, linear, predictions
from labeler.quality.dataset import Features
from labeler.quality.judges import base

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers, Singles
    from labeler.quality.folds import FoldJob, Plan
    from labeler.quality.predictions import Opinion

DEALS_TOGETHER = 40  # classes x deals, so that many classes do not take many times as long


def opinions(
    chosen: Floats,
    labeled: Integers,
    features: Features,
    near: tuple[Integers, Singles],
    *,
    report: Callable[[float], None],
    seed: int,
) -> list[Floats] | None:
    """Return the log odds that each class is in each set, N x K an opinion; None when nothing can be held back.

    chosen: N x K, 1 where a class is in the set; labeled: positions of the items that have a set.
    """
    import numpy as np

    classes = chosen.shape[1]
    deals = max(1, min(predictions.deals_of(len(labeled)), DEALS_TOGETHER // classes))
    plans = [base.deal(chosen, labeled, features.groups, seed + deal) for deal in range(deals)]
    dealt = [plan for plan in plans if plan is not None]
    asked = predictions.opinions_on(features, classes)
    if not dealt or not asked:
        return None
    found = []
    for place, opinion in enumerate(asked):
        strength = opinion.strength or _strength(opinion, chosen, dealt[0])
        odds = np.zeros(chosen.shape)
        for plan in dealt:
            odds += _held_out(opinion, chosen, plan, strength) / len(dealt)
        found.append(odds)
        report((place + 1) / (len(asked) + 1))
    found.append(_of_neighbours(chosen, labeled, features.groups, near))
    return found


def _strength(opinion: Opinion, chosen: Floats, plan: Plan) -> float:
    """Pick the inverse penalty by the log loss on one fold, from strong to weak; the search stops when it rises."""
    import numpy as np

    held = plan.folds == 0
    best, picked = np.inf, predictions.STRENGTHS[0]
    for strength in predictions.STRENGTHS:
        odds = folds.map_folds(run_fold, [_job(opinion, chosen, plan, 0, strength)])[0][: held.sum()]
        loss = float((np.logaddexp(0, odds) - chosen[held] * odds).mean())
        if loss > best:
            break
        best, picked = loss, strength
    return picked


def _held_out(opinion: Opinion, chosen: Floats, plan: Plan, strength: float) -> Floats:
    import numpy as np

    jobs = (_job(opinion, chosen, plan, fold, strength) for fold in range(plan.count))
    odds = np.zeros(chosen.shape)
    for fold, result in enumerate(folds.map_folds(run_fold, jobs)):
        held = plan.folds == fold
        odds[held] = result[: held.sum()]
        odds[plan.folds < 0] += result[held.sum() :] / plan.count
    return odds


def _job(opinion: Opinion, chosen: Floats, plan: Plan, fold: int, strength: float) -> FoldJob:
    import numpy as np

    train = np.flatnonzero((plan.folds >= 0) & (plan.folds != fold))
    test = np.concatenate([np.flatnonzero(plan.folds == fold), np.flatnonzero(plan.folds < 0)])
    matrix = opinion.matrix
    return folds.FoldJob(opinion.learner, matrix[train], chosen[train], matrix[test], strength)


def run_fold(job: FoldJob) -> Floats:
    """Train the K questions of one fold and return the log odds of its test rows."""
    with folds.one_thread():
        if job.learner == "bayes":
            weights: Floats | Singles = linear.fit_bayes_each(job.train, job.targets)
        else:
            weights = linear.fit_logistic_each(job.train, job.targets, job.strength)
        return linear.scores(job.test, weights)


def _of_neighbours(chosen: Floats, labeled: Integers, groups: Integers, near: tuple[Integers, Singles]) -> Floats:
    """Return the log odds by the shares of the most similar other items' sets, weighed as for single classes."""
    import numpy as np

    places, cosines = near
    known = np.zeros(len(chosen), dtype=bool)
    known[labeled] = True
    other = (places >= 0) & (groups[places] != groups[:, None]) & known[places]
    highest = np.where(other, cosines, -1.0).max(axis=1, initial=-1.0, keepdims=True)
    weight = np.where(other, np.exp((cosines - highest) / predictions.WIDTH), 0.0)
    usual = float(weight[other].mean()) if other.any() else 1.0
    imagined = predictions.PRIOR_NEIGHBOURS * usual
    shares = np.clip(chosen[labeled].mean(axis=0), folds.FLOOR, 1 - folds.FLOOR)
    votes = np.zeros(chosen.shape)
    for column in range(places.shape[1]):  # one neighbour after the other: N x M x K would be too much at once
        votes += weight[:, column, None] * chosen[places[:, column]]
    found = (votes + imagined * shares) / (weight.sum(axis=1, keepdims=True) + imagined)
    odds: Floats = np.log(found) - np.log1p(-np.minimum(found, 1 - folds.FLOOR))
    return odds
