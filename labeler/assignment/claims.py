"""Claims: who is handed what, goes on holding it, gives it back. This file changes rows, as `actions.py` does.

Two ways to hold: a program asks for items and has each of them until its lease ends; a workspace has a fair share of
what is left, says which it has opened, renews as long as somebody works there and gives back the rest when they go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session

from labeler.assignment import queries
from labeler.assignment.actions import open_to_all, stand_in, take_slot
from labeler.assignment.models import Assignment, Place
from labeler.assignment.sharing import OPEN, PROGRAM, READY, abandoned, halved, share
from labeler.assignment.slots import HOLDS, LIVE, end_leases, end_now, take_slots
from labeler.projects.models import Item
from labeler.storage.database import alone
from labeler.storage.upsert import OnConflict, upsert

MAX_CLAIM = 100
LOOK = 12  # items shown to somebody who only looks
# a lease of this person that ran out earlier is taken up again
_TAKEN_UP_AGAIN = OnConflict(
    keys=("item_id", "user_id", "round"), replaced=("state", "claimed_at", "expires_at", "desk")
)
_PLACED = OnConflict(keys=("project_id", "user_id"), replaced=("priority", "item_id"))


def claim(
    session: Session, project_id: int, user_id: int, *, count: int, lease: timedelta, now: datetime
) -> list[tuple[Assignment, Item]]:
    """Hold up to `count` items for a person: those they hold already (renewed), then new ones, in serving order.

    They are theirs until the lease ends, whatever others want: this is how a program asks.
    """
    count = max(0, min(count, MAX_CLAIM))
    end_leases(session, project_id, now)
    held = _renewed(session, project_id, user_id, count, now + lease)
    if len(held) < count:
        wanted = _Wanted(project_id, user_id, count - len(held), PROGRAM, lease, now)
        _take_more(session, wanted, holds=len(held))
        held = queries.held_by(session, project_id, user_id, count)
    for assignment, _ in held:
        if assignment.desk != PROGRAM:  # the session would look at all that was set, changed or not
            assignment.desk = PROGRAM
    session.flush()
    return held


@dataclass(frozen=True)
class HeldShare:
    """What a workspace has for a person. more: there was more than their share, to be asked for later."""

    held: list[tuple[Assignment, Item]]
    more: bool


def claim_share(
    session: Session, project_id: int, user_id: int, *, count: int, lease: timedelta, now: datetime
) -> HeldShare:
    """Hold the next items for a workspace: up to `count`, and of what is left no more than this person's share.

    What it has ready beyond the first one may come to somebody who would have nothing to do otherwise.
    """
    count = max(0, min(count, MAX_CLAIM))
    end_leases(session, project_id, now)
    held = _renewed(session, project_id, user_id, count, now + lease)
    people = {**queries.holders(session, project_id, now), user_id: len(held)}
    left = sum(people.values()) + queries.open_items(session, project_id, count * len(people))
    wanted = share(left, len(people), count)
    short = False
    if len(held) < wanted:
        more = _Wanted(project_id, user_id, wanted - len(held), READY, lease, now)
        short = _take_more(session, more, holds=len(held))
        held = queries.held_by(session, project_id, user_id, count)
    if held and held[0][0].desk == READY and not any(assignment.desk == OPEN for assignment, _ in held):
        held[0][0].desk = OPEN  # the one that comes to the screen
        session.flush()
    return HeldShare(held, more=not short and len(held) < count)


def look(
    session: Session, project_id: int, user_id: int, *, count: int, now: datetime
) -> list[tuple[Assignment, Item]]:
    """Show what would come next for a person, holding nothing: each slot is taken when they answer, if it is there."""
    end_leases(session, project_id, now)
    found = queries.candidates(session, project_id, user_id, min(count, LOOK)).items
    items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_([n for n, _ in found])))}
    shown = queries.held_by(session, project_id, user_id, count)
    for item_id, round_ in found:
        assignment = stand_in(session, items[item_id], user_id, now=now)
        assignment.purpose = "review" if round_ else "label"
        shown.append((assignment, items[item_id]))
    session.flush()
    return shown


def renew(
    session: Session,
    project_id: int,
    user_id: int,
    ids: Sequence[int],
    *,
    opened: Sequence[int],
    lease: timedelta,
    now: datetime,
) -> list[Assignment]:
    """Go on holding what a workspace has, which is open or in use; returns these assignments as they are now.

    opened: ids of those on the screen or begun; nobody else is given them before their lease ends. One whose lease
    ended is held again while a slot is free; a returned one that is not `held` was answered or belongs to others now.
    """
    end_leases(session, project_id, now)
    own = queries.own_of(session, project_id, user_id, ids)
    for assignment in own:
        if assignment.state == "expired" and take_slot(session, assignment, now):
            assignment.desk = READY
        if assignment.state == "held":
            assignment.expires_at = now + lease
            if assignment.id in opened and assignment.desk == READY:
                assignment.desk = OPEN
    session.flush()
    return own


def release(session: Session, project_id: int, user_id: int, ids: Sequence[int], ready: Sequence[int]) -> int:
    """Give back what a person holds: these, and of the ready ones those no page of theirs has opened; returns how many.

    An answer to one of them that is still on its way takes the slot again if it is there.
    """
    own = queries.own_of(session, project_id, user_id, [*ids, *ready])
    return end_now(session, project_id, [one.id for one in own if one.id in ids or one.desk == READY])


def release_all(session: Session, user_id: int, project_id: int | None = None) -> int:
    """Give back all a person holds, in one project or everywhere: they cannot answer it any more. Returns how many.

    What was sent back to them is for anybody now.
    """
    ended = _release_where(session, user_id, project_id, true())
    give_to_all(session, user_id, project_id)
    return ended


def release_held(session: Session, user_id: int, project_id: int) -> int:
    """Give back all a person holds in a project; what was sent back to them stays theirs. Returns how many."""
    return _release_where(session, user_id, project_id, true())


def give_to_all(session: Session, user_id: int, project_id: int | None = None) -> None:
    """Let anybody answer what was sent back to a person, in one project or everywhere."""
    theirs = Item.only_for == user_id
    open_to_all(session, theirs if project_id is None else and_(theirs, Item.project_id == project_id))


def projects_held(session: Session, user_id: int) -> set[int]:
    """Return the projects in which a person holds something."""
    session.flush()
    return set(session.scalars(select(HOLDS.c.project_id).where(HOLDS.c.user_id == user_id, LIVE).distinct()))


def release_workspaces(session: Session, user_id: int) -> int:
    """Give back all the workspaces of a person hold; what a program of theirs asked for stays. Returns how many."""
    return _release_where(session, user_id, None, HOLDS.c.desk != PROGRAM)


def _release_where(session: Session, user_id: int, project_id: int | None, which: ColumnElement[bool]) -> int:
    session.flush()
    where = [HOLDS.c.user_id == user_id, LIVE, which]
    if project_id is not None:
        where.append(HOLDS.c.project_id == project_id)
    projects = session.scalars(select(HOLDS.c.project_id).where(*where).distinct().order_by(HOLDS.c.project_id)).all()
    ended = 0
    for project in projects:  # in this order for everybody, so that two who leave never wait for each other
        alone(session, project)
        ids = session.scalars(select(HOLDS.c.id).where(*where, HOLDS.c.project_id == project)).all()
        ended += end_now(session, project, ids)
    return ended


def hold(
    session: Session, project_id: int, user_id: int, item_ids: Sequence[int], *, lease: timedelta, now: datetime
) -> list[tuple[Assignment, Item]]:
    """Hold these items for a person and no others: those they hold already (renewed) and those still open to them.

    Returns what they hold of them now, in the order of the ids; what others took meanwhile is not in it.
    """
    end_leases(session, project_id, now)
    wanted = queries.candidates_among(session, project_id, user_id, item_ids)
    _take(session, _Wanted(project_id, user_id, len(wanted), OPEN, lease, now), wanted)
    held = queries.held_among(session, project_id, user_id, item_ids)
    for assignment, _ in held:
        assignment.expires_at = now + lease
        assignment.desk = OPEN
    session.flush()
    return held


@dataclass(frozen=True)
class _Wanted:
    """What a claim asks for beyond what is held already. desk: how it will be held."""

    project_id: int
    user_id: int
    count: int
    desk: str
    lease: timedelta
    now: datetime


def _renewed(
    session: Session, project_id: int, user_id: int, count: int, until: datetime
) -> list[tuple[Assignment, Item]]:
    held = queries.held_by(session, project_id, user_id, count)
    for assignment, _ in held:
        assignment.expires_at = until
    session.flush()
    return held


def _take_more(session: Session, wanted: _Wanted, *, holds: int) -> bool:
    """Take what is open, then what others gave up; returns whether that was less than wanted."""
    found = queries.candidates(session, wanted.project_id, wanted.user_id, wanted.count)
    _take(session, wanted, found.items)
    place = {"project_id": wanted.project_id, "user_id": wanted.user_id}
    if found.moved:
        upsert(session, Place, [place | {"priority": found.place[0], "item_id": found.place[1]}], _PLACED)
    missing = wanted.count - len(found.items)
    if missing == 0:
        return False
    theirs = queries.held_by_others(session, wanted.project_id, wanted.user_id, wanted.now)
    given = abandoned(theirs, missing, now=wanted.now, lease=wanted.lease)
    if not given and not holds and not found.items:
        given = halved(theirs, queries.holders(session, wanted.project_id, wanted.now), missing)
    if given:
        end_now(session, wanted.project_id, [one.assignment for one in given])
        _take(session, wanted, [(one.item, one.round) for one in given])
    return len(given) < missing


def _take(session: Session, wanted: _Wanted, items: Sequence[tuple[int, int]]) -> None:
    got = take_slots(session, [item_id for item_id, _ in items]) if items else set()
    rows = [
        {
            "project_id": wanted.project_id,
            "item_id": item_id,
            "user_id": wanted.user_id,
            "round": round_,
            "purpose": "review" if round_ else "label",
            "state": "held",
            "claimed_at": wanted.now,
            "expires_at": wanted.now + wanted.lease,
            "desk": wanted.desk,
        }
        for item_id, round_ in items
        if item_id in got
    ]
    upsert(session, Assignment, rows, _TAKEN_UP_AGAIN)
