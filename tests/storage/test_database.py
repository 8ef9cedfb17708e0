import importlib
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import DBAPIError

from labeler import workflow  # noqa: F401 - brings every table into the metadata
from labeler.accounts.models import User
from labeler.config import Settings, read_settings
from labeler.errors import Invalid, Unavailable
from labeler.jobs import models  # noqa: F401 - as above
from labeler.storage import migrations
from labeler.storage.base import Base
from labeler.storage.database import SQLITE_FLOOR, Database, _is_here, clock, sqlite_version

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def add(session: object, email: str) -> None:
    session.add(User(email=email, name="", role="annotator", active=True, created_at=NOW))  # type: ignore[attr-defined]


def test_sqlite_is_opened_as_durable_as_promised(database: Database) -> None:
    with database.read() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert session.execute(text("PRAGMA synchronous")).scalar() == 2
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert session.execute(text("PRAGMA trusted_schema")).scalar() == 0


def test_the_sqlite_library_has_no_wal_reset_bug() -> None:
    assert sqlite_version() >= SQLITE_FLOOR


def test_a_writing_transaction_takes_the_write_lock_before_it_reads(settings: Settings, database: Database) -> None:
    other = importlib.import_module("pysqlite3").connect(settings.instance / "labeler.db", timeout=0)
    with database.write() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(Exception, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


def test_a_block_that_raises_changes_nothing(database: Database) -> None:

    def fail() -> None:
        with database.write() as session:
            add(session, "a@example.org")
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 0


def test_many_threads_write_without_ever_seeing_a_lock(database: Database) -> None:
    errors: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for n in range(10):
                with database.write() as session:
                    add(session, f"{number}-{n}@example.org")
        except DBAPIError as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 80


def test_time_comes_back_aware_and_in_utc(any_settings: Settings) -> None:
    database = Database(any_settings)
    migrations.upgrade(database)
    with database.write() as session:
        add(session, "a@example.org")
    with database.read() as session:
        assert session.scalars(select(User.created_at)).one() == NOW
        assert clock(session).tzinfo is UTC
    database.close()


def test_the_migrations_make_exactly_the_tables_of_the_models(empty_settings: Settings) -> None:
    database = Database(empty_settings)
    assert migrations.upgrade(database)
    assert not migrations.upgrade(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    database.close()


def test_head_is_the_newest_migration() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_current_head() == migrations.HEAD


def test_a_database_of_a_newer_labeler_is_refused(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unavailable, match="newer Labeler"):
        migrations.upgrade(database)


def test_the_secret_is_made_once_and_only_the_owner_may_read_it(settings: Settings) -> None:
    first = settings.secret_key()
    assert settings.secret_key() == first
    assert len(first) == 64
    assert (settings.instance / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LABELER_LEASE_SECONDS", "soon"),
        ("LABELER_LEASE_SECONDS", "0"),
        ("LABELER_DATABASE_URL", "mysql://x"),
        ("LABELER_MEMORY", "much"),
        ("LABELER_MEMORY", "-2G"),
        ("LABELER_CORE_WATTS", "0"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_settings({name: value}, instance=tmp_path)
    assert refused.value.field == name


@pytest.mark.parametrize(
    ("text", "memory"),
    [("", 0), ("1000", 1000), ("2G", 2 * 2**30), ("800m", 800 * 2**20), ("3 GiB", 3 * 2**30), ("64KB", 64 * 2**10)],
)
def test_memory_is_bytes_with_or_without_a_unit(tmp_path: Path, text: str, memory: int) -> None:
    assert read_settings({"LABELER_MEMORY": text}, instance=tmp_path).memory == memory


def test_a_socket_folder_means_the_socket_in_it(tmp_path: Path) -> None:
    found = read_settings({"LABELER_DATABASE_URL": "postgresql://me@/labels?host=/run/pg"}, instance=tmp_path)
    assert found.database_url == "postgresql+pg8000://me@/labels?unix_sock=/run/pg/.s.PGSQL.5432"


def test_a_server_on_this_machine_is_reached_without_loading_certificates(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_settings({"LABELER_DATABASE_URL": postgres}, instance=tmp_path)
    monkeypatch.setattr("ssl.create_default_context", None)
    database = Database(settings)
    with database.read() as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
    database.close()


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("postgresql+pg8000://db?unix_sock=/run/x/.s.PGSQL.5432", True),
        ("postgresql+pg8000://me@127.0.0.1:5433/db", True),
        ("postgresql+pg8000://me@localhost/db", True),
        ("postgresql+pg8000://me@10.0.0.7/db", False),
        ("postgresql+pg8000://me@db.example.org/db", False),
    ],
)
def test_only_a_server_on_this_machine_is_reached_in_the_clear(address: str, here: bool) -> None:  # noqa: FBT001
    assert _is_here(make_url(address)) is here
