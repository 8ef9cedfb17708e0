"""Agreement on sets, boxes and spans counted the plain way, two annotators of an item at a time.

What the project computes from histograms is compared with this. It is slow, and short enough to be checked by reading.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from labeler.measures.histogram import Pattern, counts
from labeler.measures.metrics import alpha_from, coincidences
from labeler.task_types.geometry import iou_of_boxes

Labels = frozenset[int] | frozenset[str]
Distance = Callable[[Labels, Labels], float]
Box = tuple[float, float, float, float]  # x, y, width, height
Span = tuple[int, int, str]
MATCHED = 0.5  # intersection over union from which two boxes are the same object


def tally(items: Iterable[Iterable[int]]) -> Counter[Pattern]:
    """Return the pattern histogram, one iterable of class indices an item; items without an answer are left out."""
    counted = Counter(tuple(sorted(answers)) for answers in items)
    counted.pop((), None)
    return counted


def jaccard(one: Labels, two: Labels) -> float:
    """Return 1 - shared / all classes named; 0 for two empty sets."""
    union = len(one | two)
    return 1 - len(one & two) / union if union else 0.0


def masi(one: Labels, two: Labels) -> float:
    """Return the MASI distance of Passonneau (2006): 1 - (shared / all) * M, M = 1, 2/3, 1/3 or 0.

    M is 1 for equal sets, 2/3 when one holds the other, 1/3 when they overlap. It multiplies the similarity; a measure
    of the same name that multiplies the Jaccard distance is another one.
    """
    return 1 - (1 - jaccard(one, two)) * (1 - _nesting(one, two))


def _nesting(one: Labels, two: Labels) -> float:
    """Return the distance of Passonneau (2004): 0 equal, 1/3 one holds the other, 2/3 overlap, 1 disjoint."""
    if one == two:
        return 0.0
    if one <= two or two <= one:
        return 1 / 3
    return 2 / 3 if one & two else 1.0


def distance_table(sets: Sequence[Labels], distance: Distance) -> Any:
    """Return the (sets, sets) distances."""
    return np.array([[distance(one, two) for two in sets] for one in sets])


def set_alpha(items: Iterable[Iterable[Labels]], distance: Distance = masi) -> float | None:
    """Return Krippendorff's alpha over whole sets (distances as they are, not squared), or None if all are equal."""
    seen: dict[Labels, int] = {}
    histogram = tally([seen.setdefault(labels, len(seen)) for labels in answers] for answers in items)
    return alpha_from(coincidences(counts(histogram, len(seen))), distance_table(list(seen), distance))


def mean_jaccard(items: Iterable[Sequence[Labels]]) -> float | None:
    """Return the mean Jaccard similarity of two annotators on an item, 0 to 1, each pairable item weighing the same."""
    similarities = [_pairs_mean(answers) for answers in items if len(answers) > 1]
    return sum(similarities) / len(similarities) if similarities else None


def _pairs_mean(answers: Sequence[Labels]) -> float:
    pairs = [1 - jaccard(one, two) for place, one in enumerate(answers) for two in answers[:place]]
    return sum(pairs) / len(pairs)


@dataclass(frozen=True)
class Overlap:
    """What two annotators' objects have in common: add these up over items and pairs."""

    matched: int = 0
    first: int = 0
    second: int = 0
    same_class: int = 0

    def __add__(self, other: "Overlap") -> "Overlap":
        return Overlap(
            self.matched + other.matched,
            self.first + other.first,
            self.second + other.second,
            self.same_class + other.same_class,
        )

    @property
    def f1(self) -> float | None:
        """Twice the matched over all objects drawn; None where nobody drew anything."""
        drawn = self.first + self.second
        return 2 * self.matched / drawn if drawn else None

    @property
    def class_agreement(self) -> float | None:
        """Share of matched objects given the same class."""
        return self.same_class / self.matched if self.matched else None


def match(first: Sequence[tuple[Box, str]], second: Sequence[tuple[Box, str]]) -> Overlap:
    """Match two annotators' (box, class) lists of one item one to one, so that the summed overlap is largest."""
    from scipy.optimize import linear_sum_assignment

    if not first or not second:
        return Overlap(0, len(first), len(second))
    overlaps = np.array([[iou_of_boxes(one, two) for two, _ in second] for one, _ in first])
    overlaps[overlaps < MATCHED] = 0
    rows, columns = linear_sum_assignment(overlaps, maximize=True)
    pairs = [(a, b) for a, b in zip(rows.tolist(), columns.tolist(), strict=True) if overlaps[a, b] > 0]
    same = sum(first[a][1] == second[b][1] for a, b in pairs)
    return Overlap(len(pairs), len(first), len(second), same)


def exact(first: Sequence[Span], second: Sequence[Span]) -> Overlap:
    """Count spans with the same start, end and class; a span marked twice counts twice."""
    matched = (Counter(first) & Counter(second)).total()
    return Overlap(matched, len(first), len(second), matched)
