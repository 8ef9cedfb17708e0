"""Where the plans stand in a chart of error against cost: plain numbers in, SVG coordinates out, no words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from labeler.cost.plans import Foreseen
from labeler.web.shared.charts import round_steps

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BASE = 680, 312, 60, 668, 24, 272
_ROOM = 1.2  # beyond the dearest plan, so that its words fit


@dataclass(frozen=True)
class Mark:
    """A plan: the dot, and the ends of its bar. anchor: where its words begin, seen from the dot."""

    foreseen: Foreseen
    x: float
    y: float
    low: float
    high: float
    words_x: float
    words_y: float
    anchor: str


@dataclass(frozen=True)
class PlanChart:
    """Marks with the lines through those that always ask the same number, and through the adaptive ones.

    rows: (y, percent); columns: (x, in whole units of what is along the bottom); target: y of the most that may be
    wrong, None above the chart.
    """

    marks: tuple[Mark, ...]
    fixed: str
    adaptive: str
    rows: tuple[tuple[float, int], ...]
    columns: tuple[tuple[float, int], ...]
    target: float | None


def plan_chart(found: Sequence[Foreseen], costs: Sequence[float], target: float) -> PlanChart | None:
    """Lay plans out. costs: what each costs, in the unit of the axis; None without plans."""
    if not found:
        return None
    right = max(max(costs) * _ROOM, 1.0)
    top = max(target, *(one.error.high for one in found)) * 1.05

    def x(cost: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * cost / right, 1)

    def y(share: float) -> float:
        return round(BASE - (BASE - TOP) * share / top, 1)

    marks = tuple(_mark(one, x(cost), y) for one, cost in zip(found, costs, strict=True))
    first = next((mark for mark in marks if mark.foreseen.plan.target is not None), None)
    marks = tuple(replace(one, words_x=one.x - 9, anchor="end") if one is first else one for one in marks)
    return PlanChart(
        marks,
        _line(one for one in marks if one.foreseen.plan.target is None),
        _line(one for one in marks if one.foreseen.plan.target is not None),
        tuple((y(percent / 100), percent) for percent in round_steps(max(1, ceil(100 * top))) if percent <= 100 * top),
        tuple((x(step), step) for step in round_steps(max(1, int(right)))),
        y(target) if target <= top else None,
    )


def _mark(one: Foreseen, x: float, at: Callable[[float], float]) -> Mark:
    dot, low, high = at(one.error.middle), at(one.error.low), at(one.error.high)
    if one.plan.target is None:
        return Mark(one, x, dot, low, high, x + 9, dot - 8, "start")
    return Mark(one, x, dot, low, high, x + 9, dot + 16, "start")


def _line(marks: Iterable[Mark]) -> str:
    points = sorted((one.x, one.y) for one in marks)
    return " ".join(f"{x:g} {y:g}" for x, y in points)
