"""What the pages of audits show, as plain values. Shares are 0 to 1; times are minutes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from labeler import workflow
from labeler.audits.anytime import any_time_range
from labeler.audits.estimate import wilson_range
from labeler.audits.sample import extra_for_classes
from labeler.measures.intervals import Interval
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.statistics.audit_result import AuditResult, Part
from labeler.statistics.remaining_error import expected_share, maximum_of, seconds_an_answer
from labeler.web.shared.charts import Gauge, RangeDot, gauge_end, range_dot
from labeler.workflow.audits import MOST_VALUES

SIZES = (50, 100, 200, 400, 800, 1500)
SHOWN = 4
CHART = (44, 604, 16, 188)  # left, right, top, base of the drawing
POINTS = 40


@dataclass(frozen=True)
class Size:
    """One size to choose, with the range it would give and the minutes it takes; extra: more, to show each class."""

    items: int
    within: Interval
    minutes: int
    extra: int


@dataclass(frozen=True)
class Column:
    """A metadata column. values: how many it has; offered: few enough to show a result by."""

    name: str
    values: int

    @property
    def offered(self) -> bool:
        """Whether a result can be shown by it."""
        return self.values <= MOST_VALUES


@dataclass(frozen=True)
class RangeChart:
    """The width of the range by size: SVG paths, rows [(y, share)], columns [(x, items)] and the mark of one size."""

    band: str
    middle: float
    rows: tuple[tuple[float, float], ...]
    columns: tuple[tuple[float, int], ...]
    mark: tuple[float, float, float]


@dataclass(frozen=True)
class Start:
    """What the page to start an audit shows."""

    labels: int
    share: float
    maximum: float
    seconds: float
    sizes: tuple[Size, ...]
    chosen: Size | None
    columns: tuple[Column, ...]
    one_class: bool
    chart: RangeChart | None


def read_start(session: Session, project: Project) -> Start:
    """Return what can be audited now, and what each size would give."""
    found = workflow.population(session, project)
    labels, share = len(found), expected_share(session, project.id)
    seconds = seconds_an_answer(session, project.id)
    one_class = classes_of(session, project.id).task.one_class
    counts: dict[str, int] = {}
    for one in found.values() if one_class else ():
        counts[one.code] = counts.get(one.code, 0) + 1
    sizes = tuple(_size(items, labels, share, seconds, counts) for items in sizes_for(labels))
    chosen = sizes[min(2, len(sizes) - 1)] if sizes else None
    columns = [Column(name, values) for name, values in workflow.slice_columns(session, project.id).items()]
    return Start(
        labels,
        share,
        maximum_of(project),
        seconds,
        sizes,
        chosen,
        tuple(sorted(columns, key=lambda one: (not one.offered, one.name))),
        one_class,
        range_chart(labels, share, chosen.items) if chosen and len(sizes) > 1 else None,
    )


def sizes_for(labels: int) -> list[int]:
    """Return up to four sizes to choose from: the largest that are fewer than all, or all where there are few."""
    fewer = [size for size in SIZES if size < labels]
    every = [*fewer, labels] if 0 < labels <= SIZES[-1] else fewer
    return every[-SHOWN:]


def expected_range(items: int, labels: int, share: float) -> Interval:
    """Return the range that an audit of so many items gives, if this share of all labels is wrong."""
    return wilson_range(round(items * share), items, labels)


def _size(items: int, labels: int, share: float, seconds: float, counts: Mapping[str, int]) -> Size:
    minutes = math.ceil(items * seconds / 60)
    return Size(items, expected_range(items, labels, share), minutes, extra_for_classes(counts, items) if counts else 0)


def range_chart(labels: int, share: float, chosen: int) -> RangeChart:
    """Draw the expected range from 50 items to twice the largest size, or to all labels."""
    left, right, top, base = CHART
    end = min(labels, 2000)
    start = min(50, end)
    sizes = sorted({round(start + (end - start) * n / POINTS) for n in range(POINTS + 1)})
    ranges = [_smooth(size, labels, share) for size in sizes]
    highest = max(0.01, math.ceil(max(one.high for one in ranges) * 50) / 50)

    def x(size: float) -> float:
        return round(left + (right - left) * (size - start) / max(1, end - start), 1)

    def y(value: float) -> float:
        return round(base - (base - top) * min(value, highest) / highest, 1)

    upper = " ".join(f"{x(size)} {y(one.high)}" for size, one in zip(sizes, ranges, strict=True))
    lower = " ".join(f"{x(size)} {y(one.low)}" for size, one in reversed(list(zip(sizes, ranges, strict=True))))
    at = _smooth(chosen, labels, share)
    steps = [highest * n / 4 for n in range(5)]
    return RangeChart(
        f"M{upper} L{lower}Z",
        y(share),
        tuple((y(step), step) for step in steps),
        tuple((x(size), size) for size in (*[one for one in SIZES if start <= one < 0.9 * end], end)),
        (x(chosen), y(at.low), y(at.high)),
    )


def _smooth(items: int, labels: int, share: float) -> Interval:
    """As `expected_range`, without the steps of whole items."""
    from labeler.audits.estimate import effective_size
    from labeler.measures.intervals import wilson_of_share

    of = effective_size(items, labels)
    return Interval(share, share) if math.isinf(of) else wilson_of_share(share, of)


@dataclass(frozen=True)
class Today:
    """What closing with the answers so far would give, and the range at the planned end; both if `share` is wrong."""

    share: float
    now: Interval
    planned: Interval


def read_today(session: Session, project_id: int, answered: int, size: int, population: int) -> Today:
    """Return it for a running audit."""
    share = expected_share(session, project_id)
    wrong = round(answered * share)
    return Today(share, any_time_range(wrong, answered, population), expected_range(size, max(size, population), share))


@dataclass(frozen=True)
class Row:
    """A class, a slice or a group as a line. words: its name; position: of a class, 0 for others."""

    words: str
    position: int
    part: Part
    dot: RangeDot | None


def gauge_of(found: AuditResult) -> Gauge:
    """Return the headline on its scale."""
    one, maximum = found.estimate, found.audit.maximum
    return Gauge(one.share, one.low, one.high, maximum, end=gauge_end(one.high, maximum), as_percent=True)


def rows_of(parts: Sequence[Part], words: Mapping[str, str], positions: Mapping[str, int], maximum: float) -> list[Row]:
    """Return the lines of a table, their ranges on one scale with the maximum as its dotted line."""
    end = max([2 * maximum, *[one.share.high for one in parts if one.share]], default=1.0)

    def dot(one: Part) -> RangeDot | None:
        if one.share is None:
            return None
        return range_dot(
            one.share.share / end, (one.share.low / end, one.share.high / end), min(1.0, maximum / end), 0.0
        )

    return [Row(words.get(one.name, one.name), positions.get(one.name, 0), one, dot(one)) for one in parts]
