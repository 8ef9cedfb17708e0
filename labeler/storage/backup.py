"""Making a backup while everybody works: all rows in one snapshot, and the files of the instance.

Note: files come first, because copying pictures takes long and the rows are to be as new as
can be; then the rows; then files that came meanwhile, since a file is on disk before a row names it. The key that signs
cookies is not in a backup: without it everybody signs in again, with it whoever finds the file could sign cookies.
Hashes of passwords are in it, so only its owner may read it.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from labeler import __version__, durable
from labeler.config import Settings
from labeler.errors import Conflict, Unavailable
from labeler.storage.archive import Manifest, Writer, written
from labeler.storage.database import Database
from labeler.storage.files import DISPLAY, IMPORTED, ORIGINALS, RELEASES, THUMBS
from labeler.storage.portable import count_rows, read_lines, tables_of
from labeler.storage.references import REFERENCES

Progress = Callable[[float, str], None]
KEPT = 3  # backups made before a migration
EVERY = 500  # rows or files between two words about the progress


class BackedUp(NamedTuple):
    """A backup that was made. rows, files: how many; as_of: everything acknowledged before is in it."""

    path: Path
    as_of: str
    rows: int
    files: int
    size: int


def silent(_share: float, _message: str) -> None:
    """Report progress to nobody."""


def back_up(database: Database, path: Path, revision: str, *, progress: Progress = silent) -> BackedUp:
    """Write everything an instance holds to one file, which must not be there; in a folder it gets a name of its own.

    Raises Conflict, or Unavailable when the disk does not take it.
    """
    target = path / f"labeler-{_stamp()}.zip" if path.is_dir() else path
    if not target.parent.is_dir():
        raise Conflict("There is no folder {folder}; make it first.", folder=target.parent)
    manifest = _manifest(database, revision)
    with written(target, manifest) as writer:
        _add_files(writer, database.settings, lambda share, message: progress(share / 2, message))
        manifest.as_of = _now()
        _add_tables(writer, database, lambda share, message: progress(0.5 + share / 2, message))
        _add_files(writer, database.settings, silent)
    rows = sum(count for count, _ in manifest.tables.values())
    return BackedUp(target, manifest.as_of, rows, len(manifest.files), target.stat().st_size)


def back_up_before_migration(database: Database, revision: str, to: str) -> Path | None:
    """Keep the rows as they are before a migration changes them; None when there are none.

    Pictures are left out, since no migration touches them. Raises Unavailable when it cannot be kept.
    """
    folder = database.settings.backups
    try:
        durable.make_folder(folder)
    except OSError as error:
        raise Unavailable(
            "The folder {folder} cannot be made ({reason}).", folder=folder, reason=error.strerror
        ) from error
    target = folder / f"before-{to}-from-{revision}-{_stamp()}.zip"
    manifest = _manifest(database, revision)
    try:
        with written(target, manifest) as writer:
            _add_tables(writer, database, silent)
    except Unavailable as error:
        raise Unavailable(
            "The database was not brought up to date, since the backup before it failed. {reason}", reason=error.message
        ) from error
    for old in sorted(folder.glob("before-*.zip"), key=lambda path: path.name.rpartition("-from-")[2][-19:])[:-KEPT]:
        old.unlink(missing_ok=True)
    return target


def _manifest(database: Database, revision: str) -> Manifest:
    return Manifest(revision, _now(), "sqlite" if database.is_sqlite else "postgresql", __version__)


def _add_tables(writer: Writer, database: Database, progress: Progress) -> None:
    with database.read() as session:
        connection = session.connection()
        tables = tables_of(connection)
        wanted = sum(count_rows(connection, table) for table in tables)
        done = 0

        def counted(name: str, lines: Iterator[bytes]) -> Iterator[bytes]:
            nonlocal done
            for line in lines:
                done += 1
                if done % EVERY == 0:
                    progress(min(1.0, done / max(1, wanted)), f"{name}: {done:,} of {wanted:,} rows")
                yield line

        for table in tables:
            writer.add_table(table.name, counted(table.name, read_lines(connection, table)))


def _add_files(writer: Writer, settings: Settings, progress: Progress) -> None:
    found = list(instance_files(settings))
    for n, (name, path) in enumerate(found):
        writer.add_file(name, path)
        if n % EVERY == 0:
            progress(n / len(found), f"{n:,} of {len(found):,} files")


def instance_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Yield (name in a backup, path) of every file; copies at full size are left out: they are made when looked at."""
    for kind in (ORIGINALS, REFERENCES, DISPLAY, THUMBS, RELEASES):
        for path in sorted((settings.files / kind).glob("[0-9a-f][0-9a-f]/*")):
            yield f"files/{kind}/{path.parent.name}/{path.name}", path
    for path in sorted((settings.files / IMPORTED).glob("[0-9]*/[a-z]*.npz")):
        yield f"files/{IMPORTED}/{path.parent.name}/{path.name}", path
    for path in sorted(settings.uploads.glob("[0-9a-f]*")):
        yield f"uploads/{path.name}", path


def has_rows(connection: Connection) -> bool:
    """Whether any table holds anything."""
    return any(count_rows(connection, table) for table in tables_of(connection))


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
