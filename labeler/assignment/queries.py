"""Reads about who holds what."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from labeler.assignment.models import Assignment, Place, WorkRule
from labeler.assignment.policies import SENT_BACK
from labeler.assignment.rounds import REPEAT
from labeler.assignment.sharing import READY, Hold
from labeler.projects.models import Item, Project

# Conditions on states are written into the statements: an index on part of a table is not used for a bound value.
_LIVE: ColumnElement[bool] = Assignment.state == literal_column("'held'")
_AGAIN: ColumnElement[int] = literal_column(str(REPEAT))
# counted, not "exists": PostgreSQL would turn that into a join, which reads all assignments where it expects few
_MINE = (
    select(func.count())
    .where(
        Assignment.item_id == Item.id,
        Assignment.user_id == bindparam("user"),
        # who answered an item beside the votes knows it; but whom it came to once more had answered it before
        or_(Assignment.round == Item.round, and_(Assignment.round < literal_column("0"), Assignment.round != _AGAIN)),
        Assignment.state != "expired",
    )
    .scalar_subquery()
)
_OTHER = aliased(Assignment)
_MINE_BESIDE = exists().where(
    _OTHER.item_id == Assignment.item_id,
    _OTHER.user_id == bindparam("user"),
    _OTHER.round == Assignment.round,
    _OTHER.state != "expired",
)
# A round may be for one person. What anybody may take and what is for one are looked for apart, each by its index.
_FOR_ALL = Item.only_for.is_(None)
_FOR_ME = and_(Item.only_for.is_not(None), Item.only_for == bindparam("user"))
# What anybody who asks may be handed, one by one or on a page; each statement says besides whether it is for them.
_OPEN_TO = and_(Item.open_slots > literal_column("0"), _MINE == 0)
_HELD_BY = exists().where(
    Assignment.item_id == Item.id,
    Assignment.user_id == bindparam("user"),
    Assignment.round == Item.round,
    _LIVE,
)
# Of items, for a parameter "user": they hold it, or could by asking now. A lease that ran out counts until it is ended.
HELD_OR_OPEN_TO: ColumnElement[bool] = or_(_HELD_BY, and_(_OPEN_TO, or_(_FOR_ALL, _FOR_ME)))
# The statements of every claim, put together once: building them costs more than running them.
_FREE = (
    select(Item.id, Item.round, Item.priority)
    .where(Item.project_id == bindparam("project"), _OPEN_TO)
    .limit(bindparam("most"))
)
# whoever changes who holds what is alone in the project, so no row has to be passed over because another claim has it
_OPEN = _FREE.order_by(Item.priority, Item.id).with_for_update(of=Item)
_MY_ROUNDS = _OPEN.where(_FOR_ME)
_SENT_BACK = _OPEN.where(_FOR_ALL, Item.priority == SENT_BACK)
# two statements, as SQLite finds a pair of values by the first of the two only, and walks over all of one priority
_AHEAD = (
    _OPEN.where(_FOR_ALL, Item.priority == bindparam("priority"), Item.id > bindparam("last")),
    _OPEN.where(_FOR_ALL, Item.priority > bindparam("priority")),
)
_FREED = _OPEN.where(_FOR_ALL, Item.freed, Item.priority > SENT_BACK)
_THESE = _OPEN.where(Item.id.in_(bindparam("ids", expanding=True)), or_(_FOR_ALL, _FOR_ME))
# nearly always nothing is, and one look spares two: what is for one person has an even lower priority
_SOME_SENT_BACK = exists().where(
    Item.project_id == bindparam("project"),
    Item.open_slots > literal_column("0"),
    Item.priority <= literal_column(str(SENT_BACK)),
)
_PLACE = select(Place.priority, Place.item_id, _SOME_SENT_BACK).where(
    Place.project_id == bindparam("project"), Place.user_id == bindparam("user")
)
_START = (SENT_BACK, 2**31 - 1)  # before the first item that was not sent back
_END = (
    select(Item.priority, Item.id)
    .where(Item.project_id == bindparam("project"), Item.open_slots > literal_column("0"))
    .order_by(Item.priority.desc(), Item.id.desc())
    .limit(1)
)
_HELD = (
    select(Assignment, Item)
    .join(Item, Item.id == Assignment.item_id)
    .where(
        Assignment.project_id == bindparam("project"),
        Assignment.user_id == bindparam("user"),
        _LIVE,
        Assignment.round >= literal_column("0"),
    )
    .order_by(Item.priority, Item.id)
    .limit(bindparam("most"))
)
_THEIRS = (
    select(
        Assignment.id,
        Assignment.item_id,
        Assignment.round,
        Assignment.user_id,
        Assignment.desk,
        Assignment.expires_at,
    )
    .join(Item, Item.id == Assignment.item_id)
    .where(
        Assignment.project_id == bindparam("project"),
        _LIVE,
        Assignment.expires_at > bindparam("now"),
        Assignment.user_id != bindparam("user"),
        Assignment.round == Item.round,
        or_(_FOR_ALL, _FOR_ME),
        ~_MINE_BESIDE,
    )
    .order_by(Item.priority, Item.id)
)
# counted here and not by the database, which would walk over everything in the order of people for it
_HOLDERS = select(Assignment.user_id).where(
    Assignment.project_id == bindparam("project"), _LIVE, Assignment.expires_at > bindparam("now")
)
_SOME_OPEN = select(func.count()).select_from(
    select(Item.id)
    .where(Item.project_id == bindparam("project"), Item.open_slots > literal_column("0"))
    .limit(bindparam("most"))
    .subquery()
)

_HELD_OF_THESE = (
    select(Assignment, Item)
    .join(Item, Item.id == Assignment.item_id)
    .where(
        Assignment.project_id == bindparam("project"),
        Assignment.user_id == bindparam("user"),
        _LIVE,
        Assignment.item_id.in_(bindparam("ids", expanding=True)),
    )
)
_OWN_OF = select(Assignment).where(
    Assignment.id.in_(bindparam("ids", expanding=True)),
    Assignment.project_id == bindparam("project"),
    Assignment.user_id == bindparam("user"),
)
_OWN = (
    select(Assignment, Item)
    .join(Item, Item.id == Assignment.item_id)
    .where(
        Assignment.id == bindparam("id"),
        Assignment.project_id == bindparam("project"),
        Assignment.user_id == bindparam("user"),
    )
)


def held_by(session: Session, project_id: int, user_id: int, limit: int) -> list[tuple[Assignment, Item]]:
    """Return what a person holds now of the items' own rounds, in the order it was handed out."""
    rows = session.execute(_HELD, {"project": project_id, "user": user_id, "most": limit})
    return [(assignment, item) for assignment, item in rows]


@dataclass(frozen=True)
class Candidates:
    """(item id, its round) of items a person may take, and how far the serving order was looked through for that.

    moved: this is another place than the one that is stored.
    """

    items: list[tuple[int, int]]
    place: tuple[float, int]
    moved: bool


def candidates(session: Session, project_id: int, user_id: int, count: int) -> Candidates:
    """Return up to `count` items this person may take next: sent-back ones, then on from their place, then freed ones.

    None of the statements steps over what the person answered before: it lies behind their place.
    """
    who = {"project": project_id, "user": user_id}
    before = session.execute(_PLACE, who).one_or_none()
    place = furthest = _START if before is None else (before[0], before[1])
    found: list[tuple[int, int]] = []
    for part in (_MY_ROUNDS, _SENT_BACK) if before is None or before[2] else ():
        rows = session.execute(part, who | {"most": count - len(found)}).all() if len(found) < count else []
        found += [(row[0], row[1]) for row in rows]
    if len(found) < count:
        for part in _AHEAD:
            ahead = who | {"most": count - len(found), "priority": place[0], "last": place[1]}
            rows = session.execute(part, ahead).all() if len(found) < count else []
            found += [(row[0], row[1]) for row in rows]
            furthest = (rows[-1][2], rows[-1][0]) if rows else furthest
        place = furthest if len(found) == count else max(furthest, _end(session, project_id))
    if len(found) < count:
        known = {item_id for item_id, _ in found}
        freed = session.execute(_FREED, who | {"most": count})
        found += [(row[0], row[1]) for row in freed if row[0] not in known][: count - len(found)]
    return Candidates(found, place, moved=before is None or place != (before[0], before[1]))


def _end(session: Session, project_id: int) -> tuple[float, int]:
    """Return (priority, id) of the last open item in serving order."""
    last = session.execute(_END, {"project": project_id}).one_or_none()
    return _START if last is None else (last[0], last[1])


def candidates_among(session: Session, project_id: int, user_id: int, item_ids: Sequence[int]) -> list[tuple[int, int]]:
    """Return (item id, its round) of those of these items that a person may take."""
    which = {"project": project_id, "user": user_id, "ids": list(item_ids), "most": len(item_ids)}
    return [(row[0], row[1]) for row in session.execute(_THESE, which)]


def held_among(
    session: Session, project_id: int, user_id: int, item_ids: Sequence[int]
) -> list[tuple[Assignment, Item]]:
    """Return those of these items that a person holds now, in the order of the ids."""
    rows = session.execute(_HELD_OF_THESE, {"project": project_id, "user": user_id, "ids": list(item_ids)})
    held = {item.id: (assignment, item) for assignment, item in rows}
    return [held[item_id] for item_id in dict.fromkeys(item_ids) if item_id in held]


def held_by_others(session: Session, project_id: int, user_id: int, now: datetime) -> list[Hold]:
    """Return what others hold that this person may still answer, in serving order."""
    which = {"project": project_id, "user": user_id, "now": now}
    return [Hold(*row) for row in session.execute(_THEIRS, which)]


def holders(session: Session, project_id: int, now: datetime) -> Counter[int]:
    """Return how many items each person at work in a project holds, by user id."""
    return Counter(session.scalars(_HOLDERS, {"project": project_id, "now": now}))


def open_items(session: Session, project_id: int, most: int) -> int:
    """Return how many items have a slot nobody holds, counted up to `most`."""
    return session.scalar(_SOME_OPEN, {"project": project_id, "most": most}) or 0


def own_of(session: Session, project_id: int, user_id: int, ids: Sequence[int]) -> list[Assignment]:
    """Return those of these assignments that are a person's own, whatever became of them, in the order of the ids."""
    rows = session.scalars(_OWN_OF, {"project": project_id, "user": user_id, "ids": list(ids)})
    found = {one.id: one for one in rows}
    return [found[n] for n in dict.fromkeys(ids) if n in found]


def own_assignment(
    session: Session, project_id: int, user_id: int, assignment_id: int
) -> tuple[Assignment, Item] | None:
    """Return a person's own assignment in a project and its item, or None: the same for another's as for none."""
    own = {"id": assignment_id, "project": project_id, "user": user_id}
    row = session.execute(_OWN, own).one_or_none()
    return None if row is None else (row[0], row[1])


def open_slots(session: Session, project_id: int) -> int:
    """Return how many answers are still wanted and held by nobody."""
    query = select(func.coalesce(func.sum(Item.open_slots), 0)).where(
        Item.project_id == project_id, Item.open_slots > 0
    )
    return session.scalar(query) or 0


def left_for(session: Session, project_id: int, user_id: int, now: datetime, limit: int = 100_000) -> int:
    """Return how many items a person may still answer (counted up to `limit`).

    Those they hold are among them, and those a workspace of somebody else only has ready: they come when it is needed.
    """
    who = {"project": project_id, "user": user_id}
    free = select(func.count()).select_from(_FREE.where(or_(_FOR_ALL, _FOR_ME)).subquery())
    held = select(func.count()).where(Assignment.project_id == project_id, Assignment.user_id == user_id, _LIVE)
    counted = session.scalar(free, who | {"most": limit}) or 0
    ready = {one.item for one in held_by_others(session, project_id, user_id, now) if one.desk == READY}
    full = select(func.count()).where(Item.id.in_(ready), Item.open_slots == 0)
    return counted + (session.scalar(held) or 0) + ((session.scalar(full) or 0) if ready else 0)


def recount(session: Session, project: Project, excluded: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return {item id: (stored, right)} for each item whose stored open slots are not what its assignments say.

    excluded: ids of items a lead took out; they have no slots, like those that have the model's label. An empty answer
    is the proof that serving is exact.
    """
    taken = (
        select(func.count())
        .where(
            Assignment.item_id == Item.id,
            Assignment.round == Item.round,
            or_(Assignment.state == "held", Assignment.state == "done"),
        )
        .scalar_subquery()
    )
    by_model = and_(Item.round == 0, Item.automatic_code != "")
    wanted = case((by_model, 0), (Item.round == 0, func.coalesce(Item.wanted, project.votes)), else_=1)
    out = set(excluded)
    wrong = {}
    for item_id, stored, right in session.execute(
        select(Item.id, Item.open_slots, wanted - taken).where(Item.project_id == project.id)
    ):
        expected = 0 if item_id in out else max(0, right)
        if stored != expected:
            wrong[item_id] = (stored, expected)
    return wrong


def holds_of_items(session: Session, project_id: int, item_ids: Sequence[int]) -> list[int]:
    """Return the ids of the assignments by which anybody holds one of these items now, in its own round."""
    query = select(Assignment.id).where(
        Assignment.project_id == project_id, _LIVE, Assignment.round >= 0, Assignment.item_id.in_(item_ids)
    )
    return list(session.scalars(query.order_by(Assignment.id)))


def rule_of(session: Session, project_id: int, user_id: int) -> WorkRule | None:
    """Return what a lead decided about a person's work here; None for nothing."""
    return session.get(WorkRule, (project_id, user_id))


def paused_since(session: Session, project_id: int) -> dict[int, datetime]:
    """Return since when each paused person of a project is handed nothing, by user id."""
    query = select(WorkRule.user_id, WorkRule.paused_at).where(WorkRule.project_id == project_id)
    return {user: at for user, at in session.execute(query) if at is not None}


def answers_missing(session: Session, project_id: int) -> int:
    """Return how many answers are still wanted: open to somebody, or under way with somebody who holds the item."""
    held = (
        select(func.count())
        .select_from(Assignment)
        .join(Item, Item.id == Assignment.item_id)
        .where(Assignment.project_id == project_id, _LIVE, Assignment.round == Item.round)
    )
    return open_slots(session, project_id) + (session.scalar(held) or 0)
