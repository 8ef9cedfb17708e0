"""Changes to test items: an item becomes one, or is none any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from labeler.assignment import actions as assignment_actions
from labeler.assignment.rounds import TEST
from labeler.decisions.final import AMBIGUOUS, is_excluded, standing_of
from labeler.errors import Invalid
from labeler.projects.models import Item, Project
from labeler.task_types.base import Value
from labeler.test_items.models import TestItem

LONGEST_NOTE = 2000


@dataclass(frozen=True)
class NewTest:
    """An item that is to be a test item, with what is right on it as it is kept, and why."""

    item: Item
    code: str
    value: Value | None = None
    note: str = ""


def make_tests(session: Session, project: Project, new: Sequence[NewTest], *, by: int | None, now: datetime) -> int:
    """Make items test items, or change what is right on them; returns how many are new. The caller is alone there.

    They want no votes from now on: who holds one is let go, and what they answer all the same is kept as late.
    """
    added = 0
    for one in new:
        if len(one.note) > LONGEST_NOTE:
            raise Invalid("The note has at most {most:,} characters.", field="note", most=LONGEST_NOTE)
        found = session.get(TestItem, one.item.id)
        added += found is None or not found.active
        if found is None:
            found = TestItem(item_id=one.item.id, project_id=project.id, created_at=now, created_by=by)
            session.add(found)
        found.code, found.value, found.note, found.active = one.code, one.value, one.note, True
        assignment_actions.close_first_round(session, one.item)
    session.flush()
    return added


def end_tests(session: Session, project: Project, items: Sequence[Item]) -> int:
    """Let items be no test items any more; returns how many were. They want votes again, as many as any other.

    What was answered to them stays in the record and judges nobody while they are none.
    """
    ended = 0
    for item in items:
        found = session.get(TestItem, item.id)
        if found is None or found.project_id != project.id or not found.active:
            continue
        found.active = False
        ended += 1
        session.flush()
        assignment_actions.end_round(session, item.id, TEST)
        if is_excluded(session, item.id):
            item.wanted = None
        else:
            assignment_actions.want(session, item, None, project.votes)
    session.flush()
    return ended


def decided_label(session: Session, item: Item) -> NewTest:
    """Return what a lead decided about an item, to be what is right on it; raises Invalid where nobody decided."""
    standing = standing_of(session, item.project_id, item.id)
    if standing.source != "review" or standing.decision == AMBIGUOUS or standing.excluded:
        raise Invalid(
            "Nobody has decided what is right on item {number}: decide about it first, or say the right answer.",
            field="value",
            number=item.id,
        )
    return NewTest(item, standing.final, standing.value)
