"""What an alarm about one person rests on, and what speaks against it: the same answers looked at from other sides.

Counting only. Note: a rise of answers that are judged wrong has other reasons than care. The items may have become
harder, then the others differ from one another there too; and what is known for certain may say otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.measures.accuracy import Accuracy
from labeler.measures.persons import with_the_others

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from labeler.statistics.annotators import AnnotatorFigures, Compared
    from labeler.statistics.checked_answers import CheckedAnswer

    Ints = NDArray[np.int64]


HARDER = 0.05  # a difference of shares that counts
FEWEST = 30  # answers of others before a share of them is said


@dataclass(frozen=True)
class SinceAlarm:
    """What is seen since the change began. first: id of the first answer; answers: judged ones since.

    checked_before, checked_since: accuracy on checked items; others_before, others_since: how often the other people
    differ from one another on the same items, as a share, None where too few answered.
    """

    first: int
    answers: int
    checked_before: Accuracy
    checked_since: Accuracy
    others_before: float | None
    others_since: float | None

    @property
    def harder(self) -> bool:
        """Whether the others differ clearly more there too, which speaks for harder items."""
        if self.others_before is None or self.others_since is None:
            return False
        return self.others_since >= self.others_before + HARDER

    @property
    def checked_well(self) -> bool:
        """Whether enough checked answers since then are as right as before, which speaks against it."""
        since, before = self.checked_since, self.checked_before
        return since.enough and before.enough and since.mean >= before.mean - HARDER


def since_alarm(found: Compared, one: AnnotatorFigures, checked: Sequence[CheckedAnswer]) -> SinceAlarm | None:
    """Return what an alarm that stands rests on; None without one."""
    import numpy as np

    if one.alarm is None:
        return None
    first, user = int(one.judged.id[one.alarm.since]), one.person.user
    known = [(answer.annotation, answer.right) for answer in checked if answer.user_id == user and answer.annotation]
    rows = found.rows_of.get(user, np.zeros(0, np.int64))
    before, since = rows[found.votes.id[rows] < first], rows[found.votes.id[rows] >= first]
    return SinceAlarm(
        first,
        len(one.judged.id) - one.alarm.since,
        _accuracy([right for id_, right in known if id_ < first]),
        _accuracy([right for id_, right in known if id_ >= first]),
        _others_differ(found, user, before),
        _others_differ(found, user, since),
    )


def _accuracy(right: Sequence[bool]) -> Accuracy:
    return Accuracy(sum(right), len(right))


def _others_differ(found: Compared, user: int, rows: Ints) -> float | None:
    """Return how often other people's answers to these items are not what the rest of them say, leaving `user` out."""
    import numpy as np

    votes = found.votes
    there = np.flatnonzero(np.isin(votes.place, votes.place[rows]) & (votes.user != user))
    compared, same = with_the_others(votes.place[there], votes.label[there])
    if compared.sum() < FEWEST:
        return None
    return 1 - float(same.sum() / compared.sum())
