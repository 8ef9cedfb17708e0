"""The worker: takes jobs from the table one at a time, runs them, and says every few seconds that it is alive.

Note: nothing wakes a worker and nothing needs to. It looks for work twice a second; whatever
it was doing when it was killed is taken up by the next one when the lease ends. A broad `except` is here, in the
outermost loop (a job that fails must not end the worker), and elsewhere only at the border to models of others.
"""

import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from labeler.errors import Cancelled, LabelerError, TakenOver
from labeler.jobs import actions, queries
from labeler.jobs.deliveries import Sender
from labeler.jobs.kinds import KINDS, tidy
from labeler.jobs.models import Job
from labeler.messages import Message
from labeler.projects.queries import ids_of_projects, pictures_named
from labeler.releases.queries import files_named
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from labeler.storage.leftovers import (
    remove_imported_of_others,
    remove_numbers_of_others,
    remove_old_copies,
    remove_old_uploads,
    remove_unnamed_releases,
)
from labeler.storage.unnamed import remove_unnamed
from labeler.workflow import projects_to_weigh, weigh_votes

LOOK_EVERY = 0.5
REPORT_EVERY, WITHOUT_NEWS = 0.5, 1.5
CLEAN_AFTER, CLEAN_EVERY = 10.0, 3600.0
SCHEDULES_EVERY = 20.0
ALIVE_EVERY = 5.0
_log = structlog.get_logger("labeler.worker")


class Stopped(Exception):  # noqa: N818 - a request, not an error
    """The worker was asked to stop while a job ran."""


class Worker:
    """One worker process. `stop` may be set from a signal handler; the job in hand goes back to the queue."""

    def __init__(self, database: Database, files: FileStore, *, parent: int | None = None) -> None:
        self.database = database
        self.files = files
        self.name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.stop = threading.Event()
        self._parent = parent
        self._job: tuple[int, tuple[str, int]] | None = None
        self._now: tuple[float, str] = (0.0, "")
        self._cancelled = threading.Event()
        self._next_report = 0.0
        self._next_clean = time.monotonic() + CLEAN_AFTER
        self._next_schedules = time.monotonic()

    def run(self) -> None:
        """Work until stopped, or until the process that started this one is gone."""
        pulse = threading.Thread(target=self._pulse, daemon=True)
        pulse.start()
        sender = threading.Thread(target=Sender(self.database, self.stop).run, daemon=True)
        sender.start()
        while not self._ended():
            if not self.run_one():
                self._ask_as_scheduled()
                self._clean()
                self.stop.wait(LOOK_EVERY)
        self.stop.set()  # also when only the parent is gone
        for thread in (pulse, sender):
            thread.join(ALIVE_EVERY)  # it writes too, and the database is closed next

    def run_one(self) -> bool:
        """Run one job if there is one; returns whether there was."""
        with self.database.write() as session:
            job = actions.take(session, self.name, clock(session))
        if job is None:
            return False
        lease = (self.name, job.attempt)
        self._job, self._now, self._next_report = (job.id, lease), (0.0, actions.starting(job)), 0.0
        self._cancelled.clear()
        _log.info("job started", job=job.id, kind=job.kind, attempt=job.attempt)
        try:
            self._work_on(job, lease)
        finally:
            self._job = None
        return True

    def _work_on(self, job: Job, lease: tuple[str, int]) -> None:
        """Run a job and store how it ended."""
        try:
            result = KINDS[job.kind](self.database, self.files, job, self._progress)
            if self._close(lambda session: actions.finish(session, job.id, lease, result=result, now=clock(session))):
                tidy(self.files, job)
        except Stopped:
            self._close(lambda session: actions.hand_back(session, job.id, lease))
        except TakenOver:
            _log.warning("job was taken over", job=job.id)
        except Cancelled as end:
            done: dict[str, Any] = {"said": end.message, "result": end.result}
            if self._close(lambda session: actions.end_cancelled(session, job.id, lease, now=clock(session), **done)):
                tidy(self.files, job)
        except LabelerError as error:
            message = error.message
            self._close(lambda session: actions.fail(session, job.id, lease, error=message, now=clock(session)))
        except Exception:  # noqa: BLE001 - see the docstring
            _log.exception("job failed", job=job.id)
            words = Message(
                "Something went wrong in this job; the worker's log says what. Nothing was changed by the last step."
            )
            self._close(lambda session: actions.fail(session, job.id, lease, error=words, now=clock(session)))

    def _ask_as_scheduled(self) -> None:
        """Every now and then, when there is nothing else to do, ask for the checks that are due by a schedule."""
        if time.monotonic() < self._next_schedules:
            return
        self._next_schedules = time.monotonic() + SCHEDULES_EVERY
        try:
            with self.database.read() as session:
                due = queries.checks_due(session, clock(session))
            for project_id, rule in due:
                with self.database.write() as session:
                    actions.ask_for_inspection(session, project_id, by=None, schedule=rule, now=clock(session))
                _log.info("a check is due", project=project_id, rule=rule)
            self._weigh_votes()
        except SQLAlchemyError:  # a project that was deleted meanwhile, or a busy database: the next look does it
            _log.warning("schedules could not be looked at", exc_info=True)

    def _weigh_votes(self) -> None:
        """Decide anew which items want one more answer, where enough votes came since the last time."""
        with self.database.read() as session:
            waiting = projects_to_weigh(session)
        for project_id in waiting:
            weigh_votes(self.database, project_id)
            _log.info("votes were weighed", project=project_id)

    def _clean(self) -> None:
        """Once an hour, when there is nothing else to do, remove files that nobody needs any more.

        Pictures no row has named for a day, uploads nobody imported, full-size copies nobody looks at.
        """
        if time.monotonic() < self._next_clean:
            return
        self._next_clean = time.monotonic() + CLEAN_EVERY

        def named(hashes: Sequence[str] | None) -> set[str]:
            with self.database.read() as session:
                return pictures_named(session, hashes)

        def there() -> set[int]:
            with self.database.read() as session:
                return ids_of_projects(session)

        def of_releases() -> set[str]:
            with self.database.read() as session:
                return files_named(session)

        try:
            if removed := remove_unnamed(self.files, named):
                _log.info("pictures without a row were removed", pictures=removed)
            with self.database.read() as session:
                in_use = queries.uploads_in_use(session)
            remove_numbers_of_others(self.files, there())
            remove_imported_of_others(self.files, there)
            remove_unnamed_releases(self.files, of_releases)
            uploads = remove_old_uploads(self.database.settings.uploads, in_use)
            copies = remove_old_copies(self.files) + self.files.room.make()
            if copies := copies + uploads:
                _log.info("files that were kept for a while were removed", files=copies, uploads=uploads)
        except (OSError, SQLAlchemyError):
            _log.warning("files that nobody needs could not be looked for", exc_info=True)

    def _progress(self, share: float, message: str) -> None:
        if self._ended():
            raise Stopped
        news = self._now != (share, message)
        self._now = (share, message)
        # a report is a transaction too, and nobody reads ten a second; without news it only asks who wants an end
        if time.monotonic() >= self._next_report + (0.0 if news else WITHOUT_NEWS):
            self._next_report = time.monotonic() + REPORT_EVERY
            self._report()
        if self._cancelled.is_set() and share < 1.0:  # what is as good as done is done
            raise Cancelled("It was stopped on the way.")

    def _report(self) -> None:
        if self._job is None:
            return
        job_id, lease = self._job
        share, message = self._now
        with self.database.write() as session:
            if actions.report(session, job_id, lease, progress=share, message=message, now=clock(session)):
                self._cancelled.set()

    def _pulse(self) -> None:
        while not self.stop.is_set():
            self._beat()
            self.stop.wait(ALIVE_EVERY)

    def _beat(self) -> None:
        try:
            with self.database.write() as session:
                actions.seen(session, self.name, clock(session))
            self._report()
        except TakenOver:
            _log.warning("the lease of the running job was lost")
        except SQLAlchemyError:
            # a busy or restarting database must not silence this worker for ever: others would take its job
            _log.warning("could not say that this worker is alive", exc_info=True)

    def _close(self, change: Callable[[Any], None]) -> bool:
        try:
            with self.database.write() as session:
                change(session)
        except TakenOver:
            _log.warning("job was taken over before it could be closed")
            return False
        return True

    def _ended(self) -> bool:
        orphaned = self._parent is not None and os.getppid() != self._parent
        return self.stop.is_set() or orphaned
