"""The numbers of a project, counted at the moment of the request.

Note: what is kept here is no cache of results. It only spares reading the same answers again, and
`statistics.snapshot` says why it cannot go stale. All counting happens in one thread of its own: each thread keeps the
memory that large arrays leave behind, so with eight of them a process would hold eight times as much; and a second
reader gets the snapshot of the first instead of reading everything once more.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from flask import current_app
from sqlalchemy.orm import Session

from labeler.projects.models import Project
from labeler.projects.queries import Classes
from labeler.statistics.counts import ProjectCounts, tally
from labeler.statistics.snapshot import Snapshot, read_snapshot

KEPT = 4  # projects; 300,000 answers take 20 MB
_KEY = "labeler_counter"
_making = threading.Lock()
Counted = TypeVar("Counted")


@dataclass(frozen=True)
class _Counter:
    """The thread that counts, and the books of the projects looked at last."""

    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "counting"))
    kept: OrderedDict[tuple[int, datetime], Snapshot] = field(default_factory=OrderedDict)

    def books(self, session: Session, project: Project) -> Snapshot:
        key = (project.id, project.created_at)  # an id alone may be used again after a project was deleted
        books = read_snapshot(session, project, self.kept.get(key))
        self.kept[key] = books
        self.kept.move_to_end(key)
        while len(self.kept) > KEPT:
            self.kept.popitem(last=False)
        return books


def project_counts(session: Session, project: Project, classes: Classes) -> tuple[ProjectCounts, datetime]:
    """Return all counts of a project, and when they were counted."""
    return from_books(session, project, lambda books: (tally(books, classes.codes), books.at))


def from_books(session: Session, project: Project, count: Callable[[Snapshot], Counted]) -> Counted:
    """Return what a calculation makes of the books of a project as they stand now."""
    with _making:
        counter: _Counter = current_app.extensions.setdefault(_KEY, _Counter())
    # the session is used by one thread at a time: this one waits
    return counter.thread.submit(lambda: count(counter.books(session, project))).result()
