"""Reads of what waits for a person: returned items, replies, changed guidelines, and what was decided otherwise.

Nobody sees here what others answered, nor who they are: only leads are named.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column, select
from sqlalchemy.orm import Session

from labeler.accounts.models import Membership, User
from labeler.annotations.models import Annotation
from labeler.annotations.queries import ANSWERED
from labeler.decisions.models import Review
from labeler.notices.models import FAILED, Digest, NoticeSeen
from labeler.projects.differences import told_change
from labeler.projects.models import Guideline, Item, Project
from labeler.task_types.base import Value
from labeler.threads.models import Thread, ThreadMessage

RETURNED, REPLY, GUIDELINE, DECIDED = "returned", "reply", "guideline", "decided"
MOST = 50  # of one kind: more than anybody reads at once
TRIED_AGAIN = timedelta(hours=1)  # after an e-mail that was not taken
_SETTLED = timedelta(minutes=1)  # what is younger may not be all there: transactions end out of order
_EVER = datetime(1970, 1, 1, tzinfo=UTC)

_SENT_BACK: ColumnElement[Any] = literal_column(
    "review.status = 'current' AND review.decision = 'send_back'"
)  # as in its partial index


@dataclass(frozen=True)
class Notice:
    """One thing that waits for a person. item: its id and external id, 0 and None for guidelines.

    who: the lead's name; text: the reason, the reply, or what changed; version: of the guidelines;
    code, value: of a decision, the label it set.
    """

    kind: str
    project: Project
    at: datetime
    who: str = ""
    text: str = ""
    item: int = 0
    external_id: str | None = None
    version: int = 0
    code: str = ""
    value: Value | None = None


def decided_otherwise() -> ColumnElement[bool]:
    """Return the SQL of whether the decision of a `Review` says another label than an answer does, both joined."""
    return and_(
        Review.item_id == Annotation.item_id,
        Review.status == "current",
        Review.decision.in_(("keep", "relabel")),
        Annotation.code != "",
        Review.code != Annotation.code,
    )


def projects_at_work(session: Session, user_id: int) -> Sequence[Project]:
    """Return the projects a person is in, in the order they were made."""
    query = select(Project).join(Membership, Membership.project_id == Project.id).where(Membership.user_id == user_id)
    return session.scalars(query.order_by(Project.id)).all()


def waiting(session: Session, user_id: int, *, since: datetime | None = None) -> list[Notice]:
    """Return what waits for a person in all their projects: returned items first, then the newest first.

    since: only what came after that.
    """
    projects = {one.id: one for one in projects_at_work(session, user_id)}
    if not projects:
        return []
    found = [
        *_returned(session, projects, user_id),
        *_replies(session, projects, user_id),
        *_guidelines(session, projects, user_id),
        *_decided(session, projects, user_id),
    ]
    found = [one for one in found if since is None or one.at > since]
    return sorted(found, key=lambda one: (one.kind != RETURNED, -one.at.timestamp()))


def _returned(session: Session, projects: Mapping[int, Project], user_id: int) -> Iterator[Notice]:
    query = (
        select(Review, Item, User)
        .join(Item, Item.id == Review.item_id)
        .join(User, User.id == Review.user_id)
        .where(Review.project_id.in_(projects), _SENT_BACK, Item.only_for == user_id)
        .order_by(Review.id)
        .limit(MOST)
    )
    for review, item, user in session.execute(query):
        yield Notice(
            RETURNED,
            projects[review.project_id],
            review.created_at,
            user.name or user.email,
            review.reason,
            item.id,
            item.external_id,
        )


def _replies(session: Session, projects: Mapping[int, Project], user_id: int) -> Iterator[Notice]:
    """Yield the newest unread message of each thread."""
    newest = (
        select(func.max(ThreadMessage.id))
        .join(Thread, Thread.id == ThreadMessage.thread_id)
        .where(Thread.user_id == user_id, Thread.project_id.in_(projects))
        .where(ThreadMessage.by_lead, ThreadMessage.id > Thread.read_up_to)
        .group_by(Thread.id)
        .order_by(func.max(ThreadMessage.id).desc())
        .limit(MOST)
    )
    query = (
        select(ThreadMessage, Item, User)
        .join(Thread, Thread.id == ThreadMessage.thread_id)
        .join(Item, Item.id == Thread.item_id)
        .join(User, User.id == ThreadMessage.user_id)
        .where(ThreadMessage.id.in_(list(session.scalars(newest))))
    )
    for message, item, user in session.execute(query):
        yield Notice(
            REPLY,
            projects[item.project_id],
            message.created_at,
            user.name or user.email,
            message.text,
            item.id,
            item.external_id,
            message.guideline_version,
        )


def _guidelines(session: Session, projects: Mapping[int, Project], user_id: int) -> Iterator[Notice]:
    """Yield the guidelines that changed since this person last answered or opened them, where they ever answered."""
    versions = select(Guideline.project_id, func.max(Guideline.version)).where(Guideline.project_id.in_(projects))
    newest: dict[int, int] = {row[0]: row[1] for row in session.execute(versions.group_by(Guideline.project_id))}
    for project_id, version in newest.items():
        seen = seen_guideline(session, project_id, user_id)
        if seen is not None and seen < version:
            pair = session.scalars(
                select(Guideline)
                .where(Guideline.project_id == project_id, Guideline.version.in_((seen, version)))
                .order_by(Guideline.version)
            ).all()
            before = pair[0].text if len(pair) > 1 else ""
            now = pair[-1]
            yield Notice(
                GUIDELINE,
                projects[project_id],
                now.created_at,
                text=told_change(before, now.text),
                version=version,
            )


def seen_guideline(session: Session, project_id: int, user_id: int) -> int | None:
    """Return the newest version of the guidelines a person had before them; None for who never answered there."""
    last = (
        select(Annotation.guideline_version)
        .where(Annotation.project_id == project_id, Annotation.user_id == user_id, Annotation.mode != "import")
        .order_by(Annotation.id.desc())
        .limit(1)
    )
    answered = session.scalar(last)
    seen = session.get(NoticeSeen, (project_id, user_id))
    if answered is None:
        return None
    return max(answered, seen.guideline if seen else 0)


def _decided(session: Session, projects: Mapping[int, Project], user_id: int) -> Iterator[Notice]:
    rows = session.execute(select(NoticeSeen.project_id, NoticeSeen.review_id).where(NoticeSeen.user_id == user_id))
    seen: dict[int, int] = {row[0]: row[1] for row in rows}
    for project_id, project in projects.items():
        query = (
            select(Review, Item, User)
            .join(Annotation, decided_otherwise())
            .join(Item, Item.id == Review.item_id)
            .join(User, User.id == Review.user_id)
            .where(
                Review.project_id == project_id,
                Review.id > seen.get(project_id, 0),
                Annotation.user_id == user_id,
                Annotation.mode != "import",
                Annotation.status.in_(ANSWERED),
            )
            .order_by(Review.id.desc())
            .limit(MOST)
        )
        for review, item, user in session.execute(query):
            yield Notice(
                DECIDED,
                project,
                review.created_at,
                user.name or user.email,
                review.reason,
                item.id,
                item.external_id,
                code=review.code,
                value=review.value,
            )


@dataclass(frozen=True)
class News:
    """What an e-mail would tell: what waits and came after `since`, up to `up_to`."""

    since: datetime
    up_to: datetime
    notices: list[Notice]


def digest_due(session: Session, user_id: int, *, every: timedelta, now: datetime) -> News:
    """Return what an e-mail to a person would tell now; nothing while it is not yet time for another one."""
    row = session.get(Digest, user_id)
    failed = row is not None and row.state == FAILED
    since = _EVER if row is None else row.before if failed else row.up_to
    pause = min(every, TRIED_AGAIN) if failed else every
    if row is not None and row.tried_at > now - pause:
        return News(since, since, [])
    up_to = now - _SETTLED
    return News(since, up_to, [one for one in waiting(session, user_id, since=since) if one.at <= up_to])


def people_to_mail(session: Session, *, every: timedelta, now: datetime) -> list[User]:
    """Return the people for whom an e-mail is due: in a project, at work here, and not against e-mails."""
    query = select(User).where(User.active, User.id.in_(select(Membership.user_id))).order_by(User.id)
    return [
        user
        for user in session.scalars(query)
        if user.preferences.get("digest", True) and digest_due(session, user.id, every=every, now=now).notices
    ]
