"""What annotators are expected to be like before their own votes are heard: the centre that their tables shrink to.

`pooled` gives everybody the crowd's mistakes at their own accuracy, `steps` the same with mistakes that depend only on
how far apart the steps of a scale are, so that neighbours lend each other their counts. `habit` says an annotator knows
the class or draws from a habit of their own (MACE: Hovy et al. 2013): K numbers instead of K², which suits spammers and
few votes each.
Tables here are (true class, annotator, given class).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.consensus.base import Floats

    Truths = NDArray[np.bool_]

PERSONAL = 4.0  # imagined votes that pull an annotator's own numbers to everybody's
POOLED = 10.0  # imagined votes of even mistakes in the crowd's table, a class
SUREST = 0.995
LEAST_LEVEL = 0.05


@dataclass(frozen=True, eq=False)
class Skill:
    """How often the crowd (right) and each annotator (own) is expected to be right, from tables of expected votes."""

    tables: Floats
    crowd: Floats
    right: float
    own: Floats
    votes: Floats

    @classmethod
    def of(cls, tables: Floats) -> Skill:
        """Count along the diagonals."""
        import numpy as np

        crowd, classes = tables.sum(axis=1), len(tables)
        right = float((np.trace(crowd) + 1) / (crowd.sum() + 1.5))
        right = min(max(right, 1 / classes + 1e-3), 0.999)
        votes = tables.sum(axis=(0, 2))
        own = (np.einsum("zaz->a", tables) + PERSONAL * right) / (votes + PERSONAL)
        return cls(tables, crowd, right, own, votes)

    @property
    def one_coin(self) -> Floats:
        """Tables with each annotator's accuracy on the diagonal and even mistakes."""
        import numpy as np

        classes = len(self.tables)
        found: Floats = np.broadcast_to(((1 - self.own) / (classes - 1))[None, :, None], self.tables.shape).copy()
        places = np.arange(classes)
        found[places, :, places] = self.own
        return found


def pooled(skill: Skill, doubted: Truths) -> Floats:
    """Return the crowd's mistakes at each annotator's own accuracy. doubted: classes whose row is not believed."""
    crowd, even = _smoothed(skill)
    crowd[doubted] = even[doubted]
    return _at_own_accuracy(crowd, skill)


def on_steps(skill: Skill) -> Floats:
    """Return the crowd's mistakes by their distance alone, at each annotator's own accuracy; classes are in order."""
    import numpy as np

    crowd, _ = _smoothed(skill)
    places = np.arange(len(crowd))
    apart = np.abs(places[:, None] - places)
    made = np.bincount(apart.ravel(), (skill.crowd + POOLED / len(crowd) ** 2).ravel())
    possible = np.bincount(
        apart.ravel(), np.broadcast_to(skill.crowd.sum(axis=1, keepdims=True) + 1, apart.shape).ravel()
    )
    by_distance = (made / possible)[apart]
    diagonal = np.diag(crowd).copy()
    np.fill_diagonal(by_distance, 0.0)
    by_distance *= ((1 - diagonal) / np.maximum(by_distance.sum(axis=1), 1e-12))[:, None]
    np.fill_diagonal(by_distance, diagonal)
    return _at_own_accuracy(by_distance, skill)


def _smoothed(skill: Skill) -> tuple[Floats, Floats]:
    """Return the crowd's table with some even mistakes added, and one of even mistakes alone."""
    import numpy as np

    classes = len(skill.crowd)
    even: Floats = np.full((classes, classes), (1 - skill.right) / (classes - 1))
    np.fill_diagonal(even, skill.right)
    crowd: Floats = (skill.crowd + POOLED * even) / (skill.crowd.sum(axis=1, keepdims=True) + POOLED)
    return crowd, even


def _at_own_accuracy(crowd: Floats, skill: Skill) -> Floats:
    """Move the diagonal of one table to each annotator's accuracy, the mistakes in proportion."""
    import numpy as np

    diagonal = logistic(
        _log_odds(np.diag(crowd))[:, None] + (_log_odds(skill.own) - _log_odds(np.array(skill.right)))[None]
    )
    np.fill_diagonal(crowd, 0.0)
    crowd /= np.maximum(crowd.sum(axis=1, keepdims=True), 1e-12)
    found: Floats = crowd[:, None, :] * (1 - diagonal)[:, :, None]
    places = np.arange(len(crowd))
    found[places, :, places] = diagonal
    return found


@dataclass(frozen=True, eq=False)
class Habit:
    """Knows the class with chance `knows` (annotators,), else draws from `guesses` (annotators, classes)."""

    knows: Floats
    guesses: Floats

    @property
    def tables(self) -> Floats:
        """What follows for each class."""
        import numpy as np

        classes = self.guesses.shape[1]
        found: Floats = np.repeat(((1 - self.knows)[:, None] * self.guesses)[None], classes, axis=0)
        places = np.arange(classes)
        found[places, :, places] += self.knows
        return found


def next_habit(skill: Skill, before: Habit | None) -> Habit:
    """Take one EM step from the habits before, or from what accuracies alone say."""
    import numpy as np

    classes = len(skill.crowd)
    right = np.diag(skill.crowd)
    mistakes = skill.crowd.sum(axis=0) - right + 1
    mistakes /= mistakes.sum()
    chance = float((mistakes * right).sum() / max(float(right.sum()), 1e-9))
    level = max((skill.right - chance) / (1 - chance), LEAST_LEVEL)
    if before is None:
        knows = np.clip((skill.own - 1 / classes) / (1 - 1 / classes), 0.02, 0.98)
        before = Habit(knows, np.broadcast_to(mistakes, (len(knows), classes)))
    guessed = (1 - before.knows)[:, None] * before.guesses
    lucky = guessed / (guessed + before.knows[:, None])
    agreed = np.einsum("zaz->az", skill.tables)
    drawn = skill.tables.sum(axis=0) - (1 - lucky) * agreed
    knows = (((1 - lucky) * agreed).sum(axis=1) + PERSONAL * level) / (skill.votes + PERSONAL)
    return Habit(knows, (drawn + PERSONAL * mistakes) / (drawn.sum(axis=1, keepdims=True) + PERSONAL))


def _log_odds(share: Floats) -> Floats:
    import numpy as np

    kept = np.clip(share, 1 - SUREST, SUREST)
    odds: Floats = np.log(kept / (1 - kept))
    return odds


def logistic(odds: Floats) -> Floats:
    """Return probabilities from log odds."""
    import numpy as np

    share: Floats = 1 / (1 + np.exp(-np.clip(odds, -50, 50)))
    return share
