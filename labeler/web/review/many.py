"""Accepting many suggestions at once: look at all of them on one page, leave the odd ones out, take the rest, one undo.

Nothing is accepted that was not on the page: a page holds at most `SHOWN` items, the worst first, and the form names
each of them. What was decided by somebody else in the meantime is left as it is.
"""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.decisions.actions import Decision
from labeler.errors import Invalid, LabelerError
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.quality.detectors.registry import bulk_kind
from labeler.quality.models import Flag
from labeler.quality.queries import latest_inspection
from labeler.review import queue
from labeler.review.accepting import read_accepting
from labeler.review.queue import Wanted
from labeler.storage.database import alone
from labeler.web.blueprint import blueprint
from labeler.web.review.views import THRESHOLD, rows_of
from labeler.web.shared.evidence import Desk
from labeler.web.shared.numbers import id_in

SHOWN = 120


@blueprint.get("/p/<slug>/review/many")
@needs(Action.LEAD)
def review_many(slug: str) -> str | Response:
    """Show the items whose suggestion would be accepted, with how many of them are expected to be right."""
    here, kind, percent = project(), _kind(), _percent()
    with database().read() as session:
        inspection = latest_inspection(session, here.id)
        if inspection is None:
            return redirect(url_for("web.review", slug=slug), 303)
        desk = Desk.of(session, here)
        flags = _flags(desk, inspection.id, kind, percent)[:SHOWN]
        bulk = read_accepting(session, here, inspection.id, kind, desk.known)
        return render_template(
            "review/many.html",
            page="review",
            project=here,
            rows=rows_of(desk, flags),
            palette=desk.palette,
            flags={flag.item_id: flag.id for flag in flags},
            bulk=bulk,
            threshold=bulk.at(percent),
            batch=uuid.uuid4().hex,
        )


@blueprint.post("/p/<slug>/review/many")
@needs(Action.LEAD)
def review_accept(slug: str) -> Response:
    """Accept the suggestions that were on the page, but for those left out; one undo takes all of them back."""
    here, batch, kind = project(), request.form.get("batch", "")[:32], _kind()
    left_out = set(request.form.getlist("leave", type=id_in))
    ids = [one for one in request.form.getlist("flag", type=id_in)[:SHOWN] if one not in left_out]
    try:
        with database().write() as session:
            alone(session, here.id)  # before the look at what stands
            waiting = _acceptable(Desk.of(session, here), kind)
            changed = sum(_accept(session, here, waiting.get(flag_id), batch) for flag_id in ids)
    except LabelerError as error:
        flash(translated(error.message), "error")
        return redirect(url_for("web.review_many", slug=slug, kind=_kind(), at=_percent()), 303)
    words = ngettext("%(num)s item changed in one step", "%(num)s items changed in one step", changed)
    flash(words if changed else _("Nothing was left to change"), "success")
    return redirect(url_for("web.review", slug=slug), 303)


def _acceptable(desk: Desk, kind: str) -> dict[int, Flag]:
    """Return the flags whose suggestions may be accepted many at once, by id. Raises Invalid where none may."""
    session, here = desk.session, desk.project
    inspection = latest_inspection(session, here.id)
    bulk = read_accepting(session, here, inspection.id, kind, desk.known) if inspection and kind else None
    if inspection is None or bulk is None or not bulk.at(_percent()).allowed:
        raise Invalid(
            "Too few of these suggestions were checked one by one, or too few were right, in one of the classes "
            "concerned. Check more of them one by one first."
        )
    return {flag.id: flag for flag in _flags(desk, inspection.id, kind, _percent())}


def _accept(session: Session, here: Project, flag: Flag | None, batch: str) -> bool:
    """Take one suggestion; False when it is none of those that wait, as when somebody decided its item already."""
    if flag is None or not batch:
        return False
    if classes_of(session, here.id).shown(flag.suggested_code, flag.suggested_value) is None:
        return False  # the class was merged or removed since
    key = f"{batch}-{flag.id}"
    decision = Decision(
        key,
        flag.item_id,
        "relabel",
        code=flag.suggested_code,
        value=flag.suggested_value,
        batch=batch,
        flag=flag.id,
    )
    return workflow.resolve(session, here, decision, by=user_id())[1]


def _flags(desk: Desk, inspection_id: int, kind: str, percent: int) -> list[Flag]:
    if not kind:
        return []
    wanted = Wanted(inspection_id, kind, score_from=desk.known.score_from(percent / 100))
    return [flag for flag in queue.waiting(desk.session, wanted, limit=10 * SHOWN) if flag.suggested_code]


def _kind() -> str:
    return bulk_kind(request.values.get("kind", ""))


def _percent() -> int:
    asked = request.values.get("at", THRESHOLD, type=id_in)
    return max(50, min(100, asked))
