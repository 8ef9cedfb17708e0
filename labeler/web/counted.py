"""The numbers of a project, counted at the moment of the request.

What a reader would get wrong: the books that are kept here are no cache of results. They only spare reading the same
answers again; see `review.books` for why they cannot go stale. Each web process keeps those of the last few projects.
"""

import threading
from collections import OrderedDict
from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session

from labeler.projects.models import Project
from labeler.projects.queries import Classes
from labeler.review.books import Books, read_books
from labeler.review.tally import Tally, tally

KEPT = 4  # projects; 300,000 answers take 20 MB
_Kept = OrderedDict[tuple[int, datetime], Books]
_KEY = "labeler_books"
_lock = threading.Lock()  # a second reader waits for the books of the first instead of reading them all once more


def counted(session: Session, project: Project, classes: Classes) -> tuple[Tally, datetime]:
    """Return all counts of a project, and when they were counted."""
    kept: _Kept = current_app.extensions.setdefault(_KEY, OrderedDict())
    key = (project.id, project.created_at)  # an id alone may be used again after a project was deleted
    with _lock:
        books = read_books(session, project, kept.get(key))
        kept[key] = books
        kept.move_to_end(key)
        while len(kept) > KEPT:
            kept.popitem(last=False)
    return tally(books, classes.codes), books.at
