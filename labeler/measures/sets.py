"""Agreement on sets of classes: distances between two sets, and alpha over whole sets.

Each distinct set becomes one class of the same pattern histogram, so intervals and updates work as for single classes.
Note on the empty set: it is an answer ("none of these"), equal to itself and unlike every other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from labeler.measures.histogram import Pattern, counts, tally
from labeler.measures.metrics import alpha_from, coincidences

if TYPE_CHECKING:
    from labeler.measures.histogram import Floats

Labels = frozenset[int] | frozenset[str]
Distance = Callable[[Labels, Labels], float]


def jaccard(one: Labels, two: Labels) -> float:
    """Return 1 - shared / all classes named; 0 for two empty sets."""
    union = len(one | two)
    return 1 - len(one & two) / union if union else 0.0


def masi(one: Labels, two: Labels) -> float:
    """Return the MASI distance of Passonneau (2006): 1 - (shared / all) * M, M = 1, 2/3, 1/3 or 0.

    M is 1 for equal sets, 2/3 when one holds the other, 1/3 when they overlap. It multiplies the similarity; a measure
    of the same name that multiplies the Jaccard distance is another one.
    """
    return 1 - (1 - jaccard(one, two)) * (1 - nesting(one, two))


def nesting(one: Labels, two: Labels) -> float:
    """Return the distance of Passonneau (2004): 0 equal, 1/3 one holds the other, 2/3 overlap, 1 disjoint."""
    if one == two:
        return 0.0
    if one <= two or two <= one:
        return 1 / 3
    return 2 / 3 if one & two else 1.0


def set_patterns(items: Iterable[Iterable[Labels]]) -> tuple[dict[Pattern, int], list[Labels]]:
    """Return the pattern histogram over distinct sets, and those sets in the order of their index."""
    seen: dict[Labels, int] = {}
    histogram = tally([seen.setdefault(labels, len(seen)) for labels in answers] for answers in items)
    return dict(histogram), list(seen)


def distance_table(sets: Sequence[Labels], distance: Distance) -> Floats:
    """Return the (sets, sets) distances."""
    import numpy as np

    return np.array([[distance(one, two) for two in sets] for one in sets])


def set_alpha(items: Iterable[Iterable[Labels]], distance: Distance = masi) -> float | None:
    """Return Krippendorff's alpha over whole sets (distances as they are, not squared), or None if all are equal."""
    histogram, sets = set_patterns(items)
    return alpha_from(coincidences(counts(histogram, len(sets))), distance_table(sets, distance))


def mean_jaccard(items: Iterable[Sequence[Labels]]) -> float | None:
    """Return the mean Jaccard similarity of two annotators on an item, 0 to 1, each pairable item weighing the same."""
    similarities = [_pairs_mean(answers) for answers in items if len(answers) > 1]
    return sum(similarities) / len(similarities) if similarities else None


def _pairs_mean(answers: Sequence[Labels]) -> float:
    pairs = [1 - jaccard(one, two) for place, one in enumerate(answers) for two in answers[:place]]
    return sum(pairs) / len(pairs)
