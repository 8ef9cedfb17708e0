"""Reads about who holds what."""

from collections.abc import Sequence

from sqlalchemy import Float, Integer, bindparam, case, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from labeler.accounts.queries import can_work
from labeler.assignment.models import Assignment
from labeler.assignment.policies import SENT_BACK
from labeler.projects.models import Item, Project

_MINE = exists().where(
    Assignment.item_id == Item.id,
    Assignment.user_id == bindparam("user"),
    Assignment.round == Item.round,
    Assignment.state != "expired",
)
# a round may be for one person; when they cannot work here any more, it is for anybody
_FOR_ME = or_(Item.only_for.is_(None), Item.only_for == bindparam("user"), ~can_work(Item.project_id, Item.only_for))
# The statements of every claim, put together once: building them costs more than running them.
_FREE = (
    select(Item.id, Item.round)
    .where(Item.project_id == bindparam("project"), Item.open_slots > 0, ~_MINE, _FOR_ME)
    .limit(bindparam("most"))
)
_OPEN = _FREE.order_by(Item.priority, Item.id).with_for_update(skip_locked=True, of=Item)
_SENT_BACK = _OPEN.where(Item.priority <= SENT_BACK)
_OTHERS = _OPEN.where(Item.priority > SENT_BACK)
# the last one first: where a person is (_PLACE) is their newest assignment, and serving should go on from the earliest
_THESE = (
    _FREE.where(Item.id.in_(bindparam("ids", expanding=True)))
    .order_by(Item.priority.desc(), Item.id.desc())
    .with_for_update(skip_locked=True, of=Item)
)
_AHEAD = _OTHERS.where(
    tuple_(Item.priority, Item.id) > tuple_(bindparam("priority", type_=Float()), bindparam("last", type_=Integer()))
)
_PLACE = (
    select(Item.priority, Item.id)
    .join(Assignment, Assignment.item_id == Item.id)
    .where(
        Assignment.project_id == bindparam("project"),
        Assignment.user_id == bindparam("user"),
        Assignment.purpose == "label",
    )
    .order_by(Assignment.id.desc())
    .limit(1)
)
_HELD = (
    select(Assignment, Item)
    .join(Item, Item.id == Assignment.item_id)
    .where(
        Assignment.project_id == bindparam("project"),
        Assignment.user_id == bindparam("user"),
        Assignment.state == "held",
    )
    .order_by(Item.priority, Item.id)
    .limit(bindparam("most"))
)

_HELD_OF_THESE = (
    select(Assignment, Item)
    .join(Item, Item.id == Assignment.item_id)
    .where(
        Assignment.project_id == bindparam("project"),
        Assignment.user_id == bindparam("user"),
        Assignment.state == "held",
        Assignment.item_id.in_(bindparam("ids", expanding=True)),
    )
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
    """Return what a person holds now, in the order it was handed out."""
    rows = session.execute(_HELD, {"project": project_id, "user": user_id, "most": limit})
    return [(assignment, item) for assignment, item in rows]


def candidates(session: Session, project_id: int, user_id: int, count: int) -> list[tuple[int, int]]:
    """Return up to `count` (item id, its round) this person may take next: sent-back ones, then on from where they are.

    Starting where the person is keeps a claim from walking over everything they have answered already; the last step
    finds what came free behind them.
    """
    who = {"project": project_id, "user": user_id}
    found = [(row[0], row[1]) for row in session.execute(_SENT_BACK, who | {"most": count})]
    place = session.execute(_PLACE, who).one_or_none() if len(found) < count else None
    if place is not None:
        ahead = who | {"most": count - len(found), "priority": place[0], "last": place[1]}
        found += [(row[0], row[1]) for row in session.execute(_AHEAD, ahead)]
    if len(found) < count:
        rest = _OTHERS.where(Item.id.not_in([item_id for item_id, _ in found])) if found else _OTHERS
        found += [(row[0], row[1]) for row in session.execute(rest, who | {"most": count - len(found)})]
    return found


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


def left_for(session: Session, project_id: int, user_id: int, limit: int = 100_000) -> int:
    """Return how many items a person may still answer, those they hold included (counted up to `limit`)."""
    free = select(func.count()).select_from(_FREE.subquery())
    held = select(func.count()).where(
        Assignment.project_id == project_id, Assignment.user_id == user_id, Assignment.state == "held"
    )
    counted = session.scalar(free, {"project": project_id, "user": user_id, "most": limit}) or 0
    return counted + (session.scalar(held) or 0)


def recount(session: Session, project: Project, excluded: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return {item id: (stored, right)} for each item whose stored open slots are not what its assignments say.

    excluded: ids of items a lead took out; they have no slots. An empty answer is the proof that serving is exact.
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
    wanted = case((Item.round == 0, project.votes), else_=1)
    out = set(excluded)
    wrong = {}
    for item_id, stored, right in session.execute(
        select(Item.id, Item.open_slots, wanted - taken).where(Item.project_id == project.id)
    ):
        expected = 0 if item_id in out else max(0, right)
        if stored != expected:
            wrong[item_id] = (stored, expected)
    return wrong


def answers_wanted(session: Session, project_id: int) -> tuple[int, int]:
    """Return (answers given, answers wanted in all): what is done, and with it what is held or still open."""
    states = select(Assignment.state, func.count()).where(
        Assignment.project_id == project_id, Assignment.state.in_(("held", "done"))
    )
    counts = {row[0]: row[1] for row in session.execute(states.group_by(Assignment.state))}
    done = counts.get("done", 0)
    return done, done + counts.get("held", 0) + open_slots(session, project_id)
