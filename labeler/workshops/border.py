"""Which items lie at the border of two classes. A calculation.

An item that was called both lies there, unless the model, which never saw its label, is sure that it is one of them;
and so does one that was called one of them, where the model wavers between the two and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SURE = 0.8
"""Probability from which the model is sure: of one class, or that it is one of the two."""

Chances = tuple[float, float]
"""What the model says of the two classes, 0 to 1 each."""


@dataclass(frozen=True)
class Contested:
    """An item that was called both classes. said: {person: code}, of those who said one of the two.

    decided: a lead said what it is, or took it out; cluster: of the pass's groups of look-alikes, None for none.
    """

    item: int
    said: Mapping[int, str]
    decided: bool
    cluster: int | None = None

    def evenness(self, code: str) -> float:
        """Return how evenly the answers part, 0 (nearly all alike) to .5. code: either of the two."""
        share = sum(one == code for one in self.said.values()) / len(self.said)
        return min(share, 1 - share)


@dataclass(frozen=True)
class Near:
    """Items near the border, each once: contested ones that nobody decided, and those where only the model wavers.

    decided: contested but decided; clear: contested, undecided, and the model is sure of one class.
    """

    contested: tuple[int, ...]
    wavering: tuple[int, ...]
    decided: tuple[int, ...]
    clear: tuple[int, ...]

    @property
    def items(self) -> tuple[int, ...]:
        """All that would be asked about, the contested ones first."""
        return (*self.contested, *self.wavering)


def is_sure(chances: Chances) -> bool:
    """Whether the model is sure that an item is one of the two classes, and which."""
    return max(chances) >= SURE


def wavers(chances: Chances) -> bool:
    """Whether the model takes an item for one of the two classes and cannot say which."""
    return sum(chances) >= SURE and not is_sure(chances)


def near_border(contested: Sequence[Contested], chances: Mapping[int, Chances], others: Sequence[int]) -> Near:
    """Part the items. chances: by item, of those the model knows; others: undecided items that were called one."""
    open_ = [one.item for one in contested if not one.decided]
    clear = [item for item in open_ if item in chances and is_sure(chances[item])]
    return Near(
        contested=tuple(item for item in open_ if item not in set(clear)),
        wavering=tuple(item for item in others if item in chances and wavers(chances[item])),
        decided=tuple(one.item for one in contested if one.decided),
        clear=tuple(clear),
    )
