"""How accurate a person is on items whose right answer is known: THE accuracy of a person, wherever one is said.

Note: only what was chosen without looking at the answers may be counted here, that is test items and random audits. A
decision about a flag was made since something looked wrong, so counting it would punish whoever gets flagged.
"""

from dataclasses import dataclass
from functools import cached_property

from labeler.measures.intervals import LEVEL, Interval

FEWEST = 10  # checked answers before there is a share
RIGHT, WRONG = 4, 1  # what a newcomer is thought to have had before the first checked answer


@dataclass(frozen=True)
class Accuracy:
    """`right` of `of` checked answers, with the distribution Beta(4 + right, 1 + wrong) of what that says.

    So ten answers do not make anybody perfect or useless: the range of 10 of 10 begins at 78 %.
    """

    right: int
    of: int

    @property
    def enough(self) -> bool:
        """Whether there are enough to say a share; before that it is only said how many of how many."""
        return self.of >= FEWEST

    @property
    def mean(self) -> float:
        """The share expected, 0 to 1."""
        return (RIGHT + self.right) / (RIGHT + WRONG + self.of)

    @cached_property
    def interval(self) -> Interval:
        """Its 95 % range: the share lies below each end with 2.5 and 97.5 %."""
        from scipy.special import betaincinv

        a, b = RIGHT + self.right, WRONG + self.of - self.right
        tail = (1 - LEVEL) / 2
        return Interval(float(betaincinv(a, b, tail)), float(betaincinv(a, b, 1 - tail)))

    def __add__(self, other: "Accuracy") -> "Accuracy":
        """Count the answers of both."""
        return Accuracy(self.right + other.right, self.of + other.of)
