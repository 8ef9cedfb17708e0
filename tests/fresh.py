"""Databases with the tables of this version, copied from one that was migrated once, since migrating takes a while."""

import functools
import shutil
import tempfile
from pathlib import Path

from sqlalchemy import create_engine, text

from labeler.config import Settings, read_settings
from labeler.storage.database import Database
from labeler.storage.migrations import HEAD, upgrade

_TEMPLATE = f"labeler_{HEAD}"


def open_new(settings: Settings) -> Database:
    """Open a SQLite database that has its tables and no rows."""
    if not settings.instance.exists():
        settings.instance.mkdir(mode=0o700, parents=True)
    for file in Path(_template().name).glob("labeler.db*"):
        shutil.copy(file, settings.instance)
    return Database(settings)


@functools.cache
def _template() -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(prefix="labeler-template-")
    _migrate(read_settings({}, instance=Path(folder.name)))
    return folder


def _migrate(settings: Settings) -> None:
    database = Database(settings)
    upgrade(database)
    database.close()


def create_on_postgres(uri: str, name: str, folder: Path, *, empty: bool) -> None:
    """Create a database on a server. uri: of the server's own database; empty: without tables."""
    server = read_settings({"LABELER_DATABASE_URL": uri}, instance=folder)
    engine = create_engine(server.database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if not empty and not connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :n"), {"n": _TEMPLATE}):
            connection.execute(text(f"CREATE DATABASE {_TEMPLATE}"))
            _migrate(read_settings({"LABELER_DATABASE_URL": in_database(uri, _TEMPLATE)}, instance=folder))
        connection.execute(text(f"CREATE DATABASE {name}" + ("" if empty else f" TEMPLATE {_TEMPLATE}")))
    engine.dispose()


def drop_on_postgres(uri: str, name: str, folder: Path) -> None:
    """Drop a database, whoever is still connected, so that a run does not keep one for each of its tests."""
    server = read_settings({"LABELER_DATABASE_URL": uri}, instance=folder)
    engine = create_engine(server.database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    engine.dispose()


def in_database(uri: str, name: str) -> str:
    """Return the address of another database on the same server."""
    return uri.replace("/postgres?", f"/{name}?")
