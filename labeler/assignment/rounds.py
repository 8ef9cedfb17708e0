"""Rounds below zero, in which answers are asked for beside the votes. A calculation.

An audit asks in the round of minus its id, a second opinion far below all of these.
"""

_FAR = 1_000_000_000  # more audits than there will ever be; what is left below fits into 32 bits


def opinion_round(decision_id: int) -> int:
    """Return the round of a second opinion. decision_id: of the decision that asked for it."""
    return -_FAR - decision_id


def asked_by(round_: int) -> int:
    """Return the id of the decision that asked for a second opinion in this round, 0 for any other round."""
    return max(0, -_FAR - round_)
