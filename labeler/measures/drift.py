"""When somebody makes clearly more mistakes than they used to: a CUSUM over right and wrong answers.

Each judged answer moves a sum up or down by how much likelier it is at a raised share of mistakes than at the usual
one; below zero it starts again, above the limit it is an alarm. Where it last left zero is when the change began, as
far as one can tell. Source: the Bernoulli CUSUM (Reynolds and Stoumbos 1999), which is Wald's sequential test repeated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Truths = NDArray[np.bool_]
    Floats = NDArray[np.float64]

FEWEST = 30  # judged answers before there is a curve
BASE = 100  # first judged answers that say what is usual for a person
PRIOR = 20  # answers at the team's share of mistakes that are added to these
LEAST = 0.02  # usual share of mistakes, at least
MOST = 0.99  # raised share, at most
FACTOR, POINTS = 2.0, 0.10  # the alarm looks for a rise to twice the usual share, or by ten points if that is more
LIMIT, LIMIT_OF_MANY, MANY = 6.0, 7.0, 50  # of the sum; with more people than MANY, so that alarms stay rare
JUDGED_A_FALSE_ALARM = {LIMIT: 12_000, LIMIT_OF_MANY: 33_000}  # about; `tests/bench/bench_people.py` measures them


def limit_for(people: int) -> float:
    """Return the limit of the sum in a project with so many annotators."""
    return LIMIT_OF_MANY if people > MANY else LIMIT


@dataclass(frozen=True)
class Rates:
    """The usual share of mistakes, and the raised one that an alarm looks for; both 0 to 1."""

    usual: float
    raised: float

    @classmethod
    def of(cls, wrong: Truths, team: float) -> Rates:
        """Return those of a person. wrong: their judged answers in order; team: the share of mistakes of everybody."""
        first = wrong[:BASE]
        return cls.of_counts(int(first.sum()), len(first), team)

    @classmethod
    def of_counts(cls, wrong: int, judged: int, team: float) -> Rates:
        """Return those of a person with so many mistakes among their first judged answers.

        The usual share is one standard error above what was counted: a hundred answers do not say it exactly, and
        where it is put too low false alarms are several times as frequent (`tests/bench/bench_people.py`).
        """
        mean = (wrong + PRIOR * team) / (judged + PRIOR)
        usual = max(LEAST, mean + math.sqrt(mean * (1 - mean) / (judged + PRIOR)))
        return cls(usual, min(max(FACTOR * usual, usual + POINTS), MOST))

    @property
    def steps(self) -> tuple[float, float]:
        """How far a right answer moves the sum (down), and a wrong one (up)."""
        return math.log((1 - self.raised) / (1 - self.usual)), math.log(self.raised / self.usual)


@dataclass(frozen=True)
class Alarm:
    """One time the sum was above the limit. Positions in the judged answers.

    since: the first answer after the sum left zero; crossed: the one that took it above the limit; until: the one at
    which it was back at zero, None while it is not.
    """

    since: int
    crossed: int
    until: int | None


@dataclass(frozen=True, eq=False)
class Drift:
    """The sum after each judged answer (answers,), and the alarms in it, oldest first."""

    sums: Floats
    rates: Rates
    limit: float
    alarms: tuple[Alarm, ...]

    @property
    def alarm(self) -> Alarm | None:
        """The alarm that stands: the sum has not been back at zero since."""
        return self.alarms[-1] if self.alarms and self.alarms[-1].until is None else None


def sums_of(wrong: Truths, rates: Rates) -> Floats:
    """Return the CUSUM after each answer, none of them below zero."""
    import numpy as np

    right_step, wrong_step = rates.steps
    walk = np.cumsum(np.where(wrong, wrong_step, right_step))
    return np.asarray(walk - np.minimum(np.minimum.accumulate(walk), 0.0))


def drift(wrong: Truths, team: float, limit: float) -> Drift | None:
    """Watch a person's judged answers; None while there are too few. wrong, team: as for `Rates.of`."""
    if len(wrong) < FEWEST:
        return None
    rates = Rates.of(wrong, team)
    sums = sums_of(wrong, rates)
    return Drift(sums, rates, limit, tuple(_alarms(sums, limit)))


def _alarms(sums: Floats, limit: float) -> list[Alarm]:
    import numpy as np

    found = []
    zeros = np.flatnonzero(sums == 0)
    place = 0
    while (above := np.flatnonzero(sums[place:] > limit)).size:
        crossed = place + int(above[0])
        before, after = zeros[zeros < crossed], zeros[zeros > crossed]
        until = int(after[0]) if after.size else None
        found.append(Alarm(int(before[-1]) + 1 if before.size else 0, crossed, until))
        if until is None:
            break
        place = until
    return found
