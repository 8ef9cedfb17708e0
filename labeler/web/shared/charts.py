"""Where the marks of a chart stand: plain numbers in, SVG coordinates out, no drawing and no words.

The macros in `macros/charts.html` print what is computed here. A strict content policy forbids style
attributes, so every width is an SVG attribute. Easy to get wrong: shares are 0 to 1 here and percent (0 to 100) only
in the `*_at` and `*_width` numbers that go straight into SVG; and a forecast line may end outside the chart, where it
is cut at the edge instead of squeezing the past into a corner.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

HEAT_STEPS = 20
"""Shades of a heat cell: the classes v0 to v20 of components.css."""

HOT_STEP = 9
"""From this shade on the number of a heat cell is bold."""

Point = tuple[float, float]


def percent_along(value: float, start: float, end: float) -> float:
    """Where value stands between start and end, in percent, kept inside 0 to 100."""
    return round(100 * min(max((value - start) / (end - start), 0.0), 1.0), 2)


@dataclass(frozen=True)
class Gauge:
    """An estimate with its interval and target on a scale from start to end; all in the unit of the scale."""

    value: float
    low: float
    high: float
    target: float | None
    start: float = 0.0
    end: float = 1.0
    as_percent: bool = False

    @property
    def value_at(self) -> float:
        """Percent of the width."""
        return percent_along(self.value, self.start, self.end)

    @property
    def low_at(self) -> float:
        """Percent of the width where the interval begins."""
        return percent_along(self.low, self.start, self.end)

    @property
    def range_width(self) -> float:
        """Percent of the width the interval takes, at least one so that it can be seen."""
        return round(max(percent_along(self.high, self.start, self.end) - self.low_at, 1.0), 2)

    @property
    def target_at(self) -> float | None:
        """Percent of the width, or None without a target."""
        return None if self.target is None else percent_along(self.target, self.start, self.end)


def gauge_start(low: float, target: float | None) -> float:
    """Choose the left end of a score gauge: 0.5 when everything fits above it, else 0, else -1 (below chance)."""
    lowest = low if target is None else min(low, target)
    if lowest >= 0.5:  # noqa: PLR2004  the scale of the drawing
        return 0.5
    return 0.0 if lowest >= 0 else -1.0


def gauge_end(high: float, limit: float | None) -> float:
    """Choose the right end of an error gauge: twice the limit, or the first of 10, 20, 50, 100 % above the interval."""
    highest = max(high, 2 * (limit or 0.0))
    return next((end for end in (0.1, 0.2, 0.5) if highest <= end), 1.0)


@dataclass(frozen=True)
class RangeDot:
    """A share (0 to 1) as a dot on its interval, with the team's share as a dotted line; x in a 136 px wide drawing."""

    value_x: float
    low_x: float
    high_x: float
    team_x: float | None


def range_dot(value: float, interval: tuple[float, float], team: float | None, start: float = 0.5) -> RangeDot:
    """Place a share and its interval on a line from start to 1."""

    def x(share: float) -> float:
        return round(6 + 1.24 * percent_along(share, start, 1.0), 1)

    return RangeDot(x(value), x(interval[0]), x(interval[1]), None if team is None else x(team))


def heat_level(share: float, top: float) -> int:
    """Give a share its shade 0 to 20 when `top` gets the darkest; anything above zero is at least 1."""
    if share <= 0 or top <= 0:
        return 0
    return min(HEAT_STEPS, max(1, round(HEAT_STEPS * share / top)))


@dataclass(frozen=True)
class DayCount:
    """How many items were done in all at the end of a day."""

    day: date
    done: int


@dataclass(frozen=True)
class Forecast:
    """The day on which the last item is likely done, and the 80 % band around it; late None: never at this pace."""

    likely: date
    early: date
    late: date | None


@dataclass(frozen=True)
class Tick:
    """A grid line: where it stands in the drawing and the value or day it stands for."""

    at: float
    value: int = 0
    day: date | None = None


@dataclass(frozen=True)
class Frame:
    """The plot area and its two scales."""

    first: date
    last: date
    top: int
    width: int = 680
    height: int = 200
    left: int = 52
    right: int = 672
    ceiling: float = 24.0
    base: float = 168.0

    def x(self, day: date) -> float:
        """Return where a day stands."""
        share = percent_along((day - self.first).days, 0, max((self.last - self.first).days, 1)) / 100
        return round(self.left + 12 + share * (self.right - self.left - 12), 1)

    def y(self, done: float) -> float:
        """Return where a count stands."""
        return round(self.base - (self.base - self.ceiling) * done / self.top, 1)


@dataclass(frozen=True)
class LineChart:
    """The items done over time, ready to print: SVG path data, ticks and the table behind the line."""

    frame: Frame
    width: int
    height: int
    left: int
    right: int
    base: float
    history: tuple[DayCount, ...]
    total: int
    done_path: str
    now: Point
    goal_y: float
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    band_path: str = ""
    ahead_path: str = ""
    forecast: Forecast | None = None
    forecast_at: Point | None = None

    @property
    def last(self) -> date:
        """The day at the right edge."""
        return self.frame.last

    def at(self, day: date, done: float) -> Point:
        """Return where so many items done on a day stand."""
        return self.frame.x(day), self.frame.y(done)


def line_chart(history: Sequence[DayCount], total: int, forecast: Forecast | None) -> LineChart | None:
    """Lay out the items done of `total`, one point a day, and the forecast band; None before there are two days."""
    if len(history) < 2 or total <= 0:  # noqa: PLR2004  a line needs two points
        return None
    ahead = None if history[-1].done >= total else forecast
    last = _last_day(history, ahead)
    frame = Frame(history[0].day, last, max(total, history[-1].done))
    now = (frame.x(history[-1].day), frame.y(history[-1].done))
    band, line, end = _ahead(frame, now, ahead, total) if ahead else ("", "", None)
    return LineChart(
        frame,
        frame.width,
        frame.height,
        frame.left,
        frame.right,
        frame.base,
        tuple(history),
        total,
        "M" + " ".join(f"{frame.x(point.day):g} {frame.y(point.done):g}" for point in history),
        now,
        frame.y(total),
        tuple(Tick(frame.y(value), value=value) for value in round_steps(frame.top)),
        tuple(Tick(frame.x(day), day=day) for day in round_days(frame.first, last)),
        band,
        line,
        ahead,
        end,
    )


def round_steps(top: int, most: int = 4) -> list[int]:
    """Multiples of 1, 2, 2.5, 4 or 5 times a power of ten from 0 to at most `top`, at most `most` + 1 of them."""
    rough = max(top / most, 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(
        int(factor * power) for factor in (1, 2, 2.5, 4, 5, 10) if factor * power >= rough and factor * power % 1 == 0
    )
    return list(range(0, top + 1, step))


def round_days(first: date, last: date, most: int = 7) -> list[date]:
    """Days from first to last in equal steps of 1, 2, 7, 14, 28, 91 or 364 days, at most `most` of them."""
    span = (last - first).days
    step = next((days for days in (1, 2, 7, 14, 28, 91) if span / days < most), 364)
    return [first + timedelta(days=offset) for offset in range(0, span + 1, step)][: max(most, span // 364 + 1)]


def _last_day(history: Sequence[DayCount], forecast: Forecast | None) -> date:
    """Choose the right edge: a little after the forecast, but the future takes at most two thirds of the width."""
    today = history[-1].day
    if forecast is None:
        return today
    past = (today - history[0].day).days
    wanted = (forecast.late or forecast.likely) + timedelta(days=max(past // 10, 1))
    return min(wanted, today + timedelta(days=max(2 * past, 14)))


def _ahead(frame: Frame, now: Point, forecast: Forecast, total: int) -> tuple[str, str, Point]:
    """Draw the band and the dashed line from now to the goal, cut at the right edge; and say where the line ends."""
    early, likely = (_ray(frame, now, day, total) for day in (forecast.early, forecast.likely))
    late = _ray(frame, now, forecast.late, total)
    corner = [(float(frame.right), frame.y(total))] if early[1] == frame.y(total) < late[1] else []
    band = "M" + " ".join(f"{x:g} {y:g}" for x, y in [now, early, *corner, late]) + "Z"
    return band, f"M{now[0]:g} {now[1]:g} {likely[0]:g} {likely[1]:g}", likely


def _ray(frame: Frame, now: Point, day: date | None, total: int) -> Point:
    """Where the straight line from now to (day, total) ends; without a day it stays level."""
    if day is None:
        return (float(frame.right), now[1])
    goal = frame.y(total)
    pixels_a_day = (frame.right - frame.left - 12) / max((frame.last - frame.first).days, 1)
    reach = frame.left + 12 + pixels_a_day * (day - frame.first).days
    if reach <= frame.right:
        return (max(round(reach, 1), now[0]), goal)
    return (float(frame.right), round(now[1] + (goal - now[1]) * (frame.right - now[0]) / (reach - now[0]), 1))
