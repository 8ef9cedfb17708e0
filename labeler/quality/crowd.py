"""What several votes on an item add: how probable each class is by all votes and the model together, and CROWDLAB.

Items with two or more votes are judged by the consensus method that averages shrunken Dawid-Skene models, with what the
model says of the content as one more, weighed voice. Its weight is chosen by how well held-out votes are predicted, so
a model that tells nothing is not heard, and every annotator keeps the weight their votes have earned: one weight for
all would restate the majority that the consensus had overruled with good reason.
Note: the score of a label is 1 - its probability in this one distribution, and the confidence
of a suggestion is the suggestion's; CROWDLAB's quality stands beside it and changes neither.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

from labeler.quality import cleanlab_scores
from labeler.quality.dataset import Crowd, Dataset, WeighedVotes
from labeler.quality.pooling import FLOOR

if TYPE_CHECKING:
    from labeler.consensus.base import Votes
    from labeler.consensus.methods.averaged.held_out import Content
    from labeler.quality.dataset import Floats, Integers

CONTENT_WEIGHTS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
TURNS = 2  # how often the overlap of votes and the weight of the model are chosen in turn
LARGEST_TABLE = 20_000_000  # items x annotators; cleanlab wants a dense table


def gather(dataset: Dataset) -> Crowd:
    """Count the votes and sort them by item."""
    import numpy as np

    counts = np.zeros((len(dataset), len(dataset.classes)))
    np.add.at(counts, (dataset.vote_items, dataset.vote_classes), 1.0)
    order = np.argsort(dataset.vote_items, kind="stable")
    starts = np.searchsorted(dataset.vote_items[order], np.arange(len(dataset) + 1))
    return Crowd(counts, starts, dataset.vote_annotators[order], dataset.vote_classes[order])


def weigh(dataset: Dataset, crowd: Crowd, pooled: Floats | None) -> WeighedVotes:
    """Do as `weigh_votes`, with CROWDLAB's quality beside it."""
    found = weigh_votes(dataset, crowd, pooled)
    return found if pooled is None else replace(found, quality=consensus_quality(dataset, pooled))


def weigh_votes(dataset: Dataset, crowd: Crowd, pooled: Floats | None) -> WeighedVotes:
    """Weigh the votes on items with several, and what the model says of them, against each other.

    pooled: N x K probabilities of a model that never saw the items' labels, or None: then by the votes alone.
    """
    import numpy as np

    from labeler.consensus.methods.averaged.average import average

    several = crowd.counts.sum(axis=1) > 1
    posterior = np.full(crowd.counts.shape, np.nan)
    weight = 0.0
    if several.any():
        found = average(_votes(dataset), None if pooled is None else _content(pooled))
        posterior[several] = found.probabilities[several]
        weight = found.content_weight
    most = crowd.counts.max(axis=1, initial=0.0)
    tied = several & (np.count_nonzero(crowd.counts == most[:, None], axis=1) > 1)
    return WeighedVotes(several, posterior, tied, np.full(len(dataset), np.nan), weight)


def _votes(dataset: Dataset) -> Votes:
    from labeler.consensus.base import Votes

    annotators = int(dataset.vote_annotators.max(initial=-1)) + 1
    sizes = len(dataset), annotators, len(dataset.classes)
    return Votes(dataset.vote_items, dataset.vote_annotators, dataset.vote_classes, *sizes)


def _content(pooled: Floats) -> Content:
    import numpy as np

    from labeler.consensus.methods.averaged.held_out import Content

    logs = np.log(np.maximum(pooled.T, FLOOR))
    return Content(logs - np.log(np.exp(logs).mean(axis=1, keepdims=True)), CONTENT_WEIGHTS, TURNS)


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
    order = cleanlab_scores.lexicographic(dataset.classes, present)
    table = np.full((len(items), len(people)), np.nan)
    table[np.searchsorted(items, dataset.vote_items), person] = cleanlab_scores.numbers(dataset.vote_classes, order)
    label, rated = _crowdlab(table, cleanlab_scores.columns(probabilities[items], order))
    same = order[label] == dataset.labels[items]
    quality[items] = np.where(same, rated, np.minimum(1 - rated, rated))
    quality[dataset.labels < 0] = np.nan
    return quality


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
