"""A job ends when somebody asks for that: what waits at once, what runs at its next report, and what was done stays."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from labeler.accounts import actions as accounts
from labeler.config import Settings
from labeler.errors import Conflict, NotFound
from labeler.exchange.rows import Row
from labeler.jobs import actions, kinds, queries
from labeler.jobs.models import Job
from labeler.jobs.runner import Worker
from labeler.projects.actions import NewProject, create_project
from labeler.projects.queries import item_count
from labeler.quality import queries as quality
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from labeler.storage.slices import Slices
from labeler.workflow import ImportPlan, import_items
from tests.conftest import NOW, Made

Make = Callable[..., Made]


@pytest.fixture
def worker(database: Database, files: FileStore) -> Worker:
    return Worker(database, files)


def ask(database: Database, made: Made) -> int:
    with database.write() as session:
        return actions.ask_for_inspection(session, made.id, by=None, now=clock(session)).id


def cancel(database: Database, job: int, by: int) -> Job:
    with database.write() as session:
        return actions.cancel(session, job, by=by, now=clock(session))


def ended(database: Database, job: int) -> Job:
    with database.read() as session:
        return queries.job_in(session, job)


def cancelling(database: Database, by: int) -> Callable[..., dict[str, Any]]:
    """A job that is cancelled while it runs, and would go on for ever."""

    def run(_database: Database, _files: FileStore, job: Job, progress: Any) -> dict[str, Any]:
        cancel(database, job.id, by)
        for _ in range(1000):
            progress(0.5, f"step {_}")
        raise AssertionError("nobody ended it")

    return run


def test_a_job_that_waits_ends_at_once_and_is_never_run(
    database: Database, worker: Worker, make_project: Make, cast: dict[str, int]
) -> None:
    job = ask(database, make_project())
    cancel(database, job, cast["olga"])
    assert not worker.run_one()
    found = ended(database, job)
    assert (found.state, found.was_cancelled, found.error) == ("failed", True, "Cancelled by Olga.")
    assert found.finished_at is not None


def test_a_job_that_runs_ends_at_its_next_report(
    database: Database, worker: Worker, make_project: Make, cast: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labeler.jobs.runner.REPORT_EVERY", 0.0)
    monkeypatch.setitem(kinds.KINDS, "inspect", cancelling(database, cast["olga"]))
    job = ask(database, make_project())
    assert worker.run_one()
    found = ended(database, job)
    assert (found.state, found.was_cancelled) == ("failed", True)
    assert found.error.startswith("Cancelled by Olga.")


def test_what_is_as_good_as_done_is_done(
    database: Database, worker: Worker, make_project: Make, cast: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_database: Database, _files: FileStore, job: Job, progress: Any) -> dict[str, Any]:
        cancel(database, job.id, cast["olga"])
        progress(1.0, "Done")
        return {"inspection": 3}

    monkeypatch.setitem(kinds.KINDS, "inspect", run)
    job = ask(database, make_project())
    worker.run_one()
    found = ended(database, job)
    assert (found.state, found.was_cancelled, found.result) == ("done", False, {"inspection": 3})


def test_cancelling_twice_is_cancelling_once_and_what_has_ended_cannot_be(
    database: Database, make_project: Make, cast: dict[str, int]
) -> None:
    made = make_project()
    first = ask(database, made)
    when = cancel(database, first, cast["olga"]).cancelled_at
    assert cancel(database, first, cast["rita"]).cancelled_at == when
    second = ask(database, made)
    assert second != first, "one that is on its way out does not stand in the way of another"
    with database.write() as session:
        taken = actions.take(session, "w", clock(session))
        assert taken is not None
        actions.finish(session, second, ("w", 1), result={}, now=clock(session))
    with pytest.raises(Conflict):
        cancel(database, second, cast["olga"])
    with pytest.raises(NotFound):
        cancel(database, 99, cast["olga"])


def test_a_job_whose_worker_died_before_it_could_end_is_not_run_again(
    database: Database, make_project: Make, cast: dict[str, int]
) -> None:
    job = ask(database, make_project())
    with database.write() as session:
        taken = actions.take(session, "dead", clock(session))
        assert taken is not None
    cancel(database, job, cast["olga"])
    with database.write() as session:
        assert actions.take(session, "w", clock(session) + 2 * actions.LEASE) is None
    assert ended(database, job).error == "Cancelled by Olga."


@dataclass(frozen=True)
class Place:
    """A project with items on one of the two databases, its lead, and a worker."""

    database: Database
    files: FileStore
    project: int
    lead: int
    worker: Worker

    def asked(self) -> int:
        with self.database.write() as session:
            return actions.ask_for_inspection(session, self.project, by=self.lead, now=clock(session)).id


@pytest.fixture
def place(any_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr("labeler.jobs.runner.REPORT_EVERY", 0.0)
    database, files = Database(any_settings), FileStore(any_settings.files)
    with database.write() as session:
        lead = accounts.add_user(session, "olga@example.org", role="lead", name="Olga", now=NOW).id
        new = NewProject("pets", "text", "classification", [("cat", ""), ("dog", "")])
        project = create_project(session, new, by=lead, now=NOW).id
    rows = [Row(n, f"e{n}", f"Text {n}", None, "cat" if n % 2 else "dog", {}) for n in range(1, 31)]
    import_items(database, files, project, rows, ImportPlan("items.csv", "csv"))
    yield Place(database, files, project, lead, Worker(database, files))
    database.close()


def test_a_cancelled_check_leaves_what_the_last_one_found(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    first = place.asked()
    place.worker.run_one()
    assert ended(place.database, first).state == "done"
    second = place.asked()
    monkeypatch.setattr("labeler.workflow.inspection._examined", endless(place.database, second, place.lead))
    place.worker.run_one()
    found = ended(place.database, second)
    assert found.was_cancelled
    assert found.error == "Cancelled by Olga. What the last finished check found stands."
    with place.database.read() as session:
        cancelled, done = quality.inspections(session, place.project)
        assert (cancelled.state, cancelled.summary["cancelled"], done.state) == ("failed", True, "done")
        assert cancelled.summary["cost"]["cpu_seconds"] >= 0
        last = quality.latest_inspection(session, place.project)
        assert last is not None
        assert last.id == done.id


def test_a_cancelled_import_says_which_rows_are_in(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labeler.workflow.imports.IMPORT_BATCH", 10)
    file = place.database.settings.uploads / "more.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("id,text\n" + "".join(f"m{n},More {n}\n" for n in range(100)))
    payload = {"path": str(file), "name": "more.csv", "format": "csv", "mapping": {"id": "id", "text": "text"}}
    with place.database.write() as session:
        job = actions.enqueue(session, place.project, "import", payload=payload, by=place.lead, now=clock(session)).id
    stored = Slices.store

    def storing(*args: Any) -> None:
        stored(*args)
        with place.database.read() as session:
            many = item_count(session, place.project)
        if many == 50:
            cancel(place.database, job, place.lead)

    monkeypatch.setattr(Slices, "store", storing)
    place.worker.run_one()
    found = ended(place.database, job)
    assert found.was_cancelled
    assert found.error.startswith(
        "Cancelled by Olga. The first 20 rows of the file were read, and nothing after them: 20"
    )
    assert found.result["added"] == 20
    with place.database.read() as session:
        assert item_count(session, place.project) == 50
    assert not file.exists(), "nobody needs the upload any more"


def endless(database: Database, job: int, by: int) -> Callable[..., Any]:
    def examined(_data: Any, _kept: Any, _settings: Any, report: Any) -> Any:
        cancel(database, job, by)
        step = 0
        while True:
            step += 1
            report(0.5, f"step {step}")

    return examined
