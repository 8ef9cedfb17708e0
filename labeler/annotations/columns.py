"""All answers of a project as columns of numbers: read once, then only what is new.

The numbers a lead sees need every answer with its author, label and time; asking the database for all of them at each
look costs a second at 300,000. Answers are only ever added, so `read_columns` takes the columns of the last look and
reads on from there. Note: this cannot go stale: an old answer may change its status and a
transaction may end out of order, so the statuses and the number of rows are read each time, and columns that do not
fit are read afresh.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.storage.arrays import day_number, number, read_arrays

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Truths = NDArray[np.bool_]

STATUSES = ("counted", "late", "superseded", "undone", "skipped", "audit", "not_counted")
IDLE = 600.0  # seconds; a longer answer was a break, and one of no seconds was not timed: neither says how long it took
PAGED, IMPORTED = 1, 2  # how an answer came, as a number
COUNTED, SKIPPED = STATUSES.index("counted"), STATUSES.index("skipped")


@dataclass(frozen=True, eq=False)
class AnswerColumns:
    """One entry an answer, by ascending id; arrays (answers,).

    item, user: ids; code: class id, 0 for a skip; seconds: active time; day: of storing, UTC, as a proleptic ordinal;
    commented: whether it has a comment; paged: whether it was one of a page of them; imported: whether a file brought
    it; aided: whether a suggestion was on the screen; guideline: version of the guidelines, 0 for none; status:
    position in STATUSES.
    """

    id: Ints
    item: Ints
    user: Ints
    code: Ints
    seconds: Floats
    day: Ints
    commented: Truths
    paged: Truths
    imported: Truths
    aided: Truths
    guideline: Ints
    status: Ints

    def __len__(self) -> int:
        return len(self.id)


def read_columns(session: Session, project_id: int, known: AnswerColumns | None = None) -> AnswerColumns:
    """Return the answers of a project as they stand in this session; known: what an earlier call returned."""
    found = _with_status(session, project_id, _read_on(session, project_id, known or _empty()))
    if found is None:
        found = _with_status(session, project_id, _read_on(session, project_id, _empty()))
    return found or _empty()


def _empty() -> AnswerColumns:
    import numpy as np

    whole, truths = np.empty(0, np.int64), np.empty(0, np.bool_)
    return AnswerColumns(whole, whole, whole, whole, np.empty(0), whole, truths, truths, truths, truths, whole, whole)


def _read_on(session: Session, project_id: int, known: AnswerColumns) -> AnswerColumns:
    """Return what is known and what was added after it."""
    import numpy as np

    query = (
        select(
            Annotation.id,
            Annotation.item_id,
            Annotation.user_id,
            number(Annotation.code),
            Annotation.seconds,
            day_number(session, Annotation.created_at),
            case((Annotation.comment == "", 0), else_=1),
            case((Annotation.mode == "bulk", PAGED), (Annotation.mode == "import", IMPORTED), else_=0),
            case((Annotation.suggestion_shown.is_(True), 1), else_=0),
            Annotation.guideline_version,
        )
        # "+ 0" keeps the database from an index that would lead it through the rows in another order
        .where(Annotation.id > (int(known.id[-1]) if len(known) else 0), Annotation.project_id + 0 == project_id)
    )
    found = read_arrays(session, query)
    if not len(found[0]):
        return known
    order = np.argsort(found[0], kind="stable")
    ids, item, user, code, seconds, day, commented, mode, aided, guideline = (column[order] for column in found)
    new = AnswerColumns(
        id=ids.astype(np.int64),
        item=item.astype(np.int64),
        user=user.astype(np.int64),
        code=code.astype(np.int64),
        seconds=seconds,
        day=_ordinals(day),
        commented=commented > 0,
        paged=mode == PAGED,
        imported=mode == IMPORTED,
        aided=aided > 0,
        guideline=guideline.astype(np.int64),
        status=np.zeros(len(ids), np.int64),
    )
    return _join([known, new]) if len(known) else new


def _ordinals(days: Floats) -> Ints:
    import numpy as np

    known, places = np.unique(days.astype(np.int64), return_inverse=True)
    return np.array([date.fromisoformat(str(day)).toordinal() for day in known.tolist()], np.int64)[places]


def _join(parts: list[AnswerColumns]) -> AnswerColumns:
    import numpy as np

    names = AnswerColumns.__dataclass_fields__
    return AnswerColumns(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _with_status(session: Session, project_id: int, found: AnswerColumns) -> AnswerColumns | None:
    """Return the columns with today's statuses; None when they are not all answers of the project."""
    import numpy as np

    total = session.scalar(select(func.count()).select_from(Annotation).where(Annotation.project_id == project_id))
    if total != len(found):
        return None
    rows: list[Row[int, str]] = list(
        session.execute(
            select(Annotation.id, Annotation.status).where(
                Annotation.project_id == project_id, Annotation.status.in_(STATUSES[1:])
            )
        )
    )
    ids = np.array([row[0] for row in rows], np.int64)
    places = np.searchsorted(found.id, ids)
    if len(ids) and (places.max() >= len(found) or (found.id[places] != ids).any()):
        return None
    status = np.full(len(found), COUNTED, np.int64)
    status[places] = [STATUSES.index(row[1]) for row in rows]
    return AnswerColumns(**{**vars(found), "status": status})
