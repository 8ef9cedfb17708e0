"""Answers: hold the next items for a person, store what they answer, settle what follows from it, take it back."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from labeler.agreement import actions as agreement_actions
from labeler.agreement.patterns import patterns_of
from labeler.annotations import actions as annotation_actions
from labeler.annotations import queries as annotation_queries
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.annotations.queries import Said
from labeler.assignment import actions as assignment_actions
from labeler.assignment import claims
from labeler.assignment import queries as assignment_queries
from labeler.assignment.models import Assignment
from labeler.consensus import actions as consensus_actions
from labeler.errors import Conflict, Invalid, NotFound
from labeler.projects import queries as project_queries
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question
from labeler.quality import actions as quality_actions
from labeler.review import queries as review_queries
from labeler.storage.database import alone, clock
from labeler.task_types.base import Value

# -- serve ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """One item as it is handed to a person. note: why a lead sent it back, or ""."""

    assignment: Assignment
    item: Item
    note: str = ""


def serve(
    session: Session,
    project_id: int,
    user_id: int,
    *,
    count: int,
    only: Sequence[int] = (),
    lease: timedelta,
    now: datetime | None = None,
) -> list[Held]:
    """Hold the next items for a person: those held already come first, so asking twice takes nothing twice.

    only: ids of items to hold instead, whatever comes next. now: the database's clock unless a test tells the time.
    """
    alone(session, project_id)
    at = now or clock(session)
    if only:
        held = claims.hold(session, project_id, user_id, only, lease=lease, now=at)
    else:
        held = claims.claim(session, project_id, user_id, count=count, lease=lease, now=at)
    return _handed(session, project_id, held, at)


def serve_desk(
    session: Session, project_id: int, user_id: int, *, count: int, lease: timedelta, now: datetime | None = None
) -> tuple[list[Held], bool]:
    """Hold the next items for a workspace, no more than this person's share; returns them and whether there are more.

    now: as for `serve`.
    """
    alone(session, project_id)
    at = now or clock(session)
    desk = claims.claim_share(session, project_id, user_id, count=count, lease=lease, now=at)
    return _handed(session, project_id, desk.held, at), desk.more


def show(session: Session, project_id: int, user_id: int, *, count: int, now: datetime | None = None) -> list[Held]:
    """Show a person what would come next and hold nothing; an answer takes its slot if it is still there."""
    alone(session, project_id)
    at = now or clock(session)
    seen = claims.look(session, project_id, user_id, count=count, now=at)
    return _handed(session, project_id, seen, at)


def _handed(session: Session, project_id: int, held: list[tuple[Assignment, Item]], now: datetime) -> list[Held]:
    quality_actions.fix_suggestions(session, project_id, held, now=now)
    return [Held(a, i, _note(session, i) if a.purpose == "review" else "") for a, i in held]


def renew(
    session: Session,
    project_id: int,
    user_id: int,
    ids: Sequence[int],
    *,
    opened: Sequence[int],
    lease: timedelta,
    now: datetime | None = None,
) -> list[Assignment]:
    """Go on holding what a workspace that is in use has; returns what became of each of these assignments.

    opened: of these, the ones on the screen or begun. now: as for `serve`.
    """
    alone(session, project_id)
    at = now or clock(session)
    return claims.renew(session, project_id, user_id, ids, opened=opened, lease=lease, now=at)


def release(session: Session, project_id: int, user_id: int, ids: Sequence[int], *, ready: Sequence[int] = ()) -> int:
    """Give back what one holds, at once: these, and of the ready ones those that were not opened; returns how many."""
    alone(session, project_id)
    return claims.release(session, project_id, user_id, ids, ready)


def _note(session: Session, item: Item) -> str:
    review = review_queries.current_of(session, item.id)
    return review.reason if review is not None and review.decision == "send_back" else ""


# -- submit ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Receipt:
    """What became of one answer: created, replayed, late (kept, not counted) or rejected with a reason."""

    key: str
    status: str
    id: int | None = None
    reason: str = ""


def submit(
    session: Session, question: Question, user_id: int, answers: Iterable[Answer], *, now: datetime | None = None
) -> list[Receipt]:
    """Store answers in order. An answer is never dropped: what comes too late is kept and told so.

    The caller acknowledges only after the session's transaction is durable. now: as for `serve`.
    """
    alone(session, question.project.id)
    at = now or clock(session)
    return [_submit_one(session, question, user_id, answer, at) for answer in answers]


def _submit_one(session: Session, question: Question, user_id: int, answer: Answer, now: datetime) -> Receipt:
    known = annotation_queries.by_key(session, user_id, answer.key)
    if known is not None:
        if known.fingerprint != answer.fingerprint:
            return Receipt(answer.key, "rejected", reason="This key was used for another answer; use a new key.")
        return Receipt(answer.key, "replayed", known.id)
    own = assignment_queries.own_assignment(session, question.project.id, user_id, answer.assignment)
    if own is None:
        return Receipt(answer.key, "rejected", reason="You do not hold this item; ask for the next one.")
    assignment, item = own
    try:
        answer.check()
        kept = keep(question, item, answer)
    except Invalid as error:
        return Receipt(answer.key, "rejected", reason=error.message)
    return store_answer(session, question, (assignment, item), kept, now=now)


@dataclass(frozen=True)
class Kept:
    """An answer that was checked. code: its identity, "" for a skip; value: as it is kept."""

    answer: Answer
    code: str = ""
    value: Value | None = None


def keep(question: Question, item: Item, answer: Answer) -> Kept:
    """Check an answer against its item and bring it into the form it is kept in. Raises Invalid naming the field."""
    if answer.value is None:
        return Kept(answer)
    task, classes = question.task, question.classes
    value = task.check_value(answer.value, classes.config, project_queries.content_of(item))
    return Kept(answer, task.code(value, classes.by_name), classes.stored(task, value))


def store_answer(
    session: Session, question: Question, held: tuple[Assignment, Item], kept: Kept, *, now: datetime
) -> Receipt:
    """Store one checked answer under the rules of a submit, and settle what follows from it."""
    (assignment, item), code = held, kept.code
    in_time = assignment.state in {"held", "done"} or assignment_actions.take_slot(session, assignment, now)
    status = "late" if not in_time else "counted" if code else "skipped"
    before = annotation_queries.counted_answers(session, item.id)
    after = list(before)
    if in_time:
        if (own := next((said for said in before if said.user_id == assignment.user_id), None)) is not None:
            session.get_one(Annotation, own.id).status = "superseded"
            after.remove(own)
            session.flush()
        if assignment.state == "held" or not code:
            closed = not code and review_queries.is_excluded(session, item.id)
            assignment_actions.finish(session, assignment, skipped=not code, closed=closed)
    annotation = annotation_actions.add_annotation(
        session,
        replace(kept.answer, value=kept.value),
        assignment,
        code=code,
        status=status,
        version=question.guideline_version,
        fingerprint=kept.answer.fingerprint,
        now=now,
    )
    if status == "counted":
        after.append(Said(annotation.id, assignment.user_id, code, kept.value))
    settle(session, question, item, before=before, after=after, now=now)
    return Receipt(kept.answer.key, "late" if status == "late" else "created", annotation.id)


def settle(
    session: Session, question: Question, item: Item, *, before: list[Said], after: list[Said], now: datetime
) -> None:
    """Bring what depends on an item's counted answers up to date, in the answer's own transaction."""
    if sorted(said.code for said in before) == sorted(said.code for said in after):
        return
    patterns = [_patterns(question, item, answers) for answers in (before, after)]
    agreement_actions.move_item(session, question.project.id, before=patterns[0], after=patterns[1])
    consensus_actions.settle_item(session, question, item, after, now)


def _patterns(question: Question, item: Item, answers: list[Said]) -> Counter[str]:
    codes = [said.code for said in answers]
    values = {str(said.user_id): said.value for said in answers if said.value is not None}
    content = project_queries.content_of(item)
    return patterns_of(question.task, codes, values, question.classes.config_by_code, content)


def undo(
    session: Session, project_id: int, user_id: int, annotation_id: int, *, lease: timedelta, at: datetime | None = None
) -> Annotation:
    """Take one's own answer back: it stays in the record as undone, and the item is held for another answer.

    Raises NotFound for anybody else's, Conflict when it does not stand any more.
    """
    alone(session, project_id)
    annotation = session.get(Annotation, annotation_id)
    if annotation is None or annotation.user_id != user_id or annotation.project_id != project_id:
        raise NotFound("There is no such answer of yours.")
    if annotation.status not in {"counted", "late", "skipped"}:
        raise Conflict("This answer was replaced or undone already.")
    now = at or clock(session)
    before = annotation_queries.counted_answers(session, annotation.item_id)
    after = [said for said in before if said.id != annotation.id]
    assignment = session.get(Assignment, annotation.assignment_id)
    if assignment is not None:
        closed = review_queries.is_excluded(session, annotation.item_id)
        assignment_actions.give_back(session, assignment, annotation.status, closed=closed, until=now + lease, now=now)
    annotation.status = "undone"
    session.flush()
    item = session.get_one(Item, annotation.item_id)
    question = Question.of(session, session.get_one(Project, project_id))
    settle(session, question, item, before=before, after=after, now=now)
    return annotation
