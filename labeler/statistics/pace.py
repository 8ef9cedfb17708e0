"""How long a person takes for an answer over time, beside the others on the same items. Breaks are left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.annotations.columns import IDLE

if TYPE_CHECKING:
    from labeler.statistics.annotators import Compared

WINDOW = 40  # answers that a point is the median of
POINTS = 90  # of a line at most


@dataclass(frozen=True)
class PacePoint:
    """One point of the line. place: the last of its answers, from 0; day: of that one, proleptic ordinal, UTC.

    own: median seconds; others: of everybody else on the same items, None where too few were timed.
    """

    place: int
    day: int
    own: float
    others: float | None


def pace(found: Compared, user: int) -> list[PacePoint]:
    """Return the rolling median of a person's timed answers that were given one by one; [] while there are too few."""
    import numpy as np

    votes = found.votes
    rows = found.rows_of.get(user, np.zeros(0, np.int64))
    rows = rows[(votes.seconds[rows] > 0) & (votes.seconds[rows] <= IDLE) & ~votes.paged[rows]]
    if len(rows) < WINDOW:
        return []
    ends = np.unique(np.linspace(WINDOW, len(rows), min(POINTS, len(rows) - WINDOW + 1)).astype(np.int64))
    points = []
    for end in ends.tolist():
        window = rows[end - WINDOW : end]
        others = found.times.of_others(user, votes.place[window])
        usual = float(np.median(others)) if len(others) >= WINDOW // 2 else None
        day = int(votes.day[window[-1]])
        points.append(PacePoint(end - 1, day, float(np.median(votes.seconds[window])), usual))
    return points
