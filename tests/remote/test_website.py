"""Files on websites: each address that an answer leads to is checked as the first one was."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import pytest

from labeler.errors import Forbidden, Invalid, NotFound, Unavailable
from labeler.remote.addresses import Address, Allowed, parsed
from labeler.remote.website import TRIES, Website

LOOPBACK = (ip_network("127.0.0.0/8"),)


class Handler(BaseHTTPRequestHandler):
    """Answers as the pages of its server say: (status, headers, body)."""

    def do_GET(self) -> None:
        self.answer(self.server.pages, send=True)  # type: ignore[attr-defined]

    def do_HEAD(self) -> None:
        heads = self.server.heads  # type: ignore[attr-defined]
        self.answer(heads or self.server.pages, send=False)  # type: ignore[attr-defined]

    def answer(self, pages: dict[str, Any], *, send: bool) -> None:
        self.server.asked.append((self.command, self.path))  # type: ignore[attr-defined]
        status, headers, body = pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if send:
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Site:
    """A website on loopback. pages: what it answers; asked: what was asked of it."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.pages: dict[str, Any] = {}
        self.heads: dict[str, Any] = {}
        self.asked: list[tuple[str, str]] = []
        server.pages, server.heads, server.asked = self.pages, self.heads, self.asked  # type: ignore[attr-defined]
        self.root = f"http://127.0.0.1:{server.server_port}"

    def at(self, path: str) -> Address:
        return parsed(f"{self.root}{path}")

    def website(self, *places: str) -> Website:
        return Website(Allowed.of(places or (self.root,)), LOOPBACK, sleep=lambda _: None)


@pytest.fixture
def site() -> Iterator[Site]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01))
    thread.start()
    yield Site(server)
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_comes_with_what_shows_that_it_is_still_the_same(site: Site) -> None:
    site.pages["/a%20b.png"] = (200, {"ETag": '"one"'}, b"picture")
    website = site.website()
    assert website.read(site.at("/a b.png"), 100) == (b"picture", '"one"')
    assert website.state(site.at("/a b.png")) == (site.at("/a b.png"), 7, '"one"')
    assert b"".join(website.pieces(site.at("/a b.png"), 100)) == b"picture"


def test_a_private_address_is_not_connected_to(site: Site) -> None:
    site.pages["/a"] = (200, {}, b"secret")
    closed = Website(Allowed.of([site.root, site.root.replace("127.0.0.1", "localhost")]))
    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(Forbidden, match="no public one"):
            closed.read(parsed(f"{site.root.replace('127.0.0.1', host)}/a"), 100)
    assert site.asked == []


@pytest.mark.parametrize("to", ["http://169.254.169.254/latest/", "//evil.example/x", "file:///etc/passwd", "/hidden"])
def test_an_answer_that_leads_out_of_the_place_is_not_followed(site: Site, to: str) -> None:
    site.pages["/open/a"] = (302, {"Location": to}, b"")
    site.pages["/hidden"] = (200, {}, b"secret")
    with pytest.raises(Invalid):
        site.website(f"{site.root}/open").read(site.at("/open/a"), 100)
    assert site.asked == [("GET", "/open/a")]


def test_an_answer_that_leads_to_another_file_of_the_place_is_followed(site: Site) -> None:
    site.pages["/a"] = (302, {"Location": "/b?v=1"}, b"")
    site.pages["/b?v=1"] = (200, {}, b"picture")
    assert site.website().read(site.at("/a"), 100).data == b"picture"


def test_answers_that_lead_in_a_circle_end(site: Site) -> None:
    site.pages["/a"] = (302, {"Location": "/a"}, b"")
    with pytest.raises(Invalid, match="without end"):
        site.website().read(site.at("/a"), 100)


@pytest.mark.parametrize(
    ("status", "error"), [(404, NotFound), (410, NotFound), (401, Forbidden), (403, Forbidden), (400, Invalid)]
)
def test_what_a_website_answers_is_said(site: Site, status: int, error: type[Exception]) -> None:
    site.pages["/a"] = (status, {}, b"")
    for ask in (site.website().state, lambda address: site.website().read(address, 9)):
        with pytest.raises(error):
            ask(site.at("/a"))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_website_that_is_busy_is_asked_again_and_then_told_of(site: Site, status: int) -> None:
    site.pages["/a"] = (status, {}, b"")
    with pytest.raises(Unavailable, match=str(status)):
        site.website().read(site.at("/a"), 100)
    assert len(site.asked) == TRIES


def test_a_file_over_the_limit_is_not_read_to_its_end(site: Site) -> None:
    site.pages["/a"] = (200, {}, b"x" * 101)
    with pytest.raises(Invalid, match="larger than 100 bytes"):
        site.website().read(site.at("/a"), 100)


def test_a_file_that_is_cut_off_is_not_taken_for_whole(site: Site) -> None:
    site.pages["/a"] = (200, {"Content-Length": "50"}, b"half")
    with pytest.raises(Unavailable):
        site.website().read(site.at("/a"), 100)


def test_a_website_that_knows_no_head_is_asked_for_the_file(site: Site) -> None:
    site.pages["/a"] = (200, {"ETag": '"one"'}, b"picture")
    site.heads["/a"] = (405, {}, b"")
    assert site.website().state(site.at("/a")).mark == '"one"'


def test_nothing_is_taken_for_a_proxy(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    site.pages["/a"] = (200, {}, b"picture")
    read: Callable[..., Any] = site.website().read
    assert read(site.at("/a"), 100).data == b"picture"
