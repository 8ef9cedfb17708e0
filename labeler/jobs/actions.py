"""Changes to jobs. Only the worker that holds a job's lease may report on it: a frozen one that wakes up is refused."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from labeler.accounts.queries import name_of
from labeler.errors import Conflict, NotFound, TakenOver
from labeler.jobs import queries
from labeler.jobs.models import IMPORT, INSPECT, Job, WorkerSeen
from labeler.messages import Message
from labeler.quality import actions as quality_actions
from labeler.storage.database import alone
from labeler.storage.upsert import OnConflict, upsert
from labeler.workflow.telling import import_failed

LEASE = timedelta(seconds=20)
MAX_ATTEMPTS = 3
_SEEN_AGAIN = OnConflict(keys=("name",), replaced=("seen_at",))


def enqueue(
    session: Session, project_id: int | None, kind: str, *, payload: dict[str, Any], by: int | None, now: datetime
) -> Job:
    """Ask for long work. project_id: None for what is about no single project."""
    job = Job(project_id=project_id, kind=kind, payload=payload, state="queued", created_by=by, created_at=now)
    session.add(job)
    session.flush()
    return job


def ask_for_inspection(session: Session, project_id: int, *, by: int | None, now: datetime, schedule: str = "") -> Job:
    """Ask for an inspection; one that waits or runs already is returned instead of a second one.

    schedule: the rule that asks, "" where a person does. One that somebody has cancelled is on its way out and does not
    stand in the way of another.
    """
    alone(session, project_id)  # two who ask at once get one
    waiting = queries.open_job(session, project_id, INSPECT)
    if waiting is not None and waiting.cancelled_at is None:
        return waiting
    return enqueue(session, project_id, INSPECT, payload={"schedule": schedule} if schedule else {}, by=by, now=now)


def cancel(session: Session, job_id: int, *, by: int, now: datetime) -> Job:
    """Ask for the end of a job: one that waits ends at once, one that runs at its next report of how far it is.

    Asking twice changes nothing. Raises NotFound, or Conflict when it has ended by itself.
    """
    as_it_is_now = select(Job).where(Job.id == job_id).with_for_update().execution_options(populate_existing=True)
    job = session.scalar(as_it_is_now)
    if job is None:
        raise NotFound("There is no job {number}.", number=job_id)
    if job.was_cancelled or job.is_stopping:
        return job
    if not job.is_open:
        raise Conflict("This work has ended already, so there is nothing to cancel.")
    job.cancelled_at, job.cancelled_by = now, by
    if job.state == "queued":
        job.state, job.finished_at, job.error = "failed", now, _cancelled(session, job)
        _tell(session, job, now)
    session.flush()
    return job


def take(session: Session, worker: str, now: datetime) -> Job | None:
    """Take the oldest job that waits, or that a dead worker left; None when there is nothing to do."""
    free = or_(Job.state == "queued", and_(Job.state == "running", Job.lease_until < now))
    job = session.scalar(select(Job).where(free).order_by(Job.id).limit(1).with_for_update(skip_locked=True))
    if job is None:
        return None
    if problem := _why_not_again(session, job):
        _abandon(session, job, problem, now)
        return None
    job.state, job.worker, job.attempt = "running", worker, job.attempt + 1
    job.started_at, job.lease_until, job.progress, job.error = now, now + LEASE, 0.0, ""
    job.message = starting(job)
    session.flush()
    return job


def starting(job: Job) -> str:
    """Return what is said of a job that begins, or that is taken up again because its worker was killed."""
    if job.attempt <= 1:
        return Message("Starting")
    return Message(
        "The worker was stopped in the middle; begun again, try {number} of {most}",
        number=job.attempt,
        most=MAX_ATTEMPTS,
    )


def _why_not_again(session: Session, job: Job) -> str:
    if job.cancelled_at is not None:
        return _cancelled(session, job)
    if job.attempt < MAX_ATTEMPTS:
        return ""
    return Message(
        "The worker died {times} times during this job. It may need more memory than there is.", times=MAX_ATTEMPTS
    )


def _abandon(session: Session, job: Job, problem: str, now: datetime) -> None:
    """Close a job that a dead worker left and nobody takes up again, and the check that it was."""
    job.state, job.finished_at, job.error = "failed", now, problem
    if job.kind == INSPECT and job.project_id is not None:
        quality_actions.fail_running(session, job.project_id, now)
    _tell(session, job, now)
    session.flush()


def report(
    session: Session, job_id: int, lease: tuple[str, int], *, progress: float, message: str, now: datetime
) -> bool:
    """Store how far a job is and renew its lease; returns whether somebody asked for its end meanwhile.

    lease: (worker, attempt). Raises TakenOver when another has it.
    """
    _own(session, job_id, lease, {"progress": progress, "message": message, "lease_until": now + LEASE})
    return session.scalar(select(Job.cancelled_at).where(Job.id == job_id)) is not None


def finish(session: Session, job_id: int, lease: tuple[str, int], *, result: dict[str, Any], now: datetime) -> None:
    """Close a job as done. Raises TakenOver when another worker has it."""
    _own(session, job_id, lease, {"state": "done", "progress": 1.0, "result": result, "finished_at": now})


def fail(session: Session, job_id: int, lease: tuple[str, int], *, error: str, now: datetime) -> None:
    """Close a job as failed, with the reason in words. Raises TakenOver when another worker has it."""
    _own(session, job_id, lease, {"state": "failed", "error": error, "finished_at": now})
    _tell(session, session.get_one(Job, job_id, populate_existing=True), now)


def end_cancelled(
    session: Session, job_id: int, lease: tuple[str, int], *, said: str, result: dict[str, Any], now: datetime
) -> None:
    """Close a job as somebody asked. said: what became of the work; result: what was done by then."""
    job = session.get_one(Job, job_id)
    values = {"state": "failed", "error": _cancelled(session, job, said), "result": result, "finished_at": now}
    _own(session, job_id, lease, values)
    _tell(session, session.get_one(Job, job_id, populate_existing=True), now)


def _tell(session: Session, job: Job, now: datetime) -> None:
    """Tell webhooks of an import that failed, in the transaction that says so; of other work its own step tells."""
    if job.kind == IMPORT and job.project_id is not None:
        import_failed(session, job.project_id, job.error, now=now)


def _cancelled(session: Session, job: Job, said: str = "") -> str:
    """Return the sentence that says who ended a job, and what became of the work."""
    name = name_of(session, job.cancelled_by)
    who = Message("Cancelled by {name}.", name=name) if name else Message("Cancelled.")
    return Message("{who} {what}", who=who, what=said) if said else who


def hand_back(session: Session, job_id: int, lease: tuple[str, int]) -> None:
    """Put a job back into the queue (the worker was asked to stop); this try does not count."""
    _own(session, job_id, lease, {"state": "queued", "attempt": lease[1] - 1, "lease_until": None})


def seen(session: Session, worker: str, now: datetime) -> None:
    """Store that a worker is alive."""
    upsert(session, WorkerSeen, [{"name": worker, "started_at": now, "seen_at": now}], _SEEN_AGAIN)


def _own(session: Session, job_id: int, lease: tuple[str, int], values: dict[str, Any]) -> None:
    changed = session.scalar(
        update(Job)
        .where(Job.id == job_id, Job.state == "running", Job.worker == lease[0], Job.attempt == lease[1])
        .values(**values)
        .returning(Job.id)
    )
    if changed is None:
        raise TakenOver("Another worker has this job now.")
