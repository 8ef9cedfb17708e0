"""Labels that are steps of a scale: which step is suggested, and which of two labels is looked at first.

A step is suggested by the posterior as a whole: its median, the step with the least expected distance to the true one.
The score stays the probability that the label is wrong, and so two labels that are wrong with the same probability
would stand in no order. Scores of steps are kept in classes of nearly equal probability for that: within one class the
label that is further from what is expected comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers

NEARLY = 0.2  # of the log odds: at one half five points of a hundred, less toward both ends
HALF = 0.5


def in_classes(scores: Floats) -> Floats:
    """Return scores as the middle of their class of nearly equal probability; NaN stays."""
    import numpy as np

    inside = np.clip(scores, 1e-9, 1 - 1e-9)
    odds = np.round(np.log(inside / (1 - inside)) / NEARLY) * NEARLY
    found: Floats = np.round(1 / (1 + np.exp(-odds)), 9)
    return found


def suggest(posterior: Floats, others: Floats, labels: Integers) -> Integers:
    """Return N steps: the median of the posterior, or the likeliest other step where the median says nothing.

    It says nothing where it is the label itself or less likely than the label. others: the posterior, below 0 where a
    step cannot be suggested.
    """
    import numpy as np

    everyone = np.arange(len(others))
    median = (np.cumsum(posterior, axis=1) >= HALF).argmax(axis=1)
    speaks = others[everyone, median] > np.where(labels >= 0, posterior[everyone, labels], 0.0)
    found: Integers = np.where(speaks, median, others.argmax(axis=1))
    return found


def farthest_first(items: Integers, suggested: Integers, labels: Integers) -> Integers:
    """Return flagged positions, those first whose label is most steps from the suggested one."""
    import numpy as np

    return items[np.argsort(-np.abs(suggested[items] - labels[items]), kind="stable")]
