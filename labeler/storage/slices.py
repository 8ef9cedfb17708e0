"""Storing many rows so that nobody at the keyboard waits for long.

A slice of the rows takes a hundredth of a second while people write, and some more when none has been met. After each,
the transaction ends if anybody waits for it, and goes on otherwise: alone a job is as fast as ever, and beside people
it makes way. Slices are measured by time, since a text of a few words and an answer of forty boxes take very different
time to store.
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.orm import Session

from labeler.storage.database import Database

Entry = TypeVar("Entry")
AMONG_PEOPLE, ALONE = 0.01, 0.025  # seconds of a slice
LEAST, FIRST, MOST = 80, 100, 1000  # rows; each slice has costs of its own, so it must not become too small
BUSY = 3  # on a crowded machine most of the time is waiting for a processor: smaller slices would not shorten that


def store_in_turns(
    database: Database,
    rows: Sequence[Entry],
    store: Callable[[Session, Sequence[Entry]], None],
    *,
    least: int = LEAST,
) -> None:
    """Hand the rows to `store` slice by slice, in order, in as few transactions as those at the keyboard leave.

    `store` may be called in a transaction of its own each time, so it takes what locks it needs (`alone`) itself.
    least: rows of the smallest slice; few where one row takes long.
    """
    done, size, seconds = 0, max(least, min(FIRST, 10 * least)), AMONG_PEOPLE
    while done < len(rows):
        with database.write_last() as session:
            while done < len(rows):
                begun, computed = time.monotonic(), time.thread_time()
                part = rows[done : done + size]
                store(session, part)
                done += len(part)
                spent = min(time.monotonic() - begun, BUSY * (time.thread_time() - computed)) + seconds / MOST
                waited_for = database.somebody_waits(session)
                seconds = AMONG_PEOPLE if waited_for else min(ALONE, 1.2 * seconds)
                size = max(least, min(MOST, 2 * size, round(len(part) * seconds / spent)))
                if waited_for:
                    break
