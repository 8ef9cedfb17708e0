"""Runs of the background quality pass: ask for one, list them."""

from typing import Any

from flask import url_for

from labeler.accounts.permissions import Action
from labeler.accounts.queries import users_by_id
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

    cancelled: whether it failed because somebody ended it; asked_by: the e-mail address of who asked for it, null
    where nobody is known; schedule: the rule that asked instead, "answers" or "daily", "" where none did. Of the
    summary: `notes` in words; `cost` with seconds, cpu_seconds and an estimate of watt_hours; `changes` since the
    finished run before (new, gone: flags that wait, by kind; why they went: decided, label_changed, not_suspected);
    `wrong_of_flagged`: how many of the labels called wrong are, null before enough decisions say so;
    `outlook`: what more labels would bring, null where that was not measured;
    `set_findings`: what is wrong with the set as a whole: kind, said (a sentence), facts (its
    numbers), and by column and value the items it is about, "" for all; flagged: only the flagged ones of these.
    """

    id: int
    state: str
    summary: dict[str, Any]
    started_at: str
    finished_at: str | None
    cancelled: bool
    asked_by: str | None
    schedule: str


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
        people = {user.id: user.email for user in users_by_id(session, {run.created_by or 0 for run in rows})}
        data = [
            {
                "id": run.id,
                "state": run.state,
                "summary": run.summary,
                "started_at": moment(run.started_at),
                "finished_at": moment(run.finished_at),
                "cancelled": bool(run.summary.get("cancelled")),
                "asked_by": people.get(run.created_by or 0),
                "schedule": run.schedule,
            }
            for run in rows
        ]
    return {"data": data, "next": next_path(page, rows[-1].id if rows else 0, more=more)}
