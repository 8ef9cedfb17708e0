"""Requests to one server: its address, the token, how long to wait, and what is tried again.

Only what changes nothing when it is sent twice is tried again: reads, and changes that carry a key of their own. The
token is given to this server alone (a redirect is an error, not followed) and stands in no representation of anything.
"""

import http.client
import json
import os
import random
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode, urlsplit

from labeler import __version__
from labeler.errors import (
    Conflict,
    Forbidden,
    Invalid,
    LabelerError,
    NotFound,
    TooLarge,
    Unauthorised,
    Unavailable,
    Unreachable,
)
from labeler.messages import Message, verbatim

TIMEOUT = 60.0  # seconds without a byte
TRIES = 5
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds
_API = "/api/v1"
_PIECE = 256 * 1024  # bytes
_MOST_OF_AN_ERROR = 64 * 1024
_TOLD: tuple[type[LabelerError], ...] = (Unauthorised, Forbidden, NotFound, Conflict, TooLarge, Invalid, Unavailable)
_KINDS = {kind.status: kind for kind in _TOLD} | dict.fromkeys((408, 425, 429, 502, 504), Unavailable)

Read = TypeVar("Read")


class Secret:
    """A text that is shown nowhere."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "…"

    def reveal(self) -> str:
        """Return the text."""
        return self._text


class Address(NamedTuple):
    """Where a server is. prefix: the path before /api/v1, "" for none."""

    scheme: str
    host: str
    port: int | None
    prefix: str

    @classmethod
    def of(cls, url: str) -> "Address":
        """Read an address such as https://labels.example.org; raises Invalid for what is none."""
        try:
            parts = urlsplit(url.strip())
            port, host = parts.port, parts.hostname
        except ValueError:
            parts, port, host = urlsplit(""), None, None
        if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or parts.query or parts.fragment:
            raise Invalid("The address of a server is like https://labels.example.org.", field="url")
        return cls(parts.scheme, host, port, parts.path.rstrip("/").removesuffix(_API))

    @property
    def origin(self) -> str:
        """Scheme, host and port, as people write them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port is None else f":{self.port}")

    def connect(self, timeout: float) -> http.client.HTTPConnection:
        """Return a connection that is not open yet."""
        if self.scheme == "http":
            return http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=context)


class Pieces:
    """A body that is made while it is sent. failed: what its maker raised, which is not the connection's fault."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.failed: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        except (OSError, http.client.HTTPException) as error:
            self.failed = error
            raise


@dataclass(frozen=True)
class Request:
    """What is asked. path: with its query; body: at once, or in pieces; repeatable: whether twice is the same as once.

    from_root: whether the path is whole, as a `next` is, and does not begin behind /api/v1.
    """

    method: str
    path: str
    body: bytes | Pieces | None = None
    content_type: str = "application/json"
    repeatable: bool = False
    from_root: bool = False


class Refusal(NamedTuple):
    """An answer that is an error. again: whether a later try may go better; after: seconds that were asked for."""

    error: LabelerError
    again: bool
    after: float = 0.0


class Answer:
    """A good answer whose body is not read yet."""

    def __init__(self, response: http.client.HTTPResponse, server: str) -> None:
        self._response, self._server = response, server
        self.headers = response.headers

    def pieces(self) -> Iterator[bytes]:
        """Yield the body; raises Unreachable where it breaks off."""
        wanted, got = self._response.getheader("Content-Length"), 0
        try:
            while piece := self._response.read(_PIECE):
                got += len(piece)
                yield piece
        except (OSError, http.client.HTTPException) as error:
            raise _broken(self._server, error) from None
        if wanted is not None and got < int(wanted):
            raise _broken(self._server, http.client.IncompleteRead(b"", int(wanted) - got))

    def json(self) -> Any:
        """Read the body as JSON; None for an empty one. Raises Unreachable for anything else."""
        body = b"".join(self.pieces())
        try:
            return json.loads(body) if body else None
        except ValueError:
            said = Message("What {server} answered is no JSON. Is it the address of a Labeler?", server=self._server)
            raise Unreachable(said) from None


class Connection:
    """How to ask one server. timeout: seconds without a byte; tries: of what may be repeated; sleep: how to wait."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        timeout: float = TIMEOUT,
        tries: int = TRIES,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._address = Address.of(url)
        self._token = Secret(_usable(os.environ.get("LABELER_TOKEN", "") if token is None else token))
        self._timeout, self._tries = timeout, max(1, tries)
        self.sleep = sleep

    def __repr__(self) -> str:
        return f"{self._address.origin}{self._address.prefix}"

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """Read something; query: parameters, those that are None left out."""
        return self.ask(Request("GET", path + _query(query), repeatable=True), Answer.json)

    def follow(self, path: str) -> Any:
        """Read the `next` page of a list, an address the server itself gave."""
        if not path.startswith("/") or path.startswith("//"):
            raise Unreachable(Message("{server} names a next page that is none of its own.", server=repr(self)))
        return self.ask(Request("GET", path, repeatable=True, from_root=True), Answer.json)

    def change(self, method: str, path: str, body: Any = None, *, repeatable: bool = False) -> Any:
        """Change something. repeatable: whether the same twice is the same as once, so that it may be tried again."""
        data = None if body is None else json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        return self.ask(Request(method, path, data, repeatable=repeatable), Answer.json)

    def read(self, path: str, query: Mapping[str, Any] | None, take: Callable[[Answer], Read]) -> Read:
        """Read something large; `take` is given the answer, and given another one when that breaks off."""
        return self.ask(Request("GET", path + _query(query), repeatable=True), take)

    def ask(self, request: Request, take: Callable[[Answer], Read]) -> Read:
        """Send a request and return what `take` makes of its answer. Raises the error that the server tells."""
        number = 1
        while True:
            try:
                found = self._once(request, take)
            except Unreachable as error:
                found = Refusal(error, again=not isinstance(error.__cause__, ssl.SSLCertVerificationError))
            if not isinstance(found, Refusal):
                return found
            if not (found.again and request.repeatable and number < self._tries):
                raise found.error
            self.sleep(max(found.after, pause_before(number + 1)))
            number += 1

    def _once(self, request: Request, take: Callable[[Answer], Read]) -> Read | Refusal:
        start = "" if request.from_root else self._address.prefix + _API
        with closing(self._address.connect(self._timeout)) as connection:
            try:
                self._send(connection, request, start + request.path)
                response = connection.getresponse()
                if response.status >= 300:  # noqa: PLR2004 - nothing but an answer with what was asked for is good
                    return _refusal(response, repr(self))
            except (OSError, http.client.HTTPException) as error:
                if isinstance(request.body, Pieces) and request.body.failed is error:
                    raise
                # without its traceback: the frames of the sending hold the token, and some show what frames hold
                raise _broken(repr(self), error) from error.with_traceback(None)
            return take(Answer(response, repr(self)))

    def _send(self, connection: http.client.HTTPConnection, request: Request, target: str) -> None:
        headers = {"Accept": "application/json", "User-Agent": f"labeler-client/{__version__}"}
        if token := self._token.reveal():
            headers["Authorization"] = f"Bearer {token}"
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        body = b"" if request.body is None and request.method == "POST" else request.body
        if chunked := isinstance(body, Pieces):
            headers["Transfer-Encoding"] = "chunked"
        connection.connect()
        # a server that refuses says so before it has read everything, and then takes no more
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(request.method, target, body=body, headers=headers, encode_chunked=chunked)
        if isinstance(body, Pieces) and body.failed is not None:
            raise body.failed


def pause_before(number: int) -> float:
    """Return how many seconds to wait before a try: twice as long each time, with chance so that not all come at once.

    number: 2 for the second try.
    """
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (number - 2)) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


def _usable(token: str) -> str:
    """Return a token without what came with it from a file; raises Invalid, without naming it, for what is none."""
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise Invalid("This is no token. One is made with `labeler token create`.", field="token")
    return token


def _query(query: Mapping[str, Any] | None) -> str:
    given = {name: _spelled(value) for name, value in (query or {}).items() if value is not None}
    return f"?{urlencode(given, doseq=True)}" if given else ""


def _spelled(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _broken(server: str, error: Exception) -> Unreachable:
    if isinstance(error, TimeoutError):
        return Unreachable(Message("{server} did not answer in time.", server=server))
    if isinstance(error, http.client.IncompleteRead):
        return Unreachable(Message("The answer of {server} broke off.", server=server))
    why = getattr(error, "strerror", None) or type(error).__name__
    return Unreachable(Message("{server} cannot be reached ({reason}).", server=server, reason=why))


def _refusal(response: http.client.HTTPResponse, server: str) -> Refusal:
    """Return the error that an answer tells, with the server's own sentence where there is one."""
    status = response.status
    if status < 400:  # noqa: PLR2004 - a redirect
        place = (response.getheader("Location") or "").partition("?")[0]
        said = Message(
            "{server} sends on to {place}. Use the address it really has: the token is given to no other.",
            server=server,
            place=place,
        )
        return Refusal(LabelerError(verbatim(said)), again=False)
    told = _problem(response)
    kind = _KINDS.get(status, LabelerError)
    plain = Message("{server} answered {status} {reason}.", server=server, status=status, reason=response.reason)
    error = kind(verbatim(str(told.get("detail") or plain)), field=str(told.get("field") or ""))
    error.status, error.title = status, str(told.get("title") or response.reason)
    return Refusal(error, again=isinstance(error, Unavailable), after=_seconds(response.getheader("Retry-After")))


def _problem(response: http.client.HTTPResponse) -> dict[str, Any]:
    told = response.read(_MOST_OF_AN_ERROR)
    with suppress(ValueError):
        found = json.loads(told)
        return found if isinstance(found, dict) else {}
    return {}


def _seconds(text: str | None) -> float:
    return min(LONGEST_PAUSE, float(text)) if text and text.isascii() and text.isdigit() else 0.0
