"""What an annotator waits for, over HTTP against the real server on SQLite FULL: next item, submit, eight at once.

Run `python -m tests.bench.bench_serving [--short]`. Latencies are of one keep-alive client, in milliseconds. Compared
in the same run: a request that does nothing (/healthz, what HTTP itself costs) and a bare commit of one row on SQLite
FULL (what being durable costs). `eight_annotators` stops with an error when an item got more answers than were wanted,
or when a count that is stored is not what the answers say. `server_cpu_ms…` is the server's own processor time: on a
busy machine it says what the wall clock cannot. `start` also holds the memory of the idle web process.
"""

import argparse
import contextlib
import http.client
import json
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.agreement.queries import recount as recount_patterns
from labeler.annotations.models import Annotation
from labeler.assignment.queries import recount as recount_slots
from labeler.config import read_settings
from labeler.exchange.rows import Row
from labeler.projects import actions as projects
from labeler.projects.models import Project
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.storage.migrations import upgrade
from tests.bench.bench_formats import texts
from tests.bench.report import emit

VOTES = 2
ANNOTATORS = 8
WARM_UP = 50
CLASSES = ("positive", "negative", "neutral")


@dataclass(frozen=True)
class Prepared:
    """An instance with one project `bench` and the API tokens of its annotators."""

    instance: Path
    tokens: list[str]


def prepare(instance: Path, items: int) -> Prepared:
    """Make a text project with `items` items that want VOTES answers each."""
    settings = read_settings({}, instance=instance)
    database = Database(settings)
    upgrade(database)
    now = datetime.now(UTC)
    tokens = []
    with database.write() as session:
        classes = [(name, "") for name in CLASSES]
        new = projects.NewProject("bench", "text", "classification", classes, votes=VOTES)
        project_id = projects.create_project(session, new, by=None, now=now).id
        for number in range(ANNOTATORS):
            user = accounts.add_user(session, f"a{number}@example.org", role="annotator", now=now)
            accounts.set_member(session, project_id, user.id, role="annotator", now=now)
            tokens.append(accounts.add_token(session, user.id, name="bench", now=now))
    rows = (Row(n + 1, f"id-{n}", f"{n} {text}", None, None, {}) for n, text in enumerate(texts(items)))
    workflow.import_items(database, FileStore(settings.files), project_id, rows, workflow.ImportPlan("bench", "csv"))
    database.close()
    return Prepared(instance, tokens)


@dataclass(frozen=True)
class Server:
    """A running `labeler serve`. started: seconds from the command to the first 200."""

    port: int
    process: int
    started: float


@contextlib.contextmanager
def serving(instance: Path) -> Iterator[Server]:
    """Run the real server on a free port, without the worker."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "labeler", "serve", "--no-worker", "--port", str(port)]
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, "LABELER_INSTANCE": str(instance)}, stdout=subprocess.DEVNULL
    )
    try:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - begun > 60:
                raise SystemExit("the server did not start")
        yield Server(port, process.pid, time.perf_counter() - begun)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        time.sleep(0.005)
        return False
    finally:
        connection.close()


class Annotator:
    """One keep-alive client."""

    def __init__(self, port: int, token: str = "") -> None:
        """Connect; the token is sent with every request."""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send one request and read its whole answer."""
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, body=data, headers=self._headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())

    def next_items(self, count: int) -> list[int]:
        """Hold the next items; returns their assignments, none when nothing is left."""
        status, held = self.ask("POST", "/api/v1/projects/bench/assignments", {"count": count})
        if status != 200:
            raise SystemExit(f"claim: {status} {held}")
        return [one["assignment"] for one in held]

    def next_item(self) -> int | None:
        """Hold the next item; None when nothing is left."""
        return next(iter(self.next_items(1)), None)

    def submit(self, assignment: int, label: str) -> str:
        """Answer an item; returns what became of it."""
        body = {"key": secrets.token_hex(16), "assignment": assignment, "value": {"label": label}, "seconds": 2.0}
        status, receipt = self.ask("POST", "/api/v1/projects/bench/annotations", body)
        if status != 201:
            raise SystemExit(f"submit: {status} {receipt}")
        found: str = receipt["status"]
        return found


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return milliseconds and what came back."""
    started = time.perf_counter()
    result = work()
    return 1000 * (time.perf_counter() - started), result


def spread(name: str, values: list[float]) -> dict[str, float]:
    """Return p50, p95 and p99 of milliseconds as fields."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {f"{name}_p50_ms": cuts[49], f"{name}_p95_ms": cuts[94], f"{name}_p99_ms": cuts[98]}


def bench_latency(base: Path, items: int, rounds: int) -> None:
    """Measure next item and submit in turn, with an empty request and a bare commit beside each pair."""
    prepared = prepare(base / f"latency-{items}", items)
    spent: dict[str, list[float]] = {"next": [], "submit": [], "healthz": [], "bare_commit": []}
    with serving(prepared.instance) as server, bare_database(base) as commit:
        client = Annotator(server.port, prepared.tokens[0])
        for number in range(WARM_UP + rounds):
            if number == WARM_UP:
                before = processor_seconds(server.process)
            claim_ms, assignment = timed(client.next_item)
            if assignment is None:
                break
            submit_ms, _ = timed(lambda held=assignment: client.submit(held, CLASSES[held % 3]))  # type: ignore[misc]
            health_ms, commit_ms = timed(lambda: client.ask("GET", "/healthz"))[0], timed(commit)[0]
            if number >= WARM_UP:
                for values, value in zip(spent.values(), (claim_ms, submit_ms, health_ms, commit_ms), strict=True):
                    values.append(value)
        cpu = processor_seconds(server.process) - before
    figures: dict[str, float] = {}
    for name, values in spent.items():
        figures |= spread(name, values)
    emit(name="latency", n=items, rounds=rounds, **figures, server_cpu_ms_per_round=1000 * cpu / len(spent["next"]))


@contextlib.contextmanager
def bare_database(base: Path) -> Iterator[Callable[[], None]]:
    """Yield a function that commits one small row durably, with the pragmas the product uses and nothing else."""
    database = Database(read_settings({}, instance=base / f"bare-{secrets.token_hex(4)}"))
    with database.engine.connect() as pooled:
        raw: Any = pooled.connection.driver_connection
        raw.execute("CREATE TABLE answer (id INTEGER PRIMARY KEY, label TEXT)")

        def commit() -> None:
            raw.execute("BEGIN IMMEDIATE")
            raw.execute("INSERT INTO answer (label) VALUES ('positive')")
            raw.execute("COMMIT")

        yield commit
    database.close()


def bench_eight(base: Path, items: int, seconds: float, ahead: int) -> None:
    """Let eight people answer as fast as they can, holding `ahead` items at a time, and prove that counts are right.

    The workspace asks for 48 items ahead; 1 is the hardest case, two requests for each label.
    """
    prepared = prepare(base / f"eight-{ahead}", items)
    outcomes: list[list[tuple[str, float]]] = [[] for _ in range(ANNOTATORS)]
    with serving(prepared.instance) as server:
        until = time.perf_counter() + seconds

        def work(number: int) -> None:
            client = Annotator(server.port, prepared.tokens[number])
            while time.perf_counter() < until and (held := client.next_items(ahead)):
                for assignment in held:
                    spent, status = timed(lambda held=assignment: client.submit(held, CLASSES[(held + number) % 3]))  # type: ignore[misc]
                    outcomes[number].append((status, spent))
                    if time.perf_counter() > until:
                        break

        threads = [threading.Thread(target=work, args=(number,)) for number in range(ANNOTATORS)]
        before, begun = processor_seconds(server.process), time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall, spent_cpu = time.perf_counter() - begun, processor_seconds(server.process) - before
    every = [outcome for of_one in outcomes for outcome in of_one]
    stored, beyond = prove(prepared.instance, len(every))
    emit(
        name="eight_annotators",
        n=items,
        wanted_votes=VOTES,
        held_ahead=ahead,
        wall_s=wall,
        labels_per_s=len(every) / wall,
        server_cpu_ms_per_label=1000 * spent_cpu / max(1, len(every)),
        late=sum(status == "late" for status, _ in every),
        **spread("submit", [spent for _, spent in every]),
        acknowledged=len(every),
        stored=stored,
        items_beyond_wanted=beyond,
        counts_that_differ=0,
    )


def prove(instance: Path, acknowledged: int) -> tuple[int, int]:
    """Return (stored answers, items with more counted answers than wanted); raises SystemExit when a count is wrong."""
    database = Database(read_settings({}, instance=instance))
    with database.read() as session:
        project = session.scalars(select(Project)).one()
        slots, patterns = recount_slots(session, project, []), recount_patterns(session, project.id)
        stored = session.scalar(select(func.count()).select_from(Annotation)) or 0
        per_item = select(Annotation.item_id).where(Annotation.status == "counted").group_by(Annotation.item_id)
        beyond = len(session.scalars(per_item.having(func.count() > VOTES)).all())
    database.close()
    if slots or patterns or beyond or stored != acknowledged:
        raise SystemExit(
            f"wrong: slots {slots}, patterns {patterns}, beyond {beyond}, {stored} of {acknowledged} stored"
        )
    return stored, beyond


def bench_start(base: Path, items: int, runs: int) -> None:
    """Measure the start on an empty folder and with `items` items, and the idle process's memory."""
    prepared = prepare(base / "start", items)
    with serving(prepared.instance):
        pass  # the first start after an install compiles nothing later ones need to
    restarts, empties, resident = [], [], 0
    for number in range(runs):
        with serving(prepared.instance) as server:
            restarts.append(server.started)
            resident = max(resident, memory(server.process))
        with serving(base / f"empty-{number}") as server:
            empties.append(server.started)
    bare, _ = timed(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
    emit(
        name="start",
        n=items,
        runs=runs,
        restart_s=statistics.median(restarts),
        restart_worst_s=max(restarts),
        empty_folder_s=statistics.median(empties),
        empty_folder_worst_s=max(empties),
        idle_web_process_mb=resident / 2**20,
        bare_python_s=bare / 1000,
    )


def memory(process: int) -> int:
    """Return the resident size of a process in bytes; 0 where /proc does not tell."""
    status = Path(f"/proc/{process}/status")
    found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) * 1024 if found else 0


def processor_seconds(process: int) -> float:
    """Return the processor time of a process in seconds; 0 where /proc does not tell."""
    path = Path(f"/proc/{process}/stat")
    if not path.exists():
        return 0.0
    fields = path.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Run everything in a throwaway folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer rounds, no 100,000 items")
    short = parser.parse_args().short
    with tempfile.TemporaryDirectory(prefix="labeler-bench-") as folder:
        base = Path(folder)
        for items in (1_000, 10_000) if short else (1_000, 10_000, 100_000):
            bench_latency(base, items, 300 if short else 900)
        for ahead in (1, 48):
            bench_eight(base, 10_000, 3.0 if short else 10.0, ahead)
        bench_start(base, 10_000, 2 if short else 5)


if __name__ == "__main__":
    main()
