from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labeler.errors import Conflict, Invalid, TakenOver
from labeler.jobs import actions, kinds, queries
from labeler.jobs.models import Job
from labeler.jobs.runner import Worker
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from tests.conftest import Made

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def made(make_project: Any) -> Made:
    project: Made = make_project(items=0)
    return project


@pytest.fixture
def worker(database: Database, files: FileStore) -> Worker:
    return Worker(database, files)


def ask(database: Database, made: Made) -> int:
    with database.write() as session:
        return actions.ask_for_inspection(session, made.id, by=None, now=clock(session)).id


def test_a_job_runs_and_its_result_is_kept(
    database: Database, worker: Worker, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(kinds.KINDS, "inspect", lambda *_: {"inspection": 7})
    job = ask(database, made)
    assert worker.run_one()
    assert not worker.run_one()
    with database.read() as session:
        done = queries.job_in(session, job)
        assert (done.state, done.result, done.progress) == ("done", {"inspection": 7}, 1.0)


def test_asking_twice_for_an_inspection_is_one_job(database: Database, made: Made) -> None:
    assert ask(database, made) == ask(database, made)


def test_a_job_that_cannot_be_done_says_why(
    database: Database, worker: Worker, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> dict[str, Any]:
        raise Invalid("The file has no column text.")

    monkeypatch.setitem(kinds.KINDS, "inspect", refuse)
    job = ask(database, made)
    worker.run_one()
    with database.read() as session:
        assert queries.job_in(session, job).error == "The file has no column text."


def test_a_job_that_clashes_with_what_is_stored_says_why_and_is_not_run_again(
    database: Database, worker: Worker, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Classes that were merged during an inspection are no other worker that took the job over."""

    def clash(*_: object) -> dict[str, Any]:
        raise Conflict("Classes were merged.")

    monkeypatch.setitem(kinds.KINDS, "inspect", clash)
    job = ask(database, made)
    worker.run_one()
    with database.read() as session:
        ended = queries.job_in(session, job)
        assert (ended.state, ended.error) == ("failed", "Classes were merged.")
    assert ask(database, made) != job, "it can be asked for again at once"


def test_a_crash_in_a_job_does_not_end_the_worker(
    database: Database, worker: Worker, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(kinds.KINDS, "inspect", lambda *_: 1 / 0)
    job = ask(database, made)
    assert worker.run_one()
    with database.read() as session:
        assert queries.job_in(session, job).state == "failed"


def test_a_dead_workers_job_is_taken_up_and_given_up_after_three_tries(database: Database, made: Made) -> None:
    ask(database, made)
    at = datetime.now(UTC)
    for attempt in (1, 2, 3):
        with database.write() as session:
            job = actions.take(session, f"w{attempt}", at)
            assert job is not None
            assert job.attempt == attempt
        at += timedelta(minutes=1)
    with database.write() as session:
        assert actions.take(session, "w4", at) is None
        failed = queries.latest_job(session, made.id, "inspect")
        assert failed is not None
        assert failed.state == "failed"


def test_a_worker_that_lost_its_lease_cannot_close_the_job(database: Database, made: Made) -> None:
    ask(database, made)
    now = datetime.now(UTC)
    with database.write() as session:
        first = actions.take(session, "frozen", now)
        assert first is not None
    with database.write() as session:
        assert actions.take(session, "fresh", now + timedelta(minutes=1)) is not None
    with database.write() as session, pytest.raises(TakenOver):
        actions.finish(session, first.id, ("frozen", 1), result={}, now=now)


def test_a_stopped_worker_hands_its_job_back(
    database: Database, worker: Worker, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_database: Database, _files: FileStore, _job: Job, progress: Any) -> dict[str, Any]:
        worker.stop.set()
        progress(0.5, "halfway")
        return {}

    monkeypatch.setitem(kinds.KINDS, "inspect", stopped)
    job = ask(database, made)
    worker.run_one()
    with database.read() as session:
        back = queries.job_in(session, job)
        assert (back.state, back.attempt) == ("queued", 0)
