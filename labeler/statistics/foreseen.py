"""How the work went on, day by day, what was foreseen each Friday and what came, and when it will be done.

What was foreseen is computed from the days before that Friday alone, by the same function as today. Past days count as
they do now: an answer that was taken back since is missing in what was foreseen and in what came alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil

from labeler.assignment.forecast import DAYS, WEEK, Ahead, Week, days_ahead, week_ahead
from labeler.statistics.counts import ProjectCounts

SHOWN_DAYS = 365
SHOWN_FRIDAYS = 26
_FARTHEST = 5.0  # halves of a range; weeks that were farther off than that teach no more
_FRIDAY = 4
_LEVEL = 0.8  # of the ranges
_NORMAL = (0.049, 0.147, 0.248, 0.354, 0.466, 0.589, 0.729, 0.898, 1.123, 1.529)
"""How far ten weeks are from what was foreseen, in halves of their 80 % ranges, where these are right (normal)."""


@dataclass(frozen=True)
class Foreseen:
    """What was foreseen at the end of a Friday for the end of the next: items done in all, with the 80 % range.

    done: items done when it was made; happened: items done a week later, None while that Friday is not over.
    """

    made: date
    done: int
    low: int
    likely: int
    high: int
    happened: int | None

    @property
    def day(self) -> date:
        """The day it is about."""
        return self.made + timedelta(days=WEEK)

    @property
    def hit(self) -> bool | None:
        """Whether what happened lies in the range; None while nobody knows."""
        return None if self.happened is None else self.low <= self.happened <= self.high


@dataclass(frozen=True)
class Outlook:
    """Forecasts of each Friday, oldest first; when all will be done; how much wider ranges are by what came before."""

    fridays: tuple[Foreseen, ...]
    ahead: Ahead | None
    wider: float

    @property
    def known(self) -> list[Foreseen]:
        """Those of which it is known what happened."""
        return [one for one in self.fridays if one.happened is not None]

    @property
    def hits(self) -> int:
        """How many of these fell inside their range."""
        return sum(one.hit is True for one in self.known)


def done_by_day(days: Sequence[tuple[int, int]], today: date) -> list[tuple[date, int]]:
    """Return the items done in all at the end of each day, from the first day with work to today, a year at the most.

    days: (ordinal, items done by then) of days on which items were done. Answers that were given elsewhere bring the
    days on which they were given, which may be long ago.
    """
    known = dict(days)
    if not known:
        return []
    last = max(today.toordinal(), *known)
    first = max(min(known), last - SHOWN_DAYS)
    found, done = [], max((count for day, count in known.items() if day < first), default=0)
    for ordinal in range(first, last + 1):
        done = known.get(ordinal, done)
        found.append((date.fromordinal(ordinal), done))
    return found


def outlook(counts: ProjectCounts, today: date) -> Outlook:
    """Return what was and is foreseen of a project; today is still going on and teaches nothing yet."""
    history = [point for point in done_by_day(counts.days, today) if point[0] < today]
    fridays, wider = _fridays(history[-(SHOWN_FRIDAYS + 3) * WEEK :], counts.items)
    ahead = days_ahead(_daily(history), counts.items - counts.done, today)
    return Outlook(tuple(fridays[-SHOWN_FRIDAYS:]), ahead.widened(wider) if ahead else None, wider)


def _daily(history: Sequence[tuple[date, int]]) -> list[int]:
    """Return the items done on each of the last days."""
    totals = [0, *(done for _, done in history[-DAYS - 1 :])][-DAYS - 1 :]
    return [now - before for before, now in pairwise(totals)]


def _fridays(history: Sequence[tuple[date, int]], items: int) -> tuple[list[Foreseen], float]:
    """Return the forecast of each Friday, each as wide as the weeks before it taught, and how wide the next must be."""
    found: list[Foreseen] = []
    distances: list[float] = []
    weeks: dict[int, Week] = {}
    for at, (day, done) in enumerate(history):
        if day.weekday() != _FRIDAY:
            continue
        if at - WEEK in weeks and done < items:  # of a week in which all was done nobody knows how much it could be
            distances.append(_distance(weeks[at - WEEK], done - history[at - WEEK][1]))
        week = week_ahead(_daily(history[: at + 1]), day)
        if week is not None and done < items:
            weeks[at] = week
            happened = history[at + WEEK][1] if at + WEEK < len(history) else None
            found.append(_foreseen(day, done, week.widened(widening(distances)), items, happened))
    return found, widening(distances)


def _foreseen(day: date, done: int, week: Week, items: int, happened: int | None) -> Foreseen:
    low, likely, high = (min(round(done + count), items) for count in (week.low, week.likely, week.high))
    return Foreseen(day, done, low, likely, high, happened)


def _distance(week: Week, came: int) -> float:
    """Return how far a week was from its middle, in halves of its range on that side."""
    half = week.high - week.likely if came > week.likely else week.likely - week.low
    return min(abs(came - week.likely) / half, _FARTHEST) if half > 0 else float(abs(came - week.likely) >= 1)


def widening(distances: Sequence[float]) -> float:
    """Return how many times as wide a range has to be, at least 1, to hold 80 % of such distances.

    Ten weeks that were foreseen rightly are taken to have come before, so that one bad week says little.
    """
    known = sorted([*distances, *_NORMAL])
    return max(1.0, known[ceil(_LEVEL * len(known)) - 1])
