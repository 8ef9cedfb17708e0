"""Votes sorted by item, with the counts that no model changes, and how probable they are if an item has no clear class.

Arrays with a class axis have it first: (classes, items). One class is then one stretch of memory, and every step of
every model is a handful of passes over such stretches.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.consensus.base import Floats, Ints, Votes

    Singles = NDArray[np.float32]
    Truths = NDArray[np.bool_]

SPREAD = 2.0  # imagined votes, shared out as all votes are, that every unclear item has


@dataclass(frozen=True, eq=False)
class Columns:
    """Votes by item. cell: annotator * classes + label; per_item: (items,) how many; counts: (classes, items).

    share: (classes,), of all votes; repeated: (items,), True from two votes on: only those teach about annotators.
    """

    item: Ints
    annotator: Ints
    label: Ints
    cell: Ints
    n_items: int
    n_annotators: int
    n_classes: int
    per_item: Ints
    repeated: Truths
    counts: Singles
    share: Floats

    @classmethod
    def of(cls, votes: Votes) -> Columns:
        """Sort the votes by item, annotator and class, so that their order cannot matter."""
        import numpy as np

        cell = votes.annotator.astype(np.int64) * votes.n_classes + votes.label
        order = np.argsort(votes.item.astype(np.int64) * (votes.n_annotators * votes.n_classes) + cell)
        cell, item = cell[order], votes.item[order].astype(np.int64)
        annotator, label = np.divmod(cell, max(votes.n_classes, 1))
        per_item = np.bincount(item, minlength=votes.n_items)
        size = votes.n_classes * votes.n_items
        counts = np.bincount(label * votes.n_items + item, minlength=size).astype(np.float32)
        share = (np.bincount(label, minlength=votes.n_classes) + 1) / (len(item) + votes.n_classes)
        return cls(
            item,
            annotator.astype(np.int32),
            label.astype(np.int32),
            cell,
            votes.n_items,
            votes.n_annotators,
            votes.n_classes,
            per_item,
            per_item > 1,
            counts.reshape(votes.n_classes, votes.n_items),
            share,
        )

    @cached_property
    def log_unclear(self) -> Floats:
        """(items,) log probability of an item's votes when drawn from shares of its own, those ~ Dirichlet."""
        import numpy as np

        steps = np.arange(int(self.per_item.max(initial=0)))

        def rising(start: float) -> Floats:  # the logarithm of start (start + 1) (start + 2) …, by number of factors
            return np.concatenate([[0.0], np.log(start + steps).cumsum()])

        found: Floats = -rising(SPREAD)[self.per_item]
        for one, share in zip(self.counts, self.share, strict=True):
            found += rising(SPREAD * share)[one.astype(np.int64)]
        return found

    @property
    def smoothed(self) -> Floats:
        """(classes, items) shares of the votes after adding the imagined ones."""
        found: Floats = (self.counts + SPREAD * self.share[:, None]) / (self.per_item + SPREAD)
        return found

    def shares(self) -> Floats:
        """Return the (classes, items) shares of the votes, even where nobody voted."""
        import numpy as np

        found: Floats = np.full(self.counts.shape, 1 / self.n_classes)
        np.divide(self.counts, self.per_item, out=found, where=self.per_item > 0)
        return found

    def tables(self, belief: Floats, weight: Floats) -> Floats:
        """Return (true class, annotator, given class) expected numbers of votes. weight: (items,), times belief."""
        import numpy as np

        size = self.n_annotators * self.n_classes
        found = np.empty((self.n_classes, size))
        for row, one in zip(found, belief, strict=True):
            row[:] = np.bincount(self.cell, (one * weight)[self.item], size)
        return found.reshape(self.n_classes, self.n_annotators, self.n_classes)
