"""How far a person agrees with the others, and when anything may be said about it: never who is right.

Others are no truth. Somebody whose answers differ from theirs may be the one who read the guidelines, and with few
answers chance alone makes anybody look bad. So nothing is said before a few answers were compared, nothing unless the
whole plausible range of their agreement is low, and then only that others chose otherwise, and how often.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

FEWEST = 10  # answers compared before anything is said
LOW = 0.7  # agreement below which it is said
SURE = 0.95


def others_clearly_differ(agreed: NDArray[np.float64] | float, of: NDArray[np.float64] | float) -> NDArray[np.bool_]:
    """Say of each person (or of one) whether agreement is surely below `LOW`, also at its upper 95 % bound.

    The bound is that of Beta(agreed + 1, of - agreed + 1), agreement after even shares were thought equally likely.
    agreed: answers that others or the consensus agree with, sums of probabilities allowed; of: answers compared.
    """
    import numpy as np
    from scipy.special import betainc

    same = np.minimum(np.asarray(agreed, dtype=np.float64), of)
    found: NDArray[np.bool_] = np.asarray((np.asarray(of) >= FEWEST) & (betainc(same + 1, of - same + 1, LOW) > SURE))
    return found


def with_the_others(unit: Ints, label: Ints) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Compare each answer with the consensus of the others on the same unit; returns (compared, same), one entry each.

    This is the one definition of a person's agreement with the others:

        agreement of a = answers of a that are same / answers of a that are compared

    where an answer is compared if one label leads among the answers of all *others* to the unit
    (`consensus_of_the_others`), and is the same if it is that label. So nobody is compared with a consensus that holds
    their own answer. Left out, in both numbers: units that nobody else answered, and units on which the others' leading
    labels tie. A unit is an item for one class or a rating; for several labels, boxes, polygons and spans it is one
    thing that anybody chose or marked (matched over annotators), and "not there" is a label like any other.

    unit, label: (answers,) whole numbers from 0 on, at most one answer a person and unit.
    Source: the majority of the others, leaving the person out (leave-one-out consensus).
    """
    others = consensus_of_the_others(unit, label)
    return others >= 0, others == label


def consensus_of_the_others(unit: Ints, label: Ints) -> Ints:
    """Return the label that leads among the answers of all others to the unit of each answer; -1 where none does.

    One other answer leads by itself; -1: nobody else answered, or the others' leading labels tie.
    unit, label: as for `with_the_others`.
    """
    import numpy as np

    if not len(unit):
        return np.zeros(0, np.int64)
    # Cells hold how often each label was given to each unit. With t1 the largest and t2 the next smaller number of a
    # unit, taking one answer away leaves the others with t1, or with t2 where the answer's label alone had t1.
    wide = int(label.max()) + 1
    cells, cell, number = np.unique(unit * wide + label, return_inverse=True, return_counts=True)
    given = cells % wide
    starts = np.flatnonzero(np.diff(cells // wide, prepend=-1))
    lengths = np.diff(starts, append=len(cells))
    top = np.repeat(np.maximum.reduceat(number, starts), lengths)
    first = number == top
    at_top = np.repeat(np.add.reduceat(first, starts, dtype=np.int64), lengths)
    second = np.repeat(np.maximum.reduceat(np.where(number < top, number, 0), starts), lengths)
    alone = first & (at_top == 1)
    agrees = alone & (number - 1 > second)
    # without this answer exactly one other label has the most; with more the others tie and say nothing
    differs = ~alone & (at_top - first == 1)
    # the sum of the labels at the top, less one's own where it is among them, is the one that is left
    tops = np.repeat(np.add.reduceat(np.where(first, given, 0), starts), lengths)
    other = tops - np.where(first, given, 0)
    return np.asarray(np.where(agrees, given, np.where(differs, other, -1))[cell])
