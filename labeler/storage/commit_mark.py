"""Noticing that a SQLite database is not the one, or not all of the one, that was here when somebody last wrote.

SQLite itself starts without a word when `labeler.db-wal` is missing, cut or damaged, when an older copy of the database
was put in its place, and when the file is empty; what had been acknowledged is then gone. So each transaction that
changes something counts itself in the database's header (`user_version`), and after it is durable the number is written
to a small file beside the database, the mark. A database that holds fewer transactions than its mark says is refused.

Note: the mark is not flushed, which would cost as much again as the commit. After a kill the
kernel still has it, so it is exact. After a power cut it may be some seconds old, that is, lower than the database's
own number: it can miss something then, but it never raises a false alarm. `application_id` is a random number that says
which database the mark belongs to.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from labeler import durable
from labeler.errors import Unavailable
from labeler.messages import Message

_ROUND = 2**31  # `user_version` has 32 bits and a sign; counting goes on at 0
_WHAT_NEXT = Message(
    "Put the right files back, or restore a backup into an empty instance (labeler restore). "
    "To go on with what is there: labeler accept-database."
)


class CommitMark:
    """The mark of one database file, as one process knows it. commits: transactions the database holds."""

    def __init__(self, database: Path, module: Any) -> None:
        self.database = database
        self.path = Path(f"{database}.mark")
        self._sqlite = module
        self._file: int | None = None
        self._identity = 0

    def check(self, *, used_before: bool) -> None:
        """Raise Unavailable when transactions are missing. used_before: other files show that there were some."""
        marked = self._read()  # before the database: whoever writes meanwhile changes the database first
        if marked is None:
            if self.database.exists() and self.database.stat().st_size == 0 and used_before:
                raise Unavailable(self._why_empty())
            return
        held = self._in_database()
        if held is None:
            return  # it cannot be opened at all, which says so itself
        missing = (marked[1] - held[1]) % _ROUND
        older_mark = missing > _ROUND // 2  # after a power cut, or while another process writes
        if held[0] != marked[0] or not (older_mark or missing == 0):
            raise Unavailable(self._why(held[0], marked[0], missing))

    def count(self, connection: Any) -> int:
        """Count a transaction as part of it; returns the number to be handed to `note` once it is durable."""
        commits: int = (connection.execute("PRAGMA user_version").fetchone()[0] + 1) % _ROUND
        connection.execute(f"PRAGMA user_version={commits}")
        if not self._identity:
            self._identity = connection.execute("PRAGMA application_id").fetchone()[0]
        if not self._identity:
            self._identity = secrets.randbelow(_ROUND - 1) + 1
            connection.execute(f"PRAGMA application_id={self._identity}")
        return commits

    def note(self, commits: int) -> None:
        """Write down that a transaction is durable. A disk that takes no byte more loses no answer by it."""
        with suppress(OSError):
            if self._file is None:
                self._file = self._open()
            os.pwrite(self._file, _as_text(self._identity, commits), 0)

    def accept(self) -> None:
        """From now on, take the database as it is for complete."""
        identity, commits = self._in_database() or (0, 0)
        self._file = self._open()
        os.pwrite(self._file, _as_text(identity, commits), 0)
        self.close()

    def close(self) -> None:
        """Flush the mark."""
        if self._file is not None:
            with suppress(OSError):
                os.fsync(self._file)
            os.close(self._file)
            self._file = None

    def _open(self) -> int:
        """Open the mark for writing over it; never by a new file, since other processes may have this one open."""
        is_new = not self.path.exists()
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, durable.PRIVATE)
        if is_new:
            durable.flush_folder(self.path.parent)
        return file

    def _in_database(self) -> tuple[int, int] | None:
        """Return (identity, commits), read so that SQLite removes nothing, not even a damaged `-wal`; None if busy."""
        if not self.database.exists():
            return 0, 0
        connection = None
        try:
            connection = self._sqlite.connect(f"{self.database.absolute().as_uri()}?mode=ro", uri=True)
            identity = connection.execute("PRAGMA application_id").fetchone()[0]
            return identity, connection.execute("PRAGMA user_version").fetchone()[0]
        except self._sqlite.OperationalError:
            return None
        except self._sqlite.DatabaseError as error:
            raise Unavailable(
                "{name} cannot be read ({error}). {next}", name=self.database, error=error, next=_WHAT_NEXT
            ) from error
        finally:
            if connection is not None:
                connection.close()

    def _read(self) -> tuple[int, int] | None:
        """Return (identity, commits); None where nothing was marked yet (or a power cut took the very first mark)."""
        try:
            identity, commits = self.path.read_bytes().split()
            return (int(identity), int(commits)) if int(identity) else None
        except (OSError, ValueError):
            return None

    def _why(self, identity: int, marked: int, missing: int) -> Message:
        name = self.database.name
        if not self.database.exists():
            return Message(
                "{name} is missing, but this instance was used before. {next}", name=self.database, next=_WHAT_NEXT
            )
        if self.database.stat().st_size == 0:
            return self._why_empty()
        if identity not in {0, marked}:
            return Message(
                "{name} is another database than the one this instance had. {next}",
                name=self.database,
                next=_WHAT_NEXT,
            )
        return Message(
            "{path} lacks the last {missing:,} changes that were stored: {name}-wal is missing, cut or damaged, or "
            "{name} is an older copy. {next}",
            path=self.database,
            missing=missing,
            name=name,
            next=_WHAT_NEXT,
        )

    def _why_empty(self) -> Message:
        return Message(
            "{name} is empty, but this instance was used before. {next}", name=self.database, next=_WHAT_NEXT
        )


def _as_text(identity: int, commits: int) -> bytes:
    return b"%010d %010d\n" % (identity, commits)  # always as long, so that writing over it takes no space
