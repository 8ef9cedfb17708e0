"""What becomes of items whose most voted classes have equally many votes: a tie is a person's to decide.

Unless the people on one side have shown that they are right so much more often that hardly a doubt is left. The bar for
that is high and the same everywhere: the class is 95 % likely, and each who answered the item has 50 answers that
others can be compared with, since what is known of people with fewer is mostly what was assumed of everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.consensus.base import Floats, Ints, Votes

LIKELY = 0.95  # of the class that settles a tie
KNOWN = 50  # answers beside others' that each who answered must have


def with_ties_open(label: Ints, confidence: Floats, votes: Votes) -> Ints:
    """Return the labels, -1 where the most voted classes tie and nothing passes the bar. confidence: of the labels."""
    import numpy as np

    tied = tied_items(votes.tally())
    found: Ints = np.where(tied & ~((confidence >= LIKELY) & _all_known(votes)), -1, label)
    return found


def tied_items(tally: Floats) -> NDArray[np.bool_]:
    """Return (items,) whether the most voted classes have equally many votes. tally: (items, classes)."""
    import numpy as np

    most = tally.max(axis=1, initial=0.0)
    tied: NDArray[np.bool_] = np.count_nonzero((tally == most[:, None]) & (tally > 0), axis=1) > 1
    return tied


def _all_known(votes: Votes) -> NDArray[np.bool_]:
    import numpy as np

    unknown = np.bincount(votes.item, (votes.compared() < KNOWN)[votes.annotator], votes.n_items)
    return np.asarray(unknown == 0)
