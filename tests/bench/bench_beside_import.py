"""What people at the keyboard wait for while a large file is imported, and what the import loses by making way.

Run `python -m tests.bench.bench_beside_import [--short]`: the real server with its worker, on SQLite FULL. Four people
claim and submit one item after another, five times a second each, first with nothing else going on, then while the
worker imports 200,000 texts (short: 20,000) into the same project; in between the same file under other ids is imported
alone. Latencies are of a claim and of a submit in milliseconds; `server_cpu_ms_per_label` is the web process's own
processor time; `load` the machine's load average at the end of each part.
"""

import argparse
import contextlib
import csv
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labeler.accounts import actions as accounts
from labeler.config import read_settings
from labeler.projects.queries import project_by_slug
from labeler.storage.database import Database
from tests.bench.bench_formats import texts
from tests.bench.bench_serving import CLASSES, Annotator, Prepared, Server, prepare, processor_seconds, spread, timed
from tests.bench.report import emit

PEOPLE = 4
EACH = 0.2  # seconds from one item to the next
ITEMS = 10_000


@dataclass
class Waited:
    """How long people waited in one part, in milliseconds."""

    claim: list[float] = field(default_factory=list)
    submit: list[float] = field(default_factory=list)


@contextlib.contextmanager
def serving_with_worker(instance: Path) -> Iterator[Server]:
    """Run the real server with its worker on a free port."""
    command = [sys.executable, "-m", "labeler", "serve", "--port", "0"]
    begun = time.perf_counter()
    environment = {**os.environ, "LABELER_INSTANCE": str(instance)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline().rsplit(":", 1)[1])
        yield Server(port, process.pid, time.perf_counter() - begun)
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()


def lead_of(instance: Path) -> str:
    """Give the project a lead; returns their token."""
    database = Database(read_settings({}, instance=instance))
    now = datetime.now(UTC)
    with database.write() as session:
        project = project_by_slug(session, "bench")
        user = accounts.add_user(session, "lead@example.org", role="lead", now=now)
        accounts.set_member(session, project.id, user.id, role="lead", now=now)
        token = accounts.add_token(session, user.id, name="bench", now=now)
    database.close()
    return token


def write_file(path: Path, rows: int, prefix: str) -> Path:
    """Write a CSV of texts."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "text"))
        writer.writerows((f"{prefix}-{n}", f"{prefix} {n} {text}") for n, text in enumerate(texts(rows)))
    return path


def work(server: Server, token: str, number: int, stop: threading.Event, waited: Waited) -> None:
    """Claim and submit at a steady pace until stopped."""
    client, due = Annotator(server.port, token), time.perf_counter() + EACH * number / PEOPLE
    while not stop.wait(max(0.0, due - time.perf_counter())):
        due = max(due + EACH, time.perf_counter())
        claim, held = timed(lambda: client.next_items(1))
        if not held:
            return
        submit, _ = timed(lambda held=held: client.submit(held[0], CLASSES[number % 3]))  # type: ignore[misc]
        waited.claim.append(claim)
        waited.submit.append(submit)


@contextlib.contextmanager
def people_at_work(server: Server, prepared: Prepared) -> Iterator[Waited]:
    """Let PEOPLE work while the block runs."""
    stop, parts = threading.Event(), [Waited() for _ in range(PEOPLE)]
    threads = [
        threading.Thread(target=work, args=(server, prepared.tokens[n], n, stop, part)) for n, part in enumerate(parts)
    ]
    together = Waited()
    for thread in threads:
        thread.start()
    try:
        yield together
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for part in parts:
            together.claim += part.claim
            together.submit += part.submit


def import_file(server: Server, token: str, path: Path) -> float:
    """Upload a file and wait for its job; returns the seconds from the first to the last row."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    boundary = "bench-boundary"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'.encode()
    body = head + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": f"multipart/form-data; boundary={boundary}"}
    connection.request("POST", "/api/v1/projects/bench/imports", body, headers)
    answer = connection.getresponse()
    job: dict[str, Any] = json.loads(answer.read())
    if answer.status != 202:
        raise SystemExit(f"the import was refused: {job}")
    while job["state"] in {"queued", "running"}:
        time.sleep(0.1)
        connection.request("GET", f"/api/v1/jobs/{job['id']}", headers=headers)
        job = json.loads(connection.getresponse().read())
    if job["state"] != "done":
        raise SystemExit(f"the import failed: {job}")
    return (datetime.fromisoformat(job["finished_at"]) - datetime.fromisoformat(job["started_at"])).total_seconds()


def told(
    part: str, waited: Waited, server: Server, cpu_before: float, *, name: str = "beside_import", **fields: Any
) -> None:
    """Print what one part showed."""
    cpu = processor_seconds(server.process) - cpu_before
    emit(
        name=name,
        part=part,
        people=PEOPLE,
        labels=len(waited.submit),
        **spread("claim", waited.claim),
        **spread("submit", waited.submit),
        server_cpu_ms_per_label=1000 * cpu / max(1, len(waited.submit)),
        load=os.getloadavg()[0],
        **fields,
    )


def main() -> None:
    """Run the three parts in a throwaway folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="20,000 rows instead of 200,000")
    rows = 20_000 if parser.parse_args().short else 200_000
    with tempfile.TemporaryDirectory(prefix="labeler-bench-") as folder:
        base = Path(folder)
        prepared = prepare(base / "instance", ITEMS)
        lead = lead_of(prepared.instance)
        with serving_with_worker(prepared.instance) as server:
            before = processor_seconds(server.process)
            with people_at_work(server, prepared) as alone:
                time.sleep(6.0 if rows < 100_000 else 20.0)
            told("people alone", alone, server, before, rows=0)
            spent = import_file(server, lead, write_file(base / "alone.csv", rows, "alone"))
            emit(name="beside_import", part="import alone", rows=rows, rows_per_s=rows / spent, load=os.getloadavg()[0])
            path = write_file(base / "beside.csv", rows, "beside")
            before = processor_seconds(server.process)
            with people_at_work(server, prepared) as beside:
                spent = import_file(server, lead, path)
            told("people beside the import", beside, server, before, rows=rows, rows_per_s=rows / spent)


if __name__ == "__main__":
    main()
