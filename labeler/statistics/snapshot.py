"""Everything a project's numbers are counted from, as arrays that belong to one moment.

`read_snapshot` is all reading, `tally` is all counting. A web process keeps the one of its last look and hands it in
again: answers and given labels, which only ever grow, are then read on from there; consensus and decisions are always
read whole. So the numbers are never older than the request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session

from labeler.annotations.columns import AnswerColumns, read_columns
from labeler.assignment.models import Assignment
from labeler.consensus.models import ItemConsensus
from labeler.decisions.final import AMBIGUOUS, says_label
from labeler.decisions.models import Review
from labeler.projects.models import Import, Item, Project
from labeler.projects.queries import classes_of
from labeler.statistics.marks import Matched, matched
from labeler.storage.arrays import class_number, number, read_arrays
from labeler.storage.database import clock

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Given:
    """Items with their given labels, by ascending item id; codes are class ids, 0 for none.

    version: changes with every import that could have changed them.
    """

    version: tuple[int, ...]
    item: Ints
    code: Ints


@dataclass(frozen=True)
class Decided:
    """A decision that stands. code: class id, 0 when it sets no label; day: proleptic ordinal, UTC."""

    item: int
    code: int
    decision: str
    day: int

    @property
    def final(self) -> bool:
        """Whether nothing more is wanted for the item."""
        return self.code != 0 or self.decision in {"exclude", AMBIGUOUS}


def _no_pairs() -> Ints:
    import numpy as np

    return np.zeros((0, 2), np.int64)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The records of one project at one moment.

    settled: (items, 2) item and class id of the consensus (0 for a tie); automatic: the same of labels of the model,
    which stand where there is nothing else; partly: ids of items with answers that want
    more; open: items not done yet; one_class: answers are one class, else codes say only that there is one (1);
    classes: ids of the project's classes then: when one went, answers that were read before name another class now.
    marks: of answers that are no single class, what those to each item came to.
    """

    project: int
    at: datetime
    given: Given
    answers: AnswerColumns
    settled: Ints
    decided: tuple[Decided, ...]
    partly: Ints
    open: int
    one_class: bool
    classes: tuple[int, ...] = ()
    marks: Mapping[int, Matched] = field(default_factory=dict)
    automatic: Ints = field(default_factory=_no_pairs)


def read_snapshot(session: Session, project: Project, known: Snapshot | None = None) -> Snapshot:
    """Read the books of a project; known: those of an earlier look."""
    import numpy as np

    named = classes_of(session, project.id)
    classes = tuple(row.id for row in named.rows)
    if known is not None and not set(known.classes) <= set(classes):
        known = None
    settled = select(ItemConsensus.item_id, number(ItemConsensus.code)).where(
        # "+ 0": nearly all rows are wanted, so reading them as they lie beats any index
        ItemConsensus.project_id + 0 == project.id
    )
    answers = read_columns(session, project.id, known.answers if known else None)
    by_model = select(Item.id, number(Item.automatic_code)).where(
        Item.project_id == project.id, Item.automatic_code != ""
    )
    return Snapshot(
        project=project.id,
        at=clock(session),
        given=_given(session, project.id, known.given if known else None),
        answers=answers,
        settled=np.column_stack(read_arrays(session, settled)).astype(np.int64),
        decided=_decided(session, project.id),
        partly=np.array(_partly(session, project.id), np.int64),
        open=open_items(session, project.id),
        one_class=named.task.one_class,
        classes=classes,
        automatic=np.column_stack(read_arrays(session, by_model)).astype(np.int64),
        marks={} if named.task.one_class else matched(session, named, answers, known.marks if known else {}),
    )


def open_items(session: Session, project_id: int) -> int:
    """Return how many items are not done: an answer is still wanted or under way, and no lead has decided.

    An item whose last answer somebody holds has no open slot any more, yet it is not done.
    """
    settled = exists().where(Review.item_id == Item.id, Review.status == "current", says_label())
    free = select(func.count()).where(Item.project_id == project_id, Item.open_slots > 0, ~settled)
    held = (
        select(func.count(Item.id.distinct()))
        .join(Assignment, Assignment.item_id == Item.id)
        .where(Assignment.project_id == project_id, Assignment.state == "held", Assignment.round >= 0)
        .where(Item.open_slots == 0, ~settled)
    )
    return (session.scalar(free) or 0) + (session.scalar(held) or 0)


def _given(session: Session, project_id: int, known: Given | None) -> Given:
    import numpy as np

    items = session.execute(select(func.count(), func.max(Item.id)).where(Item.project_id == project_id)).one()
    imports = session.execute(
        select(func.count(), func.sum(Import.added), func.sum(Import.changed)).where(Import.project_id == project_id)
    ).one()
    version = tuple(number or 0 for number in (*items, *imports))
    if known is not None and known.version == version:
        return known
    found = read_arrays(session, select(Item.id, number(Item.given_code)).where(Item.project_id + 0 == project_id))
    order = np.argsort(found[0], kind="stable")
    item, code = (column[order].astype(np.int64) for column in found)
    return Given(version, item, code)


def _decided(session: Session, project_id: int) -> tuple[Decided, ...]:
    query = select(Review.item_id, Review.code, Review.decision, Review.created_at).where(
        Review.project_id == project_id, Review.status == "current"
    )
    return tuple(
        Decided(item, class_number(code), decision, at.date().toordinal())
        for item, code, decision, at in session.execute(query)
    )


def _partly(session: Session, project_id: int) -> list[int]:
    has_votes = exists().where(ItemConsensus.item_id == Item.id)
    free = select(Item.id).where(Item.project_id == project_id, Item.open_slots > 0, has_votes)
    held = select(Assignment.item_id).where(
        and_(Assignment.project_id == project_id, Assignment.state == "held", Assignment.round >= 0),
        exists().where(ItemConsensus.item_id == Assignment.item_id),
    )
    return [*session.scalars(free), *session.scalars(held)]
