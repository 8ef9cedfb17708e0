"""Which classes a model can learn and judge, and the way from all classes of a project to these and back.

Models see only classes with enough labels, numbered without gaps. So a class that nobody uses changes nothing, wherever
it stands in the list, and a class with one or two labels is never called wrong for being unknown to the model that was
trained without them: its items count as unlabeled while models learn, and get no score.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.quality import folds

if TYPE_CHECKING:
    from labeler.quality.dataset import Features, Floats, Integers, Truths

FEWEST = (
    3  # labels on different contents; with fewer, a model that does not see an item has seen its class once at most
)


@dataclass(frozen=True)
class Judgeable:
    """The k classes that can be judged among all K. classes: their positions; labels: N, 0..k-1, -1 = none or another.

    shares: K, how often each class is the label, none below the floor.
    """

    classes: Integers
    labels: Integers
    shares: Floats

    @property
    def known(self) -> Truths:
        """K booleans: whether a class can be judged."""
        import numpy as np

        known: Truths = np.isin(np.arange(len(self.shares)), self.classes)
        return known

    def widen(self, probabilities: Floats) -> Floats:
        """Spread N x k probabilities over all K classes; the model is silent on the others, which keep their share.

        A class without a label has the floor and takes nothing from the others.
        """
        import numpy as np

        wide = np.tile(self.shares, (len(probabilities), 1))
        rest = float(self.shares[~self.known & (self.shares > folds.FLOOR)].sum())
        wide[:, self.classes] = probabilities * (1 - rest)
        return wide

    def narrow(self, probabilities: Floats) -> Floats:
        """Return of N x K probabilities those of the k classes, as shares of their sum; NaN where that is nothing."""
        import numpy as np

        chosen = probabilities[:, self.classes]
        total = chosen.sum(axis=1, keepdims=True)
        found: Floats = chosen / np.where(total > 0, total, np.nan)
        return found


def judgeable(labels: Integers, features: Features, classes: int) -> Judgeable:
    """Choose the classes. labels: N class positions, -1 = none. What is blank teaches nothing and cannot be judged."""
    import numpy as np

    labels, groups = np.where(features.blank, -1, labels), features.groups
    labeled = np.flatnonzero(labels >= 0)
    counts = np.bincount(labels[labeled], minlength=classes)
    contents = np.bincount(np.unique(labels[labeled] + classes * groups[labeled]) % classes, minlength=classes)
    chosen = np.flatnonzero(contents >= FEWEST)
    place = np.full(classes + 1, -1, dtype=np.int64)  # the last place is where -1 points to
    place[chosen] = np.arange(len(chosen))
    return Judgeable(chosen, place[labels], np.maximum(counts / max(1, len(labeled)), folds.FLOOR))
