"""The job that sends people what waits for them, once in so many hours, where an operator named a mail server.

Each e-mail is two short transactions with the sending between them: first it is noted as being sent, so that whatever
happens then it is never sent twice.
"""

from datetime import datetime, timedelta
from email.errors import MessageError
from typing import Any

from labeler.accounts.models import User
from labeler.errors import Unavailable
from labeler.jobs import queries
from labeler.jobs.actions import enqueue
from labeler.jobs.models import DIGEST
from labeler.messages import Message
from labeler.notices import actions
from labeler.notices.mail import Letterhead, Line, Reader, compose
from labeler.notices.queries import DECIDED, GUIDELINE, REPLY, RETURNED, Notice, people_to_mail
from labeler.notices.sending import Fate, Outcome, send
from labeler.projects.seen import seen_name
from labeler.storage.database import Database, alone_with_names, clock
from labeler.workflow import Progress


def ask_for_digests(database: Database) -> bool:
    """Ask for the job where e-mails are due and none waits or runs; returns whether it was asked for."""
    every = _every(database)
    with database.read() as session:
        if not people_to_mail(session, every=every, now=clock(session)):
            return False
    with database.write() as session:
        alone_with_names(session)  # two workers that look at once ask once
        if queries.open_job(session, None, DIGEST) is not None:
            return False
        enqueue(session, None, DIGEST, payload={}, by=None, now=clock(session))
    return True


def send_digests(database: Database, *, progress: Progress) -> dict[str, Any]:
    """Send all e-mails that are due; returns how many were sent, refused, or are of unknown fate.

    Raises Unavailable where the mail server takes none now: what was not sent is told by the next ones.
    """
    every = _every(database)
    with database.read() as session:
        people = people_to_mail(session, every=every, now=clock(session))
    found = {"sent": 0, "refused": 0, "unknown": 0}
    for done, user in enumerate(people):
        progress(done / len(people), Message("{done:,} of {all:,} e-mails", done=done, all=len(people)))
        outcome = _send_one(database, user, every)
        if outcome is not None and outcome.fate is Fate.UNREACHABLE:
            raise Unavailable("No e-mails can be sent now. {reason}", reason=outcome.error)
        if outcome is not None:
            found[outcome.fate.value] += 1
    return found


def _send_one(database: Database, user: User, every: timedelta) -> Outcome | None:
    with database.write() as session:
        now = clock(session)
        notices = actions.take_digest(session, user.id, every=every, now=now)
    if not notices:
        return None
    outcome = _sent(database, user, notices, now)
    with database.write() as session:
        actions.record_digest(session, user.id, outcome)
    return outcome


def _sent(database: Database, user: User, notices: list[Notice], now: datetime) -> Outcome:
    smtp, site = database.settings.smtp, database.settings.public_url
    assert smtp is not None  # noqa: S101 - nobody asks for this job without one
    lines = sorted((_line(one) for one in notices), key=lambda line: line.project)
    reader = Reader(user.name, user.email, str(user.preferences.get("language", "")))
    head = Letterhead(smtp.sender, site, smtp.hours)
    key = f"digest-{user.id}-{int(now.timestamp())}"
    try:
        mail = compose(reader, lines, head, key=key, at=now)
    except (ValueError, MessageError):
        return Outcome(Fate.REFUSED, Message("No e-mail can go to this address: {address}", address=user.email))
    return send(smtp, mail)


def _line(one: Notice) -> Line:
    item = seen_name(one.external_id, one.project.media) or Message("Item {number}", number=one.item)
    said = {
        RETURNED: Message("{item} was returned to you by {name}", item=item, name=one.who),
        REPLY: Message("{name} replied on {item}", item=item, name=one.who),
        GUIDELINE: Message("The guidelines changed (version {number})", number=one.version),
        DECIDED: Message("{item} was decided otherwise than you answered", item=item),
    }
    return Line(one.project.name, said[one.kind], one.text)


def _every(database: Database) -> timedelta:
    assert database.settings.smtp is not None  # noqa: S101 - as above
    return timedelta(hours=database.settings.smtp.hours)
