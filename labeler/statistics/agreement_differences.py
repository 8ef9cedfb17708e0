"""Where answers with parts differ: each part of every two answers to an item in one kind of difference, and the worst.

Every two people who answered an item are compared. Matching takes long, so of very many items an even share is taken,
which the page says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from labeler.measures.histogram import PAIR
from labeler.measures.intervals import Interval, ratio_interval
from labeler.statistics.marks import Answered, read_answered
from labeler.task_types.base import Content, Value
from labeler.task_types.differing import ALIKE, Difference

if TYPE_CHECKING:
    from labeler.statistics.compared import Compared

MOST_ITEMS = 2_000
SHOWN = 3
STEPS = tuple(round(0.5 + 0.05 * n, 2) for n in range(10))
"""Overlaps from which objects could be called the same."""


@dataclass(frozen=True)
class TwoAnswers:
    """Two people's answers to one item, one < two by user id, and how they differ."""

    item: int
    content: Content
    one: int
    two: int
    first: Value
    second: Value
    differences: tuple[Difference, ...]

    @property
    def differing(self) -> tuple[Difference, ...]:
        """All that is not alike."""
        return tuple(each for each in self.differences if each.kind != ALIKE)


@dataclass(frozen=True)
class Differences:
    """What all pairs of answers came to. items: compared, of `of`; parts: by kind of difference, each part once.

    partners: matched parts, and the mean of their overlaps; same_class: of partners; credit: with credit for parts of
    parts, 0 to 1; by_overlap: share of parts that have a partner, by the overlap asked for; nothing: items of which
    somebody said that there is nothing; worst: the items with the most differences.
    """

    items: int
    of: int
    pairs: int
    parts: Mapping[str, int]
    partners: int
    overlap: float | None
    credit: float | None
    credit_interval: Interval | None
    by_overlap: tuple[tuple[float, float], ...]
    nothing: int
    worst: tuple[TwoAnswers, ...]

    @property
    def total(self) -> int:
        """All parts of all pairs of answers."""
        return sum(self.parts.values())


def read_differences(session: Session, found: Compared, way: str) -> Differences | None:
    """Return how the answers that are meant differ; None for kinds without parts and where nothing was marked."""
    classes = found.classes
    if not classes.task.has_parts:
        return None
    every = found.item[found.two].tolist()
    taken = every[:: max(1, -(-len(every) // MOST_ITEMS))]
    chunks = read_answered(session, taken, classes, way)
    items = [one for chunk in chunks for one in chunk if len(one.values) >= PAIR]
    compared = [list(_pairs(found, one)) for one in items]
    nothing = sum(not all(_listed(value) for value in one.values.values()) for one in items)
    return _summed(found, compared, (len(every), nothing))


def _listed(value: Value) -> bool:
    return any(bool(parts) for parts in value.values())


def _pairs(found: Compared, one: Answered) -> Iterator[TwoAnswers]:
    task, config = found.classes.task, found.classes.config_by_code
    for first, second in combinations(sorted(one.values, key=int), 2):
        a, b = one.values[first], one.values[second]
        differences = tuple(task.part_differences(a, b, config, one.content))
        yield TwoAnswers(one.item, one.content, int(first), int(second), a, b, differences)


def _summed(found: Compared, compared: list[list[TwoAnswers]], counts: tuple[int, int]) -> Differences | None:
    import numpy as np

    pairs = [pair for item in compared for pair in item]
    parts = Counter[str]()
    for each in (each for pair in pairs for each in pair.differences):
        parts[each.kind] += len(each.first) + len(each.second)
    total = parts.total()
    if not total:
        return None
    overlaps = np.array([each.overlap for pair in pairs for each in pair.differences if each.first and each.overlap])
    task = found.classes.task
    shared = [[task.partial_credit(one.first, one.second, one.differences) for one in item] for item in compared]
    sums = np.array([np.sum(item, axis=0) for item in shared if item]).reshape(-1, 2)
    over, under = sums.sum(axis=0).tolist()
    return Differences(
        items=len(compared),
        of=counts[0],
        pairs=len(pairs),
        parts=parts,
        partners=len(overlaps),
        overlap=float(overlaps.mean()) if len(overlaps) else None,
        credit=over / under if under else None,
        credit_interval=ratio_interval(sums[:, 0], sums[:, 1]),
        by_overlap=tuple((step, 2 * int((overlaps >= step).sum()) / total) for step in STEPS),
        nothing=counts[1],
        worst=_worst(pairs),
    )


def _worst(pairs: list[TwoAnswers]) -> tuple[TwoAnswers, ...]:
    """Return of the items with the most differences the two people who differ most."""
    ranked = sorted(pairs, key=lambda pair: (-len(pair.differing), pair.item, pair.one, pair.two))
    shown: dict[int, TwoAnswers] = {}
    for pair in ranked:
        if pair.differing and len(shown) < SHOWN:
            shown.setdefault(pair.item, pair)
    return tuple(shown.values())
