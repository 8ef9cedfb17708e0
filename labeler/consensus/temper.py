"""How sure a consensus may be, learnt from labels that people judged: one temper on all its log odds.

Votes alone cannot tell how often a whole crowd is wrong together. Items drawn at random and judged can: each
probability is raised to one power and normalised, so that the order of classes stays and only the confidence moves.
Note: the labels must have been drawn at random. Those looked at because they seemed wrong would make every label less
sure than it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labeler.consensus.base import Floats

SPREAD = 0.5  # standard deviation of the logarithm of the power, before anything was judged
STEPS, FARTHEST = 201, 2.5  # powers that are tried: e^-2.5 to e^2.5
LEAST = 1e-12


class Checked(NamedTuple):
    """An item that was judged. item: its row; label: the class it should be, or where `wrong`, one that it is not.

    weight: how many items it stands for, relative to the others.
    """

    item: int
    label: int
    wrong: bool = False
    weight: float = 1.0


def learnt(probabilities: Floats, checked: Sequence[Checked]) -> float:
    """Return the power that is likeliest by what was judged: log power ~ N(0, .5); 1 where nothing was.

    probabilities: (items, classes).
    """
    import numpy as np

    if not checked or probabilities.shape[1] < 2:  # noqa: PLR2004 - of one class everything is sure
        return 1.0
    rows, labels = (np.array([getattr(one, name) for one in checked]) for name in ("item", "label"))
    wrong = np.array([one.wrong for one in checked])
    weights = np.array([one.weight for one in checked], dtype=np.float64)
    weights /= weights.mean()
    powers = np.exp(np.linspace(-FARTHEST, FARTHEST, STEPS))

    def likelihood(power: float) -> float:
        said = tempered(probabilities[rows], power)[np.arange(len(rows)), labels]
        chance = np.maximum(np.where(wrong, 1 - said, said), LEAST)
        return float((weights * np.log(chance)).sum() - 0.5 * (np.log(power) / SPREAD) ** 2)

    return float(max(powers, key=likelihood))


def tempered(probabilities: Floats, power: float) -> Floats:
    """Return the rows raised to a power and normalised again."""
    import numpy as np

    if power == 1:
        return probabilities
    logs = power * np.log(np.maximum(probabilities, LEAST))
    logs -= logs.max(axis=1, keepdims=True)
    np.exp(logs, out=logs)
    logs /= logs.sum(axis=1, keepdims=True)
    found: Floats = logs
    return found
