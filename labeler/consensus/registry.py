"""The ways from votes to a consensus, by name. A new one is a file with `consensus(votes)` and a line here.

Note: more model is not better: with few answers an annotator simpler methods win. The average of shrunken models has
the simple ones among its twelve and hears each as far as it predicts votes it did not see, so it is, with some doubt
about the crowd as a whole, what `recommended` names wherever votes can be compared; the others stay by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.consensus.base import Consensus, Method, Votes
from labeler.consensus.methods import dawid_skene, majority, one_coin
from labeler.consensus.methods.averaged import average

if TYPE_CHECKING:
    from collections.abc import Callable

    from labeler.consensus.methods.averaged.held_out import Content

METHODS: dict[str, Method] = {
    "majority": majority.consensus,
    "one_coin": one_coin.consensus,
    "dawid_skene": dawid_skene.consensus,
    "averaged_dawid_skene": average.consensus,
    "tempered_dawid_skene": average.less_sure,
    "tempered_on_steps": average.less_sure_on_steps,
}

WITH_CONTENT: dict[str, Callable[[Votes, Content | None], Consensus]] = {
    "tempered_dawid_skene": average.less_sure,
    "tempered_on_steps": average.less_sure_on_steps,
}
"""Those of them that hear, beside the votes, a model of the contents, as far as it predicts votes."""

ON_STEPS = {"tempered_dawid_skene": "tempered_on_steps"}
"""What takes a method's place where classes are steps of a scale."""

LARGEST_WORK = 50_000_000  # votes x classes; a minute or so for twelve models, and the arrays of one in 1 GB
ENOUGH_FOR_TABLES = 50  # answers an annotator; measured: tables lose at 20 and win at 100
LARGEST_TABLES = 20_000_000  # cells of all annotators' confusion tables: 160 MB


def recommended(votes: Votes) -> str:
    """Return the name of the method that suits the votes.

    `majority` where no item has two votes: nothing tells annotators apart. Else `tempered_dawid_skene`, unless votes
    and classes are too many for it: then `dawid_skene` from 50 answers an annotator in the mean over items with two
    votes or more, if its tables are not too large, else `one_coin`.
    """
    compared = votes.compared()
    if not compared.any():
        return "majority"
    if len(votes.item) * votes.n_classes <= LARGEST_WORK:
        return "tempered_dawid_skene"
    small = votes.n_annotators * votes.n_classes**2 <= LARGEST_TABLES
    enough = compared.sum() >= ENOUGH_FOR_TABLES * (compared > 0).sum()
    return "dawid_skene" if enough and small else "one_coin"
