"""`labeler serve` and `labeler worker`: the web process and, beside it, the worker in a process of its own.

The worker is a child that ends with its parent, even when the parent is killed; a save never waits for training.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from labeler.accounts.actions import add_setup_link
from labeler.accounts.queries import anybody
from labeler.cli.group import labeler, opened
from labeler.config import Settings, read_settings
from labeler.errors import Unavailable
from labeler.extensions.addresses import EVERY_ADDRESS, STARTED_ON, address_of
from labeler.storage.database import SQLITE_FLOOR, Database, clock, sqlite_version

RESTART_AFTER = 2.0

MakeApp = Callable[[Settings], Any]


@labeler.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, help="0 chooses a free one.")
@click.option("--no-worker", is_flag=True, help="Do not start the background worker; run `labeler worker` yourself.")
@click.pass_obj
def serve(make_app: MakeApp, host: str, port: int, no_worker: bool) -> None:
    """Serve the web app and, by default, the background worker."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the small sums of the pages are slower on several cores
    settings = replace(read_settings(), bound_host=host)
    app = make_app(settings)
    if settings.is_sqlite and sqlite_version() < SQLITE_FLOOR:
        version = ".".join(map(str, sqlite_version()))
        click.echo(f"Warning: SQLite {version} has a rare bug that can damage a database; install pysqlite3.", err=True)
    database = app.extensions["labeler"].database
    with (
        closing(database),  # last of all: when everybody has stopped, the database file alone is whole
        listening(app, host, port) as (server, url),
        worker_process(settings, wanted=not no_worker),
    ):
        click.echo(f"Labeler is ready at {url}")
        _print_addresses(settings, url)
        _print_setup_link(database, settings.base_url or url)
        run_until_stopped(server)


@labeler.command()
@click.option("--parent", type=int, hidden=True)
def worker(parent: int | None) -> None:
    """Run the background worker alone."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # a label check would take every core, and be hardly faster
    import structlog

    from labeler.jobs.runner import Worker

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with opened() as (_, database, files):
        running = Worker(database, files, parent=parent)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: running.stop.set())
        running.run()


@contextmanager
def listening(app: Any, host: str, port: int) -> Iterator[tuple[Any, str]]:
    """Yield a server that already listens, and its address. Raises Unavailable when the port is taken."""
    from labeler.cli.doors import Server

    try:
        server = Server(app, host, port)
    except OSError as error:
        raise Unavailable(
            "Port {port} on {host} cannot be used ({reason}); choose another with --port.",
            port=port,
            host=host,
            reason=error.strerror,
        ) from error
    app.config[STARTED_ON] = address_of(host, server.effective_port)
    try:
        yield server, app.config[STARTED_ON]
    finally:
        server.close()


def run_until_stopped(server: Any) -> None:
    """Answer requests until the process is asked to stop; requests under way are finished."""

    def stop(*_: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    # one thread at a time holds the database's writer lock: it must not wait long for its turn to compute
    sys.setswitchinterval(0.001)
    # with as many annotators as threads a request waits for a moment now and then, which is no news
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server.run()


@contextmanager
def worker_process(settings: Settings, *, wanted: bool = True) -> Iterator[None]:
    """Keep a worker running beside this process; it is started again when it dies."""
    if not wanted:
        yield
        return
    stopping = threading.Event()
    current: list[subprocess.Popen[bytes]] = [_start_worker(settings.instance)]

    def watch() -> None:
        while not stopping.wait(RESTART_AFTER):
            if current[0].poll() is not None:
                current[0] = _start_worker(settings.instance)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        stopping.set()
        current[0].terminate()
        try:
            current[0].wait(timeout=10)
        except subprocess.TimeoutExpired:
            current[0].kill()


def _start_worker(instance: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "LABELER_INSTANCE": str(instance)}
    command = [sys.executable, "-m", "labeler", "worker", "--parent", str(os.getpid())]
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)  # noqa: S603 - our own program


def _print_addresses(settings: Settings, url: str) -> None:
    if settings.secure_cookies and not settings.trusted_proxies:
        click.echo(
            "Warning: LABELER_TRUSTED_PROXIES is not set, so all people behind the proxy look like one.", err=True
        )
    if settings.bound_host not in EVERY_ADDRESS or settings.base_url:
        return
    click.echo(
        f"It listens on every address of this machine. Links in invites begin with {url}; set LABELER_PUBLIC_URL to "
        "the address people use, and LABELER_TRUSTED_HOSTS to further names it should answer to."
    )


def _print_setup_link(database: Database, url: str) -> None:
    with database.read() as session:
        if anybody(session):
            return
    with database.write() as session:
        token = add_setup_link(session, clock(session))
    click.echo(f"Nobody has an account yet. Create the first one here, once: {url}/link/{token}")
