"""Skipped items brought back together: to one person, or to everybody who skipped some."""

from sqlalchemy import and_, exists, select, update
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.assignment.models import Assignment
from labeler.assignment.slots import come_by_again
from labeler.projects.models import Item
from labeler.storage.database import alone

_CHUNK = 500


def bring_back_skipped(session: Session, project_id: int, user_id: int | None = None) -> int:
    """Ask people again about what they skipped, where an answer is still wanted; returns how many items that are.

    user_id: of one person, None for everybody. Their skips stay in the record as undone.
    """
    alone(session, project_id)
    session.flush()
    query = (
        select(Assignment.id, Assignment.item_id)
        .join(Item, and_(Item.id == Assignment.item_id, Item.round == Assignment.round))
        .where(Assignment.project_id == project_id, Assignment.state == "skipped", Item.open_slots > 0)
        # whose answer gave its slot to somebody else skipped nothing (`assignment.actions.ask_once_more`)
        .where(exists().where(Annotation.assignment_id == Assignment.id, Annotation.status == "skipped"))
    )
    if user_id is not None:
        query = query.where(Assignment.user_id == user_id)
    rows = session.execute(query.order_by(Assignment.id)).all()
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        ids = [row[0] for row in part]
        skips = update(Annotation).where(Annotation.assignment_id.in_(ids), Annotation.status == "skipped")
        session.execute(skips.values(status="undone"))
        session.execute(update(Assignment).where(Assignment.id.in_(ids)).values(state="expired"))
        come_by_again(session, project_id, [row[1] for row in part])
    return len({row[1] for row in rows})
