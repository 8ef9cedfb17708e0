"""Answers beside the votes: of audits, second opinions, test items, repeats. They are stored, but are no votes.

Under the same keys and leases. None takes a slot, and consensus, agreement and final labels stay what they are; a
second opinion that says what the label says clears the flag, another one brings the item back to the lead.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from labeler.annotations import actions as annotation_actions
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.annotations.queries import AUDIT
from labeler.assignment import actions as assignment_actions
from labeler.assignment.models import Assignment
from labeler.assignment.rounds import REPEAT, TEST, asked_by
from labeler.audits import actions as audit_actions
from labeler.audits import queries as audit_queries
from labeler.errors import Conflict
from labeler.projects.models import Project
from labeler.projects.queries import Question
from labeler.second_opinions import actions as opinion_actions
from labeler.second_opinions import queries as opinion_queries
from labeler.test_items.rules import TestRules


@dataclass(frozen=True)
class Checked:
    """An answer that was checked, with its value as it is kept. code: "" for a skip; fingerprint: of what was sent."""

    answer: Answer
    code: str
    fingerprint: str


def store_beside(
    session: Session, question: Question, assignment: Assignment, checked: Checked, *, now: datetime
) -> Annotation:
    """Store one answer: its status is audit, skipped, or late where nobody asks any more.

    A person's newest statement stands, as everywhere.
    """
    runs = _is_asked(session, question, assignment)
    status = _status(session, assignment, runs=runs, skips=not checked.code, now=now)
    if status == "late":
        assignment_actions.drop(session, assignment)
    else:
        _supersede_own(session, assignment)
        assignment.state = "skipped" if status == "skipped" else "done"
    annotation = annotation_actions.add_annotation(
        session,
        checked.answer,
        assignment,
        code=checked.code,
        status=status,
        version=question.guideline_version,
        fingerprint=checked.fingerprint,
        now=now,
    )
    if status != "late":
        opinion_actions.settle(session, question.classes, assignment.round, now=now)
    return annotation


def _is_asked(session: Session, question: Question, assignment: Assignment) -> bool:
    if assignment.round == TEST:
        return not _is_told(session, question.project, assignment.item_id, assignment.user_id)
    if assignment.round == REPEAT:
        return True
    if asked_by(assignment.round):
        return opinion_queries.asked_in(session, assignment.round) is not None
    audit = audit_queries.running(session, question.project.id)
    return audit is not None and audit.round == assignment.round


def _is_told(session: Session, project: Project, item_id: int, user_id: int) -> bool:
    """Whether a person knows already what is right on a test item, so that another answer would say nothing of them."""
    if not TestRules.of(project.settings).feedback:
        return False
    answered = exists().where(
        Annotation.item_id == item_id,
        Annotation.user_id == user_id,
        Annotation.round == TEST,
        Annotation.status == AUDIT,
    )
    return bool(session.scalar(select(answered)))


def _status(session: Session, assignment: Assignment, *, runs: bool, skips: bool, now: datetime) -> str:
    """Return what a statement becomes; takes the item again where another's may have come in between."""
    if not runs:
        return "late"
    if skips and assignment.state == "skipped":
        return "skipped"  # why it was skipped: nothing else changes
    if assignment.state not in {"held", "done"} and not assignment_actions.take_slot(session, assignment, now):
        return "late"
    return "skipped" if skips else AUDIT


def _supersede_own(session: Session, assignment: Assignment) -> None:
    own = update(Annotation).where(
        Annotation.item_id == assignment.item_id,
        Annotation.user_id == assignment.user_id,
        Annotation.round == assignment.round,
        Annotation.status.in_((AUDIT, "skipped")),
    )
    session.execute(own.values(status="superseded"))


def check_undoable(session: Session, annotation: Annotation) -> None:
    """Raise Conflict for an answer that something was built on: a closed audit, or a lead's decision after it."""
    if annotation.round >= 0 or annotation.status == "late":
        return
    if annotation.round == TEST:
        project = session.get_one(Project, annotation.project_id)
        if annotation.status == AUDIT and _is_told(session, project, annotation.item_id, annotation.user_id):
            raise Conflict("You were told what is right on this item, so your answer to it stands.")
        return
    if annotation.round == REPEAT:
        return
    if asked_by(annotation.round):
        if opinion_queries.asked_in(session, annotation.round) is None:
            raise Conflict("A lead has decided since this answer, so it cannot be taken back.")
        return
    audit = audit_queries.running(session, annotation.project_id)
    if audit is None or audit.round != annotation.round:
        raise Conflict("This answer is part of a result by now and cannot be taken back.")
    audit_actions.take_in(session, audit, annotation.item_id)
