"""Import: a file's rows become items, answers to items that are there, or predictions about them.

Each transaction is short and durable by itself, so that no annotator waits for an import and a second run continues
where the first one stopped.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeGuard, TypeVar

from sqlalchemy.orm import Session

from labeler.assignment import slots
from labeler.errors import Cancelled, Invalid
from labeler.exchange import actions as exchange_actions
from labeler.exchange import class_numbers
from labeler.exchange.actions import ImportResult
from labeler.exchange.rows import RejectedRow, Row, VoteRow
from labeler.messages import Message
from labeler.projects import queries as project_queries
from labeler.projects.models import Item, Project
from labeler.projects.queries import Classes, Question
from labeler.quality import actions as quality_actions
from labeler.quality.actions import Predicted
from labeler.storage.database import Database, alone, clock
from labeler.storage.files import FileStore, Problem, StoredImage
from labeler.storage.slices import Slices
from labeler.workflow.given_labels import GivenLabels
from labeler.workflow.telling import import_ended
from labeler.workflow.vote_blocks import store_votes

Progress = Callable[[float, str], None]
Entry = TypeVar("Entry")
IMPORT_BATCH = 2000
IMAGE_BATCH = 64
VOTE_BATCH = 2000
LEAST_VOTES = 60  # in a block; fewer would be mostly costs of its own, more would keep people waiting
LEAST_PREDICTIONS = 5


def silent(_share: float, _message: str) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True)
class ImportPlan:
    """How to import. total: rows expected (0: unknown), for the progress only."""

    name: str
    format_name: str
    by: int | None = None
    total: int = 0


def _tell(progress: Progress, plan: ImportPlan, result: ImportResult, read: int) -> None:
    """Report how many rows are read; an end that somebody asks for says which are in: each batch is stored whole."""
    try:
        progress(min(0.99, read / plan.total) if plan.total else 0.0, Message("{count:,} rows read", count=read))
    except Cancelled as end:
        told = Cancelled(
            "The first {count:,} rows of the file were read, and nothing after them: {added:,} added, {changed:,} "
            "changed, {unchanged:,} there already, {rejected:,} left out. Importing the file again adds nothing twice.",
            count=read,
            added=result.added,
            changed=result.changed,
            unchanged=result.unchanged,
            rejected=result.rejected,
        )
        told.result = result.as_json()
        raise told from end


def import_items(
    database: Database,
    files: FileStore,
    project_id: int,
    rows: Iterable[Row | RejectedRow],
    plan: ImportPlan,
    *,
    progress: Progress = silent,
) -> ImportResult:
    """Turn rows into items, batch by batch, each durable by itself; running it again continues where it stopped."""
    with database.write() as session:
        project = session.get_one(Project, project_id)
        is_image, votes, settings = project.media == "image", project.votes, project.settings or {}
        classes, task = project_queries.classes_of(session, project_id), project_queries.task_of(project)
        now = clock(session)
        import_id = exchange_actions.start_import(
            session, project_id, name=plan.name, format_name=plan.format_name, by=plan.by, now=now
        )
    target = exchange_actions.Target(
        project_id, import_id, votes=votes, task=task, classes=classes, settings=settings, now=now
    )
    result, slices, seen = ImportResult(import_id, plan.name), Slices(database), 0
    labels, numbers = GivenLabels(beside_items=True), dict[str, int]()
    for batch in _batches(rows, IMAGE_BATCH if is_image else IMPORT_BATCH):
        found = iter(files.put_images([row.image or b"" for row in batch if _is_new(row)]) if is_image else ())
        entries = [(row, next(found, None) if _is_new(row) else None) for row in batch]
        slices.store(entries, lambda session, part: result.add(_store_items(session, target, part, labels)))
        numbers = {**class_numbers.numbers_in(batch), **numbers}
        seen += len(batch)
        _tell(progress, plan, result, seen)
    with database.write() as session:
        if numbers:
            result.add(counts := class_numbers.keep(session, project_id, numbers))
            exchange_actions.record(session, import_id, counts)
        now = clock(session)
        exchange_actions.finish_import(session, import_id, now)
        import_ended(session, project_id, result, now=now)
    progress(1.0, Message("{added:,} added, {rejected:,} not", added=result.added, rejected=result.rejected))
    return result


def _is_new(row: Row | RejectedRow) -> TypeGuard[Row]:
    """Whether a row may become an item: one about an item that is there labels it."""
    return isinstance(row, Row) and row.item is None


def _store_items(
    session: Session,
    target: exchange_actions.Target,
    entries: Sequence[tuple[Row | RejectedRow, StoredImage | Problem | None]],
    labels: GivenLabels,
) -> exchange_actions.Counts:
    """Store a slice of a batch, with what became of each row's picture (None for text), and count it."""
    alone(session, target.project_id)
    target = replace(  # as they are now: a long import goes on while a lead changes both
        target,
        votes=project_queries.votes_wanted(session, target.project_id),
        settings=session.get_one(Project, target.project_id).settings or {},
        classes=project_queries.classes_of(session, target.project_id),
    )
    good = [row for row, _ in entries if _is_new(row)]
    pictures = [image for row, image in entries if _is_new(row) and image is not None]
    images = pictures or None
    newest = slots.newest_item(session)
    counts = exchange_actions.store_rows(session, target, good, images)
    slots.serve_new(session, target.project_id, newest)
    counts.rejected.extend(row for row, _ in entries if isinstance(row, RejectedRow))
    counts.rejected.extend(_store_predictions(session, target, good, images))
    there = [row for row, _ in entries if isinstance(row, Row) and row.item is not None]
    labels.store(session, target.project_id, target.classes, there, counts)
    counts.rejected.extend(_store_predictions(session, target, there, None))
    exchange_actions.record(session, target.import_id, counts)
    return counts


def _store_predictions(
    session: Session,
    target: exchange_actions.Target,
    rows: Sequence[Row],
    images: Sequence[StoredImage | Problem] | None,
) -> list[RejectedRow]:
    """Store what rows that brought items say a model predicts; returns predictions that cannot be, their items stay."""
    hashes = {row.number: _hash_of(row, images[n] if images else None) for n, row in enumerate(rows) if row.prediction}
    predicted = [row for row in rows if row.prediction is not None and hashes[row.number]]
    ids = [row.external_id for row in predicted if row.external_id is not None]
    by_id, by_hash = project_queries.items_named(
        session, target.project_id, ids, [hashes[row.number] for row in predicted if row.external_id is None]
    )
    there = project_queries.items_by_id(session, target.project_id, [row.item for row in predicted if row.item])
    said, wrong = [], []
    for row in predicted:
        named = row.external_id is not None
        found = by_id.get(row.external_id or "") if named else by_hash.get(hashes[row.number])
        item = there.get(row.item or 0, found)
        if item is None:
            continue  # the row was rejected, and its reason told
        try:
            said.append((item, _predicted(target.classes, item, row)))
        except Invalid as error:
            wrong.append(_rejected(row, error, "prediction"))
    quality_actions.store_predictions(session, said, now=target.now)
    return wrong


def _hash_of(row: Row, image: StoredImage | Problem | None) -> str:
    """Return the hash of a row's content; "" for a picture that could not be read."""
    if isinstance(image, Problem):
        return ""
    return image.hash if image is not None else project_queries.text_hash(row.text)


def _predicted(classes: Classes, item: Item, row: Row) -> Predicted:
    """Return what a row predicts of an item as it is kept; raises Invalid for what is no answer to it."""
    if row.prediction is None:
        raise Invalid("This row predicts nothing.", field="prediction")
    value = classes.task.check_value(row.prediction, classes.config, project_queries.content_of(item))
    return Predicted(*classes.keep(value), row.prediction_score)


def _batches(rows: Iterable[Entry], size: int) -> Iterator[list[Entry]]:
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield batch


def import_votes(
    database: Database,
    project_id: int,
    rows: Iterable[VoteRow | RejectedRow],
    plan: ImportPlan,
    *,
    progress: Progress = silent,
) -> ImportResult:
    """Store answers that were given elsewhere. They obey the rules of a submit: past the wanted number they are late.

    An annotator without an account gets one that nobody can enter until a lead sends its person a link.
    """
    return _import_rows(database, project_id, rows, plan, store=store_votes, least=LEAST_VOTES, progress=progress)


def import_labels(
    database: Database,
    project_id: int,
    rows: Iterable[Row | RejectedRow],
    plan: ImportPlan,
    *,
    progress: Progress = silent,
) -> ImportResult:
    """Store given labels of items that are there; the newest given label of an item stands."""
    labels = GivenLabels()

    def store(
        session: Session, question: Question, _import: int, rows: Sequence[Row], counts: exchange_actions.Counts
    ) -> None:
        labels.store(session, question.project.id, question.classes, rows, counts)

    return _import_rows(database, project_id, rows, plan, store=store, least=LEAST_VOTES, progress=progress)


def import_predictions(
    database: Database,
    project_id: int,
    rows: Iterable[Row | RejectedRow],
    plan: ImportPlan,
    *,
    progress: Progress = silent,
) -> ImportResult:
    """Store what a model says of items that are there; the newest prediction of an item stands."""
    return _import_rows(
        database, project_id, rows, plan, store=_import_each_prediction, least=LEAST_PREDICTIONS, progress=progress
    )


def _import_rows(
    database: Database,
    project_id: int,
    rows: Iterable[Entry | RejectedRow],
    plan: ImportPlan,
    *,
    store: Callable[[Session, Question, int, Sequence[Entry], exchange_actions.Counts], None],
    least: int,
    progress: Progress,
) -> ImportResult:
    with database.write() as session:
        import_id = exchange_actions.start_import(
            session, project_id, name=plan.name, format_name=plan.format_name, by=plan.by, now=clock(session)
        )
    result, slices, seen = ImportResult(import_id, plan.name), Slices(database, least=least), 0

    def store_slice(session: Session, part: Sequence[Entry | RejectedRow]) -> None:
        alone(session, project_id)
        question = Question.of(session, session.get_one(Project, project_id))
        counts = exchange_actions.Counts(rejected=[row for row in part if isinstance(row, RejectedRow)])
        store(session, question, import_id, [row for row in part if not isinstance(row, RejectedRow)], counts)
        counts.rejected.sort(key=lambda row: row.number)
        exchange_actions.record(session, import_id, counts)
        result.add(counts)

    for batch in _batches(rows, VOTE_BATCH):
        slices.store(batch, store_slice)
        seen += len(batch)
        _tell(progress, plan, result, seen)
    with database.write() as session:
        now = clock(session)
        exchange_actions.finish_import(session, import_id, now)
        import_ended(session, project_id, result, now=now)
    return result


def _import_each_prediction(
    session: Session, question: Question, import_id: int, rows: Sequence[Row], counts: exchange_actions.Counts
) -> None:
    for row in rows:
        _import_prediction(session, question, import_id, row, counts)


def _import_prediction(
    session: Session, question: Question, import_id: int, row: Row, counts: exchange_actions.Counts
) -> None:
    del import_id
    try:
        item = _item_of(session, question, row)
        said = _predicted(question.classes, item, row)
    except Invalid as error:
        counts.rejected.append(_rejected(row, error, "prediction"))
        return
    became = quality_actions.store_prediction(session, item, said, now=clock(session))
    counts.note_parts(row)
    counts.added += became == "added"
    counts.changed += became == "changed"
    counts.unchanged += became == "unchanged"


def _item_of(session: Session, question: Question, row: VoteRow | Row) -> Item:
    """Return the item a row is about; raises Invalid when there is none."""
    if isinstance(row, Row) and row.item is not None:
        return project_queries.item_in(session, question.project.id, row.item)
    item = project_queries.item_by_name(session, question.project.id, row.external_id, row.text)
    if item is None:
        raise Invalid("No item of this project has this id or text; import the items first.", field="id")
    return item


def _rejected(row: VoteRow | Row, error: Invalid, column: str) -> RejectedRow:
    shown = row.external_id or (row.text or "")[:500]
    return RejectedRow(
        row.number, error.field or column, error.message, shown, row.file if isinstance(row, Row) else ""
    )
