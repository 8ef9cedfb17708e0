"""Where the marks of one person's charts stand: plain numbers in, SVG coordinates out, no drawing and no words.

Both go along a person's answers and not along the calendar, so that a week off takes no room; ticks name the days.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from labeler.measures.drift import Drift
from labeler.statistics.pace import PacePoint

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BASE = 680, 190, 44, 672, 14, 160
MOST_POINTS = 300  # of a line; of more, the highest of each few is drawn
TICKS = 4


@dataclass(frozen=True)
class Tick:
    """A word at the edge. at: pixels; value: a number of the scale, or a day (proleptic ordinal, UTC)."""

    at: float
    value: float


@dataclass(frozen=True)
class DriftChart:
    """The CUSUM. since_x, crossed_x: of the alarm that stands, None without one."""

    path: str
    limit_y: float
    rows: tuple[Tick, ...]
    days: tuple[Tick, ...]
    since_x: float | None
    crossed: tuple[float, float] | None
    last: tuple[float, float]


@dataclass(frozen=True)
class PaceChart:
    """Seconds an answer: own, of the others on the same items, and half of that; a path is "" where there is none."""

    own: str
    others: str
    half: str
    rows: tuple[Tick, ...]
    days: tuple[Tick, ...]
    last: tuple[float, float]


def drift_chart(drift: Drift, days: Sequence[int]) -> DriftChart:
    """Lay out a person's CUSUM. days: of each judged answer."""
    top = max(float(drift.sums.max()), drift.limit) * 1.1
    count = len(drift.sums)

    def x(place: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * place / max(count - 1, 1), 1)

    def y(value: float) -> float:
        return _y(value, top)

    step = -(-count // MOST_POINTS)
    highest = [max(range(at, min(at + step, count)), key=lambda n: drift.sums[n]) for at in range(0, count, step)]
    places = sorted({0, count - 1, *highest})
    alarm = drift.alarm
    return DriftChart(
        path="M" + " ".join(f"{x(n):g} {y(float(drift.sums[n])):g}" for n in places),
        limit_y=y(drift.limit),
        rows=tuple(Tick(y(value), value) for value in _steps(top)),
        days=_days(days, x),
        since_x=x(alarm.since) if alarm else None,
        crossed=(x(alarm.crossed), y(float(drift.sums[alarm.crossed]))) if alarm else None,
        last=(x(count - 1), y(float(drift.sums[-1]))),
    )


def pace_chart(points: Sequence[PacePoint]) -> PaceChart | None:
    """Lay out a person's pace; None with fewer than two points."""
    if len(points) < 2:  # noqa: PLR2004 - a line needs two points
        return None
    top = 1.1 * max(max(one.own, one.others or 0.0) for one in points)
    first, last = points[0].place, points[-1].place

    def x(place: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (place - first) / max(last - first, 1), 1)

    def path(values: Sequence[float | None]) -> str:
        known = [(one, value) for one, value in zip(points, values, strict=True) if value is not None]
        return "M" + " ".join(f"{x(one.place):g} {_y(value, top):g}" for one, value in known) if known else ""

    return PaceChart(
        own=path([one.own for one in points]),
        others=path([one.others for one in points]),
        half=path([None if one.others is None else one.others / 2 for one in points]),
        rows=tuple(Tick(_y(value, top), value) for value in _steps(top)),
        days=_days([one.day for one in points], lambda n: x(points[int(n)].place)),
        last=(x(last), _y(points[-1].own, top)),
    )


def _y(value: float, top: float) -> float:
    return round(BASE - (BASE - TOP) * value / top, 1)


def _steps(top: float) -> list[float]:
    """Return 0 and at most four round values up to the top."""
    power = 10.0 ** (len(str(int(top))) - 1) if top >= 1 else 0.1
    size = next(step * power for step in (0.25, 0.5, 1, 2, 2.5, 5, 10) if top / (step * power) <= TICKS)
    return [size * n for n in range(int(top / size) + 1)]


def _days(days: Sequence[int], x: Callable[[float], float]) -> tuple[Tick, ...]:
    """Name the first day at each of some places, and none twice."""
    places = [round(n * (len(days) - 1) / TICKS) for n in range(TICKS + 1)]
    named = {days[place]: place for place in reversed(places)}
    return tuple(Tick(x(place), day) for day, place in sorted(named.items()))
