"""Agreement on cutting a text into units: Krippendorff's unitizing alpha (1995; 2004, p. 251).

Each annotator cuts the same continuum (the characters of a text) into units of a class and gaps between them, each
class looked at alone. Note: it is quadratic in the number of units and meant for one text on
request, not for a page that is read often; spans of a class by one annotator must not overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from labeler.errors import Invalid

Unit = tuple[int, int, int, str]  # start, length, annotator, class


@dataclass(frozen=True)
class Stretch:
    """A run of the continuum one annotator marked with the class (marked) or left (a gap)."""

    start: int
    length: int
    marked: bool

    def distance(self, other: Stretch) -> int:
        """Return the squared distance: how far both ends lie apart, or the whole unit if it lies within a gap."""
        apart = self.start - other.start, self.start + self.length - other.start - other.length
        overlapping = self.start < other.start + other.length and other.start < self.start + self.length
        if self.marked and other.marked:
            return apart[0] ** 2 + apart[1] ** 2 if overlapping else 0
        if self.marked and apart[0] >= 0 >= apart[1]:
            return self.length**2
        if other.marked and apart[0] <= 0 <= apart[1]:
            return other.length**2
        return 0


def unitizing_alpha(units: Sequence[Unit], start: int, length: int, n_annotators: int) -> float | None:
    """Return alpha over all classes of a continuum of `length` characters from `start`; None where undefined."""
    labels = sorted({label for *_, label in units})
    parts = [
        _disagreement([unit for unit in units if unit[3] == label], start, length, n_annotators) for label in labels
    ]
    expected = sum(part[1] for part in parts)
    return 1 - sum(part[0] for part in parts) / expected if expected > 0 else None


def _disagreement(units: Sequence[Unit], start: int, length: int, n_annotators: int) -> tuple[float, float]:
    """Return observed and expected disagreement on one class."""
    cut = [_cut([unit for unit in units if unit[2] == person], start, length) for person in range(n_annotators)]
    met = sum(a.distance(b) for one, two in permutations(cut, 2) for a in one for b in two)
    observed = met / (n_annotators * (n_annotators - 1) * length**2)
    marked = [stretch.length for one in cut for stretch in one if stretch.marked]
    gaps = [stretch.length for one in cut for stretch in one if not stretch.marked]
    total = n_annotators * length
    placements = total * (total - 1) - sum(run * (run - 1) for run in marked)
    expected = 0.0
    for run in marked:
        among_units = (len(marked) - 1) / 3 * (2 * run**3 - 3 * run**2 + run)
        expected += among_units + run**2 * sum(gap - run + 1 for gap in gaps if gap >= run)
    return observed, 2 / length * expected / placements


def _cut(units: Sequence[Unit], start: int, length: int) -> list[Stretch]:
    """Cut the continuum into one annotator's units and the gaps between them."""
    stretches, place = [], start
    for begin, run, *_ in sorted(units):
        if begin < place or begin + run > start + length:
            raise Invalid("Units of one class and annotator overlap or leave the text.", field="units")
        if begin > place:
            stretches.append(Stretch(place, begin - place, marked=False))
        stretches.append(Stretch(begin, run, marked=True))
        place = begin + run
    if place < start + length:
        stretches.append(Stretch(place, start + length - place, marked=False))
    return stretches
