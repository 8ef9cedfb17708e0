"""The real server on a free port: nobody shuts out the others, and nobody unknown sends much."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from flask import Flask
from waitress.wasyncore import loop

from labeler.accounts.permissions import Action
from labeler.cli import doors, incoming
from labeler.cli.doors import Server
from labeler.extensions.access import needs
from tests.conftest import Made

Headers = dict[str, str]


class Running:
    """A server in a thread. limit: of connections."""

    def __init__(self, app: Flask) -> None:
        self.server = Server(app, "127.0.0.1", 0)
        self.port = self.server.effective_port
        self._stopped = threading.Event()
        self._opened: list[socket.socket] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopped.is_set():
            loop(timeout=0.05, map=self.server._map, use_poll=True, count=1)

    def stop(self) -> None:
        for one in self._opened:
            one.close()
        self._stopped.set()
        self._thread.join()
        self.server._lanes.shutdown()
        self.server.close()

    def open(self, sent: bytes = b"") -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self._opened.append(connection)
        if sent:
            connection.sendall(sent)
        return connection

    def ask(
        self, method: str, path: str, headers: Headers | None = None, body: bytes | None = None
    ) -> tuple[int, bytes]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()


@pytest.fixture
def running(app: Flask) -> Iterator[Running]:
    found = Running(app)
    yield found
    found.stop()


def head(method: str, path: str, *lines: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *lines, "", ""]).encode()


def read_all(connection: socket.socket) -> bytes:
    found = b""
    try:
        while piece := connection.recv(65536):
            found += piece
    except ConnectionResetError:
        pass
    return found


@pytest.mark.parametrize(
    "sent", [b"", b"GET /heal", head("GET", "/")[:-2], head("POST", "/sign-in", "Content-Length: 9") + b"a"]
)
def test_connections_that_do_nothing_keep_nobody_out(running: Running, sent: bytes) -> None:
    for _ in range(150):
        running.open(sent)
    assert running.ask("GET", "/healthz")[0] == 200


def test_when_all_connections_are_taken_the_quietest_makes_room(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "_room_for_connections", lambda: 20)
    running = Running(app)
    try:
        crowd = [running.open() for _ in range(60)]
        assert running.ask("GET", "/healthz")[0] == 200
        assert crowd[0].recv(1) == b""  # was closed
    finally:
        running.stop()


@pytest.mark.parametrize(
    ("limit", "sent"),
    [
        ("IDLE", b""),
        ("HEADERS", b"GET / HTTP/1.1\r\nX-"),
        ("STALLED", head("POST", "/sign-in", "Content-Length: 90") + b"a"),
    ],
)
def test_what_does_not_come_in_time_is_ended(
    running: Running, monkeypatch: pytest.MonkeyPatch, limit: str, sent: bytes
) -> None:
    monkeypatch.setattr(doors if limit != "HEADERS" else incoming, limit, 0.05)
    with running.open(sent) as connection:
        assert connection.recv(1) == b""


def test_an_answer_nobody_reads_is_ended_in_time_and_holds_no_thread(
    running: Running, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    @app.get("/large")
    def large() -> Iterator[bytes]:
        return (b"x" * 65536 for _ in range(500))

    needs(Action.OPEN)(app.view_functions["large"])
    for _ in range(2 * doors.THREADS):
        running.open(head("GET", "/large"))
    assert running.ask("GET", "/sign-in")[0] == 200
    monkeypatch.setattr(doors, "STALLED", 0.05)
    (door,) = [one for one in running.server._map.values() if isinstance(one, doors.Door)]
    waited = threading.Event()
    for _ in range(300):
        if not door.active_channels:
            break
        waited.wait(0.1)
    assert not door.active_channels


@pytest.mark.parametrize("sender", ["", "zed", "ann"])
def test_a_large_body_of_somebody_who_may_not_send_it_is_refused_unread(
    running: Running, make_project: Callable[..., Made], bearer: Callable[[str], Headers], sender: str
) -> None:
    made = make_project()
    who = [f"Authorization: {bearer(sender)['Authorization']}"] if sender else []
    path = f"/api/v1/projects/{made.slug}/items"
    lines = ("Content-Type: application/json", "Content-Length: 1000000000", *who)
    with running.open(head("POST", path, *lines)) as connection:
        answer = read_all(connection)
    wanted = {"": b"401", "zed": b"404", "ann": b"403"}[sender]
    assert answer[9:12] == wanted
    assert b"application/problem+json" in answer
    assert b"Connection: close" in answer


def test_a_client_that_goes_on_sending_still_sees_the_refusal(
    running: Running, make_project: Callable[..., Made]
) -> None:
    made = make_project()
    body = b"x" * 20_000_000
    status, said = running.ask("POST", f"/api/v1/projects/{made.slug}/items", body=body)
    assert status == 401
    assert b"Sign in first" in said


def test_who_hangs_up_before_the_refusal_does_no_harm(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    lines = head("POST", "/p/pets/data", "Content-Length: 100000") + b"x" * 1000
    for _ in range(30):
        running.open(lines).close()
    for _ in range(3):
        assert running.ask("POST", "/p/pets/data", body=b"x" * 100_000)[0] == 401
    assert "uncaptured" not in caplog.text
    assert running.ask("GET", "/healthz")[0] == 200


def test_who_may_send_a_large_body_gets_it_in(
    running: Running, make_project: Callable[..., Made], bearer: Callable[[str], Headers]
) -> None:
    made = make_project()
    body = ("\n".join(json.dumps({"id": f"n{n}", "text": "many words " * 50}) for n in range(400))).encode()
    headers = bearer("olga") | {"Content-Type": "application/x-ndjson"}
    assert len(body) > 3 * 65536
    status, said = running.ask("POST", f"/api/v1/projects/{made.slug}/items", headers, body)
    assert (status, b'"added":400' in said) == (200, True)
    # the same without a length, and by a client that waits to be asked for the body
    lines = [f"{name}: {value}" for name, value in headers.items()] + ["Connection: close"]
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:100_000], body[100_000:])) + b"0\r\n\r\n"
    with running.open(
        head("POST", f"/api/v1/projects/{made.slug}/items", *lines, "Transfer-Encoding: chunked")
    ) as sent:
        sent.sendall(chunked)
        assert b'"unchanged":400' in read_all(sent)
    waiting = head("POST", f"/api/v1/projects/{made.slug}/items", *lines, f"Content-Length: {len(body)}",
                   "Expect: 100-continue")  # fmt: skip
    with running.open(waiting) as sent:
        assert sent.recv(64).startswith(b"HTTP/1.1 100")
        sent.sendall(body)
        assert b'"unchanged":400' in read_all(sent)


@pytest.mark.parametrize(
    ("path", "size", "who"),
    [
        ("/sign-in", 70_000, ""),
        ("/theme", 70_000, ""),
        ("/api/v1/projects", 3_000_000, "olga"),
        ("/nowhere", 70_000, "olga"),
        ("/api/v1/projects/pets/annotations", 17_000_000, "ann"),
    ],
)
def test_a_body_larger_than_its_address_takes_is_refused_unread(
    running: Running, bearer: Callable[[str], Headers], path: str, size: int, who: str
) -> None:
    lines = [f"Authorization: {bearer(who)['Authorization']}"] if who else []
    with running.open(head("POST", path, *lines, f"Content-Length: {size}")) as connection:
        answer = read_all(connection)
    assert answer[9:12] in ({b"404"} if path == "/nowhere" else {b"413"})
    with running.open(head("POST", path, *lines, "Transfer-Encoding: chunked") + b"1\r\na\r\n") as connection:
        connection.settimeout(10)
        connection.sendall(b"%x\r\n" % size + b"x" * size)
        answer = read_all(connection)
    assert answer[9:12] in {b"413", b"404"}


def test_every_refusal_of_the_server_has_the_headers_of_an_answer(running: Running) -> None:
    with running.open(head("POST", "/sign-in", "Content-Length: 70000")) as connection:
        assert b"Content-Security-Policy" in read_all(connection)
    for broken in (b"GARBAGE\r\n\r\n", head("GET", "/", "X: " + "y" * 40_000), head("GET", "/", "Content-Length: x")):
        with running.open(broken) as connection:
            answer = read_all(connection)
        assert answer[9:10] == b"4"
        assert b"nosniff" in answer


def test_health_is_answered_while_every_thread_is_busy(app: Flask, running: Running) -> None:
    go_on = threading.Event()

    @app.get("/busy")
    def busy() -> str:
        go_on.wait(30)
        return "done"

    needs(Action.OPEN)(app.view_functions["busy"])
    crowd = [running.open(head("GET", "/busy")) for _ in range(doors.THREADS + 5)]
    try:
        assert running.ask("GET", "/healthz") == (200, b'{"status":"ok"}\n')
    finally:
        go_on.set()
    for one in crowd:
        assert b"200" in one.recv(64)


def test_exports_wait_for_each_other_and_not_others_for_them(
    app: Flask, running: Running, make_project: Callable[..., Made], bearer: Callable[[str], Headers]
) -> None:
    made = make_project()
    go_on = threading.Event()
    export = app.view_functions["api.export_labels"]

    def slow(**values: Any) -> Any:
        go_on.wait(30)
        return export(**values)

    slow.__dict__.update(export.__dict__)
    app.view_functions["api.export_labels"] = slow
    line = f"Authorization: {bearer('olga')['Authorization']}"
    crowd = [running.open(head("GET", f"/api/v1/projects/{made.slug}/export?format=csv", line)) for _ in range(20)]
    try:
        assert running.ask("GET", f"/api/v1/projects/{made.slug}", bearer("olga"))[0] == 200
    finally:
        go_on.set()
    for one in crowd:
        assert b"200 OK" in one.recv(64)


def test_nothing_long_is_begun_while_too_much_is_unread(
    running: Running,
    make_project: Callable[..., Made],
    bearer: Callable[[str], Headers],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = make_project()
    monkeypatch.setattr(doors, "MOST_UNREAD", -1)
    path = f"/api/v1/projects/{made.slug}"
    status, said = running.ask("GET", f"{path}/export?format=csv", bearer("olga"))
    assert (status, b"not read yet" in said) == (503, True)
    assert running.ask("GET", path, bearer("olga"))[0] == 200
