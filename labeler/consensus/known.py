"""What is known beside the votes when a consensus is inferred, by item id: who infers need not ask where it is from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from labeler.consensus.base import Floats

FLOOR = 1e-6  # of a share, as a model that is never wrong would silence everybody


class CheckedLabel(NamedTuple):
    """An item that was drawn at random and judged.

    code: of the class it should be, or where `wrong`, of one that it is not; weight: how many items it stands for.
    """

    item_id: int
    code: str
    wrong: bool
    weight: float


@dataclass(frozen=True, eq=False)
class ModelShares:
    """What a model that never saw their labels says of items. shares: (items, classes); check: the one it is of."""

    item_ids: Sequence[int]
    shares: "Floats"
    check: int

    def ratios(self, item_ids: Sequence[int]) -> "Floats":
        """Return (classes, items) log P(class | content) - log P(class), 0 for items the model knows nothing of."""
        import numpy as np

        logs = np.log(np.maximum(self.shares, FLOOR))
        logs -= np.log(np.exp(logs).mean(axis=0))
        found = np.zeros((logs.shape[1], len(item_ids)))
        place = {item: n for n, item in enumerate(self.item_ids)}
        rows = np.array([place.get(item, -1) for item in item_ids], dtype=np.int64)
        found[:, rows >= 0] = logs[rows[rows >= 0]].T
        return found


@dataclass(frozen=True, eq=False)
class Known:
    """What there is. model: None without one that is clearly better than guessing; checked: by finished audits."""

    model: ModelShares | None = None
    checked: Sequence[CheckedLabel] = ()


NOTHING_ELSE = Known()
