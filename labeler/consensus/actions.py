"""Writing consensus: for one item in the label's own transaction, for a whole project after a better computation."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from labeler.agreement.patterns import by_person
from labeler.annotations.queries import Said
from labeler.consensus import queries
from labeler.consensus.models import ItemConsensus
from labeler.projects.models import Item
from labeler.projects.queries import Question, classes_of, content_of
from labeler.storage.database import Database, alone, clock
from labeler.storage.slices import Slices
from labeler.storage.upsert import OnConflict, upsert
from labeler.task_types.base import Value

BATCH = 2000  # rows of one transaction at most
_COMPUTED_AGAIN = OnConflict(
    keys=("item_id",), replaced=("code", "value", "confidence", "votes", "differ", "method", "computed_at")
)


@dataclass(frozen=True)
class Inferred:
    """The consensus on one item, as stored. code: "" while undecided; value: for objects, as they are kept."""

    item_id: int
    code: str
    confidence: float
    votes: int
    differ: bool
    method: str
    value: Value | None = None


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


def infer(database: Database, project_id: int) -> str:
    """Infer the consensus of every voted item by the method that suits the votes; returns its name, or "".

    Votes that tie stay undecided whatever the method thinks of the voters: a tie is a person's to decide.
    Answers that are no single class keep what their task type decides, which every submit brings up to date.
    """
    from labeler.consensus.base import undecided_where_tied
    from labeler.consensus.registry import METHODS, recommended

    with database.read() as session:
        classes = classes_of(session, project_id)
        if not classes.task.one_class:
            return "majority"
        seen = queries.computed_times(session, project_id)
        found = queries.project_votes(session, project_id, classes.index_of_code)
    if not found.item_ids:
        return ""
    name = recommended(found.votes)
    consensus = METHODS[name](found.votes)
    tally = found.votes.tally()
    counts, differ = tally.sum(axis=1), (tally > 0).sum(axis=1) > 1
    label = undecided_where_tied(consensus.label, tally)
    rows = [
        Inferred(
            item_id,
            classes.codes[label[n]] if label[n] >= 0 else "",
            float(consensus.confidence[n]),
            int(counts[n]),
            bool(differ[n]),
            name,
        )
        for n, item_id in enumerate(found.item_ids)
    ]

    def store_slice(session: Session, part: Sequence[Inferred]) -> None:
        alone(session, project_id)
        store(session, project_id, _unmoved(session, part, seen), clock(session))

    slices = Slices(database)
    for start in range(0, len(rows), BATCH):
        slices.store(rows[start : start + BATCH], store_slice)
    return name


def _unmoved(session: Session, rows: Sequence[Inferred], seen: dict[int, datetime]) -> list[Inferred]:
    # an answer that came in or was changed while this was computed has settled its item already, on votes we never saw
    stored = queries.consensus_of(session, [row.item_id for row in rows])
    return [row for row in rows if row.item_id in stored and stored[row.item_id].computed_at == seen.get(row.item_id)]
