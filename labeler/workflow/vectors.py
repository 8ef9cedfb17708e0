"""Import of vectors and class probabilities: all of a file's rows are kept, or none."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy.orm import Session

from labeler.errors import Invalid
from labeler.exchange import actions as exchange_actions
from labeler.exchange.actions import ImportResult
from labeler.exchange.numbers import NumbersRow
from labeler.exchange.rows import SHOWN, RejectedRow
from labeler.messages import Message
from labeler.projects import queries as project_queries
from labeler.projects.models import Project
from labeler.quality import imported
from labeler.storage.database import Database, alone, clock
from labeler.storage.files import FileStore
from labeler.storage.slices import store_in_turns
from labeler.workflow.imports import ImportPlan, Progress, silent
from labeler.workflow.telling import import_ended

if TYPE_CHECKING:
    from labeler.quality.imported import Joined

Kind = Literal["vectors", "probabilities"]
BATCH = 1000


def import_numbers(
    database: Database,
    files: FileStore,
    project_id: int,
    rows: Iterable[NumbersRow | RejectedRow],
    plan: ImportPlan,
    *,
    kind: Kind,
    replace: bool = False,
    progress: Progress = silent,
) -> ImportResult:
    """Keep vectors or class probabilities of items that are there; of several rows about one item the last stands.

    replace: whether they take the place of all that were imported before. By importing probabilities somebody says that
    their model did not learn from the labels it will judge. Raises Invalid where nothing can be kept.
    """
    with database.read() as session:
        codes = _codes(session, project_id, kind)
    found: dict[int, Any] = {}
    rejected: list[RejectedRow] = []
    seen, source = 0, iter(rows)
    while batch := list(islice(source, BATCH)):
        with database.read() as session:
            rejected += _take(session, project_id, batch, found)
        seen += len(batch)
        progress(min(0.9, seen / plan.total) if plan.total else 0.0, Message("{count:,} rows read", count=seen))
    joined = _store(files, project_id, kind, found, codes, replace=replace) if found else None
    return _record(database, project_id, plan, joined, rejected)


def _codes(session: Session, project_id: int, kind: Kind) -> tuple[str, ...]:
    if kind == "vectors":
        return ()
    task = project_queries.task_of(session.get_one(Project, project_id))
    if not task.one_class:
        raise Invalid(
            "Probabilities are of classes of which an item has one; answers of this project have several parts.",
            field="as",
        )
    return project_queries.classes_of(session, project_id).codes


def _take(
    session: Session, project_id: int, batch: Sequence[NumbersRow | RejectedRow], found: dict[int, Any]
) -> Iterator[RejectedRow]:
    """Note the numbers of each row under its item's id; yield the rows that have none."""
    good = [row for row in batch if isinstance(row, NumbersRow)]
    ids = [row.external_id for row in good if row.external_id]
    hashes = {row.number: sha256((row.text or "").encode()).hexdigest() for row in good if not row.external_id}
    by_id, by_hash = project_queries.items_named(session, project_id, ids, list(hashes.values()))
    for row in batch:
        if isinstance(row, RejectedRow):
            yield row
            continue
        item = by_id.get(row.external_id) if row.external_id else by_hash.get(hashes[row.number])
        if item is None:
            reason = Message("no item of this project has this id or text; import the items first")
            yield RejectedRow(row.number, "id", reason, row.external_id or (row.text or "")[:SHOWN])
        else:
            found[item.id] = row.values


def _store(
    files: FileStore, project_id: int, kind: Kind, found: dict[int, Any], codes: tuple[str, ...], *, replace: bool
) -> "Joined":
    import numpy as np

    rows = np.array(list(found.values()), dtype=np.float32)
    new = imported.Imported(np.array(list(found), dtype=np.int64), rows, codes)
    return imported.store(files.imported_of(project_id), kind, new, replace=replace)


def _record(
    database: Database, project_id: int, plan: ImportPlan, joined: "Joined | None", rejected: Sequence[RejectedRow]
) -> ImportResult:
    with database.write() as session:
        import_id = exchange_actions.start_import(
            session, project_id, name=plan.name, format_name=plan.format_name, by=plan.by, now=clock(session)
        )
    result = ImportResult(import_id, plan.name)

    def store(session: Session, part: Sequence[exchange_actions.Counts]) -> None:
        alone(session, project_id)
        for counts in part:
            exchange_actions.record(session, import_id, counts)
            result.add(counts)

    kept = exchange_actions.Counts()
    if joined is not None:
        kept = exchange_actions.Counts(joined.added, joined.changed, joined.unchanged)
    parts = [rejected[begin : begin + BATCH] for begin in range(0, len(rejected), BATCH)]
    store_in_turns(database, [kept, *(exchange_actions.Counts(rejected=list(part)) for part in parts)], store, least=1)
    with database.write() as session:
        now = clock(session)
        exchange_actions.finish_import(session, import_id, now)
        import_ended(session, project_id, result, now=now)
    return result
