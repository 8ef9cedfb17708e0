"""The promise of automatic labels: a class is labeled by the model only where an audit shows that enough are right.

A calculation. Shown means: with the stated confidence at least the target share is right, by the one-sided exact bound
of a share (Clopper and Pearson 1934). What could not be judged, or is ambiguous, counts as not right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

TARGET, CONFIDENCE = 0.95, 0.95
LEAST_TARGET, MOST_TARGET = 0.5, 0.999
POWER = 0.8
"""The chance that an audit of the size that is planned shows the target, if the model is as good as it says."""
MOST_CHECKED = 2000
"""Labels of a class that nobody would check for this."""
STEPS = 200
"""Numbers of labels to propose that are compared."""


@dataclass(frozen=True)
class Proposal:
    """Labels of one class that the model may give. items: the surest first; least: the lowest probability among them.

    expected: the share that the model expects to be right; size: how many to check. Without items, and None, where the
    model is not sure enough of enough of them to win anything.
    """

    code: str
    items: Sequence[int]
    probabilities: Sequence[float]
    expected: float
    size: int | None

    @property
    def least(self) -> float:
        """The lowest probability of all."""
        return self.probabilities[-1] if self.probabilities else 1.0

    @property
    def won(self) -> int:
        """How many labels nobody has to give if the audit shows the target."""
        return len(self.items) - (self.size or 0)


def share_right_at_least(right: int, checked: int, confidence: float) -> float:
    """Return the share that is right at least, with this confidence; 0 where nothing was checked."""
    from scipy.stats import beta

    return float(beta.ppf(1 - confidence, right, checked - right + 1)) if right else 0.0


def holds(right: int, checked: int, target: float, confidence: float) -> bool:
    """Return whether what was checked shows the target."""
    return share_right_at_least(right, checked, confidence) >= target


def audit_size(expected: float, target: float, confidence: float) -> int | None:
    """Return the fewest labels of which an audit shows the target with POWER, if this share is right; None: too many.

    From that size on the mistakes that are allowed grow in steps, and with each step the chance falls a little.
    """
    from scipy.stats import binom

    sizes = _plans(target, confidence)
    if expected <= target or not sizes:
        return None
    shows = binom.cdf(range(len(sizes)), sizes, 1 - expected) >= POWER
    return sizes[int(shows.argmax())] if shows.any() else None


@lru_cache(maxsize=16)
def _plans(target: float, confidence: float) -> Sequence[int]:
    """Return the fewest labels to check of which 0, 1, 2, … may be wrong and the target is shown yet.

    So many wrong show it where fewer than 1 - confidence of the samples with the target itself have no more.
    """
    import numpy as np
    from scipy.stats import binom

    sizes, chance, share = np.arange(1, MOST_CHECKED + 1), 1 - confidence, 1 - target
    most = binom.ppf(chance, sizes, share)
    most = np.where(binom.cdf(most, sizes, share) <= chance, most, most - 1)
    return tuple(int(sizes[(most >= mistakes).argmax()]) for mistakes in range(int(most[-1]) + 1))


def propose(code: str, said: Sequence[tuple[float, int]], target: float, confidence: float) -> Proposal:
    """Return what the model may label, of (probability, item) of all that it takes for this class.

    From the surest on as many as win the most: the labels that stand then less those that have to be checked, which are
    the more the less sure the model is.
    """
    ordered = sorted(said, key=lambda one: (-one[0], one[1]))
    sums = [0.0, *accumulate(p for p, _ in ordered)]
    best, won = Proposal(code, [], [], 0.0, None), 0
    for taken in sorted({-(-len(ordered) * step // STEPS) for step in range(1, STEPS + 1)} - {0}):
        expected = sums[taken] / taken
        size = audit_size(expected, target, confidence)
        if size is not None and taken - size > won:
            won, kept = taken - size, ordered[:taken]
            best = Proposal(code, [item for _, item in kept], [p for p, _ in kept], expected, size)
    return best
