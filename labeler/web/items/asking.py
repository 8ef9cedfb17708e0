"""What a lead asks of all items of a list at once: one more answer, from anybody or by name, or to be test items."""

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.errors import Invalid, LabelerError
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.projects.models import Project
from labeler.quality.queries import latest_inspection
from labeler.statistics.item_search import item_ids
from labeler.web.blueprint import blueprint
from labeler.web.items.views import address_of, read_filter
from labeler.web.shared.numbers import id_in
from labeler.web.shared.words import gettext as _
from labeler.web.shared.words import ngettext
from labeler.workflow.vote_requests import MOST_ITEMS


@blueprint.post("/p/<slug>/items/ask")
@needs(Action.LEAD)
def ask_one_more(slug: str) -> Response:
    """Ask for one more answer to one item, or to all that fit the filter in the address; before all others."""
    batch = request.form.get("key", "")
    people = [int(one) for one in request.form.getlist("people") if one.isascii() and one.isdigit()]
    try:
        with database().write() as session:
            here = session.get_one(Project, project().id)
            if not batch:
                raise Invalid("Send the form again; it has no key.", field="key")
            found = workflow.ask_one_more(
                session, here, _meant(session, here), by=user_id(), batch=batch, people=people
            )
    except LabelerError as error:
        flash(translated(error.message), "error")
    else:
        _tell(found)
    return redirect(_back(slug), 303)


@blueprint.post("/p/<slug>/items/ask/undo")
@needs(Action.LEAD)
def take_back_asking(slug: str) -> Response:
    """Take back what one asked for last; what was answered meanwhile stays."""
    with database().write() as session:
        here = session.get_one(Project, project().id)
        batch = workflow.newest_request(session, here.id, user_id())
        taken = workflow.take_back_request(session, here, batch) if batch else 0
    words = ngettext("Taken back for %(num)s item.", "Taken back for %(num)s items.", taken)
    flash(words if batch else _("There is nothing to take back."), "success" if batch else "info")
    return redirect(_back(slug), 303)


@blueprint.post("/p/<slug>/items/tests")
@needs(Action.LEAD)
def make_tests(slug: str) -> Response:
    """Make the items that fit the filter test items, where a lead has decided what is right on them."""
    with database().write() as session:
        here = session.get_one(Project, project().id)
        made = workflow.make_decided(session, here, _meant(session, here), by=user_id())
    flash(
        ngettext("%(num)s item is a test item now.", "%(num)s items are test items now.", made.added),
        "success" if made.added else "info",
    )
    if made.undecided:
        words = ngettext(
            "%(num)s item was left out: no lead has decided what is right on it.",
            "%(num)s items were left out: no lead has decided what is right on them.",
            made.undecided,
        )
        flash(words, "info")
    return redirect(_back(slug), 303)


@blueprint.post("/p/<slug>/items/tests/end")
@needs(Action.LEAD)
def end_tests(slug: str) -> Response:
    """Let the items that fit the filter, or one, be no test items any more."""
    with database().write() as session:
        here = session.get_one(Project, project().id)
        ended = workflow.end_tests(session, here, _meant(session, here))
    words = ngettext("%(num)s item is no test item any more.", "%(num)s items are no test items any more.", ended)
    flash(words, "success")
    return redirect(_back(slug), 303)


def _meant(session: Session, here: Project) -> list[int]:
    """Return the one item of the form, or all that fit the filter in the address."""
    if one := request.form.get("item", 0, type=id_in):
        return [one]
    inspection = latest_inspection(session, here.id)
    run = inspection.id if inspection else None
    return item_ids(session, here.id, read_filter(request.args), inspection_id=run, limit=MOST_ITEMS + 1)


def _back(slug: str) -> str:
    """Return where the form was: an item's page, the disagreements, or the list."""
    if item := request.form.get("item", 0, type=id_in):
        if request.form.get("back") == "disagreements":
            return url_for("web.disagreements", slug=slug, item=item)
        return url_for("web.item", slug=slug, item_id=item)
    if request.form.get("back") == "disagreements":
        return url_for("web.disagreements", slug=slug)
    return address_of(slug, read_filter(request.args))


def _tell(found: workflow.Requested) -> None:
    words = ngettext(
        "One more answer is asked for on %(num)s item; it comes before all others.",
        "One more answer is asked for on %(num)s items; they come before all others.",
        found.asked,
    )
    flash(words, "success" if found.asked else "info")
    if found.nobody:
        words = ngettext(
            "%(num)s item was left out: everybody at work has seen it already.",
            "%(num)s items were left out: everybody at work has seen them already.",
            found.nobody,
        )
        flash(words, "info")
    if found.elsewhere:
        words = ngettext(
            "%(num)s item was left out: excluded, sent back, a test item, or labeled by the model.",
            "%(num)s items were left out: excluded, sent back, test items, or labeled by the model.",
            found.elsewhere,
        )
        flash(words, "info")
