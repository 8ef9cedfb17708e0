"""How well a fitted model predicts a vote from the other votes on its item, and what follows for an item.

Votes on one item repeat one another: ten that share a mistake are not ten. The likelihood of an item with m votes is
raised to 1 / (1 + overlap (m - 1)), the design effect of m equally correlated votes, so that one vote keeps its weight.
The overlap is the one that predicts best.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from labeler.consensus.methods.averaged.centres import logistic
from labeler.consensus.methods.averaged.columns import SPREAD
from labeler.consensus.methods.averaged.fit import Fit, softmax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labeler.consensus.base import Floats, Ints
    from labeler.consensus.methods.averaged.columns import Columns

OVERLAPS = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)
JUDGED = 60_000  # votes that are enough to judge a model by
CONTENT_WEIGHTS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5)
BY_VOTES = 0.5  # of an unclear item, half the word is the shares of its votes


@dataclass(frozen=True)
class Judged:
    """How well a model predicts. likelihood: mean log probability of a held-out vote; content: its weight."""

    overlap: float
    content: float
    likelihood: float


@dataclass(frozen=True, eq=False)
class Content:
    """What a model that never saw the items says of their classes.

    ratios: (classes, items) log P(class | content) - log P(class); weights: from which its weight is chosen, 0 among
    them; turns: how often overlap and weight are chosen in turn. With one, the overlap is chosen as if there were no
    content; the mistakes that votes share are partly those the content explains.
    """

    ratios: Floats
    weights: Sequence[float] = CONTENT_WEIGHTS
    turns: int = 1


def tempered(per_item: Ints, overlap: float) -> Floats:
    """Return to which power the likelihood of so many votes is raised."""
    import numpy as np

    power: Floats = 1 / (1 + overlap * np.maximum(per_item - 1, 0))
    return power


def judge(columns: Columns, found: Fit, content: Content | None) -> Judged:
    """Choose the overlap and the weight of the content by the votes held out."""
    votes = _HeldOut.of(columns, found)
    if content is None:
        likelihood, overlap = max((votes.likelihood(one, None), -one) for one in OVERLAPS)
        return Judged(-overlap, 0.0, likelihood)
    seen, weight = content.ratios[:, votes.item], 0.0
    for _ in range(content.turns):
        _, overlap = max((votes.likelihood(one, weight * seen), -one) for one in OVERLAPS)
        likelihood, lighter = max((votes.likelihood(-overlap, one * seen), -one) for one in content.weights)
        weight = -lighter
    return Judged(-overlap, weight, likelihood)


def posterior(columns: Columns, found: Fit, judged: Judged, content: Content | None) -> Floats:
    """Return (classes, items) probabilities. They are written over the model's scores, which are gone after this."""
    import numpy as np

    scores = found.scores
    scores *= tempered(columns.per_item, judged.overlap)
    if content is not None and judged.content:
        for row, one in zip(scores, content.ratios, strict=True):
            np.add(row, judged.content * one, out=row)
    softmax(scores, found.log_prior)
    share = BY_VOTES * found.unclear
    smoothing = share / (columns.per_item + SPREAD)
    scores *= 1 - share
    for row, count, usual in zip(scores, columns.counts, columns.share, strict=True):
        np.add(row, smoothing * (count + SPREAD * usual), out=row)
    return scores


@dataclass(frozen=True, eq=False)
class _HeldOut:
    """Votes that are predicted from the others on their items.

    item, others: (n,) the item and how many other votes it has; rest: (classes, n) log likelihood of those; given:
    (classes, n) P(vote | class); unclear_votes, by_shares: (n,) log and plain probability of others and vote when the
    item is unclear.
    """

    item: Ints
    others: Ints
    rest: Floats
    given: Floats
    log_prior: Floats
    unclear_votes: Floats
    by_shares: Floats

    @classmethod
    def of(cls, columns: Columns, found: Fit) -> _HeldOut:
        import numpy as np

        every = max(1, len(columns.item) // JUDGED)
        places = np.flatnonzero(columns.repeated[columns.item] & (columns.item % every == 0))
        item, label = columns.item[places], columns.label[places]
        given = np.stack([found.without(columns, places, klass) for klass in range(columns.n_classes)])
        rest = found.scores[:, item] - given
        others = columns.per_item[item] - 1
        by_shares = (columns.counts[label, item] - 1 + SPREAD * columns.share[label]) / (others + SPREAD)
        odds = np.log(found.unclear_share) - np.log1p(-found.unclear_share)
        unclear_votes = odds + columns.log_unclear[item] - np.log(by_shares)
        return cls(item, others, rest, np.exp(given), found.log_prior, unclear_votes, by_shares)

    def likelihood(self, overlap: float, content: Floats | None) -> float:
        """Return the mean log probability of a vote. content: (classes, n), already weighed."""
        import numpy as np

        if not len(self.item):
            return 0.0
        prior = self.log_prior[:, None] if content is None else self.log_prior[:, None] + content
        unclear = self._unclear if content is None else self._chance_of_unclear(prior)
        scores: Floats = self.rest * tempered(self.others, overlap)
        softmax(scores, np.broadcast_to(prior, scores.shape))
        scores *= self.given
        chance = (1 - unclear) * scores.sum(axis=0) + unclear * self.by_shares
        return float(np.log(np.maximum(chance, 1e-12)).mean())

    @cached_property
    def _unclear(self) -> Floats:
        return self._chance_of_unclear(self.log_prior[:, None])

    def _chance_of_unclear(self, prior: Floats) -> Floats:
        import numpy as np

        scores = self.rest.copy()
        return logistic(self.unclear_votes - softmax(scores, np.broadcast_to(prior, scores.shape)))
