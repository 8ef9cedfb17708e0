"""The history of label checks, and the button that ends a job."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler.accounts.permissions import Action
from labeler.accounts.queries import users_by_id
from labeler.errors import Conflict
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.jobs import queries as jobs
from labeler.jobs.actions import ask_for_inspection, cancel
from labeler.jobs.models import IMPORT, INSPECT
from labeler.projects.models import Project
from labeler.projects.queries import item_count
from labeler.quality.queries import inspections, latest_inspection
from labeler.quality.schedule import Schedule
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.checks.view_model import Run, lesson_of, run_of
from labeler.web.shared.numbers import id_in

SHOWN = 20
_BACK = {page: f"web.{page}" for page in ("overview", "review", "checks", "releases")}


@blueprint.get("/p/<slug>/checks")
@needs(Action.LEAD)
def checks(slug: str) -> str:
    """Show every check of the labels of a project, newest first, and what the last one knows of its model."""
    del slug
    here, before = project(), request.args.get("before", 0, type=id_in)
    with database().read() as session:
        last = latest_inspection(session, here.id)
        job = jobs.open_job(session, here.id, INSPECT)
        runs, more = _runs(session, here, before)
        return render_template(
            "checks/checks.html",
            project=here,
            job=job,
            worker=jobs.worker_seen(session, clock(session)),
            runs=runs,
            more=more,
            before=before,
            lesson=lesson_of(last.summary) if last and not before else None,
            rules=Schedule.of(here.settings),
            items=item_count(session, here.id),
        )


def _runs(session: Session, here: Project, before: int) -> tuple[list[Run], bool]:
    """Return a page of runs, and whether there are older ones."""
    found = inspections(session, here.id, limit=SHOWN + 1, before=before or None)
    people = users_by_id(session, {one.created_by or 0 for one in found})
    names = {user.id: user.name or user.email for user in people}
    return [run_of(one, names) for one in found[:SHOWN]], len(found) > SHOWN


@blueprint.post("/p/<slug>/checks")
@needs(Action.LEAD)
def check_again(slug: str) -> Response:
    """Ask for a check; one that waits or runs already is not asked for twice."""
    with database().write() as session:
        ask_for_inspection(session, project().id, by=user_id(), now=clock(session))
    return redirect(url_for("web.checks", slug=slug), 303)


@blueprint.post("/p/<slug>/jobs/<int:job_id>/cancel")
@needs(Action.LEAD)
def cancel_job(slug: str, job_id: int) -> Response:
    """Ask for the end of a check or an import, and go back to where it was asked for."""
    try:
        with database().write() as session:
            kind = jobs.job_of(session, project().id, job_id).kind
            job = cancel(session, job_id, by=user_id(), now=clock(session))
            words = _("It is cancelled.") if not job.is_open else _("It stops as soon as the step in hand is done.")
            flash(words, "success")
    except Conflict as ended:
        flash(translated(ended.message), "info")
    if kind == IMPORT:
        return redirect(url_for("web.import_job", slug=slug, job_id=job_id), 303)
    return redirect(url_for(_BACK.get(request.form.get("back", ""), "web.checks"), slug=slug), 303)
