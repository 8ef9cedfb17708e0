"""Long work and how far it is."""

from typing import Any

from labeler.accounts.permissions import Action, Actor
from labeler.accounts.queries import project_role
from labeler.api.blueprint import blueprint
from labeler.api.shapes import Shape, moment
from labeler.errors import NotFound
from labeler.extensions import database
from labeler.extensions.access import actor, needs, user_id
from labeler.jobs.models import Job
from labeler.jobs.queries import job_in
from labeler.projects.models import Project


class JobOut(Shape):
    """A job. state: queued, running, done or failed; progress: 0 to 1; error: why it failed, in words."""

    id: int
    kind: str
    project: str
    state: str
    progress: float
    message: str
    result: dict[str, Any]
    error: str
    created_at: str
    started_at: str | None
    finished_at: str | None


@blueprint.get("/jobs/<int:job_id>")
@needs(Action.USE)
@blueprint.output(JobOut)
def read_job(job_id: int) -> dict[str, Any]:
    """Read a job of a project you lead."""
    asking = actor()
    missing = NotFound("There is no job {number}.", number=job_id)
    with database().read() as session:
        job = job_in(session, job_id)
        role = project_role(session, user_id(), job.project_id or 0)
        if not Actor(asking.user_id, asking.email, asking.name, asking.role, role).may(Action.LEAD):
            raise missing
        project = session.get(Project, job.project_id) if job.project_id else None
        return as_shape(job, project.slug if project else "")


def as_shape(job: Job, slug: str) -> dict[str, Any]:
    """Return a job as the API shows it; its payload (paths on the server) stays inside."""
    return {
        "id": job.id,
        "kind": job.kind,
        "project": slug,
        "state": job.state,
        "progress": job.progress,
        "message": job.message,
        "result": job.result,
        "error": job.error,
        "created_at": moment(job.created_at),
        "started_at": moment(job.started_at),
        "finished_at": moment(job.finished_at),
    }
