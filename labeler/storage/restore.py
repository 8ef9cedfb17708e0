"""Bringing a backup back into an empty instance, on either database, and proving that every row came back.

Note: the rows go into the tables of the revision they were saved from, are read again and
compared there, and only then migrated; all in one transaction, so that a backup is restored or nothing happened. Files
come first, as everywhere: a file that no row names does no harm.
"""

import hashlib
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from labeler import durable
from labeler.config import Settings
from labeler.errors import Conflict, Invalid, Unavailable
from labeler.messages import Message
from labeler.storage import archive
from labeler.storage.archive import Reader
from labeler.storage.database import Database
from labeler.storage.migrations import check_known, migrate
from labeler.storage.portable import (
    VERSION_TABLE,
    Table,
    continue_numbers,
    count_rows,
    read_lines,
    tables_of,
    write_lines,
)

Progress = Callable[[float, str], None]
Then = Callable[[Session], None]
_NAME = re.compile(
    r"files/(originals|references|display|thumbs|releases)/[0-9a-f]{2}/[0-9a-f]{64}|files/imported/[0-9]+/[a-z]+\.npz"
    r"|uploads/[0-9a-f]{32}(\.[a-z0-9]{1,8})?"
)
_TELLING = ("user", "project")  # a server that was only started holds a set-up link and the name of its worker


class Restored(NamedTuple):
    """What came back. tables: {name: rows}, each compared with the backup; files: how many."""

    as_of: str
    revision: str
    tables: dict[str, int]
    files: int


def as_it_was(_session: Session) -> None:
    """Change nothing of what came back."""


def restore(settings: Settings, path: Path, *, progress: Progress, then: Then = as_it_was) -> Restored:
    """Bring a backup into an empty instance. Nothing is changed when anything is wrong.

    then: what is changed of what came back, in the same transaction, so that nobody ever sees it without. Raises
    NotFound, Invalid (the backup is damaged), Conflict (the instance is not empty) or Unavailable.
    """
    progress(0.0, "Checking the backup")
    with archive.opened(path) as reader:
        manifest = reader.manifest
        check_known(manifest.revision)
        if wrong := [name for name in manifest.files if not _NAME.fullmatch(name)]:
            raise Invalid(
                "{path} holds a file that is none of Labeler's ({name}). Nothing was changed.",
                path=path,
                name=wrong[0][:100],
            )
        with closing(Database(settings)) as database:
            _restore_into(database, reader, progress, then)
        rows = {name: count for name, (count, _) in manifest.tables.items()}
        return Restored(manifest.as_of, manifest.revision, rows, len(manifest.files))


def _restore_into(database: Database, reader: Reader, progress: Progress, then: Then) -> None:
    with database.read() as session:
        _check_empty(session.connection())
    _copy_files(reader, database, lambda share, message: progress(0.1 + 0.3 * share, message))
    try:
        with database.write() as session:
            _restore_rows(session.connection(), reader, lambda share, message: progress(0.4 + 0.6 * share, message))
            then(session)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).partition("\n")[0][:300]
        raise Unavailable(
            "The database does not take what is in the backup: {reason}. Nothing was changed.", reason=reason
        ) from error


def _check_empty(connection: Connection) -> None:
    for table in tables_of(connection):
        if table.name in _TELLING and (count := count_rows(connection, table)):
            accounts, projects = Message("{count:,} accounts", count=count), Message("{count:,} projects", count=count)
            raise Conflict(
                "This instance is not empty: it has {what}. Restore into another one: name an empty folder with "
                "LABELER_INSTANCE and, for PostgreSQL, an empty database with LABELER_DATABASE_URL.",
                what=accounts if table.name == "user" else projects,
            )


def _copy_files(reader: Reader, database: Database, progress: Progress) -> None:
    folders: set[Path] = set()
    total = len(reader.manifest.files)
    try:
        for n, name in enumerate(reader.manifest.files):
            target = database.settings.instance / name
            durable.make_folder(target.parent)
            folders.add(target.parent)
            with durable.renamed(target.with_name(f"{target.name}.part"), target) as file:
                reader.copy_file(name, file)
            if n % 100 == 0:
                progress(n / total, f"{n:,} of {total:,} files")
        for folder in folders:
            durable.flush_folder(folder)
    except OSError as error:
        raise Unavailable(
            "The files could not be written ({reason}). Make room and try again.", reason=error.strerror
        ) from error


def _restore_rows(connection: Connection, reader: Reader, progress: Progress) -> None:
    _check_empty(connection)
    _drop_tables(connection)
    migrate(connection, reader.manifest.revision)
    tables = {table.name: table for table in tables_of(connection)}
    if strange := sorted(set(reader.manifest.tables) - set(tables)):
        raise Invalid(
            "The backup holds a table {name!r} that is none of Labeler's. Nothing was changed.", name=strange[0]
        )
    total, done = sum(rows for rows, _ in reader.manifest.tables.values()), 0
    for table in tables.values():
        if table.name in reader.manifest.tables:
            progress(done / max(1, total), f"{table.name}: {done:,} of {total:,} rows")
            done += write_lines(connection, table, reader.lines(table.name))
            _compare(connection, reader, table)
        continue_numbers(connection, table)
    migrate(connection, "head")
    progress(1.0, f"{done:,} rows")


def _compare(connection: Connection, reader: Reader, table: Table) -> None:
    """Read a table again and raise Unavailable unless every row is the one that was saved."""
    rows, digest = 0, hashlib.sha256()
    for line in read_lines(connection, table):
        rows += 1
        digest.update(line)
    if (rows, digest.hexdigest()) != tuple(reader.manifest.tables[table.name]):
        raise Unavailable(
            "The rows of {name} did not come back as they were saved. Nothing was changed.", name=table.name
        )


def _drop_tables(connection: Connection) -> None:
    """Remove the tables of an instance nobody used yet: the backup may come from an older revision."""
    names = [table.name for table in reversed(tables_of(connection))]
    if inspect(connection).has_table(VERSION_TABLE):
        for name in (*names, VERSION_TABLE):
            connection.execute(text(f"DROP TABLE {connection.dialect.identifier_preparer.quote_identifier(name)}"))
