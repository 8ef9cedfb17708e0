"""Which classes are taken for one another: where disagreement comes from, and what settling a pair could bring.

All pairs of answers to one item that are not the same class are disagreement; a pair of classes has a share of it, the
cells of the coincidence matrix off its diagonal. "If settled" is alpha with the two classes as one: the most that a
rule about them can bring.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labeler.measures.metrics import alpha, coincidences, items_together

if TYPE_CHECKING:
    from labeler.measures.histogram import Counts


@dataclass(frozen=True)
class ClassPair:
    """Two classes by index, first < second. share: of all disagreement, 0 to 1; items: that were called both.

    settled: nominal alpha with the two as one class, None where that is undefined.
    """

    first: int
    second: int
    share: float
    items: int
    settled: float | None


def class_pairs(counts: Counts, most: int = 5) -> tuple[list[ClassPair], int]:
    """Return the pairs with the largest shares of disagreement, at most `most`, and how many pairs have any."""
    import numpy as np

    together, items = coincidences(counts), items_together(counts)
    apart = np.triu(together, 1)
    total = float(apart.sum())
    rows, columns = np.nonzero(apart > 0)
    found = [
        ClassPair(one, two, float(apart[one, two]) / total, int(items[one, two]), None)
        for one, two in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
    found.sort(key=lambda pair: (-pair.share, pair.first, pair.second))
    return [replace(pair, settled=_settled(counts, pair)) for pair in found[:most]], len(found)


def _settled(counts: Counts, pair: ClassPair) -> float | None:
    import numpy as np

    table = counts.table.copy()
    table[:, pair.first] += table[:, pair.second]
    return alpha(replace(counts, table=np.delete(table, pair.second, axis=1)))


@dataclass(frozen=True)
class ClassItems:
    """Items with two answers or more of which one at least is this class, and those of them whose answers differ."""

    items: int
    differ: int


def class_items(counts: Counts) -> list[ClassItems]:
    """Return the items of each class of the project, in order."""
    pairable = counts.pairable()
    said = pairable.table > 0
    mixed = said & (pairable.table < pairable.answers[:, None])
    every, differ = (pairable.items @ which for which in (said, mixed))
    return [ClassItems(round(one), round(two)) for one, two in zip(every.tolist(), differ.tolist(), strict=True)]


def items_differing(counts: Counts) -> int:
    """Return how many items have answers that differ."""
    pairable = counts.pairable()
    return round(float(pairable.items @ (pairable.table.max(axis=1, initial=0) < pairable.answers)))
