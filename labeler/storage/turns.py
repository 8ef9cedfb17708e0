"""Who writes next: people at the keyboard before jobs in the background, over all processes of one SQLite database.

SQLite has one writer and no queue: whoever finds the database locked sleeps and tries again, longer each time, while a
job that takes the lock again at once always finds it free. So each writer of ours first takes a file lock, for which
waiting is cheap, and one at the keyboard says meanwhile that it waits. A job asks between two slices of its rows
whether somebody does, ends its transaction when so, and lets them go first.

Note: these locks only put an order on top. Correct is what SQLite's own lock does, so a file
lock that cannot be had in time, for instance because its holder was stopped, is not waited for.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labeler.durable import PRIVATE

if sys.platform != "win32":
    import fcntl

LOOK_EVERY = 0.0005  # seconds
AT_MOST = 10.0  # as long as SQLite itself waits
POLITE = 0.05  # how long a job lets others go first before it takes its turn; otherwise it might never come to an end


class Turns:
    """The order of writers of one database file, as one process sees it."""

    def __init__(self, database: Path) -> None:
        self._in_process = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._files = (Path(f"{database}.writer"), Path(f"{database}.waiting"))
        self._writer: int | None = None
        self._announced: int | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn to write, as somebody at the keyboard for whom others are to wait."""
        self._announce(1)
        try:
            with self._in_process, self._file_lock():
                yield
        finally:
            self._announce(-1)

    @contextmanager
    def last_turn(self) -> Iterator[None]:
        """Wait for a turn to write after everybody at the keyboard."""
        until = time.monotonic() + POLITE
        while self.somebody_waits() and time.monotonic() < until:
            time.sleep(LOOK_EVERY)
        with self._in_process, self._file_lock():
            yield

    def somebody_waits(self) -> bool:
        """Whether anybody at the keyboard waits for a turn or writes, in this process or another."""
        with self._counting:  # the file is one for all threads: one must not undo what another announces
            if self._waiting or sys.platform == "win32":
                return self._waiting > 0
            file = self._open()[1]
            free = _taken(file)
            if free:
                fcntl.flock(file, fcntl.LOCK_UN)
            return not free

    def close(self) -> None:
        """Give the files back."""
        for file in (self._writer, self._announced):
            if file is not None:
                os.close(file)
        self._writer = self._announced = None

    def _announce(self, change: int) -> None:
        with self._counting:
            before, self._waiting = self._waiting, self._waiting + change
            if sys.platform != "win32" and not (before and self._waiting):
                fcntl.flock(self._open()[1], fcntl.LOCK_SH if self._waiting else fcntl.LOCK_UN)

    @contextmanager
    def _file_lock(self) -> Iterator[None]:
        if sys.platform == "win32":
            yield
            return
        file, until = self._open()[0], time.monotonic() + AT_MOST
        while not _taken(file) and time.monotonic() < until:
            time.sleep(LOOK_EVERY)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)

    def _open(self) -> tuple[int, int]:
        if self._writer is None or self._announced is None:
            self._writer, self._announced = (os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE) for path in self._files)
        return self._writer, self._announced


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
