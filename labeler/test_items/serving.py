"""Handing out test items and repeats among a person's others, without a sign. This file changes rows.

They are held as items of an audit are, by an assignment with a lease in a round of their own (`assignment/rounds.py`).
What comes is fixed by a hash of the person's last test, so that asking twice gives the same. Note: nobody is given more
of them when their own items run out, or the last ones would be all tests.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy import bindparam, exists, literal_column, select
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.assignment.models import Assignment
from labeler.assignment.rounds import REPEAT, TEST
from labeler.audits.serving import Asking, Held, hold_beside, renewed
from labeler.projects.models import Item
from labeler.test_items import queries
from labeler.test_items.rules import FIRST, FIRST_SHARE, MOST_SHARE, TestRules, farthest, placed, places

PURPOSES = {TEST: "gold", REPEAT: "repeat"}
AGAIN_AFTER, AGAIN_AMONG = 50, 150
"""Answers of their own after which an item may come to a person again, and how many of these are looked at."""
_OWN = (
    select(Annotation.id, Annotation.round)
    .where(Annotation.project_id == bindparam("project"), Annotation.user_id == bindparam("user"))
    .order_by(Annotation.id.desc())
    .limit(bindparam("most"))
)
_ASKED_AGAIN = exists().where(
    Assignment.item_id == Annotation.item_id,
    Assignment.user_id == Annotation.user_id,
    Assignment.round == literal_column(str(REPEAT)),
)
_LONG_AGO = (
    select(Annotation.item_id, Annotation.status, _ASKED_AGAIN)
    .where(Annotation.project_id == bindparam("project"), Annotation.user_id == bindparam("user"))
    .order_by(Annotation.id.desc())
    .offset(bindparam("after"))
    .limit(bindparam("most"))
)


def mix_in(session: Session, asking: Asking, rules: TestRules, others: Held) -> Held:
    """Return what a person holds with the test items and repeats that are due to them, in the order to answer."""
    held = renewed(session, asking, _held(session, asking))
    wanted = _shares(session, asking, rules)
    share = min(MOST_SHARE, sum(wanted.values()))
    if not share:
        return placed(others, held, [0])
    history = _history(session, asking, share)
    at = places(len(others), history.since, history.share, history.seed)
    if len(held) > len(at):  # held when more of them were wanted: sooner, so that the last ones are not all tests
        at = places(len(others), history.since, max(history.share, FIRST_SHARE), history.seed)
    if not asking.more and at and at[-1] == len(others):
        at.pop()  # behind the last item of their own it would not be among others
    if missing := at[len(held) :]:
        held += _take(session, asking, wanted, len(missing), history.seed)
    return placed(others, held, at)[: max(asking.count, len(others))]


def only_tests(session: Session, asking: Asking, count: int) -> Held:
    """Hold up to so many test items for a person and nothing else: the round before their first item."""
    held = renewed(session, asking, [one for one in _held(session, asking) if one[0].round == TEST])[:count]
    if len(held) < count:
        held += _take(session, asking, {TEST: 1.0}, count - len(held), "first")
    return held


def _shares(session: Session, asking: Asking, rules: TestRules) -> dict[int, float]:
    """Return how large a share of what a person is served is asked in which round."""
    tests = rules.share if rules.share and queries.has_tests(session, asking.project_id) else 0.0
    return {TEST: tests, REPEAT: rules.repeats}


@dataclass(frozen=True)
class _Past:
    """How many of their own a person answered since the last test, and what the next distance is drawn from."""

    since: int
    share: float
    seed: str


def _history(session: Session, asking: Asking, share: float) -> _Past:
    reach = max(farthest(share), FIRST)
    newest = session.execute(_OWN, {**_who(asking), "most": reach}).all()
    last = next((n for n, (_, round_) in enumerate(newest) if round_ in PURPOSES), len(newest))
    if len(newest) < FIRST:
        share = max(share, FIRST_SHARE)
    seed = f"{asking.project_id}-{asking.user_id}-{newest[last][0] if last < len(newest) else 0}"
    return _Past(last, share, seed)


def _held(session: Session, asking: Asking) -> Held:
    query = (
        select(Assignment, Item)
        .join(Item, Item.id == Assignment.item_id)
        .where(
            Assignment.project_id == asking.project_id,
            Assignment.user_id == asking.user_id,
            Assignment.state == literal_column("'held'"),
            Assignment.round.in_(PURPOSES),
        )
        .order_by(Assignment.claimed_at, Assignment.id)
    )
    return [(assignment, item) for assignment, item in session.execute(query)]


def _take(session: Session, asking: Asking, wanted: dict[int, float], count: int, seed: str) -> Held:
    """Hold up to `count` of what may come to a person: a test or a repeat by their shares, else the other of them."""
    ready = {round_: _open_to(session, asking, round_, seed) for round_, share in wanted.items() if share}
    total, taken = sum(wanted.values()), []
    for number in range(count):
        first = TEST if _drawn(f"{seed}-{number}-kind") * total < wanted.get(TEST, 0.0) else REPEAT
        round_ = next((one for one in (first, TEST, REPEAT) if ready.get(one)), None)
        if round_ is None:
            break
        item_id = ready[round_].pop(0)
        for others in ready.values():  # what comes as one of them does not come as the other
            others[:] = [one for one in others if one != item_id]
        taken.append((round_, item_id))
    held = [
        (hold_beside(session, asking, item_id, round_, PURPOSES[round_]), session.get_one(Item, item_id))
        for round_, item_id in taken
    ]
    session.flush()
    return held


def _open_to(session: Session, asking: Asking, round_: int, seed: str) -> list[int]:
    """Return the items that may come to a person in a round, in an order of chance that is their own."""
    if round_ == TEST:
        found = list(queries.open_to(session, asking.project_id, asking.user_id))
    else:
        window = {**_who(asking), "after": AGAIN_AFTER, "most": AGAIN_AMONG}
        rows = session.execute(_LONG_AGO, window)
        found = sorted({row[0] for row in rows if row[1] == "counted" and not row[2]})
    return sorted(found, key=lambda item_id: _drawn(f"{seed}-{item_id}"))


def _drawn(seed: str) -> float:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:6]) / 2**48


def _who(asking: Asking) -> dict[str, int]:
    return {"project": asking.project_id, "user": asking.user_id}
