"""Answers whose right answer is known: those to test items, and votes on items that a random audit judged.

These two and nothing else are what a person's accuracy is counted from (`measures.accuracy`). Note: where a lead's own
vote stood on an item that they decided in an audit, that vote is not judged by it.
"""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from labeler.agreement.patterns import share_alike
from labeler.annotations.models import Annotation
from labeler.annotations.queries import COUNTED
from labeler.audits.models import LABELS, Audit, AuditDecision, AuditItem
from labeler.audits.queries import ALIKE
from labeler.measures.accuracy import Accuracy
from labeler.projects.models import Item
from labeler.projects.queries import Classes, content_of
from labeler.task_types.base import Value
from labeler.test_items.queries import judged_answers

TEST: Final = "test"
AUDIT: Final = "audit"


class CheckedAnswer(NamedTuple):
    """One answer and whether it was right. annotation: its id, 0 where only person and item are known."""

    user_id: int
    item_id: int
    right: bool
    source: Literal["test", "audit"]
    annotation: int = 0


class Checked(NamedTuple):
    """A person's accuracy by where it was counted."""

    test_items: Accuracy
    audits: Accuracy

    @property
    def together(self) -> Accuracy:
        """THE accuracy of the person."""
        return self.test_items + self.audits


NONE_CHECKED = Checked(Accuracy(0, 0), Accuracy(0, 0))


def checked_answers(
    session: Session, classes: Classes, project_id: int, users: Sequence[int] | None = None
) -> list[CheckedAnswer]:
    """Return every answer of a project that was checked; a vote that two audits judged stands once, as the last did.

    users: whose answers, None for everybody's.
    """
    tests = [
        CheckedAnswer(one.user_id, one.item_id, one.right, TEST)
        for one in judged_answers(session, project_id)
        if users is None or one.user_id in users
    ]
    return tests + list({one.annotation: one for one in _audited_votes(session, classes, project_id, users)}.values())


def accuracy_of(session: Session, classes: Classes, project_id: int, users: Sequence[int]) -> dict[int, Accuracy]:
    """Return THE accuracy of some people, by user id; who was not checked is not in it."""
    found = checked_by_person(checked_answers(session, classes, project_id, users))
    return {user: one.together for user, one in found.items()}


def checked_by_person(answers: Sequence[CheckedAnswer]) -> dict[int, Checked]:
    """Return the accuracy of each person of whom anything was checked, by user id."""
    found: dict[int, Checked] = {}
    for one in answers:
        before, more = found.get(one.user_id, NONE_CHECKED), Accuracy(int(one.right), 1)
        test_items, audits = (
            (before.test_items + more, before.audits)
            if one.source == TEST
            else (
                before.test_items,
                before.audits + more,
            )
        )
        found[one.user_id] = Checked(test_items, audits)
    return found


class _Truth(NamedTuple):
    """What an audited item is. known: whether the right label is known, else only that this one is wrong."""

    code: str
    value: Value | None
    known: bool


def _audited_votes(
    session: Session, classes: Classes, project_id: int, users: Sequence[int] | None
) -> Iterator[CheckedAnswer]:
    decided = and_(AuditDecision.audit_item_id == AuditItem.id, AuditDecision.status == "current")
    vote = and_(Annotation.item_id == AuditItem.item_id, Annotation.status == COUNTED)
    query = (
        select(AuditItem, Annotation.id, Annotation.user_id, Annotation.code, Annotation.value, AuditDecision.user_id)
        .join(Audit, Audit.id == AuditItem.audit_id)
        .join(Annotation, vote)
        .outerjoin(AuditDecision, decided)
        .where(AuditItem.project_id == project_id, Audit.state == "finished", Audit.about == LABELS)
        .where(AuditItem.outcome.in_(("right", "wrong")))
        .order_by(Audit.number, Annotation.id)
    )
    if users is not None:
        query = query.where(Annotation.user_id.in_(users))
    for row in session.execute(query):
        right = None if row[2] == row[5] else _is_right(session, classes, row)
        if right is not None:
            yield CheckedAnswer(row[2], row[0].item_id, right, AUDIT, row[1])


def _is_right(
    session: Session, classes: Classes, row: Row[*tuple[AuditItem, int, int, str, Value | None, int]]
) -> bool | None:
    """Return whether a vote is what the audit found right; None where it found only that another label is wrong."""
    audited, _, _, code, value, _ = row
    truth = _truth(audited)
    same = code == truth.code
    if not same and not (classes.task.exact and not classes.task.keeps_value):
        content = content_of(session.get_one(Item, audited.item_id))
        said = [("truth", truth.code, truth.value), ("vote", code, value)]
        same = share_alike(classes, said, content) >= ALIKE
    if truth.known:
        return same
    return False if same else None


def _truth(audited: AuditItem) -> _Truth:
    if audited.outcome == "right":
        return _Truth(audited.code, audited.value, known=True)
    if audited.right_code:
        return _Truth(audited.right_code, audited.right_value, known=True)
    return _Truth(audited.code, audited.value, known=False)
