"""When the last item will be done: the daily counts of the last days, drawn again and again (bootstrap).

Note: days without work are days too, so they are among those drawn; and the band says how far
the pace of these days carries, not what a lead may change about it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

DAYS = 14
FEWEST = 2  # days with work below which nothing is said
FUTURES = 1000
HORIZON = 1500  # days looked ahead
BAND = (10, 50, 90)  # percentiles: the middle and the 80 % band around it
SEED = 1979


@dataclass(frozen=True)
class Ahead:
    """Days from today until all is done, as the pace allows: likely, and the 80 % band. late None: perhaps never."""

    early: int
    likely: int
    late: int | None


def days_ahead(daily: "Sequence[int]", left: int) -> Ahead | None:
    """Return when `left` items are done; daily: items done on each of the last days, zeros included, oldest first.

    None when nothing is left, when fewer than two of the last 14 days saw work, or when even the middle of all futures
    is more than four years away.
    """
    import numpy as np

    last = np.array(daily[-DAYS:], np.int64)
    if left <= 0 or (last > 0).sum() < FEWEST:
        return None
    reach = min(HORIZON, int(4 * left / last.mean()) + 2 * DAYS)
    drawn = np.random.default_rng(SEED).choice(last, (FUTURES, reach))
    done = drawn.cumsum(axis=1) >= left
    needed = np.where(done.any(axis=1), done.argmax(axis=1) + 1, HORIZON + 1)
    early, likely, late = (int(np.percentile(needed, at, method="higher")) for at in BAND)
    if likely > HORIZON:
        return None
    return Ahead(early, likely, late if late <= HORIZON else None)
