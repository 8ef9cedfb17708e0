"""Items that stand on both sides of a split: a model tested on them has seen them, so its result is too good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

COLUMNS = frozenset(("split", "fold", "set", "subset", "partition", "data_split", "dataset_split", "train_test"))
"""What a column is called that says which side of a split an item is on."""
SIDES = frozenset(
    ("train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval", "evaluation", "holdout")
)
"""What the sides are called; a column with no other values is one, whatever it is called."""
NOWHERE = frozenset(("",))
MOST_SIDES = 12
_TRAINING = frozenset(("train", "training"))


@dataclass(frozen=True)
class Leak:
    """Pairs (item, its twin on another side); each item stands once, with the twin that is most alike.

    training: the side that models learn from; compared: how many items are on the other sides.
    """

    column: str
    training: str
    compared: int
    pairs: tuple[tuple[int, int], ...]


def split_column(columns: Mapping[str, Sequence[str]]) -> str:
    """Return the name of the column that says which side an item is on, "" where there is none."""
    for name, values in columns.items():
        if name.strip().casefold() in COLUMNS and 1 < len(set(values) - NOWHERE) <= MOST_SIDES:
            return name
    return next((name for name, values in columns.items() if _are_sides(set(values) - NOWHERE)), "")


def _are_sides(values: set[str]) -> bool:
    return len(values) > 1 and {value.strip().casefold() for value in values} <= SIDES


def find(column: str, sides: Sequence[str], twins: Mapping[int, Mapping[int, float]]) -> Leak:
    """Return the items outside the training side that have a nearly identical item on another side.

    sides: N names, "" for an item on none; twins: nearly identical items of an item, and how alike they are
    (`neighbours.twins`). Where no side is called train, the largest one is.
    """
    counts = Counter(side for side in sides if side)
    training = next((side for side in counts if side.strip().casefold() in _TRAINING), counts.most_common(1)[0][0])
    pairs = []
    for item in sorted(twins):
        across = {other: alike for other, alike in twins[item].items() if sides[other] not in {"", sides[item]}}
        if across and sides[item] not in {"", training}:
            pairs.append((item, max(across, key=lambda other: (across[other], -other))))
    return Leak(column, training, counts.total() - counts[training], tuple(pairs))
