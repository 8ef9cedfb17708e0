"""What an answer to a question does: it agrees with the label and the flag is cleared, or the item is the lead's again.

Note: it never decides alone and is no vote. The item was chosen because its label looked wrong, so a vote more on it
would move agreement and consensus for that reason, and on an imported label a single answer would be the new one.
"""

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.decisions.final import standing_of
from labeler.decisions.models import AGREED, Review
from labeler.projects.models import Item
from labeler.projects.queries import Classes
from labeler.second_opinions import queries


def settle(session: Session, classes: Classes, round_: int, *, now: datetime) -> None:
    """Bring what stands for an item up to date with the answer to its question, in the answer's own transaction."""
    asked = queries.asked_in(session, round_)
    if asked is None:
        return
    _forget(session, asked)
    answer = queries.answer_in(session, asked)
    if answer is None:
        asked.status = "current"
        session.flush()
        return
    asked.status = "answered"
    session.flush()
    if queries.agrees(session, classes, session.get_one(Item, asked.item_id), answer):
        session.add(_agreed(session, asked, answer, now))
        session.flush()


def _forget(session: Session, asked: Review) -> None:
    """Let an agreement stand no longer whose answer is another one now."""
    query = select(Review).where(Review.item_id == asked.item_id, Review.replaces_id == asked.id)
    for one in session.scalars(query.where(Review.decision == AGREED, Review.status == "current")):
        one.status = "undone"
    session.flush()


def _agreed(session: Session, asked: Review, answer: Annotation, now: datetime) -> Review:
    key = f"second-opinion-{answer.id}"
    return Review(
        project_id=asked.project_id,
        item_id=asked.item_id,
        flag_id=asked.flag_id,
        user_id=answer.user_id,
        key=key,
        fingerprint=hashlib.sha256(key.encode()).hexdigest(),
        decision=AGREED,
        code="",
        value=None,
        soft=None,
        before_code=standing_of(session, asked.project_id, asked.item_id).final,
        suggested_code=asked.suggested_code,
        kind=asked.kind,
        replaces_id=asked.id,
        status="current",
        created_at=now,
    )
