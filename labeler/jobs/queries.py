"""Reads about jobs and workers."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.errors import NotFound
from labeler.jobs.models import IMPORT, INSPECT, OPEN, Job, WorkerSeen
from labeler.projects.models import Project
from labeler.quality.queries import since_the_last
from labeler.quality.schedule import Schedule, due

WORKER_SEEN_WITHIN = timedelta(seconds=30)


def job_in(session: Session, job_id: int) -> Job:
    """Return a job; raises NotFound."""
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound("There is no job {number}.", number=job_id)
    return job


def job_of(session: Session, project_id: int, job_id: int) -> Job:
    """Return a job of a project; raises NotFound, also for one of another project."""
    job = job_in(session, job_id)
    if job.project_id != project_id:
        raise NotFound("There is no job {number}.", number=job_id)
    return job


def latest_job(session: Session, project_id: int | None, kind: str) -> Job | None:
    """Return the newest job of a kind in a project (None: of those that are about no single one), whatever it did."""
    query = select(Job).where(Job.project_id == project_id, Job.kind == kind).order_by(Job.id.desc()).limit(1)
    return session.scalar(query)


def open_job(session: Session, project_id: int | None, kind: str) -> Job | None:
    """Return the job of a kind that waits or runs in a project, or None."""
    job = latest_job(session, project_id, kind)
    return job if job is not None and job.is_open else None


def checks_due(session: Session, now: datetime) -> list[tuple[int, str]]:
    """Return the projects whose labels are to be checked by a rule of theirs, each with that rule.

    None whose check waits or runs: there is one at a time. now: in UTC.
    """
    found = []
    for project_id, settings in session.execute(select(Project.id, Project.settings).order_by(Project.id)).all():
        rules = Schedule.of(settings)
        if rules.is_on and open_job(session, project_id, INSPECT) is None:
            rule = due(rules, since_the_last(session, project_id), now)
            found += [(project_id, rule)] if rule else []
    return found


def worker_seen(session: Session, now: datetime) -> bool:
    """Whether any worker was seen alive lately, so that what waits will be done."""
    lately = WorkerSeen.seen_at >= now - WORKER_SEEN_WITHIN
    return session.scalar(select(WorkerSeen.name).where(lately).limit(1)) is not None


def uploads_in_use(session: Session) -> set[str]:
    """Return the paths of uploaded files that a job still needs."""
    query = select(Job.payload).where(Job.kind == IMPORT, Job.state.in_(OPEN))
    return {str(payload.get("path", "")) for payload in session.scalars(query)}
