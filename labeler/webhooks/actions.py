"""Changes to webhooks: who is told of what, what there is to tell, and what became of a try to deliver it."""

import json
import secrets
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from labeler.errors import Conflict, Invalid
from labeler.projects.models import Project
from labeler.webhooks import queries
from labeler.webhooks.addresses import Allowed, check_url
from labeler.webhooks.events import ANSWERS_REACHED, EVENTS, TEST
from labeler.webhooks.models import DELIVERED, FAILED, WAITING, Delivery, Webhook
from labeler.webhooks.retries import pause_after, rest_after

if TYPE_CHECKING:
    from labeler.webhooks.sending import Outcome

MOST = 20  # webhooks of a project
MOST_ANSWERS = 1_000_000
USUAL_ANSWERS = 100
LEASE = timedelta(seconds=90)  # of one try: its time and the look-up of the name
KEPT = timedelta(days=30)


def add_webhook(
    session: Session,
    project_id: int,
    url: str,
    events: Sequence[str],
    *,
    answers_every: int = USUAL_ANSWERS,
    allowed: Allowed,
    by: int | None,
    now: datetime,
) -> Webhook:
    """Add a webhook, with a new secret; raises Invalid naming the field, or Conflict when there are too many."""
    if len(queries.webhooks_of(session, project_id)) >= MOST:
        raise Conflict("A project has at most {most} webhooks. Remove one first.", most=MOST)
    made = Webhook(project_id=project_id, secret=_new_secret(), active=True, created_by=by, created_at=now)
    _set(session, made, url, events, answers_every=answers_every, allowed=allowed)
    session.add(made)
    session.flush()
    return made


def change_webhook(
    session: Session,
    webhook: Webhook,
    url: str,
    events: Sequence[str],
    *,
    answers_every: int,
    active: bool,
    allowed: Allowed,
) -> None:
    """Change where and of what a webhook is told; raises Invalid naming the field.

    What waits goes to the new address. One that is off is told nothing; what waits goes on when it is on again.
    """
    _set(session, webhook, url, events, answers_every=answers_every, allowed=allowed)
    webhook.active, webhook.resting_until = active, None
    session.flush()


def pause_all(session: Session, now: datetime) -> int:
    """Pause every webhook of an instance that was brought back from a backup; returns how many."""
    return len(session.execute(update(Webhook).values(paused_at=now).returning(Webhook.id)).all())


def go_on(session: Session, project_id: int) -> int:
    """Let the webhooks of a project go on, with what waits; returns how many were paused."""
    paused = update(Webhook).where(Webhook.project_id == project_id, Webhook.paused_at.is_not(None))
    return len(session.execute(paused.values(paused_at=None).returning(Webhook.id)).all())


def renew_secret(session: Session, webhook: Webhook) -> str:
    """Give a webhook another secret, which signs from now on also what waits; returns it."""
    webhook.secret = _new_secret()
    session.flush()
    return webhook.secret


def remove_webhook(session: Session, webhook: Webhook) -> None:
    """Remove a webhook with its deliveries; what waits is not sent any more."""
    session.execute(delete(Delivery).where(Delivery.webhook_id == webhook.id))
    session.delete(webhook)
    session.flush()


def _set(
    session: Session, webhook: Webhook, url: str, events: Sequence[str], *, answers_every: int, allowed: Allowed
) -> None:
    url = url.strip()
    check_url(url, allowed)
    if unknown := [name for name in events if name not in EVENTS]:
        known = ", ".join(EVENTS)
        raise Invalid(
            "There is no event {name!r}; choose some of {known}.", field="events", name=unknown[0], known=known
        )
    if not events:
        raise Invalid("Choose at least one event.", field="events")
    if not 1 <= answers_every <= MOST_ANSWERS:
        raise Invalid("Write a number from 1 to {most:,}.", field="answers_every", most=MOST_ANSWERS)
    every = answers_every if ANSWERS_REACHED in events else 0
    if every != webhook.answers_every:
        webhook.answers_told = queries.answers_counted(session, webhook.project_id) if every else 0
    webhook.url, webhook.events, webhook.answers_every = url, [name for name in EVENTS if name in events], every


def _new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


# -- what there is to tell --------------------------------------------------------------------------------------------


def tell(session: Session, project_id: int, event: str, data: dict[str, Any], *, now: datetime) -> None:
    """Note an event for every webhook that wants it, in the transaction in which it happens. Sends nothing."""
    for webhook in queries.wanting(session, project_id, event):
        _add(session, webhook, event, data, now)


def tell_answers(session: Session, now: datetime) -> int:
    """Note for webhooks that count answers that so many more were given; returns for how many."""
    told = 0
    for webhook in queries.counting(session):
        answers = queries.answers_counted(session, webhook.project_id)
        if answers // webhook.answers_every > webhook.answers_told // webhook.answers_every:
            _add(session, webhook, ANSWERS_REACHED, {"answers": answers, "every": webhook.answers_every}, now)
            told += 1
        webhook.answers_told = max(webhook.answers_told, answers)
    session.flush()
    return told


def send_test(session: Session, webhook: Webhook, *, now: datetime) -> Delivery:
    """Note a test for one webhook; raises Conflict for one that is off or paused."""
    _check_sends(webhook)
    webhook.resting_until = None
    return _add(session, webhook, TEST, {"said": "This is a test."}, now)


def send_again(session: Session, webhook: Webhook, delivery: Delivery, *, now: datetime) -> None:
    """Let a delivery be tried at once, whatever became of it; it keeps its key. Raises Conflict as `send_test`."""
    _check_sends(webhook)
    delivery.state, delivery.attempt, delivery.due_at, webhook.resting_until = WAITING, 0, now, None
    session.flush()


def _check_sends(webhook: Webhook) -> None:
    if not webhook.active:
        raise Conflict("This webhook is off. Turn it on first.")
    if webhook.paused_at is not None:
        raise Conflict("Webhooks are paused since this instance was brought back from a backup. Switch them on first.")


def _add(session: Session, webhook: Webhook, event: str, data: dict[str, Any], now: datetime) -> Delivery:
    key = str(uuid.uuid4())
    slug = session.scalar(select(Project.slug).where(Project.id == webhook.project_id))
    at = now.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"
    body = {"id": key, "event": event, "project": slug, "created_at": at, "data": data}
    added = Delivery(
        webhook_id=webhook.id,
        key=key,
        event=event,
        body=json.dumps(body, ensure_ascii=False),
        state=WAITING,
        due_at=now,
        created_at=now,
    )
    session.add(added)
    session.flush()
    return added


# -- what became of it ------------------------------------------------------------------------------------------------


def take_due(session: Session, now: datetime) -> tuple[Delivery, Webhook] | None:
    """Take the delivery whose turn it is. If whoever takes it dies, it is due again when the lease ends."""
    found = queries.due(session, now)
    if found is None:
        return None
    found.attempt, found.due_at, found.tried_at = found.attempt + 1, now + LEASE, now
    session.flush()
    return found, session.get_one(Webhook, found.webhook_id)


def record(session: Session, delivery_id: int, attempt: int, outcome: "Outcome", *, now: datetime) -> None:
    """Store what became of a try, and when the next one is due; of one that somebody else has taken up, nothing."""
    found = session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    if found is None or found.state != WAITING or found.attempt != attempt:
        return
    found.status, found.answer, found.error = outcome.status, outcome.answer, outcome.error
    found.milliseconds = outcome.milliseconds
    webhook = session.get_one(Webhook, found.webhook_id)
    if not outcome.error:
        found.state, webhook.resting_until = DELIVERED, None
    else:
        pause = pause_after(attempt)
        found.state, found.due_at = (FAILED, now) if pause is None else (WAITING, now + pause)
        webhook.resting_until = now + rest_after(pause)
    session.flush()


def forget_old(session: Session, now: datetime) -> int:
    """Remove deliveries that ended long ago; returns how many."""
    old = delete(Delivery).where(Delivery.state != WAITING, Delivery.created_at < now - KEPT)
    return len(session.execute(old.returning(Delivery.id)).all())
