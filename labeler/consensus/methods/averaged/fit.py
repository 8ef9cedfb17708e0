"""One shrunken Dawid-Skene model: EM over each annotator's table, drawn to a centre by imagined votes.

Beside clear items, which have one class, there are unclear ones, whose votes are draws from shares of the item's own;
they teach nothing about annotators. Note: after the last round every item is judged once more
by tables without its own votes, and only these scores leave here. Judged with its own votes in the tables, a model
looks .04 to .14 a vote better than it is, the more so the freer its tables are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from labeler.consensus.methods.averaged.centres import Habit, Skill, logistic, next_habit, on_steps, pooled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.consensus.base import Floats
    from labeler.consensus.methods.averaged.columns import Columns

    Truths = NDArray[np.bool_]

Centre = Literal["pooled", "steps", "habit"]
Prior = Literal["learnt", "votes"]

ROUNDS = 30
CLOSE = 3e-4  # mean change of a probability at which the rounds end
UNCLEAR = 0.1  # share of unclear items to begin with
TAKEN_OVER = 0.5  # a class called another one twice as often as by its name is not that class
UNMOVED = 1e9  # imagined votes that hold the row of such a class where its centre is
LEAST = 1e-9


@dataclass(frozen=True)
class Form:
    """What a model assumes. strength: imagined votes a class; prior: class shares learnt, or those of the votes."""

    centre: Centre
    strength: float
    prior: Prior


@dataclass(frozen=True, eq=False)
class Tables:
    """Numerators (true class, annotator * given class) and denominators (true class, annotator) of the tables."""

    top: Floats
    down: Floats

    def logs(self) -> Floats:
        """Return log P(given class | true class), shaped as `top`."""
        import numpy as np

        shares = self.confusion().reshape(self.top.shape)
        np.maximum(shares, LEAST, out=shares)
        np.log(shares, out=shares)
        return shares

    def confusion(self) -> Floats:
        """Return P(given class | true class) as (true class, annotator, given class)."""
        shares: Floats = self.top.reshape(*self.down.shape, -1) / self.down[:, :, None]
        return shares


@dataclass(frozen=True, eq=False)
class Fit:
    """One fitted model. scores: (classes, items) log likelihood of an item's votes, by tables without them.

    trained: (classes, items) and weight: (items,), whose product the tables were counted from; log_prior: (classes,);
    unclear: (items,) probability of having no clear class; unclear_share: of all items; taken_over: classes not
    believed; rounds: EM steps.
    """

    scores: Floats
    trained: Floats
    weight: Floats
    tables: Tables
    log_prior: Floats
    unclear: Floats
    unclear_share: float
    taken_over: Truths
    rounds: int

    def without(self, columns: Columns, places: NDArray[np.int64], klass: int) -> Floats:
        """Return log P(vote | class) for the votes at these places, by tables without their items."""
        import numpy as np

        own = (self.trained[klass] * self.weight)[columns.item[places]]
        top: Floats = self.tables.top[klass][columns.cell[places]] - own
        down = self.tables.down[klass][columns.annotator[places]] - own
        np.maximum(top, 1e-10, out=top)
        np.maximum(down, 1e-10, out=down)
        top /= down
        np.log(top, out=top)
        return top


def fit(columns: Columns, form: Form) -> Fit:
    """Fit one model by EM from the shares of the votes."""
    import numpy as np

    belief, updated = columns.shares(), np.empty(columns.counts.shape)
    unclear, share = np.zeros(columns.n_items), UNCLEAR
    taken_over, habit = np.zeros(columns.n_classes, dtype=bool), None
    rounds, change = 0, 1.0
    while rounds < ROUNDS and change >= CLOSE:
        if rounds:
            belief, updated = updated, belief
        weight = (1 - unclear) * columns.repeated
        counted = columns.tables(belief, weight)
        if rounds:
            taken_over |= _taken_over(counted)
        tables, habit = _shrink(counted, form, taken_over, habit)
        log_prior = _log_prior(columns, form, belief, weight)
        _add_up(columns, tables.logs(), updated)
        norm = softmax(updated, log_prior)
        change = _change(updated, belief) / max(updated.size, 1)
        unclear = _unclear(columns, norm, share)
        share = _share(columns, unclear)
        rounds += 1
    found = Fit(updated, belief, weight, tables, log_prior, unclear, share, taken_over, rounds)
    _score_without_own(columns, found)
    unclear[:] = _unclear(columns, log_norm(updated, log_prior), share)
    return found


def softmax(scores: Floats, log_prior: Floats) -> Floats:
    """Turn (classes, n) scores into probabilities, in place; returns the (n,) logarithm of what they were divided by.

    log_prior: (classes,) or (classes, n), added first.
    """
    import numpy as np

    scores += log_prior if log_prior.ndim > 1 else log_prior[:, None]
    top = scores.max(axis=0)
    scores -= top
    np.exp(scores, out=scores)
    total = scores.sum(axis=0)
    scores /= total
    norm: Floats = top + np.log(total)
    return norm


def log_norm(scores: Floats, log_prior: Floats) -> Floats:
    """Return what `softmax` returns and leave the (classes, n) scores as they are."""
    import numpy as np

    rows = list(zip(scores, log_prior, strict=True))
    top = np.full(scores.shape[1], -np.inf)
    for row, prior in rows:
        np.maximum(top, row + prior, out=top)
    total = sum(np.exp(row + prior - top) for row, prior in rows)
    norm: Floats = top + np.log(total)
    return norm


def _taken_over(counted: Floats) -> Truths:
    import numpy as np

    crowd = counted.sum(axis=1)
    own = np.diag(crowd).copy()
    np.fill_diagonal(crowd, 0.0)
    found: Truths = own < TAKEN_OVER * crowd.max(axis=1)
    return found


def _shrink(counted: Floats, form: Form, taken_over: Truths, habit: Habit | None) -> tuple[Tables, Habit | None]:
    """Return the tables drawn to their centre, and the habits where the centre has some."""
    import numpy as np

    skill = Skill.of(counted)
    if form.centre == "habit":
        habit = next_habit(skill, habit)
        centre = habit.tables
    else:
        centre = on_steps(skill) if form.centre == "steps" else pooled(skill, taken_over)
    if taken_over.any():
        centre[taken_over] = skill.one_coin[taken_over]
    pull = np.where(taken_over, UNMOVED, form.strength)
    down = counted.sum(axis=2) + pull[:, None]
    centre *= pull[:, None, None]
    centre += counted
    return Tables(centre.reshape(len(centre), -1), down), habit


def _log_prior(columns: Columns, form: Form, belief: Floats, weight: Floats) -> Floats:
    import numpy as np

    if form.prior == "votes":
        return np.asarray(np.log(columns.share))
    counted = belief @ weight
    found: Floats = np.log((counted + 1) / (counted.sum() + columns.n_classes))
    return found


def _add_up(columns: Columns, logs: Floats, out: Floats) -> None:
    import numpy as np

    for row, one in zip(out, logs, strict=True):
        row[:] = np.bincount(columns.item, one[columns.cell], columns.n_items)


def _score_without_own(columns: Columns, found: Fit) -> None:
    import numpy as np

    every = np.arange(len(columns.item))
    for klass, row in enumerate(found.scores):
        row[:] = np.bincount(columns.item, found.without(columns, every, klass), columns.n_items)


def _change(updated: Floats, belief: Floats) -> float:
    import numpy as np

    return float(sum(np.abs(one - other).sum() for one, other in zip(updated, belief, strict=True)))


def _unclear(columns: Columns, norm: Floats, share: float) -> Floats:
    import numpy as np

    odds = np.log(share) - np.log1p(-share) + columns.log_unclear - norm
    return np.where(columns.repeated, logistic(odds), 0.0)


def _share(columns: Columns, unclear: Floats) -> float:
    import numpy as np

    counted = int(np.count_nonzero(columns.repeated))
    return float(np.clip((unclear.sum() + 0.5) / (counted + 5), 1e-4, 0.9))
