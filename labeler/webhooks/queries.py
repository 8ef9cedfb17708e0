"""Reads of webhooks and deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.annotations.queries import COUNTED
from labeler.errors import NotFound
from labeler.webhooks.models import WAITING, Delivery, Webhook


def webhooks_of(session: Session, project_id: int) -> Sequence[Webhook]:
    """Return the webhooks of a project, the oldest first."""
    return session.scalars(select(Webhook).where(Webhook.project_id == project_id).order_by(Webhook.id)).all()


def wanting(session: Session, project_id: int, event: str) -> list[Webhook]:
    """Return the webhooks of a project that are on and want an event."""
    query = select(Webhook).where(Webhook.project_id == project_id, Webhook.active).order_by(Webhook.id)
    return [one for one in session.scalars(query) if event in one.events]


def webhook_in(session: Session, project_id: int, webhook_id: int) -> Webhook:
    """Return a webhook of a project; raises NotFound, also for one of another project."""
    found = session.get(Webhook, webhook_id)
    if found is None or found.project_id != project_id:
        raise NotFound("There is no webhook {number} in this project.", number=webhook_id)
    return found


def paused_since(session: Session, project_id: int) -> datetime | None:
    """Return since when webhooks of a project are paused, None where none is."""
    return session.scalar(select(func.max(Webhook.paused_at)).where(Webhook.project_id == project_id))


def delivery_in(session: Session, webhook: Webhook, delivery_id: int) -> Delivery:
    """Return a delivery to a webhook; raises NotFound."""
    found = session.get(Delivery, delivery_id)
    if found is None or found.webhook_id != webhook.id:
        raise NotFound("There is no delivery {number} to this webhook.", number=delivery_id)
    return found


def deliveries_to(session: Session, webhook_id: int, *, before: int | None, limit: int) -> Sequence[Delivery]:
    """Return deliveries to a webhook, the newest first. before: the id the list begins behind, None for the newest."""
    query = select(Delivery).where(Delivery.webhook_id == webhook_id)
    if before:
        query = query.where(Delivery.id < before)
    return session.scalars(query.order_by(Delivery.id.desc()).limit(limit)).all()


@dataclass(frozen=True)
class Standing:
    """How a webhook stands. last: its newest delivery that was tried, None before the first; waiting: how many wait."""

    last: Delivery | None
    waiting: int


def standing_of(session: Session, webhook_id: int) -> Standing:
    """Return how a webhook stands."""
    tried = select(Delivery).where(Delivery.webhook_id == webhook_id, Delivery.tried_at.is_not(None))
    last = session.scalar(tried.order_by(Delivery.id.desc()).limit(1))
    waiting = select(func.count()).where(Delivery.webhook_id == webhook_id, Delivery.state == WAITING)
    return Standing(last, session.scalar(waiting) or 0)


def due(session: Session, now: datetime) -> Delivery | None:
    """Return the delivery whose turn it is, for this transaction alone, None when nothing is due.

    Those to a webhook that rests after a failure wait for its end, those to one that is paused until it goes on.
    """
    awake = and_(Webhook.paused_at.is_(None), or_(Webhook.resting_until.is_(None), Webhook.resting_until <= now))
    query = (
        select(Delivery)
        .join(Webhook, and_(Webhook.id == Delivery.webhook_id, Webhook.active, awake))
        .where(Delivery.state == WAITING, Delivery.due_at <= now)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Delivery)
    )
    return session.scalar(query)


def counting(session: Session) -> Sequence[Webhook]:
    """Return the webhooks that are told after so many answers."""
    return session.scalars(select(Webhook).where(Webhook.active, Webhook.answers_every > 0).order_by(Webhook.id)).all()


def answers_counted(session: Session, project_id: int) -> int:
    """Return how many answers of a project count."""
    query = select(func.count()).where(Annotation.project_id == project_id, Annotation.status == COUNTED)
    return session.scalar(query) or 0
