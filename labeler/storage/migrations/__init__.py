"""Alembic migrations: `upgrade(database)` brings any older database to the tables of this version.

Alembic is imported only when there is something to do, since it costs a tenth of a second at every start.
"""

from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from labeler.errors import Unavailable
from labeler.storage.backup import back_up_before_migration, has_rows
from labeler.storage.base import Base
from labeler.storage.database import Database

# The newest revision in versions/; a test compares it with Alembic's own answer.
HEAD = "0016"


def current(database: Database) -> str | None:
    """Return the revision of the database, or None when it has no tables yet."""
    with database.engine.connect() as connection:
        return _revision(connection)


def upgrade(database: Database) -> bool:
    """Bring the database to HEAD. Returns whether anything was done; raises Unavailable for a newer database.

    One that holds rows is backed up first, and stays as it is when that fails.
    """
    if current(database) == HEAD:
        return False
    engine = database.engine.execution_options(labeler_write=True)
    with engine.begin() as connection:  # on SQLite BEGIN IMMEDIATE: of two processes that start at once, one waits
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(7206165)"))
        revision = _revision(connection)
        if revision == HEAD:
            return False
        check_known(revision)
        if revision is not None and has_rows(connection):
            back_up_before_migration(database, revision, to=HEAD)
        migrate(connection, "head")
    return True


def check_known(revision: str | None) -> None:
    """Raise Unavailable when only a newer Labeler knows this revision."""
    from alembic.script import ScriptDirectory

    if revision is None:
        return
    known = {script.revision for script in ScriptDirectory(str(Path(__file__).parent)).walk_revisions()}
    if revision not in known:
        raise Unavailable(
            "This database was written by a newer Labeler (revision {revision}). Install that version to open it.",
            revision=revision,
        )


def migrate(connection: Connection, revision: str) -> None:
    """Bring the tables to a revision, within the transaction of the connection."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["metadata"] = Base.metadata
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _revision(connection: Connection) -> str | None:
    from sqlalchemy import inspect

    if not inspect(connection).has_table("alembic_version"):
        return None
    try:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DBAPIError:
        return None
