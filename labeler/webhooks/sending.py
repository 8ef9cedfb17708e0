"""One HTTP POST to a webhook: to an IP address that was checked, within a time, and hardly anything is read of it.

Note: the connection is one of `outgoing`: the name is resolved once and every address that it has must be allowed, so a
name that means another one a moment later (DNS rebinding) leads nowhere else. Redirects are not followed. No proxy of
the environment is used: it would connect to what nobody checked.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult

from labeler import outgoing
from labeler.errors import Forbidden, Invalid, Unavailable
from labeler.messages import Message
from labeler.outgoing import Resolve
from labeler.webhooks.addresses import Allowed, check_url

TIME = 10.0  # seconds for all of it, behind the look-up of the name
READ = 1000  # bytes of an answer: enough to see what a server complains about


@dataclass(frozen=True)
class Outcome:
    """What became of one try. status: of the answer, None without one; error: why it did not arrive, "" when it did."""

    status: int | None
    answer: str
    error: str
    milliseconds: int


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allowed: Allowed,
    seconds: float = TIME,
    resolve: Resolve | None = None,
) -> Outcome:
    """Send a body; whatever goes wrong is told in what is returned."""
    began = time.monotonic()
    status, answer, error = None, "", ""
    try:
        parts = check_url(url, allowed)
        with _connected(parts, allowed, seconds, resolve) as connection:
            connection.request("POST", _target(parts), body=body, headers=dict(headers))
            response = connection.getresponse()
            status = response.status
            error = _refusal(status, response.getheader("Location"))
            with suppress(OSError, http.client.HTTPException):  # it has arrived, however its answer ends
                answer = response.read(READ).decode(errors="replace").replace("\0", "")
    except Invalid as refused:
        error = refused.message
    except Forbidden as refused:
        error = Message("{why} The operator of this server can allow it: LABELER_WEBHOOK_ALLOW.", why=refused.message)
    except (Unavailable, OSError, http.client.HTTPException, ValueError) as broken:
        late = isinstance(broken, TimeoutError) or time.monotonic() - began >= seconds
        error = (
            Message("The server did not answer within {seconds:g} s.", seconds=seconds) if late else _trouble(broken)
        )
    return Outcome(status, answer, error, round(1000 * (time.monotonic() - began)))


def _trouble(broken: Exception) -> str:
    if isinstance(broken, Unavailable):
        return broken.message
    why = getattr(broken, "strerror", None) or type(broken).__name__
    return Message("The server cannot be reached ({reason}).", reason=why)


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _refusal(status: int, location: str | None) -> str:
    """Return why an answer is not the end of a delivery, "" where it is."""
    if 200 <= status < 300:  # noqa: PLR2004 - HTTP's own numbers
        return ""
    if 300 <= status < 400 and location:  # noqa: PLR2004 - as above
        return Message(
            "It sends on to another address, which is not followed: {place}. Write the address it really has.",
            place=location.partition("?")[0][:200],
        )
    return Message("The server answered {status}.", status=status)


@contextmanager
def _connected(
    parts: SplitResult, allowed: Allowed, seconds: float, resolve: Resolve | None
) -> Iterator[http.client.HTTPConnection]:
    """Yield a connection to an address that was checked; it is cut when the time is over, whatever trickles in."""
    host = parts.hostname or ""
    context = ssl.create_default_context() if parts.scheme == "https" else None
    # the name goes into the Host header and the certificate's check only: both get a socket that is connected
    connection = (
        http.client.HTTPConnection(host, parts.port)
        if context is None
        else http.client.HTTPSConnection(host, parts.port, context=context)
    )
    private = allowed.private_of(host)
    sock = outgoing.connect(host, connection.port, private=private, seconds=seconds, stalled=seconds, resolve=resolve)
    clock = threading.Timer(seconds, _cut, [sock])
    clock.daemon = True
    clock.start()
    try:
        if context is not None:
            sock = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
            clock.args = [sock]
            sock.do_handshake()
        connection.sock = sock
        yield connection
    finally:
        clock.cancel()
        connection.close()
        sock.close()


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # of a TLS socket too: its own would pull the rug from a reader
