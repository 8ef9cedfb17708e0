"""How many of the next labels are wrong: a sum of probabilities, and where the number lies in 9 of 10 cases.

A Poisson-binomial variable in its normal approximation, with what the curve of the probabilities itself does not know
added: were it too high for one label, it would be so for all.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from labeler.quality.calibration.curve import REACH
from labeler.quality.calibration.probability import ProbabilityWrong


@dataclass(frozen=True)
class Expected:
    """Of so many labels, how many are wrong: the expected number, and the whole numbers it lies between."""

    of: int
    wrong: float
    low: int
    high: int


def expected_wrong(said: Iterable[ProbabilityWrong]) -> Expected | None:
    """Return what to expect of these labels; None where no probability is known of any."""
    known = [(one.probability, one.low, one.high) for one in said if one.probability is not None]
    if not known:
        return None
    wrong = sum(p for p, _, _ in known)
    by_chance = sum(p * (1 - p) for p, _, _ in known)
    together = sum(((high or 0.0) - (low or 0.0)) / (2 * REACH) for _, low, high in known)
    reach = REACH * math.sqrt(by_chance + together**2)
    low, high = max(0, math.floor(wrong - reach + 0.5)), min(len(known), math.ceil(wrong + reach - 0.5))
    return Expected(len(known), wrong, min(low, math.floor(wrong)), max(high, math.ceil(wrong)))
