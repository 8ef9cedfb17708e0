"""Reads about who holds what."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, and_, case, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from labeler.assignment.models import Assignment
from labeler.assignment.policies import SENT_BACK
from labeler.projects.models import Item, Project


def held_by(session: Session, project_id: int, user_id: int, limit: int) -> list[tuple[Assignment, Item]]:
    """Return what a person holds now, in the order it was handed out."""
    query = (
        select(Assignment, Item)
        .join(Item, Item.id == Assignment.item_id)
        .where(Assignment.project_id == project_id, Assignment.user_id == user_id, Assignment.state == "held")
        .order_by(Item.priority, Item.id)
        .limit(limit)
    )
    return [(assignment, item) for assignment, item in session.execute(query)]


def candidates(session: Session, project_id: int, user_id: int, count: int) -> Sequence[int]:
    """Return up to `count` item ids this person may take next: sent-back ones, then on from where they are, then all.

    Starting where the person is keeps a claim from walking over everything they have answered already; the last step
    finds what came free behind them.
    """
    found: list[int] = list(session.scalars(_open_to(project_id, user_id, count).where(Item.priority <= SENT_BACK)))
    place = _place(session, project_id, user_id)
    if len(found) < count and place is not None:
        ahead = _open_to(project_id, user_id, count - len(found)).where(
            Item.priority > SENT_BACK, tuple_(Item.priority, Item.id) > place
        )
        found += session.scalars(ahead)
    if len(found) < count:
        rest = _open_to(project_id, user_id, count - len(found)).where(Item.priority > SENT_BACK)
        found += session.scalars(rest if not found else rest.where(Item.id.not_in(found)))
    return found


def assignment_in(session: Session, project_id: int, user_id: int, assignment_id: int) -> Assignment | None:
    """Return a person's own assignment in a project, or None: the same answer for another's as for none."""
    assignment = session.get(Assignment, assignment_id)
    if assignment is None or assignment.project_id != project_id or assignment.user_id != user_id:
        return None
    return assignment


def open_slots(session: Session, project_id: int) -> int:
    """Return how many answers are still wanted and held by nobody."""
    query = select(func.coalesce(func.sum(Item.open_slots), 0)).where(
        Item.project_id == project_id, Item.open_slots > 0
    )
    return session.scalar(query) or 0


def left_for(session: Session, project_id: int, user_id: int, limit: int = 100_000) -> int:
    """Return how many items a person may still answer, those they hold included (counted up to `limit`)."""
    free = _open_to(project_id, user_id, limit).order_by(None).subquery()
    held = select(func.count()).where(
        Assignment.project_id == project_id, Assignment.user_id == user_id, Assignment.state == "held"
    )
    return (session.scalar(select(func.count()).select_from(free)) or 0) + (session.scalar(held) or 0)


def next_expiry(session: Session, project_id: int) -> datetime | None:
    """Return when the first live lease of the project ends."""
    query = select(func.min(Assignment.expires_at)).where(
        Assignment.project_id == project_id, Assignment.state == "held"
    )
    return session.scalar(query)


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


def _open_to(project_id: int, user_id: int, count: int) -> Select[int]:
    mine = exists().where(
        and_(
            Assignment.item_id == Item.id,
            Assignment.user_id == user_id,
            Assignment.round == Item.round,
            Assignment.state != "expired",
        )
    )
    query = select(Item.id).where(Item.project_id == project_id, Item.open_slots > 0, ~mine)
    return query.order_by(Item.priority, Item.id).limit(count).with_for_update(skip_locked=True, of=Item)


def _place(session: Session, project_id: int, user_id: int) -> tuple[float, int] | None:
    query = (
        select(Item.priority, Item.id)
        .join(Assignment, Assignment.item_id == Item.id)
        .where(Assignment.project_id == project_id, Assignment.user_id == user_id, Assignment.purpose == "label")
        .order_by(Assignment.id.desc())
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1])


def answers_wanted(session: Session, project_id: int) -> tuple[int, int]:
    """Return (answers given, answers wanted in all): what is done, and with it what is held or still open."""
    states = select(Assignment.state, func.count()).where(
        Assignment.project_id == project_id, Assignment.state.in_(("held", "done"))
    )
    counts = {row[0]: row[1] for row in session.execute(states.group_by(Assignment.state))}
    done = counts.get("done", 0)
    return done, done + counts.get("held", 0) + open_slots(session, project_id)
