"""Accepting many suggestions at once: where it is allowed, and how many mistakes to expect.

It is allowed from a probability wrong on where, in each class whose labels would change, at least `ENOUGH` such
suggestions were checked one by one and the measured share of right ones is at least the project's limit. What was
measured, and nothing else, decides: a probability that is too high would otherwise open its own door.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from labeler.decisions.models import Review
from labeler.decisions.outcomes import is_checked
from labeler.projects.models import Project
from labeler.quality.calibration.probability import Calibration
from labeler.quality.models import Flag
from labeler.review.precision import Precision
from labeler.review.queue import CLOSE, score_of_label, suggestions_waiting

ENOUGH = 20  # suggestions checked one by one, of each class concerned
LOWEST = 50  # percent: probability wrong from which many may be accepted
NEWEST = 2000  # checked suggestions that are counted
ACCEPT_FROM = 0.9  # share of right suggestions from which many may be accepted, unless the project says otherwise
SUGGEST_FROM = 0.8  # probability from which a suggestion is the main action, unless the project says otherwise
_EXACT = 200  # changes up to which the range of mistakes is summed up and not approximated


def accept_from(settings: Mapping[str, Any]) -> float:
    """Return the share of right suggestions from which a project allows accepting many."""
    return float(settings.get("accept_from", ACCEPT_FROM))


def suggest_from(settings: Mapping[str, Any]) -> float:
    """Return the probability from which a project makes a suggestion the main action."""
    return float(settings.get("suggest_from", SUGGEST_FROM))


@dataclass(frozen=True)
class Lack:
    """What is missing in one class. label: the class whose labels would change."""

    label: str
    measured: Precision

    @property
    def few(self) -> bool:
        """Whether too few were checked, rather than too many wrong."""
        return self.measured.checked < ENOUGH


@dataclass(frozen=True)
class Threshold:
    """Accepting all suggestions for labels at or above one probability wrong (whole percent).

    count: labels that would change; measured: such suggestions that were checked one by one, in the classes concerned;
    lacks: why it is not allowed, [] where it is.
    """

    percent: int
    count: int
    measured: Precision
    lacks: tuple[Lack, ...]

    @property
    def allowed(self) -> bool:
        """Whether there is something to accept and it may be."""
        return bool(self.count) and not self.lacks

    @property
    def mistakes(self) -> tuple[int, int]:
        """How many mistakes to expect, in 9 of 10 cases."""
        return likely_mistakes(self.count, self.measured)


@dataclass(frozen=True)
class Accepting:
    """What accepting suggestions of one kind would do. waiting: (percent, the label), an item each.

    checked: (percent, the label, whether the suggestion was right), a decision each; known: whether probabilities are
    known at all; limit: share of right suggestions from which it is allowed.
    """

    kind: str
    waiting: Sequence[tuple[int, str]] = ()
    checked: Sequence[tuple[int, str, bool]] = ()
    known: bool = False
    limit: float = ACCEPT_FROM
    reviews: int = 0
    _at: dict[int, Threshold] = field(default_factory=dict, compare=False)

    def at(self, percent: int) -> Threshold:
        """Return what a threshold would do, and whether it may be done."""
        if percent not in self._at:
            self._at[percent] = self._look(percent)
        return self._at[percent]

    def _look(self, percent: int) -> Threshold:
        concerned = [label for at, label in self.waiting if at >= percent]
        measured = {label: Precision() for label in sorted(set(concerned))}
        for at, label, right in self.checked:
            if at >= percent and label in measured:
                measured[label] += Precision(1, int(right))
        lacks = [
            Lack(label, one)
            for label, one in measured.items()
            if one.checked < ENOUGH or one.share < self.limit - CLOSE
        ]
        return Threshold(percent, len(concerned), sum(measured.values(), Precision()), tuple(lacks))

    @cached_property
    def bars(self) -> list[float]:
        """Heights (0 to 1) of 25 bars from 50 to 100 %, two percent each."""
        counts = [0] * 25
        for at, _ in self.waiting:
            counts[min(24, (at - LOWEST) // 2)] += 1
        tallest = max(counts)
        return [count / tallest if tallest else 0.0 for count in counts]


def read_accepting(
    session: Session, project: Project, inspection_id: int, kind: str, calibration: Calibration
) -> Accepting:
    """Read what accepting many suggestions of one kind would do, as the probabilities are now."""
    steps = [calibration.score_from(percent / 100) - CLOSE for percent in range(LOWEST, 101)]

    def percent(score: float) -> int:
        return LOWEST - 1 + bisect_right(steps, score)  # one less where it is below the lowest

    waiting = suggestions_waiting(session, inspection_id, kind, calibration.score_from(LOWEST / 100))
    score = score_of_label(kind)
    taken = case((Review.code == Review.suggested_code, 1), else_=0)
    checked = (
        select(score, Flag.label_code, taken)
        .select_from(Review)
        .join(Flag, Flag.id == Review.flag_id)
        .where(Review.project_id == project.id, is_checked(kind), Review.suggested_code != "", score.is_not(None))
        .order_by(Review.id.desc())
        .limit(NEWEST)
    )
    return Accepting(
        kind,
        [(percent(at), label) for at, label in waiting],
        [(percent(row[0]), row[1], bool(row[2])) for row in session.execute(checked)],
        calibration.wrong is not None,
        accept_from(project.settings),
        calibration.checked,
    )


def likely_mistakes(changes: int, measured: Precision) -> tuple[int, int]:
    """Return between which whole numbers the mistakes among so many changes lie in 9 of 10 cases.

    Beta-binomial: the share of mistakes is as uncertain as what was measured leaves it (prior: Jeffreys).
    """
    a, b = measured.checked - measured.right + 0.5, measured.right + 0.5
    if changes > _EXACT:
        share, n = a / (a + b), changes
        reach = 1.645 * math.sqrt(n * share * (1 - share) * (a + b + n) / (a + b + 1))
        return max(0, math.floor(n * share - reach)), min(n, math.ceil(n * share + reach))
    total, low = 0.0, -1
    for mistakes in range(changes + 1):
        total += math.exp(
            _log_choose(changes, mistakes) + _log_beta(mistakes + a, changes - mistakes + b) - _log_beta(a, b)
        )
        if low < 0 and total > 0.05:  # noqa: PLR2004 - a twentieth on each side
            low = mistakes
        if total >= 0.95:  # noqa: PLR2004 - as above
            return low, mistakes
    return max(low, 0), changes


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
