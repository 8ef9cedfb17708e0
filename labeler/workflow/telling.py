"""What webhooks are told of a step, in the transaction of that step: nothing is sent here, and nobody waits for it."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.accounts.models import User
from labeler.decisions.models import Review
from labeler.exchange.actions import ImportResult
from labeler.projects.models import Item
from labeler.quality.models import Flag
from labeler.storage.database import Database, clock
from labeler.threads.actions import NewMessage
from labeler.threads.models import ThreadMessage
from labeler.webhooks.actions import tell
from labeler.webhooks.events import (
    CHECK_ENDED,
    EXPORT_DONE,
    IMPORT_ENDED,
    ITEM_RETURNED,
    REVIEW_DECIDED,
    THREAD_REPLIED,
)
from labeler.webhooks.queries import wanting

_COUNTS = ("added", "changed", "unchanged", "rejected", "not_counted")


def import_ended(session: Session, project_id: int, result: ImportResult, *, now: datetime) -> None:
    """Tell that an import came to its end."""
    told: dict[str, Any] = {"import": result.import_id, "state": "done"}
    told |= {name: getattr(result, name) for name in _COUNTS}
    told |= {"left_out": dict(result.left_out.most_common()), "error": ""}
    tell(session, project_id, IMPORT_ENDED, told, now=now)


def import_failed(session: Session, project_id: int, error: str, *, now: datetime) -> None:
    """Tell that an import did not come to its end; the counts of what is in by then are unknown here."""
    told: dict[str, Any] = {"import": None, "state": "failed", **dict.fromkeys(_COUNTS)}
    tell(session, project_id, IMPORT_ENDED, {**told, "left_out": None, "error": str(error)}, now=now)


def check_ended(session: Session, project_id: int, inspection_id: int, state: str, *, now: datetime) -> None:
    """Tell that a check of labels ended, done or failed."""
    count = session.scalar(select(func.count()).where(Flag.inspection_id == inspection_id))
    told = {"inspection": inspection_id, "state": state, "flags": count if state == "done" else None}
    tell(session, project_id, CHECK_ENDED, told, now=now)


def export_done(database: Database, project_id: int, format_name: str, items: str) -> None:
    """Tell that an export was made to its last byte. items: which, as of an export.

    An export only reads, and does so still where nobody wants to be told.
    """
    with database.read() as session:
        if not wanting(session, project_id, EXPORT_DONE):
            return
    with database.write() as session:
        told = {"format": format_name, "items": items}
        tell(session, project_id, EXPORT_DONE, told, now=clock(session))


def decided(session: Session, review: Review, *, now: datetime) -> None:
    """Tell what a lead decided; of an item that goes back to somebody also that."""
    external_id = session.get_one(Item, review.item_id).external_id
    about = {"item": review.item_id, "external_id": external_id}
    kind, decision = review.kind or None, review.decision
    told = {"review": review.id, **about, "decision": decision, "kind": kind}
    tell(session, review.project_id, REVIEW_DECIDED, told, now=now)
    if decision == "send_back":
        tell(session, review.project_id, ITEM_RETURNED, {**about, "reason": review.reason}, now=now)


def replied(session: Session, project_id: int, asked: NewMessage, added: ThreadMessage, *, now: datetime) -> None:
    """Tell that somebody wrote in a thread. asked: what it is about; added: the message as it is kept."""
    told = {
        "message": added.id,
        "item": asked.item,
        "external_id": session.get_one(Item, asked.item).external_id,
        "annotator": session.get_one(User, asked.annotator).email,
        "by": "lead" if added.by_lead else "annotator",
        "text": added.text,
        "outcome": added.outcome,
    }
    tell(session, project_id, THREAD_REPLIED, told, now=now)
