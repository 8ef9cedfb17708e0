"""Consensus by counting votes: everyone weighs the same, and a tie stays a tie.

Note on the confidence: it is not the bare share (one vote would be certain) but the share after adding
one vote spread evenly over the classes.
"""

from __future__ import annotations

from labeler.consensus.base import Consensus, Votes, decided

SPREAD_VOTES = 1.0


def consensus(votes: Votes) -> Consensus:
    """Return the class with most votes for each item; undecided where two have the same."""
    probabilities = votes.tally()
    probabilities += SPREAD_VOTES / votes.n_classes
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return Consensus(probabilities, decided(probabilities, votes), probabilities.max(axis=1))
