"""Whether somebody else still gets in while connections idle, requests stay half-sent and answers are not read.

Run `python -m tests.bench.bench_doors [--short]`. Each row opens a crowd against the real server, then asks /healthz
and for a project from new connections, as a new client would; times are in milliseconds, memory is the web process's.
Compared in the same run: the same requests without a crowd (`quiet`). Stops with an error when /healthz took a second.
"""

import argparse
import contextlib
import http.client
import os
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.config import read_settings
from labeler.exchange.rows import Row
from labeler.projects import actions as projects
from labeler.projects.differences import line_changes
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.storage.migrations import upgrade
from tests.bench.bench_formats import texts
from tests.bench.bench_serving import memory, serving
from tests.bench.report import emit, seconds

AIM_MS = 1000.0
CROWD = 500
UNREAD = 50


@dataclass(frozen=True)
class Crowd:
    """Connections that were opened."""

    sockets: list[socket.socket]

    def close(self) -> None:
        """Hang up."""
        for one in self.sockets:
            one.close()


def prepare(instance: Path, items: int) -> str:
    """Make a text project `bench` with `items` items; returns the token of its lead."""
    settings = read_settings({}, instance=instance)
    database = Database(settings)
    upgrade(database)
    now = datetime.now(UTC)
    with database.write() as session:
        new = projects.NewProject("bench", "text", "classification", [("yes", ""), ("no", "")])
        project_id = projects.create_project(session, new, by=None, now=now).id
        user = accounts.add_user(session, "lead@example.org", role="lead", now=now)
        accounts.set_member(session, project_id, user.id, role="lead", now=now)
        token = accounts.add_token(session, user.id, name="bench", now=now)
    rows = (Row(n + 1, f"id-{n}", f"{n} {text}", None, None, {}) for n, text in enumerate(texts(items)))
    workflow.import_items(database, FileStore(settings.files), project_id, rows, workflow.ImportPlan("bench", "csv"))
    database.close()
    return token


def crowd(port: int, count: int, sent: bytes) -> Crowd:
    """Open `count` connections, send the same bytes over each and do no more."""
    found = []
    for _ in range(count):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # the system reads little for us
        one.settimeout(10)
        one.connect(("127.0.0.1", port))
        if sent:
            one.sendall(sent)
        found.append(one)
    return Crowd(found)


@contextlib.contextmanager
def crowds(port: int, wanted: list[tuple[int, bytes]]) -> Iterator[None]:
    """Keep several crowds at once."""
    found = [crowd(port, count, sent) for count, sent in wanted]
    try:
        yield
    finally:
        for one in found:
            one.close()


def ask(port: int, path: str, token: str = "") -> float:
    """Ask over a new connection; returns milliseconds. Raises SystemExit when the answer is not 200."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=150)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status}")
    return (time.perf_counter() - begun) * 1000


def bench_crowds(port: int, process: int, token: str, rounds: int, items: int) -> None:
    """Emit a row for each crowd."""
    post = b"POST /p/bench/data HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\nabc"
    signed = f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n".encode()
    export = b"GET /api/v1/projects/bench/export?format=jsonl&items=all HTTP/1.1\r\n" + signed + b"\r\n"
    body = b"POST /api/v1/projects/bench/items HTTP/1.1\r\n" + signed + b"Content-Length: 1000000000\r\n\r\n[{"
    cases = {
        "quiet": [],
        "idle": [(CROWD, b"")],
        "half a request line": [(CROWD, b"GET /heal")],
        "half the headers": [(CROWD, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-")],
        "half a body, nobody signed in": [(CROWD, post)],
        "half a body, a lead": [(CROWD, body)],
        "unread exports": [(UNREAD, export)],
        "idle, half-sent and unread": [(CROWD, b""), (CROWD, b"GET /heal"), (UNREAD, export)],
    }
    for case, wanted in cases.items():
        with crowds(port, wanted):
            health = [ask(port, "/healthz") for _ in range(rounds)]
            project = [ask(port, "/api/v1/projects/bench", token) for _ in range(rounds)]
            emit(
                name="doors",
                case=case,
                connections=sum(count for count, _ in wanted),
                n=items,
                rounds=rounds,
                healthz_ms=statistics.median(health),
                healthz_worst_ms=max(health),
                project_ms=statistics.median(project),
                project_worst_ms=max(project),
                aim_healthz_worst_ms=AIM_MS,
                web_process_mb=memory(process) / 2**20,
                load=os.getloadavg()[0],
            )


def bench_refused_body(port: int) -> None:
    """Emit how much of a large body of nobody is taken before the answer is there."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=150)
    connection.sendall(
        b"POST /api/v1/projects/bench/items HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2000000000\r\n\r\n"
    )
    begun = time.perf_counter()
    status = connection.recv(12)[9:].decode()
    emit(
        name="doors",
        case="2 GB announced, nobody signed in",
        status=int(status),
        answered_ms=(time.perf_counter() - begun) * 1000,
        bytes_of_the_body_sent=0,
    )
    connection.close()


def bench_differences() -> None:
    """Emit how long it takes to compare two versions of guidelines that were hard for other ways of comparing."""
    for lines in (1000, 2000, 20_000):
        alike = "\n".join("ab"[n % 2] for n in range(lines))
        other = "\n".join("ba"[n % 3 % 2] for n in range(lines))
        emit(name="differences", lines=lines, bytes=len(alike), s=seconds(partial(line_changes, alike, other)))


def main() -> None:
    """Run everything in a throwaway folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer rounds and items")
    short = parser.parse_args().short
    items = 5_000 if short else 50_000
    with tempfile.TemporaryDirectory(prefix="labeler-bench-") as folder:
        token = prepare(Path(folder) / "doors", items)
        with serving(Path(folder) / "doors") as server:
            bench_crowds(server.port, server.process, token, 20 if short else 100, items)
            bench_refused_body(server.port)
    bench_differences()


if __name__ == "__main__":
    main()
