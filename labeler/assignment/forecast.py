"""When the last item will be done, and how many in a week: the days of the last two weeks, drawn again and again.

A day ahead is drawn from days like it, weekends apart from the others. Each future first draws the past anew (a double
bootstrap): a pace that is known from few days is known badly, and the range says so.
Note: days without work are days too, so they are among those drawn; and the range says how far
the pace of these days carries, not what a lead may change about it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DAYS = 14
FEWEST = 2  # days with work below which nothing is said
FUTURES = 1000
HORIZON = 1500  # days looked ahead
BAND = (10, 50, 90)  # percentiles: the middle and the 80 % band around it
SEED = 1979
WEEK = 7
_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Ahead:
    """Days from today until all is done, as the pace allows: likely, and the 80 % band. late None: perhaps never."""

    early: int
    likely: int
    late: int | None

    def widened(self, factor: float) -> Ahead:
        """Return the same with a band so many times as wide, to each side."""
        early = self.likely - factor * (self.likely - self.early)
        late = None if self.late is None else round(self.likely + factor * (self.late - self.likely))
        return replace(self, early=max(1, round(early)), late=late if late is None or late <= HORIZON else None)


@dataclass(frozen=True)
class Week:
    """How many items will be done within seven days: likely, and the 80 % band."""

    low: float
    likely: float
    high: float

    def widened(self, factor: float) -> Week:
        """Return the same with a band so many times as wide, to each side."""
        low = self.likely - factor * (self.likely - self.low)
        return Week(max(0.0, low), self.likely, self.likely + factor * (self.high - self.likely))


def days_ahead(daily: Sequence[int], left: int, today: date) -> Ahead | None:
    """Return when `left` items are done; daily: items done on each of the last days before today, zeros included.

    Today is still going on: what it brought is not among what is left, and what it will bring is not counted on.
    None when nothing is left, when fewer than two of the last 14 days saw work, or when even the middle of all futures
    is more than four years away.
    """
    import numpy as np

    last = daily[-DAYS:]
    if left <= 0 or not _enough(last):
        return None
    reach = min(HORIZON, int(4 * left / np.mean(last)) + 2 * DAYS)
    done = _futures(last, today - _DAY, today + _DAY, reach).cumsum(axis=1) >= left - 1e-6
    needed = np.where(done.any(axis=1), done.argmax(axis=1) + 1, HORIZON + 1)
    early, likely, late = (int(np.percentile(needed, at, method="higher")) for at in BAND)
    if likely > HORIZON:
        return None
    return Ahead(early, likely, late if late <= HORIZON else None)


def week_ahead(daily: Sequence[int], today: date) -> Week | None:
    """Return how many items will be done in the week after today; daily: as above, today is the last of them.

    None after fewer than two days with work.
    """
    import numpy as np

    last = daily[-DAYS:]
    if not _enough(last):
        return None
    low, likely, high = np.percentile(_futures(last, today, today + _DAY, WEEK).sum(axis=1), BAND).tolist()
    return Week(low, likely, high)


def _enough(last: Sequence[int]) -> bool:
    return sum(count > 0 for count in last) >= FEWEST


def _futures(last: Sequence[int], until: date, first: date, reach: int) -> Floats:
    """Return (futures, days) items done on each day from `first` on. until: the day of the last count.

    Before a weekend was seen, none is taken to be worked on.
    """
    import numpy as np

    chance = np.random.default_rng(SEED)
    past, weekend = np.array(last, np.float64), _weekends(until - (len(last) - 1) * _DAY, len(last))
    ahead = _weekends(first, reach)
    drawn = np.zeros((FUTURES, reach))
    for kind in (False, True):
        like = past[weekend == kind]
        if len(like) or not kind:
            drawn[:, ahead == kind] = _drawn(chance, like if len(like) else past, int((ahead == kind).sum()))
    return drawn


def _weekends(first: date, days: int) -> NDArray[np.bool_]:
    import numpy as np

    return (first.weekday() + np.arange(days)) % WEEK >= _SATURDAY


def _drawn(chance: np.random.Generator, days: Floats, count: int) -> Floats:
    """Draw (futures, count) days, those of each future from days that were drawn for it.

    Few days spread less than what they come from: they are stretched by √(n/(n - 1)).
    """
    import numpy as np

    many = len(days)
    mean = days.mean()
    stretched = np.maximum(mean + (days - mean) * np.sqrt(many / max(many - 1, 1)), 0.0)
    known = chance.choice(stretched, (FUTURES, many))
    return np.take_along_axis(known, chance.integers(many, size=(FUTURES, count)), axis=1)
