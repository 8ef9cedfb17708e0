"""Whether a part of a set is labeled differently from the rest: how often each class is chosen, and more than chance.

Each part is compared with all the others by a chi-square test of its class counts. With many items any difference is
more than chance, so the effect must be large enough as well: Cohen's w = sqrt(chi-square / N) (Cohen 1988). PSI and the
Jensen-Shannon divergence only describe: thresholds of PSI hold at no error rate, since its mean without any difference
is (classes - 1) (1/n + 1/m).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SURE, CLEAR = 0.01, 0.1  # chance below which, and w from which a part is labeled differently
FEWEST = 50  # items in a part and outside it, below which nothing is said
FEWEST_EXPECTED = 5  # items in a cell, below which classes are taken together


@dataclass(frozen=True)
class Drift:
    """One part against the others.

    most: the class index that is most more frequent than elsewhere; share, others: of it, 0 to 1;
    chance: of a chi-square as large if the part were like the others; effect: Cohen's w; psi: population stability
    index; divergence: Jensen-Shannon, in bits.
    """

    part: int
    items: int
    most: int
    share: float
    others: float
    chance: float
    effect: float
    psi: float
    divergence: float

    @property
    def stands_out(self) -> bool:
        """Whether the part is labeled differently: surely, and clearly."""
        return self.chance < SURE and self.effect >= CLEAR


def drifts(table: Ints) -> list[Drift]:
    """Compare each part with the others. table: (parts, classes) items; parts that are too small are left out."""
    total = table.sum(axis=0)
    return [
        _drift(part, row, total - row)
        for part, row in enumerate(table)
        if min(int(row.sum()), int(total.sum() - row.sum())) >= FEWEST
    ]


def _drift(part: int, own: Ints, rest: Ints) -> Drift:
    from scipy.stats import chi2

    statistic, freedom = chi_square(own, rest)
    shares, others = own / own.sum(), rest / rest.sum()
    most = int((shares - others).argmax())
    return Drift(
        part=part,
        items=int(own.sum()),
        most=most,
        share=float(shares[most]),
        others=float(others[most]),
        chance=float(chi2.sf(statistic, freedom)) if freedom else 1.0,
        effect=math.sqrt(statistic / float(own.sum() + rest.sum())),
        psi=psi(own, rest),
        divergence=divergence(shares, others),
    )


def chi_square(own: Ints, rest: Ints) -> tuple[float, int]:
    """Return Pearson's chi-square of two rows of counts, and its degrees of freedom.

    Classes of which fewer than five are expected in either row are taken together.
    """
    import numpy as np

    table = np.array([own, rest], np.float64)
    usual = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    rare = usual.min(axis=0) < FEWEST_EXPECTED
    table = np.column_stack([table[:, ~rare], table[:, rare].sum(axis=1)])
    table = table[:, table.sum(axis=0) > 0]
    usual = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    return float(((table - usual) ** 2 / usual).sum()), table.shape[1] - 1


def psi(own: Ints, rest: Ints) -> float:
    """Return the population stability index of two rows of counts; a class that one of them lacks counts as half."""
    import numpy as np

    used = own + rest > 0
    one, two = (np.maximum(row[used], 0.5) / row.sum() for row in (own, rest))
    return float(((one - two) * np.log(one / two)).sum())


def divergence(one: Floats, two: Floats) -> float:
    """Return the Jensen-Shannon divergence of two rows of shares, 0 to 1 bit."""
    import numpy as np

    middle = (one + two) / 2

    def from_middle(shares: Floats) -> float:
        used = shares > 0
        return float((shares[used] * np.log2(shares[used] / middle[used])).sum())

    return (from_middle(one) + from_middle(two)) / 2
