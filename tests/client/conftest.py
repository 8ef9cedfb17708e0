"""A real server on a free port of this machine, and clients of it that do a worker's work instead of sleeping."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from labeler.client import Client
from labeler.jobs.runner import Worker
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.cli.test_doors import Running


@pytest.fixture
def server(app: Flask) -> Iterator[str]:
    running = Running(app)
    yield f"http://127.0.0.1:{running.port}"
    running.stop()


@pytest.fixture
def client_of(
    server: str, bearer: Callable[[str], dict[str, str]], database: Database, files: FileStore
) -> Callable[[str], Client]:
    """Return a function that gives the client of one of the cast."""

    def work(_seconds: float) -> None:
        Worker(database, files).run_one()

    def client(name: str) -> Client:
        made = Client(server, bearer(name)["Authorization"].removeprefix("Bearer "), timeout=30)
        made._connection.sleep = work
        return made

    return client
