"""Agreement on boxes: match two annotators' boxes of an item one to one, then count.

A box is (x0, y0, x1, y1) in continuous pixels: no "+1 pixel". Note: classes play no part in the
matching, only in the score, so a box drawn alike and named differently is one disagreement and not two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labeler.measures.histogram import Floats

Box = tuple[float, float, float, float]

MATCHED = 0.5  # intersection over union from which two boxes are the same object


@dataclass(frozen=True)
class Overlap:
    """What two annotators' objects have in common: add these up over items and pairs, then read f1 or mean_iou."""

    matched: int = 0
    first: int = 0
    second: int = 0
    sum_iou: float = 0.0
    same_class: int = 0

    def __add__(self, other: Overlap) -> Overlap:
        return Overlap(
            self.matched + other.matched,
            self.first + other.first,
            self.second + other.second,
            self.sum_iou + other.sum_iou,
            self.same_class + other.same_class,
        )

    @property
    def f1(self) -> float | None:
        """Twice the matched over all objects drawn; None where nobody drew anything."""
        drawn = self.first + self.second
        return 2 * self.matched / drawn if drawn else None

    @property
    def mean_iou(self) -> float | None:
        """Mean intersection over union of matched objects."""
        return self.sum_iou / self.matched if self.matched else None

    @property
    def class_agreement(self) -> float | None:
        """Share of matched objects given the same class."""
        return self.same_class / self.matched if self.matched else None


def iou(one: Box, two: Box) -> float:
    """Return intersection over union, 0 to 1; 0 where both boxes are empty."""
    width = min(one[2], two[2]) - max(one[0], two[0])
    height = min(one[3], two[3]) - max(one[1], two[1])
    shared = max(width, 0.0) * max(height, 0.0)
    union = _area(one) + _area(two) - shared
    return shared / union if union > 0 else 0.0


def match(
    first: Sequence[tuple[Box, str]], second: Sequence[tuple[Box, str]], *, threshold: float = MATCHED
) -> Overlap:
    """Match two annotators' (box, class) lists of one item one to one, so that the summed overlap is largest."""
    from scipy.optimize import linear_sum_assignment

    if not first or not second:
        return Overlap(0, len(first), len(second))
    overlaps = _overlaps([box for box, _ in first], [box for box, _ in second])
    overlaps[overlaps < threshold] = 0
    rows, columns = linear_sum_assignment(overlaps, maximize=True)
    pairs = [(a, b) for a, b in zip(rows.tolist(), columns.tolist(), strict=True) if overlaps[a, b] > 0]
    same = sum(first[a][1] == second[b][1] for a, b in pairs)
    return Overlap(len(pairs), len(first), len(second), float(sum(overlaps[a, b] for a, b in pairs)), same)


def _overlaps(first: Sequence[Box], second: Sequence[Box]) -> Floats:
    import numpy as np

    return np.array([[iou(one, two) for two in second] for one in first])


def _area(box: Box) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)
