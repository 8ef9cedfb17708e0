"""What all of it will have cost: the time and money an answer took so far, and how many are still to come.

Everything that was done is shared out to the answers for labels, so test items, reviews and audits go on as they did.
The range is of the days drawn anew, each an even part of the past, and of as many days as are still to come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.assignment.forecast import BAND, FUTURES, SEED
from labeler.cost.ledger import ANSWERS, Ledger, Work

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    import numpy as np
    from numpy.typing import NDArray

    from labeler.cost.prices import Prices

    Floats = NDArray[np.float64]

FEWEST = 2  # days with answers


@dataclass(frozen=True)
class Range:
    """A number that will be, with its 80 % range."""

    likely: float
    low: float
    high: float


@dataclass(frozen=True)
class AtTheEnd:
    """Hours and money (in the smallest coin, None without prices) once the last answer is in."""

    hours: Range
    money: Range | None


def at_the_end(
    work: Sequence[Work], spent: Ledger, left: int, prices: Prices, leads: AbstractSet[int]
) -> AtTheEnd | None:
    """Return what it comes to with `left` answers still to come; None before two days with answers."""
    by_day: dict[int, list[float]] = {}
    for one in work:
        day = by_day.setdefault(one.day, [0.0, 0.0, 0.0])
        day[0] += one.count if one.step == ANSWERS else 0
        day[1] += one.milliseconds / 3_600_000
        day[2] += one.milliseconds / 3_600_000 * (prices.of(one.user, leads) or 0)
    days = list(by_day.values())
    total = spent.total
    if left > 0 and sum(day[0] > 0 for day in days) < FEWEST:
        return None
    hours = _more(total.hours, [(day[0], day[1]) for day in days], left)
    money = None if total.money is None else _more(total.money, [(day[0], day[2]) for day in days], left)
    return AtTheEnd(hours, money)


def _more(spent: float, days: Sequence[tuple[float, float]], left: int) -> Range:
    """Return what is spent and `left` times what an answer took. days: answers of each day, and what they took."""
    import numpy as np

    if left <= 0:
        return Range(spent, spent, spent)
    answers, took = np.array(days, np.float64).T
    rate = took.sum() / answers.sum()
    drawn = np.random.default_rng(SEED).integers(len(days), size=(FUTURES, len(days)))
    many = answers[drawn].sum(axis=1)
    rates = np.divide(took[drawn].sum(axis=1), many, out=np.full(FUTURES, rate), where=many > 0)
    to_come = max(left / (answers.sum() / len(days)), 1.0)
    spread = (rates - rate) * np.sqrt(1 + len(days) / to_come)
    low, _, high = np.percentile(np.maximum(rate + spread, 0.0), BAND).tolist()
    return Range(spent + rate * left, spent + low * left, spent + high * left)
