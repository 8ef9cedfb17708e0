"""Reads of threads: which there are, how each stands, and what was said in it.

How a thread stands is computed here and nowhere else. A lead's decision about the item settles what was said until
then; one that was made for many items at once does not, since nobody read the question.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from labeler.accounts.models import User
from labeler.annotations.models import Annotation
from labeler.decisions.models import AGREED, SECOND_OPINION, Review
from labeler.task_types.base import Value
from labeler.threads.models import ANSWERED, DECISION, IMPORTED, OPEN, SENT_BACK, SETTLED, Thread, ThreadMessage

Pair = tuple[int, int]
"""A thread by (item id, id of the annotator)."""

_COMMENTED = Annotation.comment != literal_column("''")  # as in the partial index, which a bound value would not use
_DECIDES = and_(Review.decision.not_in((SECOND_OPINION, AGREED)), Review.status.in_(("current", "answered")))


@dataclass(frozen=True)
class Standing:
    """How one thread stands. said_at: when the newest word came; review_id: the decision that settled it, else None."""

    item_id: int
    user_id: int
    state: str
    said_at: datetime
    review_id: int | None
    settled_by: str

    @property
    def pair(self) -> Pair:
        """The thread it is of."""
        return self.item_id, self.user_id


@dataclass(frozen=True)
class Word:
    """One thing that was said in a thread, by the annotator or a lead (by_lead).

    message: its id, 0 for a comment on an answer and for a decision; answer: id of the answer a comment came with, else
    0; outcome: `closed`, `guideline`, `decision` or `sent_back` where it settles, else ""; code, value: of a decision,
    the label it set.
    """

    who: str
    user_id: int
    by_lead: bool
    text: str
    at: datetime
    message: int = 0
    answer: int = 0
    outcome: str = ""
    guideline_version: int = 0
    decision: str = ""
    code: str = ""
    value: Value | None = None


def standings(
    session: Session,
    project_id: int,
    *,
    state: str = "",
    user_id: int | None = None,
    item_ids: Sequence[int] | None = None,
    limit: int = 1000,
    offset: int = 0,
) -> list[Standing]:
    """Return the threads of a project, those with the newest word first.

    user_id: only those of one annotator; item_ids: only those on these items.
    """
    found = _standings(project_id, user_id, item_ids)
    query = select(*found.c).order_by(found.c.said_at.desc(), found.c.item_id.desc(), found.c.user_id)
    if state:
        query = query.where(found.c.state == state)
    return [Standing(*row) for row in session.execute(query.limit(limit).offset(offset))]


def standing_of(session: Session, project_id: int, pair: Pair) -> Standing | None:
    """Return how one thread stands, None where nothing was said."""
    item_id, user_id = pair
    return next(iter(standings(session, project_id, user_id=user_id, item_ids=[item_id])), None)


def items_with_threads(
    session: Session, project_id: int, *, state: str, user_id: int | None, after: int, limit: int
) -> list[int]:
    """Return ids of items after one that have threads (in a state, of one annotator), ascending."""
    found = _standings(project_id, user_id, None)
    query = select(found.c.item_id).where(found.c.item_id > after).distinct().order_by(found.c.item_id).limit(limit)
    if state:
        query = query.where(found.c.state == state)
    return list(session.scalars(query))


def counts(session: Session, project_id: int) -> dict[str, int]:
    """Return how many threads of a project are in each state."""
    found = _standings(project_id, None, None)
    rows = session.execute(select(found.c.state, func.count()).group_by(found.c.state))
    return dict.fromkeys((OPEN, ANSWERED, SETTLED), 0) | {row[0]: row[1] for row in rows}


def open_count(session: Session, project_id: int) -> int:
    """Return how many threads wait for a lead."""
    found = _standings(project_id, None, None)
    return session.scalar(select(func.count()).select_from(found).where(found.c.state == OPEN)) or 0


def thread_of(session: Session, pair: Pair) -> Thread | None:
    """Return the row of a thread, None before its first message."""
    return session.scalar(select(Thread).where(Thread.item_id == pair[0], Thread.user_id == pair[1]))


def message_by_key(session: Session, user_id: int, key: str) -> ThreadMessage | None:
    """Return the message a person sent with this key."""
    return session.scalar(select(ThreadMessage).where(ThreadMessage.user_id == user_id, ThreadMessage.key == key))


def newest_answer(session: Session, pair: Pair) -> int:
    """Return the id of the newest answer or skip of a person to an item, 0 without one."""
    query = select(func.max(Annotation.id)).where(Annotation.item_id == pair[0], Annotation.user_id == pair[1])
    return session.scalar(query) or 0


def words_in(session: Session, pairs: Iterable[Pair]) -> dict[Pair, list[Word]]:
    """Return what was said in these threads, the oldest first; of a comment that was sent again only the first."""
    wanted = list(dict.fromkeys(pairs))
    found: dict[Pair, list[Word]] = {pair: [] for pair in wanted}
    if not wanted:
        return found
    items, people = {pair[0] for pair in wanted}, {pair[1] for pair in wanted}
    _add_comments(session, found, items, people)
    _add_messages(session, found, items, people)
    for words in found.values():
        words.sort(key=lambda word: (word.at, word.message))
    _add_decisions(session, found, items)
    return found


def _standings(project_id: int, user_id: int | None, item_ids: Sequence[int] | None) -> Subquery:
    """Return the threads as rows of a `Standing`."""
    said = _said(project_id, user_id, item_ids)
    decided = _decided(project_id, item_ids)
    settles = and_(Review.id.is_not(None), Review.created_at >= said.c.said_at)
    waits = said.c.asked > func.coalesce(Thread.heard, 0)
    state = case((settles, SETTLED), (waits, OPEN), (Thread.id.is_not(None), Thread.state), else_=SETTLED)
    by = case(
        (and_(settles, Review.decision == "send_back"), SENT_BACK),
        (settles, DECISION),
        (Thread.id.is_(None), IMPORTED),
        else_="",
    )
    query = (
        select(
            said.c.item_id,
            said.c.user_id,
            state.label("state"),
            said.c.said_at,
            case((settles, Review.id)).label("review_id"),
            case((state == SETTLED, by), else_="").label("settled_by"),
        )
        .outerjoin(Thread, and_(Thread.item_id == said.c.item_id, Thread.user_id == said.c.user_id))
        .outerjoin(decided, decided.c.item_id == said.c.item_id)
        .outerjoin(Review, Review.id == decided.c.review_id)
    )
    return query.subquery()


def _said(project_id: int, user_id: int | None, item_ids: Sequence[int] | None) -> Subquery:
    """Return (item, annotator, newest answer with a new comment that asks, time of the newest word) of each thread.

    What came in with a file asks nobody here. A comment that an answer repeats is not said again.
    """
    first = (
        select(
            Annotation.item_id,
            Annotation.user_id,
            func.min(case((Annotation.mode != "import", Annotation.id))).label("asked"),
            func.min(Annotation.created_at).label("said_at"),
        )
        .where(Annotation.project_id == project_id, _COMMENTED, Annotation.status != "undone")
        .group_by(Annotation.item_id, Annotation.user_id, Annotation.comment)
    )
    rows: Select[int, int, Any, datetime] = select(
        Thread.item_id, Thread.user_id, literal_column("NULL").label("asked"), Thread.changed_at.label("said_at")
    )
    rows = rows.where(Thread.project_id == project_id)
    both = union_all(
        _only(first, Annotation.item_id, Annotation.user_id, item_ids, user_id),
        _only(rows, Thread.item_id, Thread.user_id, item_ids, user_id),
    ).subquery()
    return (
        select(
            both.c.item_id,
            both.c.user_id,
            func.coalesce(func.max(both.c.asked), literal(0)).label("asked"),
            func.max(both.c.said_at).label("said_at"),
        )
        .group_by(both.c.item_id, both.c.user_id)
        .subquery()
    )


def _only(
    query: Select[int, int, Any, datetime],
    item: InstrumentedAttribute[int],
    user: InstrumentedAttribute[int],
    item_ids: Sequence[int] | None,
    user_id: int | None,
) -> Select[int, int, Any, datetime]:
    if item_ids is not None:
        query = query.where(item.in_(item_ids))
    return query if user_id is None else query.where(user == user_id)


def _decided(project_id: int, item_ids: Sequence[int] | None) -> Subquery:
    """Return the newest decision about each item that settles what was said of it."""
    query = select(Review.item_id, func.max(Review.id).label("review_id")).where(
        Review.project_id == project_id, _DECIDES, Review.batch == ""
    )
    if item_ids is not None:
        query = query.where(Review.item_id.in_(item_ids))
    return query.group_by(Review.item_id).subquery()


def _add_comments(session: Session, found: dict[Pair, list[Word]], items: set[int], people: set[int]) -> None:
    query = (
        select(Annotation, User)
        .join(User, User.id == Annotation.user_id)
        .where(Annotation.item_id.in_(items), Annotation.user_id.in_(people), _COMMENTED)
        .where(Annotation.status != "undone")
        .order_by(Annotation.id)
    )
    for answer, user in session.execute(query):
        words = found.get((answer.item_id, answer.user_id))
        if words is not None and all(word.text != answer.comment for word in words):
            words.append(
                Word(
                    user.name or user.email,
                    user.id,
                    by_lead=False,
                    text=answer.comment,
                    at=answer.created_at,
                    answer=answer.id,
                )
            )


def _add_messages(session: Session, found: dict[Pair, list[Word]], items: set[int], people: set[int]) -> None:
    query = (
        select(ThreadMessage, User, Thread.item_id, Thread.user_id)
        .join(Thread, Thread.id == ThreadMessage.thread_id)
        .join(User, User.id == ThreadMessage.user_id)
        .where(Thread.item_id.in_(items), Thread.user_id.in_(people))
    )
    for message, user, item_id, annotator in session.execute(query):
        words = found.get((item_id, annotator))
        if words is not None:
            words.append(
                Word(
                    user.name or user.email,
                    user.id,
                    by_lead=message.by_lead,
                    text=message.text,
                    at=message.created_at,
                    message=message.id,
                    outcome=message.outcome,
                    guideline_version=message.guideline_version,
                )
            )


def _add_decisions(session: Session, found: dict[Pair, list[Word]], items: set[int]) -> None:
    """Put in what leads decided about the items since the first word, each where it came."""
    query = (
        select(Review, User)
        .join(User, User.id == Review.user_id)
        .where(Review.item_id.in_(items), _DECIDES, or_(Review.batch == "", Review.reason != ""))
        .order_by(Review.id)
    )
    for review, user in session.execute(query):
        word = Word(
            user.name or user.email,
            user.id,
            by_lead=True,
            text=review.reason,
            at=review.created_at,
            outcome=SENT_BACK if review.decision == "send_back" else DECISION,
            decision=review.decision,
            code=review.code,
            value=review.value,
        )
        for (item_id, _), words in found.items():
            if item_id == review.item_id and words and words[0].at <= word.at:
                words.append(word)
    for words in found.values():
        words.sort(key=lambda word: word.at)
