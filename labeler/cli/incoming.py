"""Requests as they come in, and the answers to those that the app sees without their body, or not at all.

A request knows from its first lines how large its body may be and whether its sender must be asked for first; the rest
of the server's doors is in `cli.doors`.
"""

import copy
import io
import time
from collections.abc import Callable, Iterable
from typing import Any

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask, Task, WSGITask
from waitress.utilities import BadRequest, Error, RequestEntityTooLarge

from labeler.extensions.demands import DOOR, SMALL, TOO_LARGE, UNREAD, Demand

HEADERS = 20.0  # seconds from the first byte of a request to the end of its headers
STALLED = 60.0  # without a byte of a body, or of an answer taken
SLOWEST = 1024.0  # bytes a second on average, of what takes longer than STALLED
_LONGEST_CHUNK_LINE = 4096

Answer = tuple[str, list[tuple[str, str]], bytes]


class Request(HTTPRequestParser):  # type: ignore[misc]  # waitress ships no types
    """A request as it comes in."""

    adj: Any
    completed: bool
    demand = Demand()
    admitted = False

    def __init__(self, demand: Callable[[str, str], Demand], adj: Adjustments) -> None:
        super().__init__(adj)
        self._demand_of = demand
        self.begun = time.time()
        self.body_begun = 0.0

    def parse_header(self, header_plus: bytes) -> None:
        """Read the headers; from here on the limit is that of the address."""
        super().parse_header(header_plus)
        self.demand = self._demand_of(self.command, self.path.encode("latin-1").decode(errors="replace"))
        self.body_begun = time.time()
        if self.body_rcv is not None:
            self.adj = copy.copy(self.adj)
            self.adj.max_request_body_size = self.demand.most + 1  # waitress refuses what reaches it

    def received(self, data: bytes) -> int:
        """Take the next bytes; returns how many belong to this request."""
        taken: int = super().received(data)
        line = getattr(self.body_rcv, "control_line", b"") + getattr(self.body_rcv, "trailer", b"")
        if len(line) > _LONGEST_CHUNK_LINE and not self.completed:
            self.error, self.completed = BadRequest("A line between chunks is too long"), True
        return taken

    @property
    def must_knock(self) -> bool:
        """Whether more than a little is to come of a sender nobody has asked for yet."""
        large = self.chunked or self.content_length > SMALL
        return self.body_rcv is not None and large and not self.completed and not self.admitted

    def is_late(self, now: float) -> bool:
        """Whether this request should have come in by now, whatever it has sent lately."""
        if not self.headers_finished:
            return now - self.begun > HEADERS
        since = now - self.body_begun
        return since > STALLED and self.body_bytes_received / since < SLOWEST


class RefusalError(Error):  # type: ignore[misc]
    """What the app has answered a knock with."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("")
        self.answer = answer

    def to_response(self, ident: str | None = None) -> Answer:
        """Return the app's answer as it is."""
        del ident
        length = "content-length"
        return self.answer[0], [pair for pair in self.answer[1] if pair[0].lower() != length], self.answer[2]


class UnreadError(Error):  # type: ignore[misc]
    """Too many answers wait to be read."""


class DoorTask(WSGITask):  # type: ignore[misc]
    """The app without the body of a request: it says what it would say anyway, or why it is not asked at all."""

    def __init__(self, channel: Any, request: Request, word: str) -> None:
        super().__init__(channel, request)
        self._word = word

    def execute(self) -> None:
        """Answer, and end the connection: what is left of the body is nobody's."""
        self.set_close_on_finish()
        super().execute()

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment with an empty body and the server's own word in it."""
        environ: dict[str, Any] = super().get_environment()
        environ |= {"wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0", DOOR: self._word}
        return environ


class BadTask(ErrorTask):  # type: ignore[misc]
    """The answer to what is no request, as plain text that no browser takes for anything else."""

    def execute(self) -> None:
        """Answer and end the connection."""
        self.response_headers += [
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("Cache-Control", "no-store"),
        ]
        super().execute()


def task_of_error(channel: Any, request: Request) -> Task:
    """Return what answers a request that something is wrong with."""
    if isinstance(request.error, RequestEntityTooLarge):
        return DoorTask(channel, request, TOO_LARGE)
    if isinstance(request.error, UnreadError):
        return DoorTask(channel, request, UNREAD)
    return ErrorTask(channel, request) if isinstance(request.error, RefusalError) else BadTask(channel, request)


def ask(app: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> Answer:
    """Return what a WSGI app answers."""
    said: list[Any] = []
    content = app(environ, lambda status, headers, _exc_info=None: said.extend((status, headers)))
    try:
        body = b"".join(content)
    finally:
        if hasattr(content, "close"):
            content.close()
    return said[0], list(said[1]), body
