"""Runs of the background quality pass: ask for one, list them."""

from typing import Any

from flask import url_for

from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.jobs import JobOut, as_shape
from labeler.api.paging import Listed, Page, cut, next_path
from labeler.api.shapes import Shape, moment
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.jobs.actions import ask_for_inspection
from labeler.quality.queries import inspections
from labeler.storage.database import clock


class InspectionOut(Shape):
    """One run. state: running, done or failed; summary: what it found and how good its model was.

    In the summary `set_findings` are what is wrong with the set as a whole: kind, said (a sentence), facts (its
    numbers), and by column and value the items it is about, "" for all; flagged: only the flagged ones of these.
    """

    id: int
    state: str
    summary: dict[str, Any]
    started_at: str
    finished_at: str | None


class InspectionList(Listed):
    """Runs of a project, newest first."""

    data: list[InspectionOut]


@blueprint.post("/projects/<slug>/inspections")
@needs(Action.LEAD)
@blueprint.output(JobOut, status_code=202)
def start_inspection(slug: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Ask for an inspection; one that waits or runs already is answered instead of a second one."""
    with database().write() as session:
        job = ask_for_inspection(session, project().id, by=user_id(), now=clock(session))
        shape = as_shape(session, job, slug)
    return shape, 202, {"Location": url_for("api.read_job", job_id=shape["id"])}


@blueprint.get("/projects/<slug>/inspections")
@needs(Action.LEAD)
@blueprint.input(Page, location="query", arg_name="page")
@blueprint.output(InspectionList)
def list_inspections(slug: str, page: Page) -> dict[str, Any]:
    """List the runs of a project, newest first."""
    del slug
    with database().read() as session:
        found = inspections(session, project().id, limit=page.one_more, before=page.cursor)
        rows, more = cut(page, found)
        data = [
            {
                "id": run.id,
                "state": run.state,
                "summary": run.summary,
                "started_at": moment(run.started_at),
                "finished_at": moment(run.finished_at),
            }
            for run in rows
        ]
    return {"data": data, "next": next_path(page, rows[-1].id if rows else 0, more=more)}
