"""Asking others again about what one person answered in a window of time, and taking it back.

Their answers stay. Where a lead says so they do not count until that is taken back: agreement, consensus and final
labels are at once as if these had not been given. Only items whose plan says so are asked about, of people who have not
seen them.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from labeler.annotations.models import Annotation
from labeler.annotations.queries import COUNTED, NOT_COUNTED, counted_of_items
from labeler.assignment import actions as assignment_actions
from labeler.decisions.final import standings
from labeler.errors import Conflict, Invalid
from labeler.projects.actions import alone_with
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question
from labeler.rechecks import actions, queries
from labeler.rechecks.models import AskedAgain
from labeler.rechecks.plan import Window
from labeler.storage.database import clock
from labeler.workflow.settling import Moved, settle_all

_CHUNK = 500  # items
_ANOTHER = aliased(Annotation)


def ask_others(
    session: Session,
    project: Project,
    window: Window,
    *,
    seen: tuple[int, int, int, int] | None,
    reason: str,
    by: int,
) -> AskedAgain:
    """Do what the plan of a window says. seen: its numbers as the lead saw them, None where nobody looked.

    Raises Conflict where they are others by now, and Invalid where there is nothing to do; then nothing is changed.
    """
    project = alone_with(session, project)
    found = queries.planned(session, project.id, window)
    if seen is not None and seen != found.numbers:
        raise Conflict("Answers came in since you looked, so the numbers are others now. Look again, then ask.")
    if not found.asked and not found.set_aside:
        raise Invalid("Nothing in this window has to be asked again. Choose another window.")
    touched = sorted({*found.asked, *found.set_aside})
    items = _items(session, touched)
    before = {one.item_id: one.final for one in standings(session, project.id, touched)}
    made = actions.add_asked_again(
        session, project, window, found, before=before, items=items, reason=reason, by=by, now=clock(session)
    )
    _move(session, project, items, found.set_aside.values(), to=NOT_COUNTED)
    assignment_actions.ask_once_more(session, _holds(session, list(found.asked.values())))
    session.expire_all()
    return made


def take_back_asking(session: Session, project: Project, asked_id: int, *, by: int) -> AskedAgain:
    """Let the answers count again and ask nobody any more; what others answered meanwhile stays.

    Raises Conflict when it was taken back already.
    """
    project = alone_with(session, project)
    one = queries.asked_in(session, project.id, asked_id)
    actions.close(session, one, by=by, now=clock(session))
    rows = queries.answers_of(session, one)
    aside = [row.annotation_id for row in rows if row.set_aside]
    _move(session, project, _items(session, [row.item_id for row in rows]), _free(session, aside), to=COUNTED)
    priorities = {row.annotation_id: row.priority for row in rows if row.asked}
    holds = zip(priorities.values(), _holds(session, list(priorities)), strict=True)
    assignment_actions.ask_no_more(session, [(item, hold, priority) for priority, (item, hold) in holds])
    session.expire_all()
    return one


def _items(session: Session, ids: Sequence[int]) -> dict[int, Item]:
    chunks = (select(Item).where(Item.id.in_(ids[start : start + _CHUNK])) for start in range(0, len(ids), _CHUNK))
    return {item.id: item for chunk in chunks for item in session.scalars(chunk)}


def _move(session: Session, project: Project, items: Mapping[int, Item], answers: Iterable[int], *, to: str) -> None:
    """Let answers count or not, and bring what depends on them up to date."""
    question, ids = Question.of(session, project), sorted(answers)
    for start in range(0, len(ids), _CHUNK):
        these = ids[start : start + _CHUNK]
        of_item = list(session.scalars(select(Annotation.item_id).where(Annotation.id.in_(these))))
        before = counted_of_items(session, of_item)
        session.execute(update(Annotation).where(Annotation.id.in_(these)).values(status=to))
        after = counted_of_items(session, of_item)
        moved = [Moved(items[item], before[item], after[item]) for item in of_item]
        settle_all(session, question, moved, now=clock(session))


def _free(session: Session, answers: Sequence[int]) -> list[int]:
    """Return those of these answers that may count again: set aside still, and their person gave no other since."""
    found: list[int] = []
    for start in range(0, len(answers), _CHUNK):
        another = exists().where(
            _ANOTHER.item_id == Annotation.item_id, _ANOTHER.user_id == Annotation.user_id, _ANOTHER.status == COUNTED
        )
        query = select(Annotation.id).where(Annotation.id.in_(answers[start : start + _CHUNK]), ~another)
        found += session.scalars(query.where(Annotation.status == NOT_COUNTED))
    return found


def _holds(session: Session, answers: Sequence[int]) -> list[tuple[int, int | None]]:
    """Return (item, assignment) of answers, in their order."""
    found: dict[int, tuple[int, int | None]] = {}
    for start in range(0, len(answers), _CHUNK):
        query = select(Annotation.id, Annotation.item_id, Annotation.assignment_id)
        rows = session.execute(query.where(Annotation.id.in_(answers[start : start + _CHUNK])))
        found |= {row[0]: (row[1], row[2]) for row in rows}
    return [found[answer] for answer in answers]
