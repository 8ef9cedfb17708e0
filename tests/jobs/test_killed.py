"""A check whose worker is killed is taken up by the next one, which says so; what was kept of texts is used again."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from labeler.config import Settings
from labeler.exchange.rows import Row
from labeler.jobs import actions, queries
from labeler.jobs.models import Job
from labeler.jobs.runner import Worker
from labeler.quality.queries import inspections
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from labeler.workflow import ImportPlan, import_items
from tests.conftest import Made

WORKER = """
import sys
from labeler.config import read_settings
from labeler.jobs.runner import Worker
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.workflow import inspection

def examined(data, kept, settings, report):
    report(0.4, "computing")
    print("computing", flush=True)
    sys.stdin.read()

inspection._examined = examined
settings = read_settings()
Worker(Database(settings), FileStore(settings.files)).run_one()
"""


@pytest.fixture
def made(make_project: Callable[..., Made]) -> Made:
    return make_project(items=0)


def killed_worker(settings: Settings) -> None:
    """Let another process take the job, and kill it while it computes."""
    environment = {**os.environ, "LABELER_INSTANCE": str(settings.instance)}
    with subprocess.Popen(
        [sys.executable, "-c", WORKER], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert any(line == "computing\n" for line in process.stdout), "behind what the worker logs"
        process.send_signal(signal.SIGKILL)


def test_a_killed_check_is_taken_up_again_and_says_so(settings: Settings, database: Database, made: Made) -> None:
    files = FileStore(settings.files)
    rows = [Row(n, f"e{n}", f"Text {n}", None, "cat" if n % 2 else "dog", {}) for n in range(1, 31)]
    import_items(database, files, made.id, rows, ImportPlan("items.csv", "csv"))
    with database.write() as session:
        job = actions.ask_for_inspection(session, made.id, by=None, now=clock(session)).id
    killed_worker(settings)
    worker = Worker(database, files)
    assert not worker.run_one(), "until the lease ends it may be alive"
    with database.read() as session:
        assert queries.job_in(session, job).state == "running"
    with database.write() as session:
        ended = clock(session) - timedelta(seconds=1)
        session.execute(update(Job).where(Job.id == job).values(lease_until=ended))
    with database.write() as session:
        again = actions.take(session, "next", clock(session))
        assert again is not None
        assert again.message == "The worker was stopped in the middle; begun again, try 2 of 3"
        actions.hand_back(session, job, ("next", 2))
    assert worker.run_one()
    with database.read() as session:
        assert queries.job_in(session, job).state == "done"
        second, first = inspections(session, made.id)
        assert (first.state, first.summary["notes"]) == ("failed", ["The worker stopped before this run was finished."])
        assert second.state == "done"
        assert "The check before was stopped in the middle; this is the next try." in second.summary["notes"]
