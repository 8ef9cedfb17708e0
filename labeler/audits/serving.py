"""Handing out items of a running audit among a person's others. This file changes rows, as `actions.py` does.

They are held as any other item is, by an assignment with a lease, in the round of the audit: at most every fifth item
of a person's own while they have others, and one after the other once they have none. Whoever changes who holds what
is alone in the project (`storage.database.alone`), so an item that is open now is open until it is held.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.assignment.models import Assignment
from labeler.assignment.queries import holders
from labeler.assignment.sharing import PROGRAM, READY, share
from labeler.audits import queries
from labeler.audits.models import Audit, AuditItem
from labeler.audits.spacing import mixed, room
from labeler.projects.models import Item

Held = list[tuple[Assignment, Item]]


@dataclass(frozen=True)
class Asking:
    """Who asks for how many items, and how they will be held. more: they have others left, beyond what is held."""

    project_id: int
    user_id: int
    count: int
    desk: str
    lease: timedelta
    now: datetime
    more: bool


def mix_in(session: Session, asking: Asking, own: Held) -> Held:
    """Return what a person holds of their own with what is due to them of a running audit, in the order to answer."""
    audit = queries.running(session, asking.project_id)
    if audit is None or audit.spacing is None:
        return own
    held = renewed(session, asking, held_of(session, audit, asking.user_id))
    since = since_beside(session, audit.project_id, asking.user_id, audit.spacing)
    wanted = _wanted(session, audit, asking, len(own), since) - len(held)
    if wanted > 0:
        held += take(session, audit, asking, wanted)
    return mixed(own, held, since, audit.spacing)[: max(asking.count, len(own))]


def take(session: Session, audit: Audit, asking: Asking, count: int) -> Held:
    """Hold the next items of an audit that a person may judge, whatever else they hold."""
    chosen = session.scalars(queries.open_to(audit, asking.user_id).limit(count)).all()
    items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_([n.item_id for n in chosen])))}
    taken = [(hold_beside(session, asking, one.item_id, audit.round, "audit"), items[one.item_id]) for one in chosen]
    session.flush()
    return taken


def hold_beside(session: Session, asking: Asking, item_id: int, round_: int, purpose: str) -> Assignment:
    """Hold an item for a person in a round beside the votes (`assignment/rounds.py`), where it takes no slot."""
    own = select(Assignment).where(
        Assignment.item_id == item_id, Assignment.user_id == asking.user_id, Assignment.round == round_
    )
    assignment = session.scalar(own)  # a lease of theirs that ran out earlier is taken up again
    if assignment is None:
        assignment = Assignment(
            project_id=asking.project_id, item_id=item_id, user_id=asking.user_id, round=round_, purpose=purpose
        )
        session.add(assignment)
    assignment.state, assignment.claimed_at = "held", asking.now
    assignment.expires_at, assignment.desk = asking.now + asking.lease, asking.desk
    return assignment


def renewed(session: Session, asking: Asking, held: Held) -> Held:
    """Go on holding what a person has beside the votes."""
    for assignment, _ in held:
        assignment.expires_at = asking.now + asking.lease
        if asking.desk == PROGRAM:
            assignment.desk = PROGRAM
    session.flush()
    return held


def held_of(session: Session, audit: Audit, user_id: int) -> Held:
    """Return what a person holds of an audit, in the order of asking."""
    query = (
        select(Assignment, Item)
        .join(Item, Item.id == Assignment.item_id)
        .join(AuditItem, AuditItem.item_id == Item.id)
        .where(AuditItem.audit_id == audit.id, Assignment.round == audit.round)
        .where(Assignment.user_id == user_id, Assignment.state == "held")
        .order_by(AuditItem.position)
    )
    return [(assignment, item) for assignment, item in session.execute(query)]


def _wanted(session: Session, audit: Audit, asking: Asking, own: int, since: int) -> int:
    """Return how many items of an audit a person should hold now."""
    if own or asking.more:
        return room(own, asking.count, since, audit.spacing or 0)
    if asking.desk != READY:
        return asking.count
    people = {*holders(session, audit.project_id, asking.now), asking.user_id}
    left = session.scalar(select(func.count()).select_from(queries.open_items(audit).subquery())) or 0
    return share(left + len(held_of(session, audit, asking.user_id)), len(people), asking.count)


def since_beside(session: Session, project_id: int, user_id: int, spacing: int) -> int:
    """Return how many of their own items a person answered since the last one beside the votes, up to `spacing`.

    Somebody who has answered none of these yet may get one at once.
    """
    rounds = session.scalars(
        select(Annotation.round)
        .where(Annotation.project_id == project_id, Annotation.user_id == user_id)
        .order_by(Annotation.id.desc())
        .limit(spacing)
    ).all()
    return _before_those(rounds, spacing)


def _before_those(rounds: Sequence[int], spacing: int) -> int:
    """Return how many of a person's newest answers, newest first, come before the first one beside the votes."""
    for count, round_ in enumerate(rounds):
        if round_ < 0:
            return count
    return spacing
