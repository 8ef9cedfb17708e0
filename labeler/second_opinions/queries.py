"""Reads of second opinions: which wait, whom they may go to, what was answered, and whether that agrees."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from labeler.accounts.models import Membership, User
from labeler.accounts.queries import can_work
from labeler.agreement.patterns import share_alike
from labeler.annotations.models import Annotation
from labeler.annotations.queries import AUDIT
from labeler.assignment.models import Assignment
from labeler.assignment.rounds import asked_by, opinion_round
from labeler.audits.queries import ALIKE
from labeler.decisions.final import standing_of
from labeler.decisions.models import AGREED, CURRENT, SECOND_OPINION, Review
from labeler.decisions.queries import standing_or_before
from labeler.projects.models import Item
from labeler.projects.queries import Classes, content_of

# written into the statements: an index on part of a table is not used for a bound value
_ASKED = (Review.status == CURRENT, Review.decision == literal_column(f"'{SECOND_OPINION}'"))
_ROUND = opinion_round(0) - Review.id
_later = aliased(Review)


def _taken(*states: str) -> ColumnElement[bool]:
    return exists().where(
        Assignment.item_id == Review.item_id, Assignment.round == _ROUND, Assignment.state.in_(states)
    )


def _has_seen(user: Any) -> ColumnElement[bool]:
    """Return the SQL of whether a person ever answered, skipped or holds the item, or asked for the opinion."""
    said = exists().where(Annotation.item_id == Review.item_id, Annotation.user_id == user)
    has = exists().where(
        Assignment.item_id == Review.item_id, Assignment.user_id == user, Assignment.state != "expired"
    )
    # named, since within two queries only what the inner one reads would be meant by itself
    about = (Review, Membership)
    return or_(Review.user_id == user, said.correlate(*about), has.correlate(*about))


# of every claim: put together once
_OPEN: Select[Review] = (
    select(Review)
    .where(Review.project_id == bindparam("project"), *_ASKED, ~_taken("held", "done"))
    .order_by(Review.id)
)
_OPEN_TO = _OPEN.where(~_has_seen(bindparam("user")))
_SOME = select(func.count()).select_from(Review).where(Review.project_id == bindparam("project"), *_ASKED)


def open_to(session: Session, project_id: int, user_id: int, limit: int) -> Sequence[Review]:
    """Return the questions that nobody has answered or holds and that a person may answer, the oldest first."""
    return session.scalars(_OPEN_TO.limit(limit), {"project": project_id, "user": user_id}).all()


def open_count(session: Session, project_id: int) -> int:
    """Return how many questions nobody has answered or holds."""
    return session.scalar(select(func.count()).select_from(_OPEN.subquery()), {"project": project_id}) or 0


def left_for(session: Session, project_id: int, user_id: int) -> int:
    """Return how many questions may still come to a person."""
    which = {"project": project_id, "user": user_id}
    return session.scalar(select(func.count()).select_from(_OPEN_TO.subquery()), which) or 0


def waiting_count(session: Session, project_id: int) -> int:
    """Return how many items wait for a second opinion."""
    return session.scalar(_SOME, {"project": project_id}) or 0


@dataclass(frozen=True)
class Asked:
    """An item that waits for a second opinion.

    holder: who has it in front of them, "" for nobody; possible: whether anybody is there who may still answer it.
    """

    item_id: int
    holder: str
    possible: bool


def waiting(session: Session, project_id: int, limit: int) -> list[Asked]:
    """Return what waits, the oldest first."""
    held = and_(Assignment.item_id == Review.item_id, Assignment.round == _ROUND, Assignment.state == "held")
    someone = exists().where(
        Membership.project_id == project_id,
        can_work(project_id, Membership.user_id),
        ~_has_seen(Membership.user_id),
    )
    query = (
        select(Review.item_id, func.coalesce(func.nullif(User.name, ""), User.email), someone)
        .outerjoin(Assignment, held)
        .outerjoin(User, User.id == Assignment.user_id)
        .where(Review.project_id == project_id, *_ASKED)
        .order_by(Review.id)
        .limit(limit)
    )
    return [Asked(item, holder or "", bool(holder) or bool(there)) for item, holder, there in session.execute(query)]


def differing(session: Session, project_id: int, limit: int) -> Sequence[int]:
    """Return the items whose second opinion came back different and that wait for a lead, the newest first."""
    later = exists().where(Review.item_id == _later.item_id, _later.id > Review.id, _later.status != "undone")
    query = select(Review.item_id).where(
        Review.project_id == project_id, Review.decision == SECOND_OPINION, Review.status == "answered", ~later
    )
    return session.scalars(query.order_by(Review.id.desc()).limit(limit)).all()


def people_for(session: Session, project_id: int, item_id: int, *, asks: int) -> int:
    """Return how many people may give a second opinion on an item: members at work who have not seen it.

    asks: user id of the lead who would ask.
    """
    said = exists().where(Annotation.item_id == item_id, Annotation.user_id == Membership.user_id)
    has = exists().where(
        Assignment.item_id == item_id, Assignment.user_id == Membership.user_id, Assignment.state != "expired"
    )
    query = select(func.count()).select_from(Membership).where(Membership.project_id == project_id)
    query = query.where(Membership.user_id != asks, can_work(project_id, Membership.user_id), ~said, ~has)
    return session.scalar(query) or 0


def asked_in(session: Session, round_: int) -> Review | None:
    """Return the question of a round while it is what was last said of its item: it waits or was answered.

    None where it was taken back, or a lead has decided since.
    """
    asked = session.get(Review, asked_by(round_)) if asked_by(round_) else None
    if asked is None or asked.decision != SECOND_OPINION:
        return None
    newest = standing_or_before(session, asked.item_id)
    if newest is None or asked.status == "replaced":
        return None
    came = newest.decision == AGREED and newest.replaces_id == asked.id and newest.status == "current"
    return asked if newest.id == asked.id or came else None


def opinions_on(session: Session, item_id: int) -> list[tuple[Annotation, User]]:
    """Return the second opinions on an item that stand, with who gave them, in the order they were given."""
    query = select(Annotation, User).join(User, User.id == Annotation.user_id)
    query = query.where(Annotation.item_id == item_id, Annotation.status == AUDIT, Annotation.purpose == SECOND_OPINION)
    return [(answer, user) for answer, user in session.execute(query.order_by(Annotation.id))]


def answer_in(session: Session, asked: Review) -> Annotation | None:
    """Return the answer to a question that stands."""
    query = select(Annotation).where(
        Annotation.item_id == asked.item_id,
        Annotation.round == opinion_round(asked.id),
        Annotation.status == AUDIT,
    )
    return session.scalar(query.order_by(Annotation.id.desc()).limit(1))


def agrees(session: Session, classes: Classes, item: Item, answer: Annotation) -> bool:
    """Whether an answer says what the label of its item is now; equal is what the task type calls the same."""
    now = standing_of(session, item.project_id, item.id)
    if not now.final or now.final == answer.code:
        return bool(now.final)
    if classes.task.exact and not classes.task.keeps_value:
        return False
    said = [("label", now.final, now.value), ("answer", answer.code, answer.value)]
    return share_alike(classes, said, content_of(item)) >= ALIKE
