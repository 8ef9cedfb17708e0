"""Storing many rows so that nobody at the keyboard waits for long.

A slice of the rows takes a hundredth of a second. After each, the transaction ends if anybody waits for it, and goes on
otherwise: alone a job is as fast as ever, and beside people it makes way. Slices are measured by time, since a text of
a few words and an answer of forty boxes take very different time to store.
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.orm import Session

from labeler.storage.database import Database

Entry = TypeVar("Entry")
SLICE_SECONDS = 0.01
FIRST, MOST = 50, 1000  # rows


def store_in_turns(
    database: Database, rows: Sequence[Entry], store: Callable[[Session, Sequence[Entry]], None]
) -> None:
    """Hand the rows to `store` slice by slice, in order, in as few transactions as those at the keyboard leave.

    `store` may be called in a transaction of its own each time, so it takes what locks it needs (`alone`) itself.
    """
    done, size = 0, FIRST
    while done < len(rows):
        with database.write_last() as session:
            while done < len(rows):
                begun = time.monotonic()
                part = rows[done : done + size]
                store(session, part)
                done += len(part)
                spent = max(time.monotonic() - begun, SLICE_SECONDS / MOST)
                size = max(1, min(MOST, 2 * size, round(len(part) * SLICE_SECONDS / spent)))
                if database.somebody_waits(session):
                    break
