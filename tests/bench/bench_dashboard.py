"""Time to the first byte of the dashboard and the items list over HTTP, each time after one new answer.

    python -m tests.bench.bench_dashboard [--items 10000 100000] [--rounds 50]

A write before every request makes sure that nothing is served from an earlier look. `first` is the first dashboard of a
process, which reads all answers; `memory_before` and `memory_after` are the resident size of the web process.
"""

import argparse
import http.client
import os
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from labeler import workflow
from labeler.annotations.actions import Answer
from labeler.config import read_settings
from labeler.projects.models import Project
from labeler.projects.queries import Question
from labeler.storage.database import Database
from tests.bench.large_project import COOKIE_FILE, SLUG, make_large_project
from tests.bench.report import emit

VOTES = 3
LEASE = timedelta(minutes=30)
PAGES = {
    "dashboard": f"/p/{SLUG}/",
    "annotators": f"/p/{SLUG}/annotators",
    "agreement": f"/p/{SLUG}/agreement",
    "items": f"/p/{SLUG}/items",
    "items_of_a_cell": f"/p/{SLUG}/items?final=1&vote=2",
}
SERVE = """
import sys
from pathlib import Path
from waitress import create_server
from labeler.app import create_app
from labeler.config import read_settings
server = create_server(create_app(read_settings({}, instance=Path(sys.argv[1]))), host="127.0.0.1", port=0, threads=8)
print(server.effective_port, flush=True)
server.run()
"""


@contextmanager
def serving(instance: Path) -> Iterator[tuple[int, int]]:
    """Yield the port and the process id of a web process on this instance."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(instance)], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), process.pid
        finally:
            process.terminate()


def first_byte(port: int, path: str, cookie: str) -> float:
    """Return the seconds until the first byte of a page; the rest is read as well."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.connect()
    started = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": f"session={cookie}"})
    response = connection.getresponse()
    taken = time.perf_counter() - started
    response.read()
    connection.close()
    if response.status != http.client.OK:
        raise RuntimeError(f"{path} answered {response.status}")
    return taken


def resident(pid: int) -> int | None:
    """Return the resident size of a process in bytes; None where there is no /proc."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def answer_one(database: Database, project_id: int, user: int) -> None:
    """Let an annotator answer one more item."""
    with database.write() as session:
        question = Question.of(session, session.get_one(Project, project_id))
        held = workflow.serve(session, project_id, user, count=1, lease=LEASE)
        label = {"label": random.choice(question.classes.names)}
        answer = Answer(secrets.token_hex(16), held[0].assignment.id, label, seconds=2.0)
        workflow.submit(session, question, user, [answer])


def percentile(values: list[float], share: float) -> float:
    """Return the value that this share of all is not above."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measure(folder: Path, items: int, rounds: int) -> None:
    """Make a project of this size and print one line a page."""
    project_id, users = make_large_project(folder, items=items, votes=VOTES)
    cookie = (folder / COOKIE_FILE).read_text()
    database = Database(read_settings({}, instance=folder))
    with serving(folder) as (port, pid):
        first_byte(port, "/healthz", cookie)
        before = resident(pid)
        first = first_byte(port, PAGES["dashboard"], cookie)
        for name, path in PAGES.items():
            taken = []
            for number in range(rounds):
                answer_one(database, project_id, users[number % len(users)])
                taken.append(first_byte(port, path, cookie))
            line: dict[str, Any] = {
                "bench": "dashboard",
                "page": name,
                "items": items,
                "answers": _answers(database),
                "rounds": rounds,
                "p50_ms": 1000 * statistics.median(taken),
                "p95_ms": 1000 * percentile(taken, 0.95),
            }
            if name == "dashboard":
                line |= {"first_ms": 1000 * first, "memory_before": before, "memory_after": resident(pid)}
            emit(**line, at=datetime.now(UTC).isoformat(timespec="seconds"))
    database.close()


def _answers(database: Database) -> int:
    with database.read() as session:
        return session.scalar(text("SELECT count(*) FROM annotation")) or 0


def main() -> None:
    """Read the arguments and measure each size."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--items", type=int, nargs="+", default=[10_000, 100_000])
    arguments.add_argument("--rounds", type=int, default=50)
    given = arguments.parse_args()
    for items in given.items:
        with tempfile.TemporaryDirectory(prefix="labeler-bench-") as folder:
            measure(Path(folder), items, given.rounds)


if __name__ == "__main__":
    main()
