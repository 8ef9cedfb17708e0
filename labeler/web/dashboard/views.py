"""The lead's overview of a project, and the button that starts the inspection."""

from flask import redirect, render_template, url_for
from werkzeug import Response as AnyResponse

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.extensions import database
from labeler.extensions.access import actor, needs, project, user_id
from labeler.jobs import actions as jobs
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.dashboard.overview import read_dashboard


@blueprint.get("/p/<slug>/")
@needs(Action.SEE_PROJECT)
def overview(slug: str) -> str | AnyResponse:
    """Show how far the work is, how well annotators agree and what needs a decision; annotators go to their work."""
    if not actor().may(Action.LEAD):
        return redirect(url_for("web.label", slug=slug))
    with database().read() as session:
        view = read_dashboard(session, project())
        beyond = workflow.beyond(session, project())
    return render_template("dashboard/dashboard.html", view=view, beyond=beyond)


@blueprint.post("/p/<slug>/inspections")
@needs(Action.LEAD)
def run_inspection(slug: str) -> AnyResponse:
    """Ask the worker for an inspection; one that waits or runs already is not asked for twice."""
    with database().write() as session:
        jobs.ask_for_inspection(session, project().id, by=user_id(), now=clock(session))
    return redirect(url_for("web.overview", slug=slug, _anchor="pass-title"))
