"""The web server's doors: who may come in, with how much, for how long, and in which queue they wait.

Waitress reads requests and sends answers in one loop and runs the app in threads. What is added here is what keeps one
guest from shutting out the others:

- a body is read only as far as its address allows, and beyond a little only after the app has said that its sender may
  (a "knock": the same request without its body);
- a request must be complete in time, an answer must be read in time, and when there are many connections the one that
  has been quiet for longest makes room;
- what takes long waits in a queue with threads of its own, and /healthz has one for itself. An answer that nobody reads
  lies in a temporary file: it holds neither a thread nor a snapshot of the database.

Note: everything but `service` runs in the one loop, so nothing here may wait.
"""

import logging
import socket
import time
from functools import partial
from typing import Any

from flask import Flask
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.wasyncore import close_all, loop

from labeler.cli.incoming import (
    SLOWEST,
    STALLED,
    Answer,
    DoorTask,
    RefusalError,
    Request,
    UnreadError,
    ask,
    task_of_error,
)
from labeler.extensions.demands import KNOCK, SMALL, Demand, demand_of

THREADS = 8
THREADS_FOR_LONG = 2
CONNECTIONS = 2000
OPEN_FILES = 8192
_OTHER_FILES = 128  # of the database, pictures, temporary files

IDLE = 75.0  # seconds; browsers keep a connection for a minute or two and open another one without a word
LINGER = 5.0  # reading on after a refusal, so that the client sees it and not a broken connection

MOST_UNREAD = 2 * 1024**3  # bytes of answers that wait in temporary files; above, nothing long is begun
ANSWER_AHEAD = 256 * 1024**2  # bytes an answer may be ahead of its reader
_ACCEPTED_AT_ONCE = 64


class Knock:
    """Asks the app whether the sender of a request may send its body."""

    def __init__(self, channel: "Channel", request: Request) -> None:
        self._channel, self._request = channel, request

    def service(self) -> None:
        """Ask, in a thread of the app."""
        if not self._channel.is_open:
            return
        environ = DoorTask(self._channel, self._request, KNOCK).get_environment()
        answer = ask(self._channel.server.application, environ)
        self._channel.answered(self._request, None if answer[0].startswith("204") else answer)

    def cancel(self) -> None:
        """End the connection: the server stops."""
        self._channel.cancel()


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection."""

    error_task_class = staticmethod(task_of_error)
    request: Any
    requests: list[Any]
    _asking = False
    _lingers = False
    _lingers_until = 0.0
    _sent = 0
    _behind: tuple[float, int] | None = None  # since when something waits to be read, and what was sent until then

    def __init__(self, server: "Door", sock: Any, addr: Any, adj: Adjustments, map: Any = None) -> None:  # noqa: A002
        self.parser_class = partial(Request, server.demand)
        super().__init__(server, sock, addr, adj, map=map)

    @property
    def demand(self) -> Demand:
        """What the request in front asks."""
        return self.requests[0].demand if self.requests else Demand()

    @property
    def is_open(self) -> bool:
        """Whether the connection still is one."""
        return self._fileno is not None

    def readable(self) -> bool:
        """Whether the loop should look for bytes to read."""
        if not self.is_open:
            return False
        return self._lingers_until > 0 or (not self._asking and super().readable())

    def writable(self) -> bool:
        """Whether the loop should look for room to write."""
        return self.is_open and bool(super().writable())

    def handle_read(self) -> None:
        """Take what came in; after a refusal, to throw it away."""
        if self._lingers_until:
            self.recv(self.adj.recv_bytes)
        else:
            super().handle_read()

    def received(self, data: bytes) -> bool:
        """Take bytes of requests; where a large body begins, ask first."""
        taken: bool = super().received(data)
        if self.request is not None and self.request.headers_finished and self.request.must_knock:
            self._asking = True
            self.server.add_task(Knock(self, self.request))
        return taken

    def send_continue(self) -> None:
        """Ask the client to go on, but not while it is still open whether it may."""
        if not self.request.must_knock:
            super().send_continue()

    def answered(self, request: Request, refused: Answer | None) -> None:
        """Go on with a request whose sender may, or answer it with the refusal. Runs in a thread of the app."""
        with self.requests_lock:
            if refused is None:
                request.admitted = True
                if request.expect_continue and not self.sent_continue and not self.requests:
                    super().send_continue()
            else:
                request.error, request.completed = RefusalError(refused), True
                self.request = None
                self.requests.append(request)
                if len(self.requests) == 1:
                    self.server.add_task(self)
            self._asking = False
            self.last_activity = time.time()
        self.server.pull_trigger()

    def service(self) -> None:
        """Answer the request in front, in a thread of the app."""
        request = self.requests[0]
        self._lingers = request.error is not None
        if request.demand.long and request.error is None and self.server.unread() > MOST_UNREAD:
            request.error = UnreadError("")
        super().service()

    def send(self, data: bytes, do_close: bool = True) -> int:  # noqa: FBT002 - waitress calls it like this
        """Send what the other side takes now; returns how many bytes."""
        count: int = super().send(data, do_close=do_close)
        self._sent += count
        return count

    def handle_write(self) -> None:
        """Send what waits; a refusal is followed by reading on for a moment."""
        if self.close_when_flushed and not self.will_close and self._lingers:
            self._flush_exception(self._flush_some)
            if not self.is_open:
                return  # the other side has gone meanwhile
            if not self.total_outbufs_len and not self.will_close:
                self._linger()
                return
        super().handle_write()

    def _linger(self) -> None:
        self.close_when_flushed = False
        self._lingers_until = time.time() + LINGER
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.will_close = True

    def is_idle(self) -> bool:
        """Whether nothing is under way here but, at most, a request that is not complete."""
        return not (self.requests or self._asking or self.total_outbufs_len or self.will_close)

    def is_late(self, now: float) -> bool:
        """Whether this connection has had its time."""
        if self._lingers_until:
            return now > self._lingers_until
        if self.total_outbufs_len:
            return self._reads_too_slowly(now)
        self._behind = None
        if self.requests or self._asking:
            return False  # it is the app that takes its time
        quiet = now - self.last_activity
        if self.request is None:
            return quiet > IDLE
        return quiet > STALLED or self.request.is_late(now)

    def _reads_too_slowly(self, now: float) -> bool:
        if self._behind is None:
            self._behind = (now, self._sent)
        since, sent = now - self._behind[0], self._sent - self._behind[1]
        return since > STALLED and (now - self.last_activity > STALLED or sent / since < SLOWEST)


class Door(TcpWSGIServer):  # type: ignore[misc]
    """A socket that is listened on."""

    channel_class = Channel

    def __init__(self, app: Flask, *args: Any, **kwargs: Any) -> None:
        self.demand = partial(demand_of, app)
        super().__init__(app, *args, **kwargs)

    def unread(self) -> int:
        """Return how many bytes of answers wait to be read."""
        return sum(channel.total_outbufs_len for channel in list(self.active_channels.values()))

    def maintenance(self, now: float) -> None:
        """End what has had its time."""
        for channel in list(self.active_channels.values()):
            if channel.is_late(now):
                # at once: a socket that nobody reads from never has room again, so the loop would not come to it
                channel.handle_close()

    def handle_accept(self) -> None:
        """Let in who waits outside, as many as there are: each turn of the loop looks at every connection."""
        for _ in range(_ACCEPTED_AT_ONCE):
            self._make_room()
            before = len(self._map)
            super().handle_accept()
            if len(self._map) == before or before >= self.adj.connection_limit:
                return

    def _make_room(self) -> None:
        if len(self._map) < self.adj.connection_limit * 9 // 10:
            return
        idle = [channel for channel in self.active_channels.values() if channel.is_idle()]
        if idle:
            min(idle, key=lambda channel: channel.last_activity).will_close = True


class Lanes:
    """Queues with threads of their own: at once, as usual, what takes long, and who wants to send much.

    Few threads for all but the usual: each one that computes makes the loop wait for its turn.
    """

    def __init__(self) -> None:
        self._at_once, self._usual, self._long, self._knocks = (ThreadedTaskDispatcher() for _ in range(4))
        self._at_once.set_thread_count(1)
        self._usual.set_thread_count(THREADS)
        self._long.set_thread_count(THREADS_FOR_LONG)
        self._knocks.set_thread_count(1)

    def add_task(self, task: Channel | Knock) -> None:
        """Let a request wait for its turn among its like."""
        self._lane_of(task).add_task(task)

    def _lane_of(self, task: Channel | Knock) -> ThreadedTaskDispatcher:
        if isinstance(task, Knock):
            return self._knocks
        if task.demand.at_once:
            return self._at_once
        return self._long if task.demand.long else self._usual

    def shutdown(self) -> None:
        """Finish what is under way, within a few seconds, and drop what waits."""
        for lane in (self._usual, self._long, self._knocks, self._at_once):
            lane.shutdown()


class Server:
    """Labeler on its doors. effective_port: of the first one."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        adj = Adjustments(
            host=host,
            port=port,
            ident="",
            recv_bytes=SMALL,
            outbuf_high_watermark=ANSWER_AHEAD,
            max_request_header_size=32 * 1024,
            connection_limit=_room_for_connections(),
            cleanup_interval=1,
            clear_untrusted_proxy_headers=False,  # the app decides whom it believes
            asyncore_use_poll=True,
        )
        self._map: dict[int, Any] = {}
        self._lanes = Lanes()
        doors = [Door(app, self._map, dispatcher=self._lanes, adj=adj, sockinfo=one) for one in adj.listen]
        self.effective_host, self.effective_port = doors[0].effective_host, int(doors[0].effective_port)

    def run(self) -> None:
        """Answer until the process is asked to stop."""
        try:
            loop(timeout=1, map=self._map, use_poll=True)
        except (SystemExit, KeyboardInterrupt):
            self._lanes.shutdown()

    def close(self) -> None:
        """Give every socket back."""
        close_all(self._map, ignore_all=True)


def _room_for_connections() -> int:
    """Ask the system for more open files and return how many connections there is room for."""
    try:
        import resource
    except ImportError:  # not on every system; there, this is how many sockets a process may look at
        return 400
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
        except (OSError, ValueError) as error:
            logging.getLogger(__name__).info("open files stay at %s: %s", soft, error)
    files = OPEN_FILES if soft == resource.RLIM_INFINITY else soft
    return max(64, min(CONNECTIONS, (files - _OTHER_FILES) // 2))
