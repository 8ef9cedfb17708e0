"""The forms that noise in labels may take: none, even accidents, or any pattern of mix-ups.

Each form turns its own few numbers into K x K chances of a label (column) given the true class (row), says where a fit
begins, and gives its part of the objective that `noise.fit` minimises, in nats: the negative log prior. The slope it
returns is of the whole objective by its numbers, the likelihood's part included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from labeler.quality import linear

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers

STARTS = (0.05, 0.2)  # even rates that fits begin at
ACCIDENTS = (1.5, 20.0)  # the even rate is drawn from this beta distribution
IMAGINED = 30.0  # labels a class that draw a pattern toward even noise
NEARLY_NONE = 1e-4


class Form(Protocol):
    """What a fit asks of a form. numbers: how many it is made of."""

    @property
    def numbers(self) -> int: ...  # noqa: D102 - see the class

    def starts(self) -> list[Floats]:
        """Return the numbers that fits begin at."""

    def matrix(self, values: Floats) -> Floats:
        """Return K x K chances."""

    def slope(self, values: Floats, belief: Floats, labels: Integers) -> tuple[float, Floats]:
        """Return the negative log prior and the slope of the objective; belief: n x K of the true class."""


def even_matrix(classes: int, rate: float) -> Floats:
    """Return chances in which a share `rate` of labels goes to all other classes alike."""
    import numpy as np

    matrix = np.full((classes, classes), rate / max(1, classes - 1))
    np.fill_diagonal(matrix, 1 - rate)
    return matrix


@dataclass(frozen=True)
class Nothing:
    """Labels come from the pool itself."""

    classes: int
    numbers: int = 0

    def starts(self) -> list[Floats]:
        """Return one empty start."""
        import numpy as np

        return [np.zeros(0)]

    def matrix(self, values: Floats) -> Floats:
        """Return next to no noise."""
        del values
        return even_matrix(self.classes, NEARLY_NONE)

    def slope(self, values: Floats, belief: Floats, labels: Integers) -> tuple[float, Floats]:
        """Return nothing: there is no number to change."""
        del belief, labels
        return 0.0, values


@dataclass(frozen=True)
class Even:
    """One rate, kept as its log odds, with a beta prior."""

    classes: int
    numbers: int = 1

    def starts(self) -> list[Floats]:
        """Return few accidents, and many."""
        import numpy as np

        return [np.array([np.log(rate / (1 - rate))]) for rate in STARTS]

    def matrix(self, values: Floats) -> Floats:
        """Return the even chances."""
        return even_matrix(self.classes, _rate(values))

    def slope(self, values: Floats, belief: Floats, labels: Integers) -> tuple[float, Floats]:
        """Count the labels that are believed right, beside those that the prior imagines."""
        import numpy as np

        rate = _rate(values)
        right = float(belief[np.arange(len(labels)), labels].sum())
        wrong, fine = ACCIDENTS[0] - 1, ACCIDENTS[1] - 1
        prior = -wrong * np.log(rate) - fine * np.log(1 - rate)
        return float(prior), np.array([(right + fine) * rate - (len(labels) - right + wrong) * (1 - rate)])


@dataclass(frozen=True)
class Patterned:
    """Any chances, kept as logs, with `IMAGINED` labels a class that are wrong at the even rate."""

    classes: int
    rate: float

    @property
    def numbers(self) -> int:
        """Count the chances."""
        return self.classes**2

    def starts(self) -> list[Floats]:
        """Return few accidents, and many."""
        import numpy as np

        return [np.log(even_matrix(self.classes, rate)).ravel() for rate in STARTS]

    def matrix(self, values: Floats) -> Floats:
        """Return the chances, each row summing to 1."""
        import numpy as np

        chances: Floats = np.exp(self._logs(values))
        return chances

    def slope(self, values: Floats, belief: Floats, labels: Integers) -> tuple[float, Floats]:
        """Count the labels by believed class, beside the imagined ones."""
        import numpy as np

        logs, imagined = self._logs(values), IMAGINED * even_matrix(self.classes, self.rate)
        counts = imagined + belief.T @ np.eye(self.classes)[labels]
        slope = counts.sum(axis=1, keepdims=True) * np.exp(logs) - counts
        return -float((imagined * logs).sum()), slope.ravel()

    def _logs(self, values: Floats) -> Floats:
        return linear.log_softmax(values.reshape(self.classes, self.classes))


def _rate(values: Floats) -> float:
    import numpy as np

    return float(1 / (1 + np.exp(-values[0])))
