"""Answers: store what a person answers, settle what follows from it, take it back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from labeler.annotations import actions as annotation_actions
from labeler.annotations import queries as annotation_queries
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.annotations.queries import Said
from labeler.assignment import actions as assignment_actions
from labeler.assignment import queries as assignment_queries
from labeler.assignment.models import Assignment
from labeler.automatic.actions import give_way
from labeler.decisions import actions as review_actions
from labeler.decisions import final
from labeler.errors import Conflict, Invalid, NotFound
from labeler.messages import Message
from labeler.projects import queries as project_queries
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question
from labeler.second_opinions import actions as opinion_actions
from labeler.storage.database import alone, clock
from labeler.task_types.base import Value
from labeler.workflow.beside_votes import Checked, check_undoable, store_beside
from labeler.workflow.settling import settle


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
            return Receipt(
                answer.key, "rejected", reason=Message("This key was used for another answer; use a new key.")
            )
        return Receipt(answer.key, "replayed", known.id)
    own = assignment_queries.own_assignment(session, question.project.id, user_id, answer.assignment)
    if own is None:
        return Receipt(answer.key, "rejected", reason=Message("You do not hold this item; ask for the next one."))
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
    classes = question.classes
    value = classes.task.check_value(answer.value, classes.config, project_queries.content_of(item))
    return Kept(answer, *classes.keep(value))


def store_answer(
    session: Session, question: Question, held: tuple[Assignment, Item], kept: Kept, *, now: datetime
) -> Receipt:
    """Store one checked answer under the rules of a submit, and settle what follows from it.

    A person has one statement an item and round: an answer, or a skip. A reason given after a skip replaces the skip.
    An answer to an item that was sent back takes the place of all that was answered in earlier rounds; one to an item
    that has the model's label, that label's place.
    """
    (assignment, item), code = held, kept.code
    if assignment.round < 0:
        return _store_beside(session, question, assignment, kept, now=now)
    if item.automatic_code and code:
        give_way(session, item)
    before = annotation_queries.counted_answers(session, item.id)
    may_have_skipped = assignment.state == "skipped" or assignment.round > 0  # asked before a slot is taken again
    status = _status(session, assignment, before, skips=not code, now=now)
    replaced = [said for said in before if status != "late" and _is_replaced(said, assignment, skips=not code)]
    skips_by = assignment if status != "late" and may_have_skipped else None
    annotation_actions.supersede(session, replaced, skips_by=skips_by)
    _close(session, assignment, item, status)
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
    after = [said for said in before if said not in replaced]
    if status == "counted":
        after.append(Said(annotation.id, assignment.user_id, code, kept.value, assignment.round))
    if assignment.round:
        after += _settle_round(session, assignment, annotation, replaced)
    settle(session, question, item, before=before, after=after, now=now)
    return Receipt(kept.answer.key, "late" if status == "late" else "created", annotation.id)


def _store_beside(
    session: Session, question: Question, assignment: Assignment, kept: Kept, *, now: datetime
) -> Receipt:
    checked = Checked(replace(kept.answer, value=kept.value), kept.code, kept.answer.fingerprint)
    annotation = store_beside(session, question, assignment, checked, now=now)
    return Receipt(kept.answer.key, "late" if annotation.status == "late" else "created", annotation.id)


def _status(session: Session, assignment: Assignment, before: list[Said], *, skips: bool, now: datetime) -> str:
    """Return what a statement becomes: counted, skipped or late; takes a slot again where that is needed."""
    if skips and assignment.state == "skipped":
        return "skipped"  # why it was skipped: nothing else changes
    if any(said.round > assignment.round for said in before):
        return "late"  # the item was asked anew and that was answered
    if assignment.state == "held":
        full = not skips and _is_full(session, assignment, before)
        return "late" if full else "skipped" if skips else "counted"
    if assignment.state != "done" and not assignment_actions.take_slot(session, assignment, now):
        return "late"
    return "skipped" if skips else "counted"


def _is_full(session: Session, assignment: Assignment, before: list[Said]) -> bool:
    """Whether others gave all answers that are wanted: fewer are by now than when the item was handed out."""
    given = sum(said.round == assignment.round and said.user_id != assignment.user_id for said in before)
    if not given:
        return False
    return given >= (1 if assignment.round else project_queries.votes_wanted_of(session, assignment.item_id))


def _is_replaced(said: Said, assignment: Assignment, *, skips: bool) -> bool:
    mine = said.user_id == assignment.user_id
    if skips:  # takes back what was said in this round, and nothing that was said before
        return mine and said.round == assignment.round
    return mine or said.round < assignment.round


def _close(session: Session, assignment: Assignment, item: Item, status: str) -> None:
    """Bring who holds the item up to date with what was stored."""
    if status != "late" and assignment.round == 0 and item.only_for == assignment.user_id:
        assignment_actions.open_to_all(session, Item.id == item.id)  # what else it wants is for anybody
    if status == "late":
        assignment_actions.drop(session, assignment)
    elif status == "skipped" and assignment.state != "skipped":
        closed = final.is_excluded(session, assignment.item_id)
        assignment_actions.finish(session, assignment, skipped=True, closed=closed)
    elif status == "counted" and assignment.state == "held":
        assignment_actions.finish(session, assignment, skipped=False)


def _settle_round(session: Session, assignment: Assignment, annotation: Annotation, replaced: list[Said]) -> list[Said]:
    """Note that a sent-back item was answered, or is open again; returns earlier answers that stand again."""
    if annotation.status == "counted":
        annotation_actions.mark_superseded(session, [said.id for said in replaced], by=annotation.id)
        review_actions.settle_questions(session, assignment.item_id)
    elif annotation.status == "skipped" and replaced:
        restored = annotation_actions.restore(session, [said.id for said in replaced])
        review_actions.settle_questions(session, assignment.item_id)
        return restored
    return []


def undo(
    session: Session, project_id: int, user_id: int, annotation_id: int, *, lease: timedelta, at: datetime | None = None
) -> Annotation:
    """Take one's own answer back: it stays in the record as undone, and the item is held for another answer.

    Earlier rounds' answers, whose place it took, stand again.
    Raises NotFound for anybody else's, Conflict when it does not stand any more.
    """
    alone(session, project_id)
    annotation = session.get(Annotation, annotation_id)
    if annotation is None or annotation.user_id != user_id or annotation.project_id != project_id:
        raise NotFound("There is no such answer of yours.")
    if annotation.status not in {"counted", "late", "skipped", "audit"}:
        raise Conflict("This answer was replaced or undone already.")
    check_undoable(session, annotation)
    now = at or clock(session)
    before = annotation_queries.counted_answers(session, annotation.item_id)
    after = [said for said in before if said.id != annotation.id]
    assignment = session.get(Assignment, annotation.assignment_id)
    if assignment is not None:
        closed = final.is_excluded(session, annotation.item_id)
        assignment_actions.give_back(session, assignment, annotation.status, closed=closed, until=now + lease, now=now)
    counted = annotation.status == "counted"
    annotation.status = "undone"
    session.flush()
    if counted and annotation.round:
        after += annotation_actions.restore(session, [annotation.id])
        review_actions.settle_questions(session, annotation.item_id)
    item = session.get_one(Item, annotation.item_id)
    question = Question.of(session, session.get_one(Project, project_id))
    settle(session, question, item, before=before, after=after, now=now)
    opinion_actions.settle(session, question.classes, annotation.round, now=now)
    return annotation
