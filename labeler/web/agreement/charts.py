"""Where the marks of the two charts of the agreement page stand: plain numbers in, SVG coordinates out, no words.

The first shows that the percentage and the score are one point: its upper scale goes from 0 to 100 %, its lower one
from guessing, which is 0, to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

LEFT, RIGHT = 20.0, 500.0
BASE, TOP, FIRST, LAST = 190.0, 30.0, 54.0, 654.0
STEP = 0.1
FEWEST_PIXELS = 40.0  # between two labels of days


@dataclass(frozen=True)
class Figure:
    """x of guessing, of the share of same answers, of the score with its range, and of the target (None: no target)."""

    chance: float
    percent: float
    value: float
    low: float
    high: float
    target: float | None

    @property
    def half(self) -> float:
        """X of 0.5 on the lower scale."""
        return round((self.chance + RIGHT) / 2, 1)


def figure(percent: float, chance: float, score: tuple[float, float, float], target: float | None) -> Figure:
    """Place a share, what chance would give, and a score with its range (value, low, high)."""

    def above(share: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * share, 1)

    def below(value: float) -> float:
        start = LEFT + (RIGHT - LEFT) * chance
        return round(max(start + (RIGHT - start) * value, LEFT), 1)

    value, low, high = map(below, score)
    return Figure(above(chance), above(percent), value, low, high, None if target is None else below(target))


@dataclass(frozen=True)
class Mark:
    """One week or one day: where it begins and ends, and its number with its range. label: of the axis, or ""."""

    first: float
    last: float
    value: float
    low: float
    high: float
    number: float = 0.0
    label: date | None = None

    @property
    def middle(self) -> float:
        """Return x of its middle."""
        return round((self.first + self.last) / 2, 1)


@dataclass(frozen=True)
class Line:
    """A horizontal or vertical line with what it stands for."""

    at: float
    value: float = 0.0
    version: int = 0


@dataclass(frozen=True)
class OverTime:
    """Scores by week (bars with bands) and by day (dots with ranges); versions: of the guidelines, when they came."""

    weeks: tuple[Mark, ...]
    days: tuple[Mark, ...]
    rows: tuple[Line, ...]
    versions: tuple[Line, ...]
    target: float | None


@dataclass(frozen=True)
class Scored:
    """A score with its range, of days first to last."""

    first: date
    last: date
    value: float
    low: float
    high: float


def over_time(
    weeks: Sequence[Scored], days: Sequence[Scored], versions: Sequence[tuple[date, int]], target: float | None
) -> OverTime | None:
    """Place weeks, days and the days on which versions came; None where no week has a score."""
    if not weeks:
        return None
    scale = _Scale.of([*weeks, *days], target)
    return OverTime(
        weeks=_labelled([scale.mark(one) for one in weeks], [one.first for one in weeks]),
        days=tuple(scale.mark(one) for one in days),
        rows=tuple(Line(scale.y(value), value) for value in scale.steps()),
        versions=tuple(
            Line(scale.x(day), version=version) for day, version in versions if scale.first <= day <= scale.last
        ),
        target=None if target is None else scale.y(target),
    )


def _labelled(marks: Sequence[Mark], days: Sequence[date]) -> tuple[Mark, ...]:
    found: list[Mark] = []
    reached = -FEWEST_PIXELS
    for mark, day in zip(marks, days, strict=True):
        shown = mark.first - reached >= FEWEST_PIXELS
        reached = mark.first if shown else reached
        found.append(Mark(mark.first, mark.last, mark.value, mark.low, mark.high, mark.number, day if shown else None))
    return tuple(found)


@dataclass(frozen=True)
class _Scale:
    first: date
    last: date
    bottom: float
    top: float = 1.0

    @classmethod
    def of(cls, scored: Sequence[Scored], target: float | None) -> "_Scale":
        lowest = min([one.low for one in scored] + ([] if target is None else [target]))
        bottom = max(-1.0, int(lowest / STEP - 1e-9) * STEP if lowest >= 0 else int(lowest / STEP - 1) * STEP)
        return cls(min(one.first for one in scored), max(one.last for one in scored), round(bottom, 1))

    def x(self, day: date) -> float:
        days = max((self.last - self.first).days, 1)
        return round(FIRST + (LAST - FIRST) * (day - self.first).days / days, 1)

    def y(self, value: float) -> float:
        share = (value - self.bottom) / (self.top - self.bottom)
        return round(BASE - (BASE - TOP) * min(max(share, 0.0), 1.0), 1)

    def steps(self) -> list[float]:
        many = round((self.top - self.bottom) / STEP)
        step = STEP if many <= 6 else 2 * STEP if many <= 12 else 5 * STEP  # noqa: PLR2004 - lines that can be read
        return [round(self.top - n * step, 1) for n in range(int((self.top - self.bottom) / step + 1e-9) + 1)]

    def mark(self, one: Scored) -> Mark:
        first, last = self.x(one.first) - 8, self.x(one.last) + 8
        return Mark(round(first, 1), round(last, 1), self.y(one.value), self.y(one.low), self.y(one.high), one.value)
