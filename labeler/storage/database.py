"""The one door to the database, and the one place that commits.

`with database.read() as session` gives a consistent snapshot that writes nothing;
`with database.write() as session` gives a transaction that is durable when the block has been left without an error.
Note: SQLite must open writing transactions with BEGIN IMMEDIATE (a read transaction that
upgrades fails at once whatever the timeout), a lock in front of SQLite is faster and fairer than SQLite's own sleeping
retry (`turns`), and SQLite starts without a word on a database that lost what was acknowledged (`commit_mark`).
"""

import importlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from labeler import durable
from labeler.config import Settings
from labeler.storage.commit_mark import CommitMark
from labeler.storage.nested import read_json
from labeler.storage.private import database_file, make_private, tighten
from labeler.storage.turns import Turns

# SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when two connections write and checkpoint in the same instant.
SQLITE_FLOOR = (3, 51, 3)
_BUSY = "busy_timeout=10000"  # milliseconds
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL loses what was acknowledged since the last checkpoint when the power fails
    _BUSY,
    "foreign_keys=ON",
    "mmap_size=0",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "cache_size=-16000",
    "wal_autocheckpoint=4000",  # a net: whoever commits often does it before, when nobody waits (`_checkpoint`)
)


_CHANGES = "labeler_changes"  # rows a connection had changed when its transaction began
_TRIES, _PATIENCE = 5, 100  # a checkpoint at the end: how often, and for how many milliseconds
_CHECKPOINT_EVERY = 50  # commits of people; one of a job may change as much as several of theirs
_OF_A_JOB = 5
_BLOCKED = text("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted LIMIT 1")
# the first of the two numbers of an advisory lock: what kind of thing the second one names
_PROJECT_LOCK = 1
_NAMES_LOCK = 2


class Database:
    """An engine with the transaction modes Labeler relies on. One per process; never carried over a fork.

    Raises Unavailable when a SQLite database is not all of the one that was here before.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.is_sqlite = settings.is_sqlite
        self.file = database_file(settings)
        self._mark = self._turns = None
        if self.file is not None:
            self._mark, self._turns = CommitMark(self.file, _sqlite_module()), Turns(self.file)
            self._mark.check(used_before=_used_before(settings))
            _make_file(settings, self.file)
        tighten(settings)
        self.engine = _sqlite_engine(settings) if self.is_sqlite else _postgres_engine(settings)
        self._commits = 0

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session on one snapshot; whatever it changed by mistake is rolled back."""
        with Session(self.engine, autoflush=False) as session:
            yield session

    def write(self) -> AbstractContextManager[Session]:
        """Yield a session whose changes are durable once the block is left, or undone when it raises."""
        return self._write(self._turns.turn() if self._turns else nullcontext())

    def write_last(self) -> AbstractContextManager[Session]:
        """As `write`, for jobs in the background: whoever is at the keyboard goes first."""
        return self._write(self._turns.last_turn() if self._turns else nullcontext(), weight=_OF_A_JOB)

    def somebody_waits(self, session: Session) -> bool:
        """Whether anybody at the keyboard waits for what the transaction of a job holds."""
        if self._turns is not None:
            return self._turns.somebody_waits()
        return not self.is_sqlite and session.scalar(_BLOCKED) is not None

    def close(self) -> None:
        """Give all connections back; leaves a SQLite database whole in its one file, unless others still use it."""
        if self.file is not None and self.file.exists():
            for _ in range(_TRIES):
                if self._checkpoint("TRUNCATE"):
                    break
        self.engine.dispose()
        if self._mark is not None and self._turns is not None:
            self._mark.close()
            self._turns.close()

    @contextmanager
    def _write(self, turn: AbstractContextManager[None], *, weight: int = 1) -> Iterator[Session]:
        engine = self.engine.execution_options(labeler_write=True)
        with turn, Session(engine, expire_on_commit=False) as session:
            yield session
            number = self._count(session)
            session.commit()
            if number is not None and self._mark is not None:
                self._mark.note(number)
        self._commits += weight
        if self.file is not None and self._commits >= _CHECKPOINT_EVERY:
            self._commits = 0
            self._checkpoint("PASSIVE")

    def _count(self, session: Session) -> int | None:
        """Count this transaction in a SQLite database if it changed anything; returns its number."""
        if self._mark is None or not session.in_transaction():
            return None
        session.flush()
        raw: Any = session.connection().connection.driver_connection
        changed = raw.total_changes != session.connection().info.get(_CHANGES)
        return self._mark.count(raw) if changed else None

    def _checkpoint(self, how: str) -> bool:
        """Move what is in `-wal` into the database file; returns whether all of it is there now."""
        with suppress(_sqlite_module().Error, SQLAlchemyError):  # a database that is gone has nothing to move
            pooled = self.engine.raw_connection()
            try:
                raw: Any = pooled.driver_connection
                raw.execute(f"PRAGMA busy_timeout={_PATIENCE}")  # waiting for readers here would keep writers waiting
                busy = raw.execute(f"PRAGMA wal_checkpoint({how})").fetchone()[0]
                raw.execute(f"PRAGMA {_BUSY}")
                return not busy
            finally:
                pooled.close()
        return False


def accept_as_complete(settings: Settings) -> None:
    """Take a SQLite database that lacks changes for complete from now on; its owner decided so."""
    file = database_file(settings)
    if file is not None:
        _make_file(settings, file)
        CommitMark(file, _sqlite_module()).accept()


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
    # on its own machine nobody listens in, and pg8000 takes forty milliseconds to load certificates it does not look at
    plain = {"ssl_context": False} if _is_here(make_url(settings.database_url)) else {}
    engine = create_engine(
        settings.database_url, pool_size=10, pool_pre_ping=True, json_deserializer=read_json, connect_args=plain
    )
    # many rows in one INSERT: pg8000 would send each row on its own, twenty times slower
    engine.dialect.use_insertmanyvalues_wo_returning = True

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("labeler_write", False):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")  # one snapshot for all reads

    return engine


def _is_here(url: URL) -> bool:
    """Whether a server is reached without a network: by a socket of this machine, or its loopback address."""
    named = url.query.get("unix_sock") or url.query.get("host") or url.host or "localhost"
    return str(named).startswith("/") or named in {"localhost", "127.0.0.1", "::1"}


def _sqlite_engine(settings: Settings) -> Engine:
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
        raw: Any = connection.connection.driver_connection
        connection.info[_CHANGES] = raw.total_changes

    return engine


def _make_file(settings: Settings, file: Path) -> None:
    durable.make_folder(settings.instance)
    make_private(file)  # before SQLite makes it for everybody to read


def _used_before(settings: Settings) -> bool:
    """Whether files of an instance show that its database cannot be new: all of them are made after it."""
    originals = settings.files / "originals"
    return (settings.instance / "secret_key").exists() or (originals.is_dir() and any(originals.iterdir()))
