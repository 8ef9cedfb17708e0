"""Which groups of items have more of something than the others: labels that look wrong, most often.

Each value of each column is compared with all other items of that column. Only "more" counts (one-sided, exact:
hypergeometric), a share must be clearly larger and not only surely so, and since many groups are compared at once the
chances are adjusted for that (Benjamini and Hochberg 1995).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Truths

MOST_VALUES = 12  # of a column, beyond which it is no grouping
FEWEST_ITEMS = 20  # in a group, below which nothing is said of it
LEVEL = 0.05  # expected share of false ones among the groups that stand out
LEAST_RATIO = 1.5  # of a group's share to that of the others
LEAST_DIFFERENCE = 0.01


@dataclass(frozen=True)
class Slice:
    """One group. hits: of its items; share: hits / items; others: the same share of all other items.

    chance: how often as many hits would fall into it if it were like the others, adjusted for the number compared.
    """

    column: str
    value: str
    items: int
    hits: int
    share: float
    others: float
    chance: float

    @property
    def stands_out(self) -> bool:
        """Whether it has more than the others: surely, and clearly."""
        clear = self.share >= LEAST_RATIO * self.others and self.share - self.others >= LEAST_DIFFERENCE
        return clear and self.chance <= LEVEL


def groupings(columns: Mapping[str, Sequence[str]], most: int = MOST_VALUES) -> dict[str, Sequence[str]]:
    """Return the columns that group the items: two values or more, at most so many."""
    return {name: values for name, values in columns.items() if 1 < len(set(values)) <= most}


def compare(columns: Mapping[str, Sequence[str]], hits: Truths, *, most: int = MOST_VALUES) -> list[Slice]:
    """Return every group that is large enough, the least likely to be chance first. hits: N booleans.

    most: values of a column, beyond which it is no grouping.
    """
    import numpy as np
    from scipy.stats import hypergeom

    found, count, total = [], len(hits), int(hits.sum())
    for column, values in groupings(columns, most).items():
        names, member = np.unique(np.asarray(values, dtype=object).astype(str), return_inverse=True)
        for place, name in enumerate(names):
            inside = member == place
            items, inner = int(inside.sum()), int(hits[inside].sum())
            if FEWEST_ITEMS <= items < count:
                chance = float(hypergeom.sf(inner - 1, count, total, items))
                others = (total - inner) / (count - items)
                found.append(Slice(column, str(name), items, inner, inner / items, others, chance))
    found.sort(key=lambda one: (one.chance, -one.share, one.column, one.value))
    adjusted = _adjusted([one.chance for one in found])
    return [replace(one, chance=chance) for one, chance in zip(found, adjusted, strict=True)]


def _adjusted(chances: Sequence[float]) -> list[float]:
    """Return ascending chances adjusted for their number (Benjamini and Hochberg's step-up)."""
    import numpy as np

    many = len(chances)
    scaled: Floats = np.array(chances, dtype=float) * many / np.arange(1, many + 1)
    return [float(one) for one in np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)]
