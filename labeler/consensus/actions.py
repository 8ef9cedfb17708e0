"""Writing consensus: for one item in the label's own transaction, for a whole project after a better computation."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from labeler.agreement.patterns import by_person
from labeler.annotations.queries import Said
from labeler.consensus import queries
from labeler.consensus.ground import Ground
from labeler.consensus.known import NOTHING_ELSE, Known
from labeler.consensus.models import ItemConsensus
from labeler.consensus.together import Inferred, of_classes, of_units
from labeler.projects.models import Item
from labeler.projects.queries import Question, classes_of, content_of
from labeler.storage.database import Database, alone, clock
from labeler.storage.slices import Slices
from labeler.storage.upsert import OnConflict, upsert

BATCH = 2000  # rows of one transaction at most
_COMPUTED_AGAIN = OnConflict(
    keys=("item_id",), replaced=("code", "value", "confidence", "votes", "differ", "method", "computed_at")
)


def settle_items(
    session: Session, question: Question, answered: Sequence[tuple[Item, Sequence[Said]]], now: datetime
) -> None:
    """Store the majority of each item's answers; a tie stays undecided, no answers leave no consensus.

    The better methods look at all items at once and replace this at the next inspection; a label must
    not wait for them.
    """
    empty = [item.id for item, answers in answered if not answers]
    if empty:
        session.execute(delete(ItemConsensus).where(ItemConsensus.item_id.in_(empty)))
    rows = [_inferred(question, item, answers) for item, answers in answered if answers]
    if rows:
        store(session, question.project.id, rows, now)


def _inferred(question: Question, item: Item, answers: Sequence[Said]) -> Inferred:
    classes = question.classes
    said = by_person(classes, [(str(one.user_id), one.code, one.value) for one in answers])
    if not said:  # all were of classes that are gone
        return Inferred(item.id, "", 0.0, len(answers), differ=False, method="majority")
    found = classes.task.decide(said, classes.config_by_code, content_of(item))
    code, value = ("", None) if found.value is None else classes.keep_by_code(found.value)
    return Inferred(item.id, code, found.confidence, len(answers), found.differ, "majority", value)


def store(session: Session, project_id: int, rows: Iterable[Inferred], now: datetime) -> None:
    """Write consensus rows, replacing what was there for these items."""
    values = [{**asdict(row), "project_id": project_id, "computed_at": now} for row in rows]
    upsert(session, ItemConsensus, values, _COMPUTED_AGAIN)


def infer(database: Database, project_id: int, known: Known = NOTHING_ELSE) -> Ground:
    """Infer the consensus of every voted item by the method that suits the votes, store it, and say what it rests on.

    A tie is a person's to decide unless the evidence passes the bar of `ties`. Answers that are made of units are
    decided unit by unit; others keep what their task type decides, which every submit brings up to date.
    """
    with database.read() as session:
        classes = classes_of(session, project_id)
        seen = queries.computed_times(session, project_id)
        if classes.task.one_class:
            found = of_classes(queries.project_votes(session, project_id, classes.index_of_code), classes, known)
        elif classes.task.by_units:
            found = of_units(queries.answered_by_several(session, project_id, classes), classes)
        else:
            return Ground("majority")

    def store_slice(session: Session, part: Sequence[Inferred]) -> None:
        alone(session, project_id)
        store(session, project_id, _unmoved(session, part, seen), clock(session))

    slices = Slices(database)
    for start in range(0, len(found.rows), BATCH):
        slices.store(found.rows[start : start + BATCH], store_slice)
    return found.ground


def _unmoved(session: Session, rows: Sequence[Inferred], seen: dict[int, datetime]) -> list[Inferred]:
    # an answer that came in or was changed while this was computed has settled its item already, on votes we never saw
    stored = queries.consensus_of(session, [row.item_id for row in rows])
    return [row for row in rows if row.item_id in stored and stored[row.item_id].computed_at == seen.get(row.item_id)]
