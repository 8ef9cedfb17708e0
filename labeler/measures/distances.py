"""What one disagreement weighs: squared distances for alpha, similarity weights for the kappa-like measures.

The two are not each other's complement by accident of scale: alpha takes distances (0 = same, any unit), the
others take weights (1 = same, 0 = as far apart as the classes allow). Note: the ordinal
distance of alpha depends on how often each class was used, so it must be computed when the number is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from labeler.measures.histogram import Floats

Scale = Literal["nominal", "ordinal", "interval", "ratio"]
Weighting = Literal["identity", "linear", "quadratic", "ordinal", "radical", "ratio"]


def midranks(margins: Floats) -> Floats:
    """Return the middle of each class's run when all answers stand in class order; margins (..., classes)."""
    import numpy as np

    return np.asarray(np.cumsum(margins, axis=-1) - margins / 2)


def squared_distances(scale: Scale, margins: Floats) -> Floats:
    """Return the (classes, classes) squared distances of Krippendorff (2011), section B.

    margins: pairable answers of each class. Ratio takes the classes as 1, 2, 3, …; interval as equally spaced.
    """
    import numpy as np

    n_classes = len(margins)
    if scale == "nominal":
        return np.asarray(1.0 - np.eye(n_classes))
    position = midranks(margins) if scale == "ordinal" else np.arange(1.0, n_classes + 1)
    gaps = np.subtract.outer(position, position)
    if scale == "ratio":
        gaps = gaps / np.add.outer(position, position)
    return np.asarray(gaps**2)


def similarity_weights(weighting: Weighting, n_classes: int) -> Floats:
    """Return the (classes, classes) weights of Gwet (2014), 1 on the diagonal, 0 for the farthest classes.

    The classes stand for 1, 2, … n_classes; the class list of the project decides what "farthest" is.
    """
    import numpy as np

    if weighting == "identity" or n_classes == 1:
        return np.asarray(np.eye(n_classes))
    position = np.arange(1.0, n_classes + 1)
    gaps = np.abs(np.subtract.outer(position, position))
    if weighting == "quadratic":
        gaps = gaps**2
    elif weighting == "radical":
        gaps = np.sqrt(gaps)
    elif weighting == "ratio":
        gaps = (gaps / np.add.outer(position, position)) ** 2
    elif weighting == "ordinal":  # pairs of classes that lie between, both ends counted
        gaps = gaps * (gaps + 1) / 2
    return np.asarray(1.0 - gaps / gaps.max())


def neighbour_weights(n_classes: int) -> Floats:
    """Return weights that count the same class and the next one on either side as agreement."""
    import numpy as np

    steps = np.abs(np.subtract.outer(np.arange(n_classes), np.arange(n_classes)))
    return np.asarray((steps <= 1).astype(np.float64))
