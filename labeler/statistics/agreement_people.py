"""How far two people agree, and each of them with the others, on the answers that are meant.

No ranking, and no truth: others can be wrong together. Each person's number is the one of `measures.persons`, so on all
answers it is that of the list of annotators.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.measures.between_people import FEWEST_SHARED, Couple, couples
from labeler.measures.pairs import cohen_kappa
from labeler.measures.persons import with_the_others

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.measures.headline import Measured
    from labeler.statistics.compared import Compared

    Ints = NDArray[np.int64]

MOST_PEOPLE = 12
"""In a matrix of pairs; with more people each is compared with the others only."""


@dataclass(frozen=True)
class PairOfPeople:
    """Two people, one < two by user id. measured: None below 30 items; kappa: Cohen's, of answers of one class."""

    one: int
    two: int
    items: int
    differ: int
    measured: Measured | None
    kappa: float | None


@dataclass(frozen=True)
class PersonCompared:
    """One person. agreed of compared: answers that are the others' consensus; differ: of items others answered too."""

    user: int
    items: int
    differ: int
    agreed: int
    compared: int


def pairs_of_people(found: Compared) -> tuple[PairOfPeople, ...]:
    """Return every two people who share an item."""
    return tuple(_pair(found, one) for one in couples(found.place, found.user, found.label))


def _pair(found: Compared, one: Couple) -> PairOfPeople:
    if one.items < FEWEST_SHARED:
        return PairOfPeople(one.one, one.two, one.items, one.differ, None, None)
    task, codes = found.classes.task, found.classes.codes
    patterns = {",".join(found.codes[label] for label in row): items for row, items in one.histogram.items()}
    kappa = _kappa(one, len(codes)) if task.one_class else None
    return PairOfPeople(one.one, one.two, one.items, one.differ, task.agreement(patterns, codes), kappa)


def _kappa(one: Couple, size: int) -> float | None:
    import numpy as np

    table = np.zeros((size, size))
    for cell, items in one.cells.items():
        table[cell] = items
    return cohen_kappa(table)


def persons_compared(found: Compared, marks: Mapping[int, tuple[int, int]] | None = None) -> list[PersonCompared]:
    """Return everybody who answered an item that others answered too, by user id.

    marks: (agreed, compared) of each, where answers are no single class and were compared thing by thing.
    """
    import numpy as np

    asked = found.two[found.place]
    user, place = found.user[asked], found.place[asked]
    people, who = np.unique(user, return_inverse=True)
    judged = found.judged[place]
    compared, same = with_the_others(place[judged], found.label[asked][judged])

    def count(which: Ints) -> list[int]:
        return [int(number) for number in np.bincount(which, minlength=len(people))]

    items, differ = count(who), count(who[found.differ[place]])
    of, agreed = count(who[judged][compared]), count(who[judged][same])
    known = marks or {one: (agreed[n], of[n]) for n, one in enumerate(people.tolist())}
    return [PersonCompared(one, items[n], differ[n], *known.get(one, (0, 0))) for n, one in enumerate(people.tolist())]
