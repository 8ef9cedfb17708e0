"""Reads of test items and repeats: which there are, whom they may go to, what was answered and whether that is right.

A person is judged by their first answer to a test item that stands. Where a lead decided about the item since it became
a test item, the label of that decision is the right answer; excluded and ambiguous ones judge nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from labeler.agreement.patterns import share_alike
from labeler.annotations.models import Annotation
from labeler.annotations.queries import AUDIT
from labeler.assignment.models import Assignment
from labeler.assignment.rounds import REPEAT, TEST
from labeler.audits.queries import ALIKE
from labeler.decisions.final import AMBIGUOUS
from labeler.decisions.models import CURRENT, Review
from labeler.projects.models import Item
from labeler.projects.queries import Classes, classes_of, content_of
from labeler.task_types.base import Value
from labeler.test_items.models import TestItem

_DECIDED = and_(Review.item_id == TestItem.item_id, Review.status == CURRENT)
_SAYS = func.coalesce(Review.code, "") != ""
_CODE: ColumnElement[str] = case((_SAYS, Review.code), else_=TestItem.code)
_VALUE: ColumnElement[Any] = case((_SAYS, Review.value), else_=TestItem.value)
_JUDGES = and_(TestItem.active, func.coalesce(Review.decision, "").not_in(("exclude", AMBIGUOUS)))
_FIRST, _EARLIER = aliased(Annotation), aliased(Annotation)
# of every claim: put together once
_SOME = select(TestItem.item_id).where(TestItem.project_id == bindparam("project"), TestItem.active).limit(1)
_SEEN = or_(
    exists().where(Annotation.item_id == TestItem.item_id, Annotation.user_id == bindparam("user")),
    exists().where(
        Assignment.item_id == TestItem.item_id,
        Assignment.user_id == bindparam("user"),
        Assignment.state != "expired",
    ),
)
_OPEN_TO = (
    select(TestItem.item_id)
    .outerjoin(Review, _DECIDED)
    .where(TestItem.project_id == bindparam("project"), _JUDGES, ~_SEEN)
    .where(or_(TestItem.created_by.is_(None), TestItem.created_by != bindparam("user")))
    .order_by(TestItem.item_id)
)


@dataclass(frozen=True)
class JudgedAnswer:
    """One answer to a test item. code: what was answered; right_code: what is right (`TaskType.code`)."""

    user_id: int
    item_id: int
    right: bool
    created_at: datetime
    code: str = ""
    right_code: str = ""


@dataclass(frozen=True)
class RepeatedAnswer:
    """One item that a person answered twice without being told. same: both answers say the same."""

    user_id: int
    item_id: int
    same: bool
    first_at: datetime
    again_at: datetime


@dataclass(frozen=True)
class RightAnswer:
    """What is right on a test item, as it is kept. note: why, "" where nobody said it."""

    item_id: int
    code: str
    value: Value | None
    note: str


def has_tests(session: Session, project_id: int) -> bool:
    """Whether a project has a test item that is served."""
    return session.scalar(_SOME, {"project": project_id}) is not None


def count_tests(session: Session, project_id: int) -> int:
    """Return how many test items of a project are served."""
    query = select(func.count()).where(TestItem.project_id == project_id, TestItem.active)
    return session.scalar(query) or 0


def open_to(session: Session, project_id: int, user_id: int) -> Sequence[int]:
    """Return the test items that a person may be served: they never saw them, nor made them test items themselves."""
    return session.scalars(_OPEN_TO, {"project": project_id, "user": user_id}).all()


def right_answer(session: Session, item_id: int) -> RightAnswer | None:
    """Return what is right on a test item that judges people; None for any other item."""
    query = select(TestItem.item_id, _CODE, _VALUE, TestItem.note).outerjoin(Review, _DECIDED)
    row = session.execute(query.where(TestItem.item_id == item_id, _JUDGES)).one_or_none()
    return None if row is None else RightAnswer(*row)


def is_right(session: Session, classes: Classes, said: Annotation, right: RightAnswer) -> bool:
    """Whether an answer says what is right; equal is what the task type calls the same."""
    found = _Said(said.item_id, said.code, said.value, right.code, right.value)
    return _same(session, classes, [found])[0]


def answers_to_tests(session: Session, annotation_ids: Sequence[int]) -> Sequence[Annotation]:
    """Return those of these answers that stand as answers to test items."""
    query = select(Annotation).where(
        Annotation.id.in_(annotation_ids), Annotation.round == TEST, Annotation.status == AUDIT
    )
    return session.scalars(query).all()


def judged_answers(session: Session, project_id: int, user_id: int | None = None) -> list[JudgedAnswer]:
    """Return the answers to test items that stand, of all people or one, in the order they were given."""
    query = (
        _beside(project_id, TEST, user_id)
        .join(TestItem, TestItem.item_id == Annotation.item_id)
        .outerjoin(Review, _DECIDED)
        .where(_JUDGES)
        .with_only_columns(Annotation.user_id, Annotation.item_id, *_KEPT, _CODE, _VALUE, Annotation.created_at)
    )
    rows = session.execute(query).all()
    same = _same(session, classes_of(session, project_id), [_Said(*row[1:6]) for row in rows])
    return [JudgedAnswer(row[0], row[1], right, row[6], row[2], row[4]) for row, right in zip(rows, same, strict=True)]


def held_count(session: Session, project_id: int, user_id: int) -> int:
    """Return how many test items a person holds."""
    held = select(func.count()).where(
        Assignment.project_id == project_id,
        Assignment.user_id == user_id,
        Assignment.state == literal_column("'held'"),
        Assignment.round == TEST,
    )
    return session.scalar(held) or 0


def first_answers(session: Session, project_id: int, user_id: int, limit: int) -> list[bool]:
    """Return whether a person's first answers to test items are right, oldest first, at most so many of them."""
    return [one.right for one in judged_answers(session, project_id, user_id)[:limit]]


def repeated_answers(session: Session, project_id: int, user_id: int | None = None) -> list[RepeatedAnswer]:
    """Return what people answered a second time, each with their answer that stood before, in the order given.

    The answer before may be one that was replaced since; one that its person took back is none.
    """
    first = (
        select(func.max(_EARLIER.id))
        .where(
            _EARLIER.item_id == Annotation.item_id,
            _EARLIER.user_id == Annotation.user_id,
            _EARLIER.round >= 0,
            _EARLIER.id < Annotation.id,
            _EARLIER.status.in_(("counted", "superseded", "late")),
            _EARLIER.code != "",
        )
        .correlate(Annotation)
        .scalar_subquery()
    )
    query = (
        _beside(project_id, REPEAT, user_id)
        .join(_FIRST, _FIRST.id == first)
        .with_only_columns(
            Annotation.user_id,
            Annotation.item_id,
            *_KEPT,
            _FIRST.code,
            _FIRST.value,
            _FIRST.created_at,
            Annotation.created_at,
        )
    )
    rows = session.execute(query).all()
    same = _same(session, classes_of(session, project_id), [_Said(*row[1:6]) for row in rows])
    return [RepeatedAnswer(row[0], row[1], one, row[6], row[7]) for row, one in zip(rows, same, strict=True)]


_KEPT = (Annotation.code, Annotation.value)


def _beside(project_id: int, round_: int, user_id: int | None) -> Select[Annotation]:
    query = select(Annotation).where(
        Annotation.project_id == project_id, Annotation.status == AUDIT, Annotation.round == round_
    )
    if user_id is not None:
        query = query.where(Annotation.user_id == user_id)
    return query.order_by(Annotation.id)


@dataclass(frozen=True)
class _Said:
    """An answer, and what it is compared with."""

    item_id: int
    code: str
    value: Value | None
    other: str
    other_value: Value | None


def _same(session: Session, classes: Classes, said: Sequence[_Said]) -> list[bool]:
    """Return of each pair of answers whether they are the same: equal codes are, of objects those that match."""
    by_code = [one.code == one.other for one in said]
    if not classes.task.keeps_value:
        return by_code
    unlike = {one.item_id for one, same in zip(said, by_code, strict=True) if not same}
    items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(unlike)))} if unlike else {}
    return [same or _alike(classes, items[one.item_id], one) for one, same in zip(said, by_code, strict=True)]


def _alike(classes: Classes, item: Item, one: _Said) -> bool:
    both = [("answer", one.code, one.value), ("right", one.other, one.other_value)]
    return share_alike(classes, both, content_of(item)) >= ALIKE
