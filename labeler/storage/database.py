"""The one door to the database, and the one place that commits.

`with database.read() as session` gives a consistent snapshot that writes nothing;
`with database.write() as session` gives a transaction that is durable when the block has been left without an error.
What a reader would get wrong: SQLite must open writing transactions with BEGIN IMMEDIATE (a read transaction that
upgrades fails at once whatever the timeout), and in one process a lock in front of SQLite is faster and fairer than
SQLite's own sleeping retry.
"""

import importlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.orm import Session

from labeler.config import Settings
from labeler.storage.nested import read_json

# SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when two connections write and checkpoint in the same instant.
SQLITE_FLOOR = (3, 51, 3)
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL loses what was acknowledged since the last checkpoint when the power fails
    "busy_timeout=10000",
    "foreign_keys=ON",
    "mmap_size=0",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "cache_size=-16000",
)


# the first of the two numbers of an advisory lock: what kind of thing the second one names
_PROJECT_LOCK = 1
_NAMES_LOCK = 2


class Database:
    """An engine with the transaction modes Labeler relies on. One per process; never carried over a fork."""

    def __init__(self, settings: Settings) -> None:
        self.is_sqlite = settings.is_sqlite
        self.engine = _sqlite_engine(settings) if self.is_sqlite else _postgres_engine(settings)
        self._writer = threading.Lock() if self.is_sqlite else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session on one snapshot; whatever it changed by mistake is rolled back."""
        with Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield a session whose changes are durable once the block is left, or undone when it raises."""
        engine = self.engine.execution_options(labeler_write=True)
        with self._writer, Session(engine, expire_on_commit=False) as session:
            yield session
            session.commit()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def clock(session: Session) -> datetime:
    """Return the database's own time in UTC, so that leases do not depend on which machine asks."""
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)  # SQLite runs in this process: its clock is this machine's
    now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return now.astimezone(UTC)


def alone(session: Session, project_id: int) -> None:
    """Wait until nobody else changes who holds or answered what in a project, until this transaction ends.

    SQLite has one writer anyway. PostgreSQL has many: two answers to one item would each count without the other, and
    two batches that move the same counts in opposite order would wait for each other. Ask before reading what is to be
    changed; asking twice does no harm.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(select(func.pg_advisory_xact_lock(_PROJECT_LOCK, project_id)))


def alone_with_names(session: Session) -> None:
    """Wait until nobody else changes who has which account, or which short names are taken, to the end of this one.

    As in `alone`: on PostgreSQL two changes at once would each look before the other one is there, and two admins could
    each take the other's rights, or two people the same name. Ask after `alone` where both are needed.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(select(func.pg_advisory_xact_lock(_NAMES_LOCK, 0)))


def sqlite_version() -> tuple[int, ...]:
    """Return the version of the SQLite library in use."""
    return tuple(int(part) for part in _sqlite_module().sqlite_version.split("."))


def _sqlite_module() -> Any:
    try:
        return importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return importlib.import_module("sqlite3")


def _postgres_engine(settings: Settings) -> Engine:
    engine = create_engine(settings.database_url, pool_size=10, pool_pre_ping=True, json_deserializer=read_json)
    # many rows in one INSERT: pg8000 would send each row on its own, twenty times slower
    engine.dialect.use_insertmanyvalues_wo_returning = True

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("labeler_write", False):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")  # one snapshot for all reads

    return engine


def _sqlite_engine(settings: Settings) -> Engine:
    settings.instance.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        settings.database_url,
        module=_sqlite_module(),
        connect_args={"isolation_level": None},
        pool_size=10,
        json_deserializer=read_json,
    )

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("labeler_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
