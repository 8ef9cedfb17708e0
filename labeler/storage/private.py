"""Only its owner may read an instance: folders 0700, files 0600, also those an older version left open to everybody.

Note: new files are made private from the first byte (`durable`, and SQLite gives `-wal` and
`-shm` the rights of the database), so this is for what is there already. Going through all pictures at each start would
take long, so a folder is closed after what is in it: one that is closed needs no second look.
"""

import os
from contextlib import suppress
from pathlib import Path

from sqlalchemy import make_url

from labeler.config import Settings
from labeler.durable import PRIVATE, PRIVATE_FOLDER

OTHERS = 0o077


def tighten(settings: Settings) -> None:
    """Take the rights of others away from the instance and its database; what belongs to somebody else stays."""
    _close(settings.instance, PRIVATE_FOLDER)
    _close(settings.instance / "secret_key", PRIVATE)
    for folder in (settings.files, settings.uploads, settings.backups):  # and nothing else that may lie beside them
        _close_all(folder)
    if (database := database_file(settings)) is not None:
        for path in (database, *companions(database)):
            _close(path, PRIVATE)


def database_file(settings: Settings) -> Path | None:
    """Return the file of a SQLite database; None for PostgreSQL and for a database in memory."""
    name = make_url(settings.database_url).database if settings.is_sqlite else None
    return Path(name) if name and name != ":memory:" else None


def make_private(path: Path) -> None:
    """Make an empty file that only its owner may read, where there is none."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE))


def companions(database: Path) -> tuple[Path, Path]:
    """Return where SQLite keeps what is not in the database file yet: `-wal` and `-shm`."""
    return Path(f"{database}-wal"), Path(f"{database}-shm")


def _close_all(folder: Path) -> None:
    with suppress(PermissionError, FileNotFoundError):
        if not folder.stat().st_mode & OTHERS:
            return
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                _close_all(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                _close(Path(entry.path), PRIVATE)
    _close(folder, PRIVATE_FOLDER)


def _close(path: Path, mode: int) -> None:
    with suppress(PermissionError, FileNotFoundError):
        if path.stat().st_mode & OTHERS:
            path.chmod(mode)
