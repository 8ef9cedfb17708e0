"""Storing many rows so that nobody at the keyboard waits for long.

A slice of the rows takes a hundredth of a second while people write, more when none was met lately, and a tenth when
none was for a while. After each, the transaction ends if anybody waits for it, and goes on otherwise: alone a job is as
fast as ever, and beside people it makes way. Slices are measured by time, since a text of a few words and an answer of
forty boxes take very different time to store.
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.orm import Session

from labeler.storage.database import Database

Entry = TypeVar("Entry")
AMONG_PEOPLE, AFTER_PEOPLE, ALONE = 0.01, 0.025, 0.1  # seconds of a slice
QUIET = 10.0  # seconds in which nobody was met, after which a job is as good as alone
LEAST, FIRST, MOST = 80, 100, 1000  # rows; each slice has costs of its own, so it must not become too small
BUSY = 3  # on a crowded machine most of the time is waiting for a processor: smaller slices would not shorten that


class Slices:
    """How large the slices of one job are by now. least: rows of the smallest; few where one row takes long."""

    def __init__(self, database: Database, *, least: int = LEAST) -> None:
        self._database = database
        self._least = least
        self._size = max(least, min(FIRST, 10 * least))
        self._seconds = AMONG_PEOPLE
        self._met = time.monotonic() - QUIET  # when somebody last waited; nobody did that the job knows of

    def store(self, rows: Sequence[Entry], store: Callable[[Session, Sequence[Entry]], None]) -> None:
        """Hand the rows to `store` slice by slice, in order, in as few transactions as people at the keyboard leave.

        `store` may be called in a transaction of its own each time, so it takes what locks it needs (`alone`) itself.
        """
        done = 0
        while done < len(rows):
            with self._database.write_last() as session:
                waited_for = False
                while done < len(rows) and not waited_for:
                    begun, computed = time.monotonic(), time.thread_time()
                    part = rows[done : done + self._size]
                    store(session, part)
                    done += len(part)
                    spent = min(time.monotonic() - begun, BUSY * (time.thread_time() - computed))
                    waited_for = self._database.somebody_waits(session)
                    self._adjust(len(part), spent, met=waited_for)

    def _adjust(self, rows: int, spent: float, *, met: bool) -> None:
        """Choose the size of the next slice by how long so many rows took."""
        now = time.monotonic()
        if met:
            self._met, self._seconds = now, AMONG_PEOPLE
        else:
            most = ALONE if now - self._met >= QUIET else AFTER_PEOPLE
            self._seconds = min(most, 1.2 * self._seconds)
        fitting = round(rows * self._seconds / (spent + self._seconds / MOST))
        self._size = max(self._least, min(MOST, 2 * self._size, fitting))


def store_in_turns(
    database: Database,
    rows: Sequence[Entry],
    store: Callable[[Session, Sequence[Entry]], None],
    *,
    least: int = LEAST,
) -> None:
    """Store all the rows of a job, as `Slices.store` does."""
    Slices(database, least=least).store(rows, store)
