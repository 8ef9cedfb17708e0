"""Reads of audits: which there are, how far one is, what waits for a lead, what finished ones found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, bindparam, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session

from labeler.agreement.patterns import share_alike
from labeler.annotations.models import Annotation
from labeler.annotations.queries import AUDIT
from labeler.assignment.models import Assignment
from labeler.audits.models import LABELS, Audit, AuditDecision, AuditItem
from labeler.errors import NotFound
from labeler.projects.models import Item
from labeler.projects.queries import Classes, content_of
from labeler.task_types.base import Value

ALIKE = 1 - 1e-9  # `share_alike` of answers that are the same in every part
# of every claim: put together once
_RUNNING = select(Audit).where(Audit.project_id == bindparam("project"), Audit.state == literal_column("'running'"))


def running(session: Session, project_id: int) -> Audit | None:
    """Return the audit that runs in a project."""
    return session.scalar(_RUNNING, {"project": project_id})


def audits_of(session: Session, project_id: int) -> Sequence[Audit]:
    """Return the audits of a project, newest first."""
    return session.scalars(select(Audit).where(Audit.project_id == project_id).order_by(Audit.number.desc())).all()


def latest_finished(session: Session, project_id: int) -> Audit | None:
    """Return the newest audit of a project's labels that has a result."""
    query = select(Audit).where(Audit.project_id == project_id, Audit.state == "finished", Audit.about == LABELS)
    return session.scalar(query.order_by(Audit.number.desc()).limit(1))


def audit_in(session: Session, project_id: int, number: int) -> Audit:
    """Return an audit of this project by its number; raises NotFound."""
    found = session.scalar(select(Audit).where(Audit.project_id == project_id, Audit.number == number))
    if found is None:
        raise NotFound("There is no audit {number} in this project.", number=number)
    return found


# -- what is open -----------------------------------------------------------------------------------------------------


def open_items(audit: Audit) -> Select[AuditItem]:
    """Return the items that nobody has answered or holds now, in the order of asking."""
    taken = exists().where(
        Assignment.item_id == AuditItem.item_id,
        Assignment.round == audit.round,
        Assignment.state.in_(("held", "done")),
    )
    waiting = select(AuditItem).where(AuditItem.audit_id == audit.id, AuditItem.left_out.is_(False), ~taken)
    return waiting.order_by(AuditItem.position)


def open_to(audit: Audit, user_id: int) -> Select[AuditItem]:
    """Return the open items that a person may judge: they never answered, skipped or hold them."""
    seen = exists().where(Annotation.item_id == AuditItem.item_id, Annotation.user_id == user_id)
    has = exists().where(
        Assignment.item_id == AuditItem.item_id, Assignment.user_id == user_id, Assignment.state != "expired"
    )
    return open_items(audit).where(~seen, ~has)


def left_for(session: Session, project_id: int, user_id: int) -> int:
    """Return how many items of the running audit may still come to a person among their other items."""
    audit = running(session, project_id)
    if audit is None or audit.spacing is None:
        return 0
    return session.scalar(select(func.count()).select_from(open_to(audit, user_id).subquery())) or 0


# -- how far ----------------------------------------------------------------------------------------------------------


class Judged(NamedTuple):
    """An item of an audit with the answer that stands and what a lead decided about that answer."""

    item: AuditItem
    answer: Annotation | None
    decision: AuditDecision | None


def judged(session: Session, audit: Audit) -> list[Judged]:
    """Return every item of an audit in the order of asking."""
    answered = and_(
        Annotation.item_id == AuditItem.item_id, Annotation.round == audit.round, Annotation.status == AUDIT
    )
    decided = and_(
        AuditDecision.audit_item_id == AuditItem.id,
        AuditDecision.status == "current",
        AuditDecision.annotation_id == Annotation.id,
    )
    query = (
        select(AuditItem, Annotation, AuditDecision)
        .outerjoin(Annotation, answered)
        .outerjoin(AuditDecision, decided)
        .where(AuditItem.audit_id == audit.id)
        .order_by(AuditItem.position)
    )
    return [Judged(*row) for row in session.execute(query)]


def differing(session: Session, classes: Classes, rows: Sequence[Judged]) -> list[Judged]:
    """Return those whose answer differs from the label, decided or not. Equal is what the task type calls the same."""
    unlike = [one for one in rows if one.answer is not None and one.answer.code != one.item.code]
    if classes.task.exact and not classes.task.keeps_value:
        return unlike
    wanted = [one.item.item_id for one in unlike]
    items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(wanted)))}
    return [one for one in unlike if one.answer and not _alike(classes, items[one.item.item_id], one.item, one.answer)]


def undecided(session: Session, audit: Audit, classes: Classes) -> list[Judged]:
    """Return the answers that differ and wait for a lead, in the order of asking."""
    return [one for one in differing(session, classes, judged(session, audit)) if one.decision is None]


def _alike(classes: Classes, item: Item, label: AuditItem, answer: Annotation) -> bool:
    said = [("label", label.code, label.value), ("answer", answer.code, answer.value)]
    return share_alike(classes, said, content_of(item)) >= ALIKE


@dataclass(frozen=True)
class Progress:
    """How far an audit is. differ: answers unlike the label; undecided: of these, those that wait for a lead."""

    size: int
    answered: int
    left_out: int
    differ: int
    undecided: int

    @property
    def open(self) -> int:
        """Items that still want an answer."""
        return self.size - self.answered - self.left_out

    @property
    def complete(self) -> bool:
        """Whether nothing is left to answer or to decide."""
        return not self.open and not self.undecided


def progress(session: Session, audit: Audit, classes: Classes) -> Progress:
    """Return how far an audit is."""
    rows = judged(session, audit)
    unlike = differing(session, classes, rows)
    answered = sum(one.answer is not None for one in rows)
    left_out = sum(one.item.left_out and one.answer is None for one in rows)
    return Progress(len(rows), answered, left_out, len(unlike), sum(one.decision is None for one in unlike))


def answered_by(session: Session, audit: Audit) -> dict[int, int]:
    """Return how many standing answers each person gave, by user id."""
    query = select(Annotation.user_id, func.count()).where(
        Annotation.project_id == audit.project_id, Annotation.round == audit.round, Annotation.status == AUDIT
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(Annotation.user_id))}


def by_key(session: Session, user_id: int, key: str) -> AuditDecision | None:
    """Return the decision a person sent with this key."""
    query = select(AuditDecision).where(AuditDecision.user_id == user_id, AuditDecision.key == key)
    return session.scalar(query)


def last_decision(session: Session, audit: Audit, user_id: int) -> AuditDecision | None:
    """Return a person's newest decision in an audit that stands."""
    query = (
        select(AuditDecision)
        .join(AuditItem, AuditItem.id == AuditDecision.audit_item_id)
        .where(AuditItem.audit_id == audit.id, AuditDecision.user_id == user_id, AuditDecision.status == "current")
    )
    return session.scalar(query.order_by(AuditDecision.id.desc()).limit(1))


# -- what was found ---------------------------------------------------------------------------------------------------


def items_of(session: Session, audit: Audit) -> Sequence[AuditItem]:
    """Return the items of an audit in the order of asking."""
    query = select(AuditItem).where(AuditItem.audit_id == audit.id)
    return session.scalars(query.order_by(AuditItem.position)).all()


@dataclass(frozen=True)
class AuditedLabel:
    """A label that a finished audit judged: what it was then, and whether it was wrong.

    right_code, right_value: of a wrong one, what it should be; "" where that is not known. weight: how many labels it
    stood for; score: of the label when it was drawn, None where no pass had judged it.
    """

    item_id: int
    code: str
    value: Value | None
    wrong: bool
    weight: float
    score: float | None
    right_code: str
    right_value: Value | None
    at: datetime | None


def audited_labels(session: Session, project_id: int) -> list[AuditedLabel]:
    """Return what all finished audits of a project judged, oldest first: what calibration may learn from.

    These were drawn at random and not for looking wrong. Ambiguous and left-out ones are not among them; an item that
    two audits judged stands twice.
    """
    query = (
        select(AuditItem, Audit.closed_at)
        .join(Audit, Audit.id == AuditItem.audit_id)
        .where(AuditItem.project_id == project_id, Audit.state == "finished", Audit.about == LABELS)
        .where(AuditItem.outcome.in_(("right", "wrong")))
        .order_by(Audit.number, AuditItem.position)
    )
    return [
        AuditedLabel(
            one.item_id,
            one.code,
            one.value,
            one.outcome == "wrong",
            one.weight,
            one.score,
            one.right_code,
            one.right_value,
            closed_at,
        )
        for one, closed_at in session.execute(query)
    ]


def unanswerable(session: Session, audit: Audit, people: Sequence[int]) -> int:
    """Return how many open items none of these people may judge, since each of them has seen the item before."""
    waiting = open_items(audit).subquery()
    free = [
        ~or_(
            exists().where(Annotation.item_id == waiting.c.item_id, Annotation.user_id == person),
            exists().where(
                Assignment.item_id == waiting.c.item_id, Assignment.user_id == person, Assignment.state != "expired"
            ),
        )
        for person in people
    ]
    query = select(func.count()).select_from(waiting)
    return session.scalar(query.where(~or_(*free)) if free else query) or 0
