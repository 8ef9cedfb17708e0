"""Threads: store what somebody says about an answer, and tell who wants to know."""

from sqlalchemy.orm import Session

from labeler.errors import Forbidden
from labeler.storage.database import clock
from labeler.threads import actions
from labeler.threads.actions import NewMessage
from labeler.threads.models import ThreadMessage
from labeler.workflow.telling import replied


def say(session: Session, project_id: int, message: NewMessage, *, by: int, leads: bool) -> tuple[ThreadMessage, bool]:
    """Add a message to the thread on somebody's answer; returns it and whether it is new.

    leads: whether the author leads the project: others speak only of their own answers, and settle nothing.
    """
    if not leads and (by != message.annotator or message.outcome):
        raise Forbidden("You can write only about your own answers; a lead settles what was asked.")
    now = clock(session)
    added, new = actions.say(session, project_id, message, by=by, now=now)
    if new:
        replied(session, project_id, message, added, now=now)
    return added, new
