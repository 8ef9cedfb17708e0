"""Changes to threads: a message is added, an annotator has read what was said. Nothing is ever changed or removed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.errors import Conflict, Invalid, NotFound
from labeler.projects.models import Item
from labeler.storage.database import alone
from labeler.threads import queries
from labeler.threads.models import ANSWERED, CLOSED, GUIDELINE, OPEN, SETTLED, Thread, ThreadMessage

LONGEST = 4000  # characters of a message
OUTCOMES = ("", CLOSED, GUIDELINE)


@dataclass(frozen=True)
class NewMessage:
    """What somebody says about the answer of a person (annotator) to an item.

    key: made by the client; outcome: `closed` or `guideline` settles the thread, as only leads may; guideline_version:
    the version that has the rule, for `guideline`.
    """

    key: str
    item: int
    annotator: int
    text: str
    outcome: str = ""
    guideline_version: int = 0

    def check(self) -> None:
        """Raise Invalid, naming the field."""
        if not 8 <= len(self.key) <= 64:  # noqa: PLR2004 - a UUID with room; the column's width
            raise Invalid("The key must be a text of 8 to 64 characters, best a UUID.", field="key")
        if self.outcome not in OUTCOMES:
            raise Invalid("The outcome must be closed, guideline or empty.", field="outcome")
        if not self.text.strip() and self.outcome != GUIDELINE:
            raise Invalid("Write a message first.", field="text")
        if len(self.text) > LONGEST:
            raise Invalid("A message has at most {most:,} characters.", field="text", most=LONGEST)
        if (self.outcome == GUIDELINE) != bool(self.guideline_version):
            raise Invalid("Name the version of the guidelines that has the rule.", field="guideline_version")


def say(
    session: Session, project_id: int, message: NewMessage, *, by: int, now: datetime
) -> tuple[ThreadMessage, bool]:
    """Add a message to a thread; returns it and whether it is new (False: the same key again).

    Whoever is not the annotator speaks as a lead. Raises NotFound where the annotator never answered the item,
    Conflict for a key that was used for something else.
    """
    message.check()
    alone(session, project_id)
    known = queries.message_by_key(session, by, message.key)
    pair = (message.item, message.annotator)
    if known is not None:
        if not _is_same(session, known, message):
            raise Conflict("This key was used for another message; nothing was changed.", field="key")
        return known, False
    newest = _newest_answer(session, project_id, pair)
    thread = queries.thread_of(session, pair) or _new_thread(session, project_id, pair, now)
    by_lead = by != message.annotator
    added = ThreadMessage(
        thread_id=thread.id,
        user_id=by,
        key=message.key,
        text=message.text.strip(),
        by_lead=by_lead,
        outcome=message.outcome,
        guideline_version=message.guideline_version,
        created_at=now,
    )
    session.add(added)
    session.flush()
    thread.state, thread.changed_at = SETTLED if message.outcome else ANSWERED if by_lead else OPEN, now
    if by_lead or message.outcome:
        thread.heard = newest
    if not by_lead:
        thread.read_up_to = added.id
    session.flush()
    return added, True


def mark_read(session: Session, pair: queries.Pair) -> None:
    """Note that the annotator of a thread has seen all that was said in it by now."""
    thread = queries.thread_of(session, pair)
    if thread is not None:
        newest = select(func.max(ThreadMessage.id)).where(ThreadMessage.thread_id == thread.id)
        thread.read_up_to = session.scalar(newest) or 0
        session.flush()


def _newest_answer(session: Session, project_id: int, pair: queries.Pair) -> int:
    item, newest = session.get(Item, pair[0]), queries.newest_answer(session, pair)
    if item is None or item.project_id != project_id or not newest:
        raise NotFound("This person has not answered this item, so there is nothing to talk about yet.")
    return newest


def _is_same(session: Session, known: ThreadMessage, message: NewMessage) -> bool:
    thread = session.get_one(Thread, known.thread_id)
    there = (thread.item_id, thread.user_id, known.text, known.outcome, known.guideline_version)
    return there == (
        message.item,
        message.annotator,
        message.text.strip(),
        message.outcome,
        message.guideline_version,
    )


def _new_thread(session: Session, project_id: int, pair: queries.Pair, now: datetime) -> Thread:
    made = Thread(
        project_id=project_id,
        item_id=pair[0],
        user_id=pair[1],
        state=OPEN,
        heard=0,
        read_up_to=0,
        changed_at=now,
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made
