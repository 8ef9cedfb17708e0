"""Probability wrong: the one number said of a label, and the only one that says how likely it is wrong.

A pass gives each label a score, 0 to 1, which orders labels and is no probability yet: labels alone cannot tell
mistakes that look as if they were right. From `ENOUGH` labels on that somebody checked, deciding one by one about flags
that call labels wrong or judging the sample of an audit, the curve through them says the probability, with the interval
it lies in in 9 of 10 cases; before, only a band is said, in words. Queue, card, item page, lists, the bar for accepting
many, API, command line and exports say what `Calibration.of` says, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from labeler.quality.calibration.curve import Curve

ENOUGH = 10  # checked labels from which on a probability is said
STRONG, LIKELY = 0.5, 0.3
SURE = 0.5  # probability from which on a label is offered as likely wrong

Band = Literal["strong", "likely", "sample"]


@dataclass(frozen=True)
class ProbabilityWrong:
    """What is said of one label. probability, low, high: None before there were enough decisions to say them."""

    score: float
    probability: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def number(self) -> float:
        """The probability where it is known, else the score: what programs get, and what orders."""
        return self.score if self.probability is None else self.probability

    @property
    def band(self) -> Band:
        """How strong the suspicion is, for people, while no probability is known."""
        return "strong" if self.number >= STRONG else "likely" if self.number >= LIKELY else "sample"


@dataclass(frozen=True)
class Calibration:
    """What checked labels say of scores.

    reviews: decisions about flags; audited: labels of audits; lowest: the least score of a flag that was decided;
    wrong: from the score of a label to the probability that it is wrong; right: from the confidence of a suggestion to
    the probability that it is right; None before there were enough decisions.
    """

    reviews: int = 0
    audited: int = 0
    lowest: float = 1.0
    wrong: Curve | None = None
    right: Curve | None = None

    @property
    def checked(self) -> int:
        """How many labels were checked in all."""
        return self.reviews + self.audited

    def of(self, score: float) -> ProbabilityWrong:
        """Return what is said of a label with this score."""
        if self.wrong is None:
            return ProbabilityWrong(score)
        return ProbabilityWrong(score, self.wrong.probability(score), *self.wrong.interval(score))

    def of_suggestion(self, confidence: float, score: float) -> float | None:
        """Return how probable a suggestion is, never more so than that the label is wrong; None before it is known."""
        if self.right is None:
            return None
        return min(self.right.probability(confidence), self.of(score).number)

    def score_from(self, number: float) -> float:
        """Return the least score whose number is at least this one."""
        return number if self.wrong is None else self.wrong.score_at(number)
