"""What becomes of a request that goes wrong: the server's sentence, another try where that is safe, no secret told."""

import hashlib
import http.client
import json
import logging
import pprint
import threading
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from labeler.client import (
    Client,
    Conflict,
    Invalid,
    LabelerError,
    NotFound,
    Project,
    Unauthorised,
    Unavailable,
    Unreachable,
)
from labeler.client.connection import LONGEST_PAUSE, Address, Connection, pause_before

TOKEN = "s3cret-token"


class Told(NamedTuple):
    """One answer of the scripted server. cut: bytes of the body that are kept back."""

    status: int = 200
    body: bytes = b'{"data": [], "next": null}'
    headers: tuple[tuple[str, str], ...] = ()
    cut: int = 0


class Script(ThreadingHTTPServer):
    """A server that answers in turn what a test wrote down, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Scripted)
        self.answers: list[Told] = []
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.paused: list[float] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: what breaks off here is what a test wants."""
        del request, client_address

    @property
    def connection(self) -> Connection:
        return Connection(self.url, TOKEN, timeout=5, sleep=self.paused.append)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Scripted(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Script

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, dict(self.headers)))
        told = self.server.answers.pop(0)
        self.send_response(told.status)
        for name, value in (("Content-Length", str(len(told.body))), ("Connection", "close"), *told.headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(told.body[: len(told.body) - told.cut])
        self.close_connection = True

    do_POST = do_GET  # noqa: N815 - the library's name

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        del format, args


@pytest.fixture
def script() -> Iterator[Script]:
    server = Script()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def problem(status: int, detail: str, *headers: tuple[str, str]) -> Told:
    body = f'{{"type": "about:blank", "title": "No", "status": {status}, "detail": "{detail}", "field": "slug"}}'
    return Told(status, body.encode(), headers)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_read_is_tried_again_after_longer_and_longer_pauses(script: Script, status: int) -> None:
    script.answers = [problem(status, "Busy.")] * 3 + [Told()]
    assert script.connection.get("/projects") == {"data": [], "next": None}
    assert len(script.asked) == 4
    assert [0.25 <= script.paused[0] <= 0.5, 0.5 <= script.paused[1] <= 1, 1 <= script.paused[2] <= 2] == [True] * 3


def test_it_waits_as_long_as_the_server_asks(script: Script) -> None:
    script.answers = [
        problem(503, "Busy.", ("Retry-After", "7")),
        problem(503, "Busy.", ("Retry-After", "9999")),
        Told(),
    ]
    script.connection.get("/projects")
    assert script.paused == [7.0, LONGEST_PAUSE]


def test_after_the_last_try_the_servers_sentence_is_raised(script: Script) -> None:
    script.answers = [problem(503, "The database cannot be reached.")] * 5
    with pytest.raises(Unavailable, match=r"^The database cannot be reached\.$") as caught:
        script.connection.get("/projects")
    assert (caught.value.status, caught.value.field, len(script.asked)) == (503, "slug", 5)


def test_a_change_without_a_key_is_sent_once_and_one_with_a_key_again(script: Script) -> None:
    script.answers = [problem(503, "Busy.")]
    with pytest.raises(Unavailable):
        script.connection.change("POST", "/projects", {"slug": "a"})
    script.answers = [problem(503, "Busy."), Told(201, b'{"id": 1}')]
    assert script.connection.change("POST", "/reviews", {"key": "k"}, repeatable=True) == {"id": 1}
    assert [method for method, *_ in script.asked] == ["POST"] * 3


def test_a_decision_is_sent_again_under_the_same_key(script: Script) -> None:
    project = Project(script.connection, {"slug": "pets"})  # type: ignore[typeddict-item]
    script.answers = [Told(502, b"<html>"), Told(201, b'{"id": 1}')]
    assert project.decide(3, "keep")["id"] == 1


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Unauthorised), (404, NotFound), (409, Conflict), (422, Invalid), (500, LabelerError)]
)
def test_an_error_is_raised_as_what_it_is_and_not_tried_again(
    script: Script, status: int, kind: type[LabelerError]
) -> None:
    script.answers = [problem(status, "There is no project 'a {b}'.")]
    with pytest.raises(kind, match=r"There is no project 'a \{b\}'\.") as caught:
        script.connection.get("/projects/a")
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert len(script.asked) == 1


@pytest.mark.parametrize("body", [b"<html>Bad Gateway", b"[1]", b"", b"\xff"])
def test_an_answer_of_something_else_than_a_labeler_is_told_as_such(script: Script, body: bytes) -> None:
    script.answers = [Told(500, body)]
    with pytest.raises(LabelerError, match="answered 500 Internal Server Error"):
        script.connection.get("/projects")
    script.answers = [Told(200, b"<html>")] * 5
    with pytest.raises(Unreachable, match="is no JSON"):
        script.connection.get("/projects")


def test_the_token_follows_no_redirect(script: Script) -> None:
    script.answers = [Told(302, b"", (("Location", "http://elsewhere.example/?token=1"),))]
    with pytest.raises(LabelerError, match=r"sends on to http://elsewhere\.example/\. Use the address"):
        script.connection.get("/projects")
    assert len(script.asked) == 1


@pytest.mark.parametrize("following", ["http://elsewhere.example/x", "//elsewhere.example/x", "x"])
def test_a_next_page_is_asked_of_the_same_server_only(script: Script, following: str) -> None:
    with pytest.raises(Unreachable, match="none of its own"):
        script.connection.follow(following)
    assert script.asked == []


def test_an_answer_that_breaks_off_is_asked_for_again(script: Script, tmp_path: Path) -> None:
    script.answers = [Told(cut=3), Told()]
    assert script.connection.get("/projects") == {"data": [], "next": None}
    project = Project(script.connection, {"slug": "pets"})  # type: ignore[typeddict-item]
    whole = Told(200, b"line\n" * 100, (("X-Labeler-Left-Out", "tied=1"),))
    script.answers = [whole._replace(cut=1), whole]
    done = project.export("jsonl", tmp_path / "out.jsonl")
    assert (done.bytes, done.left_out) == (500, "tied=1")
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


def test_a_file_that_never_comes_whole_leaves_what_was_there(script: Script, tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_bytes(b"before")
    project = Project(script.connection, {"slug": "pets"})  # type: ignore[typeddict-item]
    script.answers = [Told(200, b"line\n", cut=1)] * 5
    with pytest.raises(Unreachable, match="broke off"):
        project.export("csv", tmp_path / "out.csv")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "a\\b", "C:x", ""])
def test_a_name_that_a_server_gives_never_leads_out_of_the_folder(script: Script, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "into"
    folder.mkdir()
    project = Project(script.connection, {"slug": "pets"})  # type: ignore[typeddict-item]
    script.answers = [Told(200, b"x", (("Content-Disposition", f'attachment; filename="{name}"'),))]
    assert project.export("csv", folder).path == folder / "export"
    for said in ('filename="pets.csv"', "filename=pets.csv", "filename*=UTF-8''pets.csv"):
        script.answers = [Told(200, b"x", (("Content-Disposition", f"attachment; {said}"),))]
        assert project.export("csv", folder).path == folder / "pets.csv"


def test_a_server_that_is_not_there_is_named_and_tried_again() -> None:
    paused: list[float] = []
    gone = Script()
    gone.server_close()
    with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:\d+ cannot be reached \(Connection refused\)"):
        Connection(gone.url, TOKEN, sleep=paused.append).get("/projects")
    assert len(paused) == 4


@pytest.mark.parametrize("kind", [FileNotFoundError, BrokenPipeError, ConnectionResetError, ValueError])
def test_an_error_of_ones_own_rows_is_not_the_connections(script: Script, kind: type[Exception]) -> None:
    def rows() -> Iterator[dict[str, str]]:
        yield {"text": "a"}
        raise kind("mine")

    project = Project(script.connection, {"slug": "pets"})  # type: ignore[typeddict-item]
    with pytest.raises(kind, match="mine"):
        project.start_import(rows())


@pytest.mark.parametrize(
    "url", ["labels.example.org", "ftp://a", "http://", "http://a:b@c", "http://a?x", "http://a:x"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="address of a server"):
        Client(url, TOKEN)


def test_an_address_may_have_a_path_before_the_api() -> None:
    assert Address.of(" https://a.example/labels/ ").prefix == "/labels"
    assert Address.of("https://a.example/api/v1").prefix == ""
    assert Address.of("http://[::1]:8080").origin == "http://[::1]:8080"


@pytest.mark.parametrize("token", ["a b", "a\nX-Evil: 1", "ü", "a\x7f"])
def test_what_is_no_token_is_refused_without_being_told(token: str) -> None:
    with pytest.raises(Invalid, match="This is no token") as caught:
        Client("http://127.0.0.1", token)
    assert token not in str(caught.value)


def test_the_token_stands_nowhere(
    script: Script, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("LABELER_TOKEN", f"{TOKEN}\n")
    caplog.set_level(logging.DEBUG)
    client = Client(script.url, tries=1)
    script.answers = [problem(404, "There is no project.")]
    with pytest.raises(NotFound) as caught:
        client.project("pets")
    script.server_close()
    with pytest.raises(Unreachable) as broken:
        client.project("pets")
    shown = "".join(
        line
        for error in (caught.value, broken.value)
        for line in traceback.TracebackException.from_exception(error, capture_locals=True).format()
    )
    parts = [client, client._connection, Project(client._connection, {"slug": "pets"})]  # type: ignore[typeddict-item]
    told = [repr(parts), pprint.pformat([vars(part) for part in parts]), caplog.text, repr(caught.value)]
    assert script.asked[0][2]["Authorization"] == f"Bearer {TOKEN}"
    assert not any(TOKEN in text for text in (*told, shown))
    assert "labeler/client" in shown


def test_pauses_are_never_longer_than_the_longest() -> None:
    assert all(0 < pause_before(number) <= LONGEST_PAUSE for number in range(2, 200))


def test_a_server_that_says_nothing_is_given_up(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(self: http.client.HTTPConnection) -> Any:
        del self
        raise TimeoutError

    monkeypatch.setattr(http.client.HTTPConnection, "getresponse", silent)
    script.answers = [Told()] * 5
    with pytest.raises(Unreachable, match="did not answer in time"):
        script.connection.get("/projects")


def test_a_release_comes_in_with_its_checksum_or_not_at_all(script: Script, tmp_path: Path) -> None:
    archive = b"PK frozen"
    details = {"number": 2, "name": "May", "sha256": hashlib.sha256(archive).hexdigest()}
    job = {"id": 7, "kind": "release", "project": "pets", "state": "done", "progress": 1.0, "message": ""}
    job |= {"result": {"release": 2}, "error": "", "worker": True, "cancelled": False}
    named = (("Content-Disposition", 'attachment; filename="pets-2.zip"'),)
    project = Project(script.connection, {"slug": "pets"})  # type: ignore[typeddict-item]
    script.answers = [Told(202, json.dumps(job).encode()), Told(200, json.dumps(details).encode())]
    made = project.make_release(name="May")
    script.answers = [Told(200, archive, named)]
    done = made.download(tmp_path)
    assert (done.path, done.sha256) == (tmp_path / "pets-2.zip", made.sha256)
    script.answers = [Told(200, b"PK changed", named)] * 5
    with pytest.raises(Unreachable, match="its SHA-256 differs"):
        made.download(tmp_path)
    assert (tmp_path / "pets-2.zip").read_bytes() == archive
    script.answers = [Told(200, json.dumps({"data": [details]}).encode())]
    assert [one.number for one in project.releases()] == [2]
    assert [path for _, path, _ in script.asked] == [
        "/api/v1/projects/pets/releases",
        "/api/v1/projects/pets/releases/2",
        *["/api/v1/projects/pets/releases/2/archive"] * 6,
        "/api/v1/projects/pets/releases",
    ]
