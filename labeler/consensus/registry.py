"""The ways from votes to a consensus, by name. A new one is a file with `consensus(votes)` and a line here.

Note: more model is not better: with few answers an annotator the simpler methods win, which is what
`recommended` decides, from the votes alone.
"""

from __future__ import annotations

from labeler.consensus.base import Method, Votes
from labeler.consensus.methods import dawid_skene, majority, one_coin
from labeler.consensus.methods.averaged import average

METHODS: dict[str, Method] = {
    "majority": majority.consensus,
    "one_coin": one_coin.consensus,
    "dawid_skene": dawid_skene.consensus,
    "averaged_dawid_skene": average.consensus,
}

ENOUGH_FOR_TABLES = 50  # answers an annotator; measured: tables lose at 20 and win at 100
LARGEST_TABLES = 20_000_000  # cells of all annotators' confusion tables: 160 MB


def recommended(votes: Votes) -> str:
    """Return the name of the method that suits the votes.

    `majority` where no item has two votes (nothing tells annotators apart); `dawid_skene` from 50 answers an annotator
    in the mean over items with two votes or more, unless its tables would be too large; else `one_coin`.
    """
    import numpy as np

    compared = votes.per_item()[votes.item] > 1
    active = np.count_nonzero(np.bincount(votes.annotator[compared], minlength=1))
    if not active:
        return "majority"
    small = votes.n_annotators * votes.n_classes**2 <= LARGEST_TABLES
    enough = int(np.count_nonzero(compared)) >= ENOUGH_FOR_TABLES * active
    return "dawid_skene" if enough and small else "one_coin"
