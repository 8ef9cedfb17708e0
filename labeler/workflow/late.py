"""Late answers that count after all, once their items want more answers.

An answer beyond the wanted votes is kept as late, whoever brought it: a person in the browser or a file. It takes an
open slot as any other answer would, the oldest first, so an item never gets more than it wants.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from labeler.annotations import queries as annotation_queries
from labeler.annotations.late import Beyond, Waiting, beyond_wanted, with_room
from labeler.annotations.models import Annotation
from labeler.assignment import actions as assignment_actions
from labeler.decisions import final
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question
from labeler.workflow.settling import Moved, settle_all


def beyond(session: Session, project: Project) -> Beyond:
    """Return how many answers are kept but not counted as more came than are wanted, and how many would count all."""
    return beyond_wanted(session, project, final.excluded_items(session, project.id))


def count_late(session: Session, question: Question, *, now: datetime) -> int:
    """Count late answers of items that have open slots, in the caller's transaction; returns how many.

    Slots, statuses, agreement histogram and consensus change together; the caller holds the project alone.
    """
    session.flush()
    counted = 0
    for block in with_room(session, question.project.id):
        moved, taken = _taken(session, block)
        settle_all(session, question, moved, now=now)
        counted += taken
    return counted


def _taken(session: Session, block: Sequence[Waiting]) -> tuple[list[Moved], int]:
    """Count what there is room for in some items; returns what changed and how many answers that are."""
    chosen = _chosen(block)
    before = annotation_queries.counted_of_items(session, list(chosen))
    items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(chosen)))}
    said = annotation_queries.said(session, [one.annotation_id for waiting in chosen.values() for one in waiting])
    moved = []
    for item_id, waiting in chosen.items():
        after = [*before[item_id], *(said[one.annotation_id] for one in waiting)]
        moved.append(Moved(items[item_id], before[item_id], after))
    if said:
        session.execute(update(Annotation).where(Annotation.id.in_(said)).values(status="counted"))
    _supersede_skips(session, [one.assignment_id for waiting in chosen.values() for one in waiting])
    taking = [(items[item_id], [one.assignment_id for one in waiting]) for item_id, waiting in chosen.items()]
    assignment_actions.take_open(session, taking)
    return moved, len(said)


def _supersede_skips(session: Session, assignment_ids: Sequence[int]) -> None:
    """Let skips stand no longer whose people answered after them: one statement a person, item and round."""
    skips = update(Annotation).where(Annotation.assignment_id.in_(assignment_ids), Annotation.status == "skipped")
    session.execute(skips.values(status="superseded"))


def _chosen(block: Sequence[Waiting]) -> dict[int, list[Waiting]]:
    """Return the oldest answers of each item, as many as it has open slots."""
    by_item = {item_id: list(waiting) for item_id, waiting in groupby(block, key=lambda one: one.item_id)}
    return {item_id: waiting[: waiting[0].open_slots] for item_id, waiting in by_item.items()}
