"""Changes to who holds what. Every function keeps `open_slots` right in the caller's transaction.

The rule behind it: an item in round r wants as many answers as the project says (one in later rounds), and its open
slots are that number less the assignments of round r that are held or done.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, case, func, select, update
from sqlalchemy.orm import Session

from labeler.assignment import queries
from labeler.assignment.models import Assignment
from labeler.assignment.policies import SENT_BACK
from labeler.projects.models import Item, Project
from labeler.storage.upsert import OnConflict, upsert

MAX_CLAIM = 100

# The statements of every claim, put together once: building them costs more than running them.
# They name tables instead of classes, which spares the search for objects in the session that they might touch.
_HOLDS, _ITEMS = cast("Table", Assignment.__table__), cast("Table", Item.__table__)
_PROJECTS = cast("Table", Project.__table__)
_END_LEASES = (
    update(_HOLDS)
    .where(
        _HOLDS.c.project_id == bindparam("in_project"),
        _HOLDS.c.state == "held",
        _HOLDS.c.expires_at <= bindparam("now"),
    )
    .values(state="expired")
    .returning(_HOLDS.c.item_id, _HOLDS.c.round)
)
_TAKE_SLOTS = (
    update(_ITEMS)
    .where(_ITEMS.c.id.in_(bindparam("ids", expanding=True)), _ITEMS.c.open_slots > 0)
    .values(open_slots=_ITEMS.c.open_slots - 1)
    .returning(_ITEMS.c.id)
)
_STILL_WANTED = (
    case(
        (_ITEMS.c.round == 0, select(_PROJECTS.c.votes).where(_PROJECTS.c.id == _ITEMS.c.project_id).scalar_subquery()),
        else_=1,
    )
    - select(func.count())
    .where(_HOLDS.c.item_id == _ITEMS.c.id, _HOLDS.c.round == _ITEMS.c.round, _HOLDS.c.state.in_(("held", "done")))
    .scalar_subquery()
)
_COUNT_SLOTS = (
    update(_ITEMS)
    .where(_ITEMS.c.id == bindparam("item"), _ITEMS.c.round == bindparam("in_round"))
    .values(open_slots=case((_STILL_WANTED > 0, _STILL_WANTED), else_=0))
)
# a lease of this person that ran out earlier is taken up again
_TAKEN_UP_AGAIN = OnConflict(keys=("item_id", "user_id", "round"), replaced=("state", "claimed_at", "expires_at"))


def end_leases(session: Session, project_id: int, now: datetime) -> int:
    """End the project's leases that ran out and give their slots back; returns how many."""
    session.flush()  # a statement on tables does not ask for it
    ended = session.execute(_END_LEASES, {"in_project": project_id, "now": now}).all()
    for item_id, round_ in sorted({(row[0], row[1]) for row in ended}):
        _free(session, item_id, round_)
    return len(ended)


def claim(
    session: Session, project_id: int, user_id: int, *, count: int, lease: timedelta, now: datetime
) -> list[tuple[Assignment, Item]]:
    """Hold up to `count` items for a person: those they hold already (renewed), then new ones, in serving order."""
    count = max(0, min(count, MAX_CLAIM))
    end_leases(session, project_id, now)
    held = queries.held_by(session, project_id, user_id, count)
    if held:
        for assignment, _ in held:
            assignment.expires_at = now + lease
        session.flush()
    if len(held) < count:
        wanted = queries.candidates(session, project_id, user_id, count - len(held))
        _take(session, project_id, user_id, wanted, until=now + lease, now=now)
        held = queries.held_by(session, project_id, user_id, count)
    return held


def hold(
    session: Session, project_id: int, user_id: int, item_ids: Sequence[int], *, lease: timedelta, now: datetime
) -> list[tuple[Assignment, Item]]:
    """Hold these items for a person and no others: those they hold already (renewed) and those still open to them.

    Returns what they hold of them now, in the order of the ids; what others took meanwhile is not in it.
    """
    end_leases(session, project_id, now)
    wanted = queries.candidates_among(session, project_id, user_id, item_ids)
    _take(session, project_id, user_id, wanted, until=now + lease, now=now)
    held = queries.held_among(session, project_id, user_id, item_ids)
    for assignment, _ in held:
        assignment.expires_at = now + lease
    session.flush()
    return held


def stand_in(session: Session, item: Item, user_id: int, *, now: datetime) -> Assignment:
    """Return the person's assignment of an item's current round, or a new one without a slot (for imported answers)."""
    own = select(Assignment).where(
        Assignment.item_id == item.id, Assignment.user_id == user_id, Assignment.round == item.round
    )
    assignment = session.scalar(own)
    if assignment is None:
        assignment = Assignment(
            project_id=item.project_id,
            item_id=item.id,
            user_id=user_id,
            round=item.round,
            purpose="label",
            state="expired",
            claimed_at=now,
            expires_at=now,
        )
        session.add(assignment)
        session.flush()
    return assignment


def take_slot(session: Session, assignment: Assignment, now: datetime) -> bool:
    """Take a slot again for an assignment that lost or gave back its own; False when the item is full or moved on."""
    if not _decrement(session, [assignment.item_id], assignment.round):
        return False
    assignment.state = "held"
    assignment.claimed_at = now
    return True


def take_open(session: Session, answered: Sequence[tuple[Item, Sequence[int]]]) -> None:
    """Let answers that are there already take open slots of their items, one each.

    answered: an item with the ids of the assignments of these answers; it must have as many open slots.
    """
    ids = [assignment_id for _, assignment_ids in answered for assignment_id in assignment_ids]
    session.execute(update(Assignment).where(Assignment.id.in_(ids)).values(state="done"))
    for item, assignment_ids in answered:
        item.open_slots -= len(assignment_ids)
    session.flush()


def finish(session: Session, assignment: Assignment, *, skipped: bool, closed: bool = False) -> None:
    """Close a held assignment as answered, or as skipped, which gives its slot to somebody else (unless closed)."""
    assignment.state = "skipped" if skipped else "done"
    session.flush()
    if skipped and assignment.round:
        session.execute(update(Item).where(Item.id == assignment.item_id).values(only_for=None))
    if skipped and not closed:
        _free(session, assignment.item_id, assignment.round)


def drop(session: Session, assignment: Assignment) -> None:
    """Let go of an item without an answer that counts, since it has all it wants or was asked anew."""
    if assignment.state == "held":
        assignment.state = "expired"
        session.flush()
        _free(session, assignment.item_id, assignment.round)


def give_back(
    session: Session, assignment: Assignment, status: str, *, closed: bool, until: datetime, now: datetime
) -> None:
    """Hold an item again whose answer with this status is being undone. closed: a lead took the item out meanwhile.

    A skip gave its slot back, so its item can be held again only while one is free; after a late answer it never is.
    """
    answered = status == "counted" and assignment.state == "done"
    if answered and closed:
        assignment.state = "expired"
    elif answered or (status == assignment.state == "skipped" and take_slot(session, assignment, now)):
        assignment.state = "held"
        assignment.claimed_at = now
        assignment.expires_at = until
    session.flush()


def start_round(session: Session, item: Item, *, only_for: int | None) -> None:
    """Ask about an item once more: the next round opens with one slot, at the front of the queue.

    only_for: user id of the one it is for, None for anybody.
    """
    newest = session.scalar(select(func.max(Assignment.round)).where(Assignment.item_id == item.id))
    item.round = max(item.round, newest or 0) + 1  # never a round somebody has answered in: a cancelled one may be
    item.open_slots = 1
    item.priority = SENT_BACK
    item.only_for = only_for
    session.flush()


def cancel_round(session: Session, item: Item, votes: int) -> None:
    """Go back to the round before, as nobody has answered in this one. votes: wanted in the first round.

    That is the newest one with an answer, held or given: rounds between were cancelled themselves. Who holds the item
    now is let go; an answer that is on its way is kept as late.
    """
    taken = update(Assignment).where(
        Assignment.item_id == item.id, Assignment.round == item.round, Assignment.state == "held"
    )
    session.execute(taken.values(state="expired"))
    earlier = select(func.max(Assignment.round)).where(
        Assignment.item_id == item.id, Assignment.round < item.round, Assignment.state.in_(("held", "done"))
    )
    item.round = session.scalar(earlier) or 0
    item.priority = 0.0
    item.only_for = None
    reopen_item(session, item, votes)


def close_item(session: Session, item: Item) -> None:
    """Stop serving an item (a lead excluded it); answers that are on their way are kept as late."""
    session.execute(
        update(Assignment).where(Assignment.item_id == item.id, Assignment.state == "held").values(state="expired")
    )
    item.open_slots = 0
    session.flush()


def reopen_item(session: Session, item: Item, votes: int) -> None:
    """Serve an item again, with the slots its current round still wants. votes: wanted in the first round."""
    taken = session.scalars(
        select(Assignment.id).where(
            Assignment.item_id == item.id, Assignment.round == item.round, Assignment.state.in_(("held", "done"))
        )
    ).all()
    item.open_slots = max(0, (votes if item.round == 0 else 1) - len(taken))
    session.flush()


def change_votes(session: Session, project: Project, votes: int, excluded: set[int]) -> None:
    """Want another number of answers an item from now on; items that have more keep them.

    Items that have as many as are wanted are taken from those who hold them: what they answer is kept as late.
    """
    project.votes = votes
    session.flush()
    answers = select(Assignment.item_id).where(
        Assignment.project_id == project.id, Assignment.round == 0, Assignment.state == "done"
    )
    full = answers.group_by(Assignment.item_id).having(func.count() >= votes)
    held = update(Assignment).where(
        Assignment.project_id == project.id, Assignment.round == 0, Assignment.state == "held"
    )
    session.execute(held.where(Assignment.item_id.in_(full)).values(state="expired"))
    for item_id, (_, right) in queries.recount(session, project, sorted(excluded)).items():
        session.execute(update(Item).where(Item.id == item_id).values(open_slots=right))


def _take(
    session: Session,
    project_id: int,
    user_id: int,
    wanted: Sequence[tuple[int, int]],
    *,
    until: datetime,
    now: datetime,
) -> None:
    got = _decrement(session, [item_id for item_id, _ in wanted]) if wanted else set()
    rows = [
        {
            "project_id": project_id,
            "item_id": item_id,
            "user_id": user_id,
            "round": round_,
            "purpose": "review" if round_ else "label",
            "state": "held",
            "claimed_at": now,
            "expires_at": until,
        }
        for item_id, round_ in wanted
        if item_id in got
    ]
    upsert(session, Assignment, rows, _TAKEN_UP_AGAIN)


def _decrement(session: Session, item_ids: list[int], round_: int | None = None) -> set[int]:
    session.flush()  # a statement on tables does not ask for it
    if round_ is None:
        return set(session.scalars(_TAKE_SLOTS, {"ids": item_ids}))
    return set(session.scalars(_TAKE_SLOTS.where(_ITEMS.c.round == round_), {"ids": item_ids}))


def _free(session: Session, item_id: int, round_: int) -> None:
    # counted afresh: where fewer answers are wanted by now, a slot that comes free is not open to anybody
    session.execute(_COUNT_SLOTS, {"item": item_id, "in_round": round_})
