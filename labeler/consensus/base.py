"""What consensus methods take and give: plain arrays of small integers, no names, no database.

Note: one annotator may vote on an item more than once (repeats count), items or annotators
without a vote keep their row, and `confidence` is the probability of `label` as the method sees it, which is only
as true as its assumptions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.errors import Invalid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.integer]

UNDECIDED = -1
TIED = 1e-9  # probabilities closer than this are equal


@dataclass(frozen=True, eq=False)
class Votes:
    """Three arrays of one entry a vote (indices of item, annotator and class) and how many there are of each.

    Raises Invalid where the arrays differ in length or an index is out of range.
    """

    item: Ints
    annotator: Ints
    label: Ints
    n_items: int
    n_annotators: int
    n_classes: int

    def __post_init__(self) -> None:
        columns = (("item", self.n_items), ("annotator", self.n_annotators), ("label", self.n_classes))
        for name, size in columns:
            column: Ints = getattr(self, name)
            if column.shape != (len(self.item),):
                raise Invalid("Votes need one item, annotator and label each.", field=name)
            if column.size and not 0 <= column.min() <= column.max() < size:
                raise Invalid("A vote's {name} is outside 0..{last}.", field=name, name=name, last=size - 1)

    def tally(self) -> Floats:
        """Return the (items, classes) number of votes."""
        import numpy as np

        cells = self.item.astype(np.int64) * self.n_classes + self.label
        counted = np.bincount(cells, minlength=self.n_items * self.n_classes)
        return counted.reshape(self.n_items, self.n_classes).astype(np.float64)

    def per_item(self) -> Ints:
        """Return the (items,) number of votes."""
        import numpy as np

        return np.asarray(np.bincount(self.item, minlength=self.n_items))

    def per_annotator(self) -> Ints:
        """Return the (annotators,) number of votes."""
        import numpy as np

        return np.asarray(np.bincount(self.annotator, minlength=self.n_annotators))

    def compared(self) -> Ints:
        """Return the (annotators,) number of votes on items that have two or more: the only ones that say who errs."""
        import numpy as np

        beside = self.per_item()[self.item] > 1
        return np.asarray(np.bincount(self.annotator[beside], minlength=self.n_annotators))


@dataclass(frozen=True, eq=False)
class Consensus:
    """What a method inferred.

    probabilities: (items, classes), each row sums to 1; label: (items,) class index or -1 where undecided or without a
    vote; confidence: (items,) the largest probability. accuracy: (annotators,) or None; confusion: (annotators, true
    class, given class), rows sum to 1, or None. Methods that do not model annotators leave both None. rounds: steps
    taken; converged: False where it stopped at the limit instead; content_weight: how much a model of the contents was
    heard beside the votes, 0 = not at all, 1 = like an independent opinion.
    """

    probabilities: Floats
    label: Ints
    confidence: Floats
    accuracy: Floats | None = None
    confusion: Floats | None = None
    rounds: int = 0
    converged: bool = True
    content_weight: float = 0.0


Method = Callable[[Votes], Consensus]


def decided(probabilities: Floats, votes: Votes) -> Ints:
    """Return the most probable class of each item, -1 where the two best tie or nobody voted."""
    import numpy as np

    best = probabilities.max(axis=1)
    label: Ints = probabilities.argmax(axis=1)
    tied = np.count_nonzero(probabilities >= best[:, None] - TIED, axis=1) > 1
    label[tied | (votes.per_item() == 0)] = UNDECIDED
    return label


def vote_shares(votes: Votes) -> Floats:
    """Return the (items, classes) share of votes; equal shares where nobody voted."""
    import numpy as np

    shares = votes.tally()
    total = shares.sum(axis=1, keepdims=True)
    np.divide(shares, total, out=shares, where=total > 0)
    shares[total[:, 0] == 0] = 1 / votes.n_classes
    return shares
