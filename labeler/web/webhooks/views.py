"""Webhooks of a project: adding one, what it is told, its secret (shown once), a test, and every delivery."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from labeler.accounts.permissions import Action
from labeler.errors import Conflict, LabelerError
from labeler.extensions import database, settings
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.jobs.queries import worker_seen
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.shared.numbers import id_in
from labeler.web.webhooks.forms import ChangeForm, WebhookForm, with_events
from labeler.webhooks import actions, queries
from labeler.webhooks.actions import USUAL_ANSWERS
from labeler.webhooks.addresses import Allowed
from labeler.webhooks.events import EVENTS

SHOWN = 20


@blueprint.get("/p/<slug>/webhooks")
@needs(Action.LEAD)
def webhooks(slug: str) -> Response:
    """List who is told what happens in a project."""
    del slug
    return _all(with_events(WebhookForm(None)))


@blueprint.post("/p/<slug>/webhooks")
@needs(Action.LEAD)
def add_webhook(slug: str) -> Response:
    """Add a webhook and show its secret, once."""
    del slug
    form = with_events(WebhookForm())
    if not form.validate():
        return _all(form)
    try:
        with database().write() as db:
            made = actions.add_webhook(
                db,
                project().id,
                form.url.data,
                form.events.data,
                answers_every=form.answers_every.data,
                allowed=Allowed.by(settings()),
                by=user_id(),
                now=clock(db),
            )
    except LabelerError as error:
        form.refuse(error)
        return _all(form)
    return _one(made.id, secret=made.secret, status=201)


@blueprint.post("/p/<slug>/webhooks/resume")
@needs(Action.LEAD)
def resume_webhooks(slug: str) -> AnyResponse:
    """Let webhooks go on that are paused since this instance was brought back from a backup."""
    with database().write() as db:
        actions.go_on(db, project().id)
    flash(_("The webhooks are on again; what waited is sent now."), "success")
    return redirect(url_for("web.webhooks", slug=slug), 303)


@blueprint.get("/p/<slug>/webhooks/<int:webhook_id>")
@needs(Action.LEAD)
def webhook(slug: str, webhook_id: int) -> Response:
    """Show one webhook and what was sent to it."""
    del slug
    return _one(webhook_id)


@blueprint.post("/p/<slug>/webhooks/<int:webhook_id>")
@needs(Action.LEAD)
def change_webhook(slug: str, webhook_id: int) -> Response | AnyResponse:
    """Change where and of what it is told, or turn it off."""
    form = with_events(ChangeForm())
    with database().read() as db:
        queries.webhook_in(db, project().id, webhook_id)
    if not form.validate():
        return _one(webhook_id, form=form)
    try:
        with database().write() as db:
            actions.change_webhook(
                db,
                queries.webhook_in(db, project().id, webhook_id),
                form.url.data,
                form.events.data,
                answers_every=form.answers_every.data,
                active=form.active.data,
                allowed=Allowed.by(settings()),
            )
    except LabelerError as error:
        form.refuse(error)
        return _one(webhook_id, form=form)
    flash(_("The webhook is saved."), "success")
    return redirect(url_for("web.webhook", slug=slug, webhook_id=webhook_id), 303)


@blueprint.post("/p/<slug>/webhooks/<int:webhook_id>/secret")
@needs(Action.LEAD)
def renew_webhook_secret(slug: str, webhook_id: int) -> Response:
    """Give it another secret and show that, once."""
    del slug
    with database().write() as db:
        secret = actions.renew_secret(db, queries.webhook_in(db, project().id, webhook_id))
    return _one(webhook_id, secret=secret)


@blueprint.post("/p/<slug>/webhooks/<int:webhook_id>/test")
@needs(Action.LEAD)
def test_webhook(slug: str, webhook_id: int) -> AnyResponse:
    """Send a test event."""
    try:
        with database().write() as db:
            actions.send_test(db, queries.webhook_in(db, project().id, webhook_id), now=clock(db))
    except Conflict as error:
        flash(translated(error.message), "error")
    else:
        flash(_("A test is on its way. Reload this page in a moment to see what became of it."), "info")
    return redirect(url_for("web.webhook", slug=slug, webhook_id=webhook_id), 303)


@blueprint.post("/p/<slug>/webhooks/<int:webhook_id>/deliveries/<int:delivery_id>/retry")
@needs(Action.LEAD)
def retry_delivery(slug: str, webhook_id: int, delivery_id: int) -> AnyResponse:
    """Send a delivery again at once."""
    try:
        with database().write() as db:
            found = queries.webhook_in(db, project().id, webhook_id)
            actions.send_again(db, found, queries.delivery_in(db, found, delivery_id), now=clock(db))
    except Conflict as error:
        flash(translated(error.message), "error")
    else:
        flash(_("It is sent again. Reload this page in a moment to see what became of it."), "info")
    return redirect(url_for("web.webhook", slug=slug, webhook_id=webhook_id), 303)


@blueprint.post("/p/<slug>/webhooks/<int:webhook_id>/remove")
@needs(Action.LEAD)
def remove_webhook(slug: str, webhook_id: int) -> AnyResponse:
    """Remove a webhook with its deliveries."""
    with database().write() as db:
        actions.remove_webhook(db, queries.webhook_in(db, project().id, webhook_id))
    flash(_("The webhook is removed."), "success")
    return redirect(url_for("web.webhooks", slug=slug), 303)


def _all(form: WebhookForm) -> Response:
    with database().read() as db:
        found = queries.webhooks_of(db, project().id)
        page = render_template(
            "webhooks/webhooks.html",
            form=form,
            webhooks=[(one, queries.standing_of(db, one.id)) for one in found],
            paused=queries.paused_since(db, project().id),
            events=EVENTS,
            worker=worker_seen(db, clock(db)),
        )
    return make_response(page, 422 if form.errors else 200)


def _one(webhook_id: int, *, form: WebhookForm | None = None, secret: str = "", status: int = 200) -> Response:
    before = request.args.get("before", 0, type=id_in)
    with database().read() as db:
        found = queries.webhook_in(db, project().id, webhook_id)
        deliveries = queries.deliveries_to(db, found.id, before=before or None, limit=SHOWN + 1)
        page = render_template(
            "webhooks/webhook.html",
            webhook=found,
            form=form or with_events(ChangeForm(None, **_values(found))),
            secret=secret,
            deliveries=deliveries[:SHOWN],
            more=len(deliveries) > SHOWN,
            before=before,
            events=EVENTS,
            worker=worker_seen(db, clock(db)),
        )
    return make_response(page, 422 if form is not None else status)


def _values(found: Any) -> dict[str, Any]:
    return {
        "url": found.url,
        "events": found.events,
        "answers_every": found.answers_every or USUAL_ANSWERS,
        "active": found.active,
    }
