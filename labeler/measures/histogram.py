"""The pattern histogram: how many items carry each multiset of counted answers.

It is enough for every measure that treats annotators alike, small (220 rows for a million answers to 10 classes, three
each), and exact under edits because it holds only integers. Note: a pattern is sorted,
so it does not know who answered what; and the class list comes from the project, so unused classes keep their place.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.errors import Invalid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Pattern = tuple[int, ...]
Histogram = Mapping[Pattern, int]

PAIR = 2  # an item says something about agreement from two answers on
_ONE_NUMBER = 2**62  # below it a row of numbers fits into one


def by_class(patterns: Mapping[str, int], index: Mapping[str, int]) -> dict[Pattern, int]:
    """Return the histogram of {"code,code,…": units}, as it is kept; codes that `index` does not know are left out."""
    result: Counter[Pattern] = Counter()
    for text, units in patterns.items():
        known = tuple(sorted(index[code] for code in text.split(",") if code in index))
        if known and units:
            result[known] += units
    return dict(result)


@dataclass(frozen=True, eq=False)
class Counts:
    """A histogram as arrays: one row a pattern, one column a class of the project.

    table: (patterns, classes) answers of each class; items: (patterns,) items with that pattern; answers: (patterns,)
    answers an item with that pattern has. All float64, whole numbers.
    """

    table: Floats
    items: Floats
    answers: Floats

    @property
    def n_classes(self) -> int:
        """Classes of the project, used or not."""
        return int(self.table.shape[1])

    @property
    def n_items(self) -> int:
        """Items with at least one answer."""
        return int(self.items.sum())

    @property
    def n_answers(self) -> int:
        """Counted answers on all items."""
        return int(self.items @ self.answers)

    def pairable(self) -> Counts:
        """Return the part with two answers an item or more."""
        kept = self.answers >= PAIR
        return Counts(self.table[kept], self.items[kept], self.answers[kept])

    def one_against_rest(self, index: int) -> Counts:
        """Return the same answers seen as "this class" (column 0) or "another" (column 1)."""
        import numpy as np

        this = self.table[:, index]
        return Counts(np.column_stack([this, self.answers - this]), self.items, self.answers)


def counts(histogram: Histogram, n_classes: int) -> Counts:
    """Turn a histogram into arrays; rows with no items and the empty pattern drop out.

    Rows are sorted, so that the order in which a database returned them changes no digit and no bootstrap interval.
    Raises Invalid for a class index outside 0..n_classes-1 or a negative number of items.
    """
    import numpy as np

    rows = {row: histogram[row] for row in sorted(histogram) if histogram[row] and row}
    lengths = np.fromiter((len(row) for row in rows), np.int64, len(rows))
    flat = np.fromiter((index for row in rows for index in row), np.int64, int(lengths.sum()))
    items = np.fromiter(rows.values(), np.float64, len(rows))
    if flat.size and not 0 <= flat.min() <= flat.max() < n_classes:
        raise Invalid("A pattern names a class outside 0..{last}.", field="histogram", last=n_classes - 1)
    if items.size and items.min() < 0:
        raise Invalid("A pattern has a negative number of items; recount the histogram.", field="histogram")
    cells = np.repeat(np.arange(len(rows)), lengths) * n_classes + flat
    table = np.bincount(cells, minlength=len(rows) * n_classes).reshape(len(rows), n_classes)
    return Counts(table.astype(np.float64), items, lengths.astype(np.float64))


def by_group(unit: Ints, label: Ints, group: Ints) -> dict[int, dict[Pattern, int]]:
    """Return {group: histogram} of units, each in one group; a group below 0 is none.

    unit, label: (answers,) whole numbers from 0 on, sorted by unit and then by label; group: (units,).
    """
    import numpy as np

    found: dict[int, dict[Pattern, int]] = {}
    starts = np.flatnonzero(np.diff(unit, prepend=-1))
    lengths = np.diff(starts, append=len(unit))
    numbers, place = np.unique(group, return_inverse=True)
    for length in np.unique(lengths).tolist():
        rows = starts[lengths == length]
        rows = rows[group[unit[rows]] >= 0]
        table = np.column_stack([place[unit[rows]], label[rows[:, None] + np.arange(length)]])
        for row, units in zip(*_counted(table), strict=True):
            found.setdefault(int(numbers[row[0]]), {})[tuple(row[1:])] = units
    return found


def _counted(table: Ints) -> tuple[list[list[int]], list[int]]:
    """Return the different rows of a table of numbers from 0 on, and how often each is in it."""
    import numpy as np

    base = [int(most) + 1 for most in table.max(axis=0, initial=0)]
    if math.prod(base) >= _ONE_NUMBER:
        rows, units = np.unique(table, axis=0, return_counts=True)
        return rows.tolist(), units.tolist()
    places = np.array([math.prod(base[n + 1 :]) for n in range(len(base))], np.int64)
    keys, units = np.unique(table @ places, return_counts=True)  # sorting numbers is ten times as fast as rows
    return (keys[:, None] // places % np.array(base, np.int64)).tolist(), units.tolist()
