"""Threads: the lead's list of them, one's own thread on an item, and saying something."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from werkzeug import Response

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.annotations.queries import counted_of
from labeler.errors import LabelerError, NotFound
from labeler.extensions import database
from labeler.extensions.access import actor, needs, project, user_id
from labeler.extensions.translating import translated
from labeler.projects.queries import item_in, items_by_id
from labeler.threads.actions import NewMessage, mark_read
from labeler.threads.models import OPEN, STATES
from labeler.threads.queries import counts, newest_answer, standings
from labeler.web.blueprint import blueprint
from labeler.web.shared.deciding import new_key
from labeler.web.shared.evidence import Desk, shown
from labeler.web.shared.item_card import Shown
from labeler.web.shared.numbers import id_in
from labeler.web.shared.threads import ShownThread, own_thread, shown_threads
from labeler.web.shared.words import gettext as _

ROWS = 50
ALL = "all"
BACK = {"item": "web.item", "review": "web.review", "disagreements": "web.disagreements"}
"""Where a reply was written, and the page to go back to."""


@dataclass(frozen=True)
class ThreadRow:
    """A thread in the list, with its item."""

    thread: ShownThread
    item: Shown


@blueprint.get("/p/<slug>/threads")
@needs(Action.LEAD)
def threads(slug: str) -> str:
    """List threads, by default those that wait for a lead."""
    del slug
    here = project()
    state = request.args.get("state", OPEN)
    state = state if state in {*STATES, ALL} else OPEN
    start = request.args.get("from", 0, type=id_in)
    with database().read() as session:
        desk = Desk.of(session, here)
        wanted = "" if state == ALL else state
        found = standings(session, here.id, state=wanted, limit=ROWS + 1, offset=start)
        rows = _rows(desk, shown_threads(session, here.id, found[:ROWS], desk.label))
        per_state = counts(session, here.id)
    return render_template(
        "threads/threads.html",
        rows=rows,
        state=state,
        counts=per_state | {ALL: sum(per_state.values())},
        names=_names(),
        next=start + ROWS if len(found) > ROWS else 0,
        previous=max(start - ROWS, 0) if start else None,
        key=new_key(),
    )


@blueprint.get("/p/<slug>/threads/<int:item_id>")
@needs(Action.ANNOTATE)
def thread(slug: str, item_id: int) -> str | Response:
    """Show the thread on one's own answer to an item; leads find those of others on the item's page."""
    here = project()
    with database().read() as session:
        item = item_in(session, here.id, item_id)
        answered = newest_answer(session, (item_id, user_id()))
        desk = Desk.of(session, here)
        found = own_thread(session, here.id, (item_id, user_id()), desk.label)
        given = counted_of(session, item_id, user_id())
        own = desk.label(given.code, given.value) if given else None
    if not answered:
        if actor().may(Action.LEAD):
            return redirect(url_for("web.item", slug=slug, item_id=item_id) + "#threads")
        raise NotFound("You have not answered this item, so there is no thread with you on it.")
    if found:
        with database().write() as session:
            mark_read(session, (item_id, user_id()))
    return render_template(
        "threads/thread.html", thread=found, item=shown(item), own=own, palette=desk.palette, key=new_key()
    )


@blueprint.post("/p/<slug>/threads/<int:item_id>")
@needs(Action.ANNOTATE)
def thread_say(slug: str, item_id: int) -> Response:
    """Say something about somebody's answer, or one's own."""
    here, form = project(), request.form
    leads, outcome = actor().may(Action.LEAD), form.get("outcome", "")
    message = NewMessage(
        form.get("key", ""),
        item_id,
        form.get("annotator", 0, type=id_in) or user_id(),
        form.get("text", ""),
        outcome,
        form.get("guideline_version", 0, type=id_in) if outcome == "guideline" else 0,
    )
    try:
        with database().write() as session:
            item_in(session, here.id, item_id)
            workflow.say_in_thread(session, here.id, message, by=user_id(), leads=leads)
        flash(_("The thread is settled; a new message opens it again.") if outcome else _("Sent."), "success")
    except LabelerError as error:
        flash(translated(error.message), "error")
    return redirect(_back(slug, item_id), 303)


def _back(slug: str, item_id: int) -> str:
    back, leads = request.form.get("back", ""), actor().may(Action.LEAD)
    if leads and back == "item":
        return url_for("web.item", slug=slug, item_id=item_id) + "#threads"
    if leads and back in BACK:
        return url_for(BACK[back], slug=slug, item=item_id)
    if leads and back == "threads":
        return url_for("web.threads", slug=slug)
    return url_for("web.thread", slug=slug, item_id=item_id)


def _rows(desk: Desk, found: list[ShownThread]) -> list[ThreadRow]:
    items = items_by_id(desk.session, desk.project.id, [one.item for one in found])
    return [ThreadRow(one, shown(items[one.item])) for one in found]


def _names() -> dict[str, str]:
    return {"open": _("Open"), "answered": _("Answered"), "settled": _("Settled"), ALL: _("All")}
