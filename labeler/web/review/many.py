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
from labeler.decisions import queries as decision_queries
from labeler.decisions.actions import Decision
from labeler.errors import Invalid, LabelerError
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.quality.detectors.registry import bulk_kind, detector
from labeler.quality.models import Flag
from labeler.quality.queries import latest_inspection
from labeler.review import queue
from labeler.review.queue import Wanted
from labeler.storage.database import alone
from labeler.web.blueprint import blueprint
from labeler.web.review.views import THRESHOLD, read_bulk, rows_of
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
        flags = _flags(session, inspection.id, kind, percent)
        bulk = read_bulk(session, here, inspection.id, kind)
        rows = rows_of(Desk.of(session, here), flags)
        return render_template(
            "review/many.html",
            page="review",
            project=here,
            rows=rows,
            flags={flag.item_id: flag.id for flag in flags},
            bulk=bulk,
            threshold=bulk.at(percent),
            batch=uuid.uuid4().hex,
        )


@blueprint.post("/p/<slug>/review/many")
@needs(Action.LEAD)
def review_accept(slug: str) -> Response:
    """Accept the suggestions that were on the page, but for those left out; one undo takes all of them back."""
    here, batch = project(), request.form.get("batch", "")[:32]
    left_out = set(request.form.getlist("leave", type=id_in))
    ids = [one for one in request.form.getlist("flag", type=id_in)[:SHOWN] if one not in left_out]
    try:
        with database().write() as session:
            alone(session, here.id)  # before the look at what stands
            _check_enough(session, here)
            changed = sum(_accept(session, here, session.get(Flag, flag_id), batch) for flag_id in ids)
    except LabelerError as error:
        flash(translated(error.message), "error")
        return redirect(url_for("web.review_many", slug=slug, kind=_kind(), at=_percent()), 303)
    words = ngettext("%(num)s item changed in one step", "%(num)s items changed in one step", changed)
    flash(words if changed else _("Nothing was left to change"), "success")
    return redirect(url_for("web.review", slug=slug), 303)


def _check_enough(session: Session, here: Project) -> None:
    inspection = latest_inspection(session, here.id)
    if inspection is None or read_bulk(session, here, inspection.id, _kind()).at(_percent()).share is None:
        raise Invalid("Check 20 suggestions one by one first, so that somebody knows how many are right.")


def _accept(session: Session, here: Project, flag: Flag | None, batch: str) -> bool:
    """Take one suggestion; False when the flag is not of this project or somebody decided its item already."""
    if flag is None or flag.project_id != here.id or not flag.suggested_code or not batch:
        return False
    if not detector(flag.kind).bulk:
        return False  # of its kind each is looked at
    if classes_of(session, here.id).shown(flag.suggested_code, flag.suggested_value) is None:
        return False  # the class was merged or removed since
    if decision_queries.current_of(session, flag.item_id) is not None:
        return False
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


def _flags(session: Session, inspection_id: int, kind: str, percent: int) -> list[Flag]:
    wanted = Wanted(inspection_id, kind, wrong_from=percent / 100)
    return [flag for flag in queue.waiting(session, wanted, limit=10 * SHOWN) if flag.suggested_code][:SHOWN]


def _kind() -> str:
    return bulk_kind(request.values.get("kind", ""))


def _percent() -> int:
    asked = request.values.get("at", THRESHOLD, type=id_in)
    return max(50, min(100, asked))
