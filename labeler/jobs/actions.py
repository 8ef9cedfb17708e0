"""Changes to jobs. Only the worker that holds a job's lease may report on it: a frozen one that wakes up is refused."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from labeler.errors import TakenOver
from labeler.jobs import queries
from labeler.jobs.models import INSPECT, Job, WorkerSeen
from labeler.messages import Message
from labeler.storage.upsert import OnConflict, upsert

LEASE = timedelta(seconds=20)
MAX_ATTEMPTS = 3
_SEEN_AGAIN = OnConflict(keys=("name",), replaced=("seen_at",))


def enqueue(
    session: Session, project_id: int, kind: str, *, payload: dict[str, Any], by: int | None, now: datetime
) -> Job:
    """Ask for long work."""
    job = Job(project_id=project_id, kind=kind, payload=payload, state="queued", created_by=by, created_at=now)
    session.add(job)
    session.flush()
    return job


def ask_for_inspection(session: Session, project_id: int, *, by: int | None, now: datetime) -> Job:
    """Ask for an inspection; one that waits or runs already is returned instead of a second one."""
    waiting = queries.open_job(session, project_id, INSPECT)
    return waiting or enqueue(session, project_id, INSPECT, payload={}, by=by, now=now)


def take(session: Session, worker: str, now: datetime) -> Job | None:
    """Take the oldest job that waits, or that a dead worker left; None when there is nothing to do."""
    free = or_(Job.state == "queued", and_(Job.state == "running", Job.lease_until < now))
    job = session.scalar(select(Job).where(free).order_by(Job.id).limit(1).with_for_update(skip_locked=True))
    if job is None:
        return None
    if job.attempt >= MAX_ATTEMPTS:
        job.state, job.finished_at = "failed", now
        job.error = Message(
            "The worker died {times} times during this job. It may need more memory than there is.",
            times=MAX_ATTEMPTS,
        )
        session.flush()
        return None
    job.state, job.worker, job.attempt = "running", worker, job.attempt + 1
    job.started_at, job.lease_until, job.progress, job.error = now, now + LEASE, 0.0, ""
    session.flush()
    return job


def report(
    session: Session, job_id: int, lease: tuple[str, int], *, progress: float, message: str, now: datetime
) -> None:
    """Store how far a job is and renew its lease. lease: (worker, attempt). Raises TakenOver when another has it."""
    _own(session, job_id, lease, {"progress": progress, "message": message, "lease_until": now + LEASE})


def finish(session: Session, job_id: int, lease: tuple[str, int], *, result: dict[str, Any], now: datetime) -> None:
    """Close a job as done. Raises TakenOver when another worker has it."""
    _own(session, job_id, lease, {"state": "done", "progress": 1.0, "result": result, "finished_at": now})


def fail(session: Session, job_id: int, lease: tuple[str, int], *, error: str, now: datetime) -> None:
    """Close a job as failed, with the reason in words. Raises TakenOver when another worker has it."""
    _own(session, job_id, lease, {"state": "failed", "error": error, "finished_at": now})


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
