"""How long decisions took: the time since the same person did something before, unless that was a break.

Nobody measures the time of a decision. What is known is when each was made; so the first one after a break has no time,
and so have those that were made with one click, since they were made at the same moment.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from labeler.cost.ledger import Work
from labeler.review.timebox import BREAK


class Decision(NamedTuple):
    """A decision of a lead. step: that it belongs to; code: final label of its item now."""

    user: int
    at: datetime
    step: str
    code: str


def timed(decisions: Sequence[Decision], answers: Iterable[tuple[int, datetime]]) -> Iterator[Work]:
    """Yield each decision with its time. answers: (user, when) of what the same people answered, which takes time too.

    A time of more than `BREAK` seconds is none.
    """
    events: list[tuple[int, datetime, Decision | None]] = [(one.user, one.at, one) for one in decisions]
    events += [(user, at, None) for user, at in answers]
    events.sort(key=lambda event: event[:2])
    for _, own in groupby(events, key=lambda event: event[0]):
        before: datetime | None = None
        for _user, at, decision in own:
            seconds = None if before is None else (at - before).total_seconds()
            if decision is not None:
                yield _work(decision, None if seconds is None or seconds > BREAK else seconds)
            before = at


def _work(one: Decision, seconds: float | None) -> Work:
    milliseconds = 0 if seconds is None else round(1000 * seconds)
    return Work(one.user, one.step, one.code, one.at.date().toordinal(), 1, int(seconds is None), milliseconds)
