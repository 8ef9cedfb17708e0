"""Writing what leads did about one person's answers, and taking it back; what follows for votes is `workflow`'s."""

import random
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from labeler.errors import Conflict, Invalid
from labeler.projects.models import Item, Project
from labeler.rechecks import queries
from labeler.rechecks.models import AskedAgain, AskedAgainAnswer, BlindLook, BlindLookItem
from labeler.rechecks.plan import Plan, Window
from labeler.task_types.base import Value

MAX_REASON = 1000
SAMPLE = 20  # items of a blind look


def add_asked_again(
    session: Session,
    project: Project,
    window: Window,
    found: Plan,
    *,
    before: Mapping[int, str],
    items: Mapping[int, Item],
    reason: str,
    by: int,
    now: datetime,
) -> AskedAgain:
    """Store what is asked again, with its numbers. before: final labels by item; items: those of the answers."""
    if len(reason) > MAX_REASON:
        raise Invalid("The reason is too long.", field="reason")
    answers, kept, nobody, asked = found.numbers
    made = AskedAgain(
        project_id=project.id,
        user_id=window.user_id,
        which=window.which,
        since=window.since,
        until=window.until,
        set_aside=window.set_aside,
        reason=reason.strip(),
        answers=answers,
        kept=kept,
        nobody=nobody,
        asked=asked,
        newest=queries.newest_answer(session, project.id),
        asked_by=by,
        created_at=now,
    )
    session.add(made)
    session.flush()
    session.add_all(
        AskedAgainAnswer(
            asked_again_id=made.id,
            project_id=project.id,
            item_id=item,
            annotation_id=answer,
            asked=item in found.asked,
            set_aside=item in found.set_aside,
            before_code=before[item],
            priority=items[item].priority,
        )
        for item, answer in {**found.asked, **found.set_aside}.items()
    )
    session.flush()
    return made


def close(session: Session, one: AskedAgain, *, by: int, now: datetime) -> None:
    """Note that it was taken back. Raises Conflict when it was already."""
    if one.undone_at is not None:
        raise Conflict("This was taken back already.")
    one.undone_at, one.undone_by = now, by
    session.flush()


def start_look(
    session: Session, project_id: int, window: Window, *, by: int, now: datetime, draw: random.Random | None = None
) -> BlindLook:
    """Draw a random sample of a person's answers in a window for a lead to answer blind.

    Items that the lead has answered or decided are not among them. Raises Invalid where none are left.
    """
    window.check()
    answers = queries.unseen_by(session, project_id, window, by)
    if not answers:
        raise Invalid("There is no answer in this window whose item you have not seen. Choose a longer window.")
    # which items are looked at must not be guessable, but it protects no secret
    drawn = (draw or random.SystemRandom()).sample(list(answers), min(SAMPLE, len(answers)))
    look = BlindLook(
        project_id=project_id,
        user_id=window.user_id,
        lead_id=by,
        since=window.since,
        until=window.until,
        created_at=now,
    )
    session.add(look)
    session.flush()
    session.add_all(
        BlindLookItem(
            blind_look_id=look.id,
            project_id=project_id,
            item_id=one.item_id,
            annotation_id=one.id,
            position=place,
            value=None,
        )
        for place, one in enumerate(drawn, start=1)
    )
    session.flush()
    return look


def answer_look(
    session: Session, look: BlindLook, position: int, *, code: str, value: Value | None, by: int, now: datetime
) -> BlindLookItem:
    """Store what the lead says of one item. code: "" where it cannot be judged.

    Raises Conflict for somebody else's look, and where the item was answered already.
    """
    if look.lead_id != by:
        raise Conflict("Somebody else looks at these; start your own.")
    one = next((item for item, _ in queries.looked_at(session, look) if item.position == position), None)
    if one is None:
        raise Invalid("This look has no such item.", field="position")
    if one.answered_at is not None:
        raise Conflict("You have answered this item already; take the answer back to change it.")
    one.code, one.value, one.skipped, one.answered_at = code, value, not code, now
    session.flush()
    return one


def take_back_look(session: Session, look: BlindLook, *, by: int) -> int:
    """Take one's newest answer of a look back; returns its position, 0 where there is none."""
    given = [one for one, _ in queries.looked_at(session, look) if one.answered_at is not None]
    if look.lead_id != by or not given:
        return 0
    last = max(given, key=lambda one: (one.answered_at, one.position))
    last.code, last.value, last.skipped, last.answered_at = "", None, False, None
    session.flush()
    return last.position
