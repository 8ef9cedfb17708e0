"""Can the probability be believed? What is stated, in five bands, against what decisions found there.

Stated is what a curve learnt from the other decisions says, so that no decision speaks for itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from labeler.measures.intervals import Interval, wilson
from labeler.quality.calibration.curve import Case, learn

EDGES = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)
PARTS = 5  # decisions are left out a fifth at a time
ENOUGH = 50  # decisions below which nothing is said on the whole

Verdict = Literal["few", "yes", "high", "low"]


@dataclass(frozen=True)
class StatedBand:
    """Labels whose stated probability lies between low and high: how many were checked, how many were wrong.

    stated: mean of what was stated, 0 where none was.
    """

    low: float
    high: float
    checked: int
    wrong: int
    stated: float

    @property
    def share(self) -> float:
        """The share that was wrong; 0 of none."""
        return self.wrong / self.checked if self.checked else 0.0

    @property
    def interval(self) -> Interval:
        """Where that share lies with 95 % confidence (Wilson)."""
        return wilson(self.wrong, self.checked)

    @property
    def holds(self) -> bool:
        """Whether what was stated lies in the measured range; so it is where nothing was checked."""
        return not self.checked or self.interval.low <= self.stated <= self.interval.high


def stated_bands(cases: Sequence[Case]) -> tuple[StatedBand, ...]:
    """Return the five bands; cases: the score and whether the label was wrong, in the order of the decisions."""
    said = []
    for part in range(PARTS):
        curve = learn(tuple(sorted(case for n, case in enumerate(cases) if n % PARTS != part)))
        said += [(curve.probability(score), wrong) for score, wrong in cases[part::PARTS]]
    return tuple(_band(low, high, said) for low, high in pairwise(EDGES))


def verdict(bands: Sequence[StatedBand]) -> tuple[Verdict, StatedBand | None]:
    """Return whether the probabilities can be believed, and the band that says most clearly that they cannot."""
    if sum(band.checked for band in bands) < ENOUGH:
        return "few", None
    worst = max((band for band in bands if not band.holds), key=lambda one: abs(one.stated - one.share), default=None)
    if worst is None:
        return "yes", None
    return "high" if worst.stated > worst.share else "low", worst


def _band(low: float, high: float, said: Sequence[tuple[float, bool]]) -> StatedBand:
    inside = [(p, wrong) for p, wrong in said if low <= p < high or (high == 1.0 and p == high)]
    stated = sum(p for p, _ in inside) / len(inside) if inside else 0.0
    return StatedBand(low, high, len(inside), sum(wrong for _, wrong in inside), stated)
