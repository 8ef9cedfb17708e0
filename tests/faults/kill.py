"""kill -9 of the server while people label: is anything lost that was acknowledged, or there unsent?

Run `python -m tests.faults.kill [--kills 200] [--clients 8]`. The server is killed at a random moment 0.2 to 1.2 s
after it answers again; clients repeat what was not acknowledged, with the same keys. In the end the answers in the
database are compared with what the clients know: each acknowledged key is there once, no key is there that was not
sent, no item has more counted answers than wanted, and both recounts are exact. (That the page cache survives a kill
and not a power cut is why this proves half; `synchronous=FULL` is the other half.)
"""

import argparse
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.agreement.queries import recount as recount_patterns
from labeler.annotations.models import Annotation
from labeler.assignment.queries import recount
from labeler.config import read_settings
from labeler.exchange.rows import Row
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Project
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from labeler.storage.migrations import upgrade
from tests.bench.report import emit

VOTES = 3
PATIENCE = 20.0


@dataclass
class Known:
    """What the clients know. acked: keys the server acknowledged; sent: keys that ever left a client."""

    acked: Counter[str] = field(default_factory=Counter)
    sent: set[str] = field(default_factory=set)
    restarts: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Server:
    """A server process on a fixed port that can be killed and started again."""

    def __init__(self, instance: Path) -> None:
        self.instance = instance
        self.port = 0
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> float:
        """Start it; return the seconds until it answers."""
        started = time.perf_counter()
        command = [sys.executable, "-m", "labeler", "serve", "--no-worker", "--port", str(self.port)]
        environment = {**os.environ, "LABELER_INSTANCE": str(self.instance)}
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.port = int(line.rsplit(":", 1)[1])
        return time.perf_counter() - started

    def kill(self) -> None:
        """End it as a power button would, without a word to it."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def prepare(instance: Path, clients: int, items: int) -> list[str]:
    """Make a project with items and annotators; return their tokens."""
    settings = read_settings({}, instance=instance)
    database = Database(settings)
    upgrade(database)
    tokens = []
    with database.write() as session:
        now = clock(session)
        new = NewProject("kill", "text", "classification", [("a", ""), ("b", "")], votes=VOTES)
        project_id = create_project(session, new, by=None, now=now).id
        for number in range(clients):
            user = accounts.add_user(session, f"c{number}@example.org", role="annotator", now=now)
            accounts.set_member(session, project_id, user.id, role="annotator", now=now)
            tokens.append(accounts.add_token(session, user.id, name="kill", now=now))
    rows = (Row(n, f"i{n}", f"text {n}", None, None, {}) for n in range(items))
    workflow.import_items(database, FileStore(settings.files), project_id, rows, workflow.ImportPlan("k", "csv"))
    database.close()
    return tokens


def client(server: Server, token: str, known: Known, stop: threading.Event, seed: int) -> None:
    """Label until stopped; repeat with the same keys whatever was not acknowledged."""
    rng = random.Random(seed)
    while not stop.is_set():
        held = _post(server, token, "assignments", {"count": 5}, stop)
        if not held:
            return
        batch = [
            {
                "key": str(uuid.uuid4()),
                "assignment": one["assignment"],
                "value": {"label": rng.choice("ab")},
                "seconds": 1.0,
            }
            for one in held
        ]
        with known.lock:
            known.sent |= {one["key"] for one in batch}
        receipts = _post(server, token, "annotations", batch, stop)
        with known.lock:
            known.acked.update(r["key"] for r in receipts or [] if r["status"] in {"created", "replayed", "late"})


def _post(server: Server, token: str, what: str, body: Any, stop: threading.Event) -> Any:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        try:
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            connection.request("POST", f"/api/v1/projects/kill/{what}", json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status == 200:
                return json.loads(content)
        except (OSError, http.client.HTTPException, ValueError):
            pass
        finally:
            connection.close()
        if what == "assignments" and stop.is_set():
            return []
        time.sleep(0.02)
    raise SystemExit(f"the server did not come back within {PATIENCE:.0f} s")


def run(kills: int, clients: int, seed: int = 0) -> dict[str, Any]:
    """Kill the server `kills` times under load; return what was lost, doubled or invented, and the restart times."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder)
        tokens = prepare(instance, clients, items=400 * kills + 2000)
        server, known, stop = Server(instance), Known(), threading.Event()
        server.start()
        threads = [
            threading.Thread(target=client, args=(server, token, known, stop, seed + n))
            for n, token in enumerate(tokens)
        ]
        for thread in threads:
            thread.start()
        for _ in range(kills):
            time.sleep(rng.uniform(0.2, 1.2))
            server.kill()
            known.restarts.append(server.start())
        stop.set()
        for thread in threads:
            thread.join()
        server.kill()
        return {**_compare(instance, known), "kills": kills, "clients": clients, "seed": seed}


def _compare(instance: Path, known: Known) -> dict[str, Any]:
    database = Database(read_settings({}, instance=instance))
    with database.read() as session:
        rows = session.execute(select(Annotation.key, Annotation.item_id, Annotation.status)).all()
        project = session.scalars(select(Project)).one()
        stored = Counter(row[0] for row in rows)
        votes = Counter(row[1] for row in rows if row[2] == "counted")
        result = {
            "acknowledged": len(known.acked),
            "lost": sum(key not in stored for key in known.acked),
            "doubled": sum(count > 1 for count in stored.values()),
            "invented": sum(key not in known.sent for key in stored),
            "beyond_wanted": sum(count > VOTES for count in votes.values()),
            "miscounted": len(recount(session, project, [])) + len(recount_patterns(session, project.id)),
        }
    database.close()
    restarts = sorted(known.restarts)
    return {**result, "restart_p95_s": restarts[round(0.95 * (len(restarts) - 1))] if restarts else 0.0}


def main() -> None:
    """Run with the sizes asked for and print one JSON line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--clients", type=int, default=8)
    arguments = parser.parse_args()
    emit(name="kill", **run(arguments.kills, arguments.clients))


if __name__ == "__main__":
    main()
