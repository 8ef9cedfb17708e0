"""Agreement between two people who answered the same items, for every pair of people at once.

Note: with many people a pair shares few items. Below `FEWEST_SHARED` no number is said of a pair, and above a dozen
people each of them is better compared with the others together (`persons.with_the_others`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.measures.histogram import Pattern

    Ints = NDArray[np.int64]

FEWEST_SHARED = 30  # items


@dataclass(frozen=True)
class Couple:
    """Two people, one < two by user id. cells: items by what the one said and what the two said, label by label."""

    one: int
    two: int
    cells: dict[tuple[int, int], int]

    @property
    def items(self) -> int:
        """Items that both answered."""
        return sum(self.cells.values())

    @property
    def differ(self) -> int:
        """Items on which they said different things."""
        return sum(items for (one, two), items in self.cells.items() if one != two)

    @property
    def histogram(self) -> dict[Pattern, int]:
        """The items by their pattern, whoever said what."""
        found: dict[Pattern, int] = {}
        for (one, two), items in self.cells.items():
            pattern = (min(one, two), max(one, two))
            found[pattern] = found.get(pattern, 0) + items
        return found


def couples(unit: Ints, user: Ints, label: Ints) -> list[Couple]:
    """Return every two people who share an item, in order. unit, user, label: (answers,), sorted by unit."""
    import numpy as np

    people, who = np.unique(user, return_inverse=True)
    base = int(label.max(initial=0)) + 1
    found: dict[tuple[int, int], dict[tuple[int, int], int]] = {}
    for one, two in _pairs_of_rows(unit):
        swap = who[one] > who[two]
        first, second = np.where(swap, two, one), np.where(swap, one, two)
        keys = ((who[first] * len(people) + who[second]) * base + label[first]) * base + label[second]
        for key, items in zip(*(column.tolist() for column in np.unique(keys, return_counts=True)), strict=True):
            pair, cell = divmod(key, base * base)
            cells = found.setdefault(divmod(pair, len(people)), {})
            cells[divmod(cell, base)] = cells.get(divmod(cell, base), 0) + items
    ids = people.tolist()
    return [Couple(ids[one], ids[two], found[one, two]) for one, two in sorted(found)]


def _pairs_of_rows(unit: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield rows of answers to the same unit, each two of them once."""
    import numpy as np

    starts = np.flatnonzero(np.diff(unit, prepend=-1))
    lengths = np.diff(starts, append=len(unit))
    for length in np.unique(lengths).tolist():
        rows = starts[lengths == length]
        for one, two in combinations(range(length), 2):
            yield rows + one, rows + two
