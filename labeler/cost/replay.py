"""What asking only while a label is unsure would have saved: the answers so far, gone through again in their order.

Nobody knows the truth. All answers of an item together say how likely each class is, and both labels, that of all
answers and that of those which would have been asked for, are held against it. So a saving is only said with both
errors, and only where their ranges overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.consensus.base import Votes
from labeler.consensus.methods import one_coin
from labeler.cost.plans import LEAST, Range
from labeler.cost.simulation import Answered, course, ends

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST = 100  # items gone through again
WORTH = 0.05  # of the answers, less than which is no saving
_REPLICATES = 400
_SEED = 1979
_BAND = (10, 50, 90)


@dataclass(frozen=True)
class Replayed:
    """What came of it. items: gone through; votes: answers of each; needed: answers an item would have had.

    error, error_of_all: share of labels wrong by the answers needed, and by all, with 80 % ranges.
    """

    items: int
    votes: int
    needed: float
    error: Range
    error_of_all: Range

    @property
    def saved(self) -> float:
        """The share of the answers that would not have been asked for."""
        return 1 - self.needed / self.votes

    @property
    def shows_saving(self) -> bool:
        """Whether it saves something at an error that is about the same."""
        return self.saved >= WORTH and self.error.low <= self.error_of_all.high


def replayed(said: Sequence[Sequence[tuple[int, int]]], classes: int, target: float) -> Replayed | None:
    """Go through answers again. said: of each item, (user id, class position) as often as each item wants.

    None of fewer than 100 items, or where no item has more than two answers.
    """
    import numpy as np

    if len(said) < FEWEST or len(said[0]) <= LEAST:
        return None
    table = np.array(said, np.int64)
    many, votes, _ = table.shape
    _, person = np.unique(table[:, :, 0], return_inverse=True)
    person, label = person.reshape(many, votes), table[:, :, 1]
    known = Votes(
        np.repeat(np.arange(many), votes), person.ravel(), label.ravel(), many, int(person.max()) + 1, classes
    )
    fitted = one_coin.consensus(known)
    if fitted.accuracy is None:
        return None
    went = course(Answered(person, label, fitted.accuracy), fitted.probabilities.mean(axis=0))
    last = ends(went.doubt, LEAST, votes, target)
    rows = np.arange(many)
    error = 1 - fitted.probabilities[rows, went.after(last)]
    of_all = 1 - fitted.probabilities.max(axis=1)
    return Replayed(many, votes, float(last.mean()), _range(error), _range(of_all))


def _range(wrong: Floats) -> Range:
    """Return the mean with its range over items drawn anew."""
    import numpy as np

    drawn = np.random.default_rng(_SEED).integers(len(wrong), size=(_REPLICATES, len(wrong)))
    low, _, high = np.percentile(wrong[drawn].mean(axis=1), _BAND).tolist()
    return Range(float(wrong.mean()), low, high)
