"""Reads of late answers that wait: they would count if their item wanted more answers.

Note: not every late answer waits. One of an earlier round was given to a question that was
asked again since; and a person's newest word stands, so one that they replaced, undid, skipped after or are about to
answer anew is not theirs any more. Imported answers beyond the wanted ones and answers of people that came too late
are the same here.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from labeler.annotations.models import Annotation
from labeler.assignment.models import Assignment
from labeler.projects.actions import MAX_VOTES
from labeler.projects.models import Item, Project

BLOCK = 500  # items
_NEWER, _TAKEN = aliased(Annotation), aliased(Assignment)


class Waiting(NamedTuple):
    """One late answer that waits. open_slots: of its item."""

    item_id: int
    annotation_id: int
    assignment_id: int
    open_slots: int


class Beyond(NamedTuple):
    """Late answers that wait in the first round. answers: how many; wanted: votes an item that would count them all.

    An item may want no more than a certain number of votes, so of very many answers to one item some never count.
    """

    answers: int
    wanted: int


def with_room(session: Session, project_id: int) -> Iterator[list[Waiting]]:
    """Yield the waiting answers of items that have open slots, some items at a time, oldest first within an item."""
    after = 0
    while rows := _block(session, project_id, after):
        after = rows[-1].item_id
        yield rows


def beyond_wanted(session: Session, project: Project, excluded: set[int]) -> Beyond:
    """Count the answers that more wanted votes would count. excluded: ids of items a lead took out."""
    taken = (
        select(func.count())
        .where(_TAKEN.item_id == Item.id, _TAKEN.round == Item.round, _TAKEN.state.in_(("held", "done")))
        .correlate(Item)
        .scalar_subquery()
    )
    waiting = _waiting(project.id).with_only_columns(Item.id, taken, func.count())
    found = [row for row in session.execute(waiting.group_by(Item.id)) if row[0] not in excluded]
    most = max((row[1] + row[2] for row in found), default=0)
    return Beyond(sum(row[2] for row in found), max(project.votes, min(most, MAX_VOTES)))


def _block(session: Session, project_id: int, after: int) -> list[Waiting]:
    waiting = _waiting(project_id).where(Item.open_slots > 0, Item.id > after)
    items = waiting.with_only_columns(Item.id).distinct().order_by(Item.id).limit(BLOCK).subquery()
    query = waiting.with_only_columns(Item.id, Annotation.id, Assignment.id, Item.open_slots).where(
        Item.id.in_(select(items.c.id))
    )
    return [Waiting(*row) for row in session.execute(query.order_by(Item.id, Annotation.id))]


def _waiting(project_id: int) -> Select[Annotation]:
    newer = exists().where(
        _NEWER.item_id == Annotation.item_id,
        _NEWER.user_id == Annotation.user_id,
        _NEWER.round == Annotation.round,
        _NEWER.id > Annotation.id,
    )
    return (
        select(Annotation)
        .join(Item, Item.id == Annotation.item_id)
        .join(Assignment, Assignment.id == Annotation.assignment_id)
        .where(
            Annotation.project_id == project_id,
            Item.round == 0,
            Annotation.round == 0,
            Annotation.status == "late",
            Annotation.code != "",  # a late skip says nothing that could count
            or_(Assignment.state == "expired", Assignment.state == "skipped"),
            ~newer,
        )
    )
