"""Import of a whole source, whatever its rows are of."""

from dataclasses import dataclass, replace

from labeler.exchange.actions import ImportResult
from labeler.exchange.numbers import open_numbers
from labeler.exchange.parsing.annotations import as_votes
from labeler.exchange.reading import open_rows
from labeler.exchange.sources import ReadOptions, Source
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.workflow.imports import (
    ImportPlan,
    Progress,
    import_items,
    import_labels,
    import_predictions,
    import_votes,
    silent,
)
from labeler.workflow.joins import joined, marked, pictures_there
from labeler.workflow.vectors import import_numbers


@dataclass(frozen=True)
class Asked:
    """What is to be imported. named: the format, None where it is to be found; total: rows expected (0: unknown).

    replace: whether vectors or probabilities take the place of those that were imported before.
    """

    source: Source
    named: str | None
    options: ReadOptions
    by: int | None = None
    total: int = 0
    replace: bool = False


def import_source(
    database: Database, files: FileStore, project_id: int, asked: Asked, *, progress: Progress = silent
) -> ImportResult:
    """Import a source as its options say; raises Invalid when it cannot be read at all."""
    options = asked.options
    if options.wants in {"vectors", "probabilities"}:
        name, numbers = open_numbers(asked.source, asked.named, options)
        kind, plan = options.wants, ImportPlan(asked.source.name, name, asked.by, asked.total)
        return import_numbers(
            database, files, project_id, numbers, plan, kind=kind, replace=asked.replace, progress=progress
        )
    there = pictures_there(database, files, project_id)
    source = replace(asked.source, there=there) if options.media == "image" else asked.source
    name, rows = open_rows(source, asked.named, options)
    plan = ImportPlan(asked.source.name, name, asked.by, asked.total)
    if options.wants == "items":
        return import_items(database, files, project_id, marked(rows), plan, progress=progress)
    rows = joined(database, project_id, there, rows)
    if options.wants == "annotations":
        return import_votes(database, project_id, as_votes(rows, options), plan, progress=progress)
    if options.wants == "predictions":
        return import_predictions(database, project_id, rows, plan, progress=progress)
    return import_labels(database, project_id, rows, plan, progress=progress)
