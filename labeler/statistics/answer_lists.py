"""Which of a person's answers stand behind a number: the lists that counts of annotators link to.

Chosen from the same arrays as the numbers, so that a list is as long as its count says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.annotations.columns import IDLE, SKIPPED
from labeler.annotations.models import Annotation
from labeler.measures.haste import RECENT
from labeler.projects.models import Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from labeler.statistics.annotators import AnnotatorFigures, Compared
    from labeler.statistics.checked_answers import CheckedAnswer
    from labeler.statistics.snapshot import Snapshot

    Ints = NDArray[np.int64]

ONLY = ("", "compared", "same", "differs", "wrong", "recent", "skipped", "test", "audit", "checked")


@dataclass(frozen=True)
class Wanted:
    """Which answers. only: one of ONLY; others, said: class positions, -1 for any; since: id of the first one.

    wrong: judged wrong; recent: the newest timed ones given one by one; test, audit, checked: with a known right
    answer.
    """

    only: str = ""
    others: int = -1
    said: int = -1
    since: int = 0


def answer_ids(
    books: Snapshot, found: Compared, one: AnnotatorFigures, checked: Sequence[CheckedAnswer], wanted: Wanted
) -> Ints:
    """Return the ids of a person's answers that fit, ascending."""
    import numpy as np

    user, votes = one.person.user, found.votes
    rows = found.rows_of.get(user, np.zeros(0, np.int64))
    if wanted.only == "wrong":
        ids = one.judged.id[one.judged.wrong]
    elif wanted.only in {"test", "audit", "checked"}:
        ids = np.array(
            sorted(a.annotation for a in checked if a.user_id == user and wanted.only in {"checked", a.source}),
            np.int64,
        )
    elif wanted.only == "skipped":
        ids = books.answers.id[(books.answers.user == user) & (books.answers.status == SKIPPED)]
    else:
        ids = votes.id[_rows(found, rows, wanted)]
    return ids[ids >= wanted.since]


def _rows(found: Compared, rows: Ints, wanted: Wanted) -> Ints:
    votes = found.votes
    others, label = found.others[rows], votes.label[rows]
    if wanted.others >= 0:
        rows = rows[(others == wanted.others) & (label == wanted.said)]
    elif wanted.only == "compared":
        rows = rows[others >= 0]
    elif wanted.only == "same":
        rows = rows[others == label]
    elif wanted.only == "differs":
        rows = rows[(others >= 0) & (others != label)]
    elif wanted.only == "recent":
        timed = (votes.seconds[rows] > 0) & (votes.seconds[rows] <= IDLE) & ~votes.paged[rows]
        rows = rows[timed][-RECENT:]
    return rows


def read_answers(session: Session, project_id: int, ids: Sequence[int]) -> list[tuple[Annotation, Item]]:
    """Return these answers with their items, newest first."""
    query = (
        select(Annotation, Item)
        .join(Item, Item.id == Annotation.item_id)
        .where(Annotation.id.in_(ids), Annotation.project_id == project_id)
        .order_by(Annotation.id.desc())
    )
    return [(answer, item) for answer, item in session.execute(query)]
