"""What several votes on an item add: a posterior from votes and model, CROWDLAB's quality, and who mixes up what.

Items with two or more votes are judged by these; a single vote is just a label. One weight serves all votes, from how
often two votes on one item agree: enough here, since the consensus methods weigh annotators one by one. The posterior
and CROWDLAB's score err on different items, so their ranks are averaged while the values stay those of the posterior.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.quality import standard
from labeler.quality.dataset import Crowd, Dataset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labeler.quality.dataset import Floats, Integers

LARGEST_TABLE = 20_000_000  # items x annotators; cleanlab wants a dense table


@dataclass(frozen=True)
class CrowdJudgement:
    """Posterior and scores with the items of several votes replaced, and CROWDLAB's quality (1 = good, NaN = none)."""

    posterior: Floats
    scores: Floats
    quality: Floats


def gather(dataset: Dataset) -> Crowd:
    """Count the votes and sort them by item."""
    import numpy as np

    counts = np.zeros((len(dataset), len(dataset.classes)))
    np.add.at(counts, (dataset.vote_items, dataset.vote_classes), 1.0)
    order = np.argsort(dataset.vote_items, kind="stable")
    starts = np.searchsorted(dataset.vote_items[order], np.arange(len(dataset) + 1))
    return Crowd(counts, starts, dataset.vote_annotators[order], dataset.vote_classes[order])


def judge(dataset: Dataset, crowd: Crowd, pooled: Floats, posterior: Floats, scores: Floats) -> CrowdJudgement:
    """Judge the labels of items with several votes by model and votes together; leave the others as they are.

    pooled: N x K held-out probabilities; posterior, scores: what the noise model says.
    """
    import numpy as np

    quality = consensus_quality(dataset, pooled)
    several = np.flatnonzero((crowd.counts.sum(axis=1) > 1) & (dataset.labels >= 0))
    if not len(several):
        return CrowdJudgement(posterior, scores, quality)
    mixed = np.log(pooled[several]) + vote_weight(crowd.counts) * crowd.counts[several]
    belief = np.exp(mixed - mixed.max(axis=1, keepdims=True))
    belief /= belief.sum(axis=1, keepdims=True)
    wrong = 1 - belief[np.arange(len(several)), dataset.labels[several]]
    poor = np.nan_to_num(1 - quality[several], nan=0.5)
    posterior, scores = posterior.copy(), scores.copy()
    posterior[several], scores[several] = belief, by_rank(wrong, [wrong, poor])
    return CrowdJudgement(posterior, scores, quality)


def vote_weight(counts: Floats) -> float:
    """Return the log odds one vote is worth, from N x K counts.

    Two votes of accuracy c agree with chance c^2 + (1 - c)^2 / (K - 1); this is solved for c.
    """
    import numpy as np

    classes = counts.shape[1]
    total = counts.sum(axis=1)
    pairs = float((total * (total - 1)).sum())
    if classes < 2 or not pairs:  # noqa: PLR2004 - one class: a vote says nothing
        return 0.0
    agree = float((counts * (counts - 1)).sum()) / pairs
    accuracy = (1 + max(0.0, (classes - 1) * (classes * agree - 1)) ** 0.5) / classes
    accuracy = min(accuracy, 0.99)
    return float(np.log(accuracy * (classes - 1) / (1 - accuracy)))


def by_rank(values: Floats, scores: Sequence[Floats]) -> Floats:
    """Give `values` out again in the order of the mean rank of the scores: that order, but still probabilities."""
    import numpy as np
    from scipy.stats import rankdata

    mean = sum(rankdata(score) for score in scores) / (len(scores) * len(values))
    spread = np.empty(len(values))
    spread[np.argsort(mean, kind="stable")] = np.sort(values)
    mixed: Floats = np.clip(0.999 * spread + 0.001 * mean, 0.0, 1.0)
    return mixed


def consensus_quality(dataset: Dataset, probabilities: Floats) -> Floats:
    """CROWDLAB's quality of the label under inspection (Goh, Tkachenko, Mueller 2022); NaN without several votes.

    It rates its own consensus; where ours differs, ours gets at most the rest. Rank with it, it is no probability.
    """
    import numpy as np

    quality = np.full(len(dataset), np.nan)
    items = np.unique(dataset.vote_items)
    people, person = np.unique(dataset.vote_annotators, return_inverse=True)
    present = np.unique(dataset.vote_classes)
    several = len(dataset.vote_items) > len(items)
    if min(len(people), len(present)) < 2 or not several or len(items) * len(people) > LARGEST_TABLE:  # noqa: PLR2004
        return quality
    order = standard.lexicographic(dataset.classes, present)
    table = np.full((len(items), len(people)), np.nan)
    table[np.searchsorted(items, dataset.vote_items), person] = standard.numbers(dataset.vote_classes, order)
    label, rated = _crowdlab(table, standard.columns(probabilities[items], order))
    same = order[label] == dataset.labels[items]
    quality[items] = np.where(same, rated, np.minimum(1 - rated, rated))
    quality[dataset.labels < 0] = np.nan
    return quality


def reliability(crowd: Crowd, posterior: Floats) -> tuple[Floats, Floats]:
    """Return annotators x K twice: how often each chose a class, and how often the most probable class agreed."""
    import numpy as np

    shape = (int(crowd.annotators.max(initial=-1)) + 1, crowd.counts.shape[1])
    item = np.repeat(np.arange(len(crowd.counts)), np.diff(crowd.starts))
    chosen, agreed = np.zeros(shape), np.zeros(shape)
    np.add.at(chosen, (crowd.annotators, crowd.classes), 1.0)
    np.add.at(agreed, (crowd.annotators, crowd.classes), posterior.argmax(axis=1)[item] == crowd.classes)
    return chosen, agreed


def _crowdlab(table: Floats, chance: Floats) -> tuple[Integers, Floats]:
    from cleanlab.multiannotator import get_label_quality_multiannotator

    with warnings.catch_warnings():
        # It warns about annotators without overlap and about classes missing from its consensus; both are usual early.
        warnings.filterwarnings("ignore", category=UserWarning, module=r"cleanlab\..*")
        found = get_label_quality_multiannotator(
            table, chance, return_detailed_quality=False, return_annotator_stats=False, verbose=False
        )["label_quality"]
    label: Integers = found["consensus_label"].to_numpy().astype(int)
    return label, found["consensus_quality_score"].to_numpy().astype(float)
