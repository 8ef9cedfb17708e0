"""The lead's overview of a project, all annotators, and the button that starts the inspection."""

from flask import redirect, render_template, url_for
from werkzeug import Response as AnyResponse

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.accounts.queries import members
from labeler.extensions import database
from labeler.extensions.access import actor, needs, project, user_id
from labeler.extensions.project_counts import project_counts
from labeler.jobs import actions as jobs
from labeler.projects.queries import classes_of
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.dashboard.annotators import annotator_rows, team_agreement
from labeler.web.dashboard.bulk_labeling import read_bulk_vs_single
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


@blueprint.get("/p/<slug>/annotators")
@needs(Action.LEAD)
def annotators(slug: str) -> str:
    """Show every annotator of a project: pace, agreement, skips and what to know."""
    here = project()
    with database().read() as session:
        classes = classes_of(session, here.id)
        tally, at = project_counts(session, here, classes)
        names = {member.user_id: member.name or member.email for member in members(session, here.id)}
        bulk_vs_single = read_bulk_vs_single(session, here, classes) if "bulk" in here.settings else None
    rows = annotator_rows(tally, slug, names, classes)
    people = list(zip(rows, tally.people, strict=True))
    lows = [row.agreement.low for row in rows if row.agreement]
    start = 0.5 if all(low >= 0.5 for low in lows) else 0.0  # noqa: PLR2004 - as on the dashboard
    return render_template(
        "dashboard/all_annotators.html",
        people=people,
        team=team_agreement(tally),
        start=start,
        classes=classes,
        compared=classes.task.words.compared,
        counted_at=at,
        suggests="suggestions" in here.settings,
        bulk_vs_single=bulk_vs_single,
    )


@blueprint.post("/p/<slug>/inspections")
@needs(Action.LEAD)
def run_inspection(slug: str) -> AnyResponse:
    """Ask the worker for an inspection; one that waits or runs already is not asked for twice."""
    with database().write() as session:
        jobs.ask_for_inspection(session, project().id, by=user_id(), now=clock(session))
    return redirect(url_for("web.overview", slug=slug, _anchor="pass-title"))
