"""Rounds below zero, in which answers are asked for beside the votes. A calculation.

An audit asks in the round of minus its id, a second opinion far below all of these, and below those are two rounds that
are everybody's: one for all test items, one for what people are asked a second time.
"""

_FAR = 1_000_000_000  # more audits than there will ever be; what is left below fits into 32 bits
TEST, REPEAT = -2_000_000_000, -2_000_000_001
"""Rounds of test items and of repeats. Many people answer an item in them, each of them once."""


def opinion_round(decision_id: int) -> int:
    """Return the round of a second opinion. decision_id: of the decision that asked for it."""
    return -_FAR - decision_id


def asked_by(round_: int) -> int:
    """Return the id of the decision that asked for a second opinion in this round, 0 for any other round."""
    return max(0, -_FAR - round_) if round_ > TEST else 0


def is_for_each(round_: int) -> bool:
    """Whether everybody may be asked in this round; in others below zero it is one person."""
    return round_ in {TEST, REPEAT}
