"""Changes to notices: a person has seen what changed and what was decided; an e-mail is sent and what became of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.decisions.models import Review
from labeler.notices.models import FAILED, SENDING, SENT, Digest, NoticeSeen
from labeler.notices.queries import DECIDED, GUIDELINE, REPLY, Notice, digest_due
from labeler.notices.sending import Fate, Outcome
from labeler.storage.upsert import OnConflict, upsert
from labeler.threads.actions import mark_read

_GUIDELINE = OnConflict(keys=("project_id", "user_id"), replaced=("guideline",))
_REVIEW = OnConflict(keys=("project_id", "user_id"), replaced=("review_id",))


def saw_guideline(session: Session, project_id: int, user_id: int, version: int) -> None:
    """Note that a person opened this version of the guidelines."""
    row = {"project_id": project_id, "user_id": user_id, "guideline": version, "review_id": 0}
    upsert(session, NoticeSeen, [row], _GUIDELINE)


def saw_decisions(session: Session, project_id: int, user_id: int) -> None:
    """Note that a person looked at what was decided otherwise by now."""
    newest = session.scalar(select(func.max(Review.id)).where(Review.project_id == project_id)) or 0
    row = {"project_id": project_id, "user_id": user_id, "guideline": 0, "review_id": newest}
    upsert(session, NoticeSeen, [row], _REVIEW)


def saw_all(session: Session, user_id: int, notices: Sequence[Notice]) -> None:
    """Note that a person has read these; returned items wait until they are answered."""
    for one in notices:
        if one.kind == REPLY:
            mark_read(session, (one.item, user_id))
        elif one.kind == GUIDELINE:
            saw_guideline(session, one.project.id, user_id, one.version)
    for project_id in {one.project.id for one in notices if one.kind == DECIDED}:
        saw_decisions(session, project_id, user_id)


def take_digest(session: Session, user_id: int, *, every: timedelta, now: datetime) -> list[Notice]:
    """Return what the next e-mail to a person tells, and note that it is being sent; [] where none is due.

    Whoever takes it sends it: if that process dies meanwhile, it is not sent again (`models.Digest`).
    """
    row = session.get(Digest, user_id, with_for_update=True, populate_existing=True)
    news = digest_due(session, user_id, every=every, now=now)
    if not news.notices:
        return []
    if row is None:
        row = Digest(user_id=user_id)
        session.add(row)
    row.state, row.before, row.up_to, row.tried_at, row.error = SENDING, news.since, news.up_to, now, ""
    session.flush()
    return news.notices


def record_digest(session: Session, user_id: int, outcome: Outcome) -> None:
    """Store what became of an e-mail that was taken; what surely did not arrive is told by the next one."""
    row = session.get_one(Digest, user_id)
    row.error = outcome.error
    if outcome.fate is Fate.SENT:
        row.state = SENT
    elif outcome.fate is not Fate.UNKNOWN:
        row.state = FAILED
    session.flush()
