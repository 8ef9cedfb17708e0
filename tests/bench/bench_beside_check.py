"""What people at the keyboard wait for while labels are checked, which uses all the processor it can get.

Run `python -m tests.bench.bench_beside_check [--short]`: the real server with its worker, on SQLite FULL. Four people
claim and submit one item after another, five times a second each, first with nothing else going on, then while the
worker checks the labels of another project: 20,000 texts of 20 classes (short: 4,000). Latencies in milliseconds as in
`bench_beside_import`; `check_cpu_seconds`, `peak_bytes` are those of the check and of the worker's process.
"""

import argparse
import http.client
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.accounts.queries import user_by_email
from labeler.config import read_settings
from labeler.exchange.rows import Row
from labeler.projects.actions import NewProject, create_project
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from tests.bench.bench_beside_import import ITEMS, lead_of, people_at_work, serving_with_worker, told
from tests.bench.bench_serving import Server, prepare, processor_seconds

CLASSES, SEED = 20, 0
FULL, SHORT = 20_000, 4_000
ALONE = 10.0  # seconds


def add_labeled(instance: Path, many: int) -> None:
    """Make a project of texts whose words say their class in part, with given labels."""
    settings = read_settings({}, instance=instance)
    database, random = Database(settings), np.random.default_rng(SEED)
    truth = random.integers(0, CLASSES, many)
    common = (20_000 * random.power(0.3, (many, 12))).astype(int)
    own = random.integers(0, 12, (many, 3))
    rows = (
        Row(
            n + 1,
            f"c{n}",
            " ".join([f"word{word}" for word in common[n]] + [f"topic{truth[n]}x{word}" for word in own[n]]),
            None,
            f"class {truth[n]}",
            {},
        )
        for n in range(many)
    )
    with database.write() as session:
        classes = [(f"class {n}", "") for n in range(CLASSES)]
        new = NewProject("checked", "text", "classification", classes)
        project = create_project(session, new, by=None, now=clock(session)).id
        lead = user_by_email(session, "lead@example.org")
        accounts.set_member(session, project, lead.id, role="lead", now=clock(session))
    workflow.import_items(database, FileStore(settings.files), project, rows, workflow.ImportPlan("bench", "csv"))
    database.close()


def check_labels(server: Server, token: str) -> dict[str, Any]:
    """Ask for a check and wait for its end; returns the run."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Authorization": f"Bearer {token}"}

    def ask(method: str, path: str) -> Any:
        connection.request(method, f"/api/v1{path}", headers=headers)
        return json.loads(connection.getresponse().read())

    job = ask("POST", "/projects/checked/inspections")
    while job["state"] in {"queued", "running"}:
        time.sleep(0.25)
        job = ask("GET", f"/jobs/{job['id']}")
    if job["state"] != "done":
        raise SystemExit(f"the check failed: {job}")
    run: dict[str, Any] = ask("GET", "/projects/checked/inspections")["data"][0]
    return run


def worker_of(server: int) -> int:
    """Return the process of the worker beside a server."""
    return int(Path(f"/proc/{server}/task/{server}/children").read_text().split()[0])


def peak_bytes(process: int) -> int:
    """Return the most memory that a process ever had, 0 where the system does not say."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def main() -> None:
    """Run both parts in a throwaway folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="4,000 texts instead of 20,000")
    parser.add_argument("--n", type=int)
    given = parser.parse_args()
    many = given.n or (SHORT if given.short else FULL)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory(prefix="labeler-bench-") as folder:
        prepared = prepare(Path(folder) / "instance", ITEMS)
        lead = lead_of(prepared.instance)
        add_labeled(prepared.instance, many)
        with serving_with_worker(prepared.instance) as server:
            before = processor_seconds(server.process)
            with people_at_work(server, prepared) as alone:
                time.sleep(ALONE)
            told("alone", alone, server, before, name="beside_check")
            before = processor_seconds(server.process)
            with people_at_work(server, prepared) as beside:
                run = check_labels(server, lead)
            cost = run["summary"]["cost"]
            more = {"items": many, "check_cpu_seconds": cost["cpu_seconds"], "check_seconds": cost["seconds"]}
            peak = peak_bytes(worker_of(server.process))
            told("beside a check", beside, server, before, name="beside_check", peak_bytes=peak, **more)


if __name__ == "__main__":
    main()
