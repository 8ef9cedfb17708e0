"""Webhooks: addresses that are told what happens in a project, and every delivery with what became of it."""

from typing import Annotated, Any, Literal

from flask import Response, url_for
from pydantic import Field
from sqlalchemy.orm import Session

from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.paging import Listed, Page, cut, next_path
from labeler.api.shapes import Body, Shape, moment
from labeler.extensions import database, settings
from labeler.extensions.access import needs, project, user_id
from labeler.storage.database import clock
from labeler.webhooks import actions, queries
from labeler.webhooks.actions import MOST_ANSWERS, USUAL_ANSWERS
from labeler.webhooks.addresses import LONGEST_URL, Allowed
from labeler.webhooks.events import EVENTS
from labeler.webhooks.models import Delivery, Webhook


def _name_events(schema: dict[str, Any]) -> None:
    schema["items"] = {"type": "string", "enum": [*EVENTS]}
    schema["description"] = "Each with what `data` holds. " + " ".join(
        f"{name} ({one.title}): {one.data}." for name, one in EVENTS.items()
    )


Url = Annotated[str, Field(max_length=LONGEST_URL)]
Names = Annotated[list[str], Field(max_length=50, json_schema_extra=_name_events)]
Every = Annotated[int, Field(ge=1, le=MOST_ANSWERS)]


class NewWebhook(Body):
    """A webhook to be added. answers_every: after how many answers `answers.reached` is told."""

    url: Url
    events: Names
    answers_every: Every = USUAL_ANSWERS


class WebhookChange(Body):
    """What changes; the rest stays. active: false tells nothing more, and keeps what waits."""

    url: Url | None = None
    events: Names | None = None
    answers_every: Every | None = None
    active: bool | None = None


class WebhookOut(Shape):
    """A webhook. answers_every: null where it is not told of answers; waiting: deliveries that are still to arrive.

    paused: nothing is sent, since this instance was brought back from a backup and may be a copy.
    """

    id: int
    url: str
    events: list[str]
    answers_every: int | None
    active: bool
    paused: bool
    waiting: int
    created_at: str


class WebhookMade(WebhookOut):
    """A webhook with its secret, which is told this once: it signs what is sent (`Labeler-Signature`)."""

    secret: str


class WebhookList(Listed):
    """The webhooks of a project, the oldest first; all on one page."""

    data: list[WebhookOut]


class DeliveryOut(Shape):
    """One event on its way. key: `id` of what is sent, the same at every try; attempt: how often it was tried.

    state: waiting, delivered, or failed after the last try; status: of the last answer, null without one; answer: how
    it began; error: why it did not arrive; next_try_at: null unless it waits.
    """

    id: int
    key: str
    event: str
    state: Literal["waiting", "delivered", "failed"]
    attempt: int
    status: int | None
    answer: str
    error: str
    milliseconds: int | None
    created_at: str
    tried_at: str | None
    next_try_at: str | None


class DeliveryList(Listed):
    """Deliveries to a webhook, the newest first."""

    data: list[DeliveryOut]


@blueprint.get("/projects/<slug>/webhooks")
@needs(Action.LEAD)
@blueprint.output(WebhookList)
def list_webhooks(slug: str) -> dict[str, Any]:
    """List who is told what happens in a project; secrets are not in it."""
    del slug
    with database().read() as session:
        found = queries.webhooks_of(session, project().id)
        return {"data": [_shape_of(session, one) for one in found], "next": None}


@blueprint.post("/projects/<slug>/webhooks")
@needs(Action.LEAD)
@blueprint.input(NewWebhook, arg_name="body")
@blueprint.output(WebhookMade, status_code=201)
def add_webhook(slug: str, body: NewWebhook) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Add a webhook; the answer holds the secret that signs what is sent, once.

    What is sent is a POST of `{"id", "event", "project", "created_at", "data"}`. Its header `Labeler-Signature` is
    `t=SECONDS,v1=HEX`, the HMAC-SHA256 of `SECONDS.BODY` with the secret. A 2xx within ten seconds is a delivery;
    anything else is tried again, ten times within about a day. It may arrive twice and in another order: `id` tells.
    """
    with database().write() as session:
        made = actions.add_webhook(
            session,
            project().id,
            body.url,
            body.events,
            answers_every=body.answers_every,
            allowed=Allowed.by(settings()),
            by=user_id(),
            now=clock(session),
        )
        shape = {**_shape_of(session, made), "secret": made.secret}
    return shape, 201, {"Location": url_for("api.read_webhook", slug=slug, webhook_id=shape["id"])}


@blueprint.post("/projects/<slug>/webhooks/resume")
@needs(Action.LEAD)
@blueprint.output(WebhookList)
def resume_webhooks(slug: str) -> dict[str, Any]:
    """Let webhooks go on that are paused since this instance was brought back from a backup, with what waits."""
    del slug
    with database().write() as session:
        actions.go_on(session, project().id)
        found = queries.webhooks_of(session, project().id)
        return {"data": [_shape_of(session, one) for one in found], "next": None}


@blueprint.get("/projects/<slug>/webhooks/<int:webhook_id>")
@needs(Action.LEAD)
@blueprint.output(WebhookOut)
def read_webhook(slug: str, webhook_id: int) -> dict[str, Any]:
    """Read one webhook."""
    del slug
    with database().read() as session:
        return _shape_of(session, queries.webhook_in(session, project().id, webhook_id))


@blueprint.patch("/projects/<slug>/webhooks/<int:webhook_id>")
@needs(Action.LEAD)
@blueprint.input(WebhookChange, arg_name="body")
@blueprint.output(WebhookOut)
def change_webhook(slug: str, webhook_id: int, body: WebhookChange) -> dict[str, Any]:
    """Change a webhook; what waits goes to its new address."""
    del slug
    with database().write() as session:
        found = queries.webhook_in(session, project().id, webhook_id)
        actions.change_webhook(
            session,
            found,
            found.url if body.url is None else body.url,
            found.events if body.events is None else body.events,
            answers_every=body.answers_every or found.answers_every or USUAL_ANSWERS,
            active=found.active if body.active is None else body.active,
            allowed=Allowed.by(settings()),
        )
        return _shape_of(session, found)


@blueprint.delete("/projects/<slug>/webhooks/<int:webhook_id>")
@needs(Action.LEAD)
@blueprint.output({}, status_code=204)
def remove_webhook(slug: str, webhook_id: int) -> Response:
    """Remove a webhook with its deliveries; what waits is not sent any more."""
    del slug
    with database().write() as session:
        actions.remove_webhook(session, queries.webhook_in(session, project().id, webhook_id))
    return Response(status=204)


@blueprint.post("/projects/<slug>/webhooks/<int:webhook_id>/secret")
@needs(Action.LEAD)
@blueprint.output(WebhookMade)
def renew_webhook_secret(slug: str, webhook_id: int) -> dict[str, Any]:
    """Give a webhook another secret and tell it, once; from now on it signs also what waits."""
    del slug
    with database().write() as session:
        found = queries.webhook_in(session, project().id, webhook_id)
        secret = actions.renew_secret(session, found)
        return {**_shape_of(session, found), "secret": secret}


@blueprint.post("/projects/<slug>/webhooks/<int:webhook_id>/test")
@needs(Action.LEAD)
@blueprint.output(DeliveryOut, status_code=202)
def test_webhook(slug: str, webhook_id: int) -> tuple[dict[str, Any], int]:
    """Send a test event; how it ended is in the list of deliveries a moment later."""
    del slug
    with database().write() as session:
        found = queries.webhook_in(session, project().id, webhook_id)
        return _delivery(actions.send_test(session, found, now=clock(session))), 202


@blueprint.get("/projects/<slug>/webhooks/<int:webhook_id>/deliveries")
@needs(Action.LEAD)
@blueprint.input(Page, location="query", arg_name="page")
@blueprint.output(DeliveryList)
def list_deliveries(slug: str, webhook_id: int, page: Page) -> dict[str, Any]:
    """List deliveries to a webhook, the newest first; those that ended are kept for thirty days."""
    del slug
    with database().read() as session:
        webhook = queries.webhook_in(session, project().id, webhook_id)
        found = queries.deliveries_to(session, webhook.id, before=page.cursor, limit=page.one_more)
        rows, more = cut(page, found)
        data = [_delivery(one) for one in rows]
        return {"data": data, "next": next_path(page, rows[-1].id if rows else 0, more=more)}


@blueprint.post("/projects/<slug>/webhooks/<int:webhook_id>/deliveries/<int:delivery_id>/retry")
@needs(Action.LEAD)
@blueprint.output(DeliveryOut, status_code=202)
def retry_delivery(slug: str, webhook_id: int, delivery_id: int) -> tuple[dict[str, Any], int]:
    """Send a delivery again at once, whatever became of it, under the same key."""
    del slug
    with database().write() as session:
        webhook = queries.webhook_in(session, project().id, webhook_id)
        found = queries.delivery_in(session, webhook, delivery_id)
        actions.send_again(session, webhook, found, now=clock(session))
        return _delivery(found), 202


def _shape_of(session: Session, webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": webhook.events,
        "answers_every": webhook.answers_every or None,
        "active": webhook.active,
        "paused": webhook.paused_at is not None,
        "waiting": queries.standing_of(session, webhook.id).waiting,
        "created_at": moment(webhook.created_at),
    }


def _delivery(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id,
        "key": one.key,
        "event": one.event,
        "state": one.state,
        "attempt": one.attempt,
        "status": one.status,
        "answer": one.answer,
        "error": one.error,
        "milliseconds": one.milliseconds,
        "created_at": moment(one.created_at),
        "tried_at": moment(one.tried_at),
        "next_try_at": moment(one.due_at) if one.state == "waiting" else None,
    }
