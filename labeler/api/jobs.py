"""Long work and how far it is."""

from typing import Any

from sqlalchemy.orm import Session

from labeler.accounts.permissions import Action, Actor
from labeler.accounts.queries import project_role
from labeler.api.blueprint import blueprint
from labeler.api.shapes import Shape, moment
from labeler.errors import NotFound
from labeler.extensions import database
from labeler.extensions.access import actor, asks_a_page, needs, user_id
from labeler.extensions.translating import translated
from labeler.jobs.actions import cancel
from labeler.jobs.models import Job
from labeler.jobs.queries import job_in, worker_seen
from labeler.projects.models import Project
from labeler.storage.database import clock


class JobOut(Shape):
    """A job. state: queued, running, done or failed; progress: 0 to 1; error: why it failed, in words.

    message: what is being done, in words; worker: whether one was seen lately; without it what is queued waits.
    cancelled: whether somebody asked for its end: while it runs it is about to stop, then it is failed and error says
    by whom. Of a cancelled import `result` counts the rows that are in.
    """

    id: int
    kind: str
    project: str
    state: str
    progress: float
    message: str
    result: dict[str, Any]
    error: str
    worker: bool
    cancelled: bool
    created_at: str
    started_at: str | None
    finished_at: str | None


@blueprint.get("/jobs/<int:job_id>")
@needs(Action.USE)
@blueprint.output(JobOut)
def read_job(job_id: int) -> dict[str, Any]:
    """Read a job of a project you lead."""
    with database().read() as session:
        return _shape_of(session, _led(session, job_id))


@blueprint.post("/jobs/<int:job_id>/cancel")
@needs(Action.USE)
@blueprint.output(JobOut)
def cancel_job(job_id: int) -> dict[str, Any]:
    """Ask for the end of a job of a project you lead: one that waits ends at once, one that runs a moment later.

    Asking again changes nothing; 409 when it has ended by itself. What a cancelled import has read stays, and a
    cancelled inspection leaves what the one before it found.
    """
    with database().write() as session:
        _led(session, job_id)
        return _shape_of(session, cancel(session, job_id, by=user_id(), now=clock(session)))


def _led(session: Session, job_id: int) -> Job:
    """Return a job of a project that the asking person leads; any other looks like none. Raises NotFound."""
    asking, job = actor(), job_in(session, job_id)
    role = project_role(session, user_id(), job.project_id or 0)
    if not Actor(asking.user_id, asking.email, asking.name, asking.role, role).may(Action.LEAD):
        raise NotFound("There is no job {number}.", number=job_id)
    return job


def _shape_of(session: Session, job: Job) -> dict[str, Any]:
    project = session.get(Project, job.project_id) if job.project_id else None
    return as_shape(session, job, project.slug if project else "")


def as_shape(session: Session, job: Job, slug: str) -> dict[str, Any]:
    """Return a job as the API shows it; its payload (paths on the server) stays inside.

    Programs are told in English, and our own pages, which show it, in the language of who reads them.
    """
    return {
        "id": job.id,
        "kind": job.kind,
        "project": slug,
        "state": job.state,
        "progress": job.progress,
        "message": _said(job.said),
        "result": job.result,
        "error": _said(job.error),
        "worker": worker_seen(session, clock(session)),
        "cancelled": job.was_cancelled or job.is_stopping,
        "created_at": moment(job.created_at),
        "started_at": moment(job.started_at),
        "finished_at": moment(job.finished_at),
    }


def _said(text: str) -> str:
    return translated(text) if asks_a_page() else text
