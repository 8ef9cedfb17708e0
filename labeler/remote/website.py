"""Files on websites, over HTTPS (or HTTP where the setting LABELER_REMOTE names it so).

Note: a website can answer with the address of another place. Each of them is asked about again,
before anything is sent there: whether it is allowed, and, when it is connected to, whether its address is public.
Nothing is known here of names and passwords: a website that wants them answers 401, and that is said.
"""

import http.client
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote, urljoin, urlsplit

from labeler import outgoing
from labeler.errors import Forbidden, Invalid, LabelerError, NotFound, Unavailable
from labeler.outgoing import Network
from labeler.remote.addresses import Address, Allowed, parsed
from labeler.remote.found import Fetched, Found

Answer = TypeVar("Answer")
MOST_REDIRECTS = 5
MOST_SECONDS = 600.0  # of one file
TRIES = 3
_PIECE = 1024 * 1024
_ELSEWHERE = frozenset((301, 302, 303, 307, 308))
_SAFE = "/%:@!$&'()*+,;=~"
_HEADERS = {"User-Agent": "labeler", "Accept-Encoding": "identity"}
_NO_HEAD = frozenset((405, 501))


@dataclass(frozen=True, slots=True)
class Website:
    """How websites are asked. private: networks that may be connected to although they are not public."""

    allowed: Allowed
    private: Sequence[Network] = ()
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def state(self, address: Address) -> Found:
        """Return what is known of a file; raises NotFound, Forbidden or Unavailable."""
        try:
            return self._again(lambda: self._state("HEAD", address))
        except _NoHeadError:
            return self._again(lambda: self._state("GET", address))

    def read(self, address: Address, limit: int) -> Fetched:
        """Return a whole file; raises also Invalid over `limit` bytes."""
        return self._again(lambda: self._read(address, limit))

    def pieces(self, address: Address, limit: int) -> Iterator[bytes]:
        """Yield a file in pieces; raises as `read`."""
        with self._answer("GET", address) as answer:
            yield from _pieces(answer, address, limit)

    def _again(self, ask: Callable[[], Answer]) -> Answer:
        for left in reversed(range(TRIES)):
            try:
                return ask()
            except Unavailable:
                if not left:
                    raise
                self.sleep(0.5 * (TRIES - left))
        raise AssertionError

    def _state(self, method: str, address: Address) -> Found:
        with self._answer(method, address) as answer:
            size = answer.getheader("Content-Length") or ""
            return Found(address, int(size) if size.isdigit() else None, _mark(answer))

    def _read(self, address: Address, limit: int) -> Fetched:
        with self._answer("GET", address) as answer:
            return Fetched(b"".join(_pieces(answer, address, limit)), _mark(answer))

    @contextmanager
    def _answer(self, method: str, address: Address) -> Iterator[http.client.HTTPResponse]:
        asked = address
        for _ in range(MOST_REDIRECTS + 1):
            self.allowed.check(asked)
            connection = self._connection(asked)
            try:
                answer = _asked(connection, method, asked)
                if answer.status not in _ELSEWHERE:
                    _check(answer.status, method, address)
                    yield answer
                    return
                asked = parsed(urljoin(asked.whole, answer.getheader("Location") or ""))
            finally:
                connection.close()
        raise Invalid("{address} leads from one address to the next without end.", address=str(address))

    def _connection(self, address: Address) -> http.client.HTTPConnection:
        parts = urlsplit(f"//{address.host}")
        kind = outgoing.HttpsConnection if address.scheme == "https" else outgoing.HttpConnection
        return kind(parts.hostname or "", parts.port, private=self.private)


class _NoHeadError(Exception):
    """The website does not say how a file is without sending it."""


def _asked(connection: http.client.HTTPConnection, method: str, address: Address) -> http.client.HTTPResponse:
    query = f"?{quote(address.query, safe=_SAFE + '?')}" if address.query else ""
    try:
        connection.request(method, f"/{quote(address.path, safe=_SAFE)}{query}", headers=_HEADERS)
        return connection.getresponse()
    except LabelerError:
        raise
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(address, error) from error


def _check(status: int, method: str, address: Address) -> None:
    """Raise what an answer other than the file means."""
    if status == http.client.OK:
        return
    if method == "HEAD" and status in _NO_HEAD:
        raise _NoHeadError
    if status in {http.client.NOT_FOUND, http.client.GONE}:
        raise NotFound("There is no file at {address}.", address=str(address))
    if status in {http.client.UNAUTHORIZED, http.client.FORBIDDEN}:
        raise Forbidden(
            "{address} is not open to this server (it answers {status}).", address=str(address), status=status
        )
    if status == http.client.TOO_MANY_REQUESTS or status >= http.client.INTERNAL_SERVER_ERROR:
        raise Unavailable("{address} cannot be fetched now (it answers {status}).", address=str(address), status=status)
    raise Invalid(
        "{address} is no file that can be fetched (it answers {status}).", address=str(address), status=status
    )


def _pieces(answer: http.client.HTTPResponse, address: Address, limit: int) -> Iterator[bytes]:
    ends, seen, length = time.monotonic() + MOST_SECONDS, 0, answer.length
    try:
        while piece := answer.read(_PIECE):
            seen += len(piece)
            if seen > limit:
                raise Invalid("{address} is larger than {most:,} bytes.", address=str(address), most=limit)
            if time.monotonic() > ends:
                raise Unavailable("{address} comes too slowly.", address=str(address))
            yield piece
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(address, error) from error
    if length is not None and seen < length:
        raise Unavailable("{address} was cut off on the way.", address=str(address))


def _mark(answer: http.client.HTTPResponse) -> str:
    return answer.getheader("ETag") or answer.getheader("Last-Modified") or ""


def _unreachable(address: Address, error: BaseException) -> Unavailable:
    reason = str(error)[:120] or type(error).__name__
    return Unavailable("{address} cannot be fetched now ({reason}).", address=str(address), reason=reason)
