"""CSV as it goes out: meant for spreadsheets as much as for programs."""

import csv
import io
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.parsing.column_names import EXPORT_COLUMNS, VALUE_COLUMNS
from labeler.exchange.parsing.spreadsheet import neutralise
from labeler.exchange.rows import ExportRow, FlagOut, Vote
from labeler.exchange.writing.chunks import chunks, drained, to_json
from labeler.messages import Message
from labeler.task_types.base import TaskType
from labeler.task_types.registry import task_type


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a CSV file in UTF-8: a header, then one record an item."""
    content = "image" if context.media == "image" else "text"
    buffer = io.StringIO(newline="")
    table = csv.writer(buffer)
    task = task_type(context.task)
    beside = not task.label_says_all
    table.writerow(("item", "external_id", content, *EXPORT_COLUMNS, *(VALUE_COLUMNS if beside else ())))
    pick_image, in_cells = content == "image", task.label_says_all and not task.one_class
    for chunk in chunks(rows, context.report):
        shown = [_with_cells(row, task, context.classes) for row in chunk] if in_cells else chunk
        records: Iterator[tuple[object, ...]]
        records = (_record(row, row.image if pick_image else row.text) for row in shown)
        if beside:
            records = ((*record, *_values(row)) for record, row in zip(records, chunk, strict=True))
        table.writerows(records)
        yield drained(buffer)
    if header := drained(buffer):  # of a file without rows
        yield header


def _record(row: ExportRow, content: str | None) -> tuple[object, ...]:
    return (
        row.item,
        neutralise(row.external_id),
        neutralise(content),
        _label(row.given_label),
        _label(row.consensus_label),
        _label(row.final_label),
        row.final_source,
        to_json(row.soft_label) if row.soft_label else "",
        row.confidence,
        row.label_score,
        _label(row.suggested_label),
        row.agreement,
        "yes" if row.excluded else "",
        _votes(row.votes) if row.votes else "",
        _flags(row.flags) if row.flags else "",
        to_json(row.metadata) if row.metadata else "",
    )


@lru_cache(maxsize=4096)
def _label(label: str | None) -> str | None:
    return neutralise(label)


@lru_cache(maxsize=4096)
def _quoted(value: str) -> str:
    return to_json(value)


def _with_cells(row: ExportRow, task: TaskType, classes: tuple[str, ...]) -> ExportRow:
    """Return the row with its values as cells in the place of labels."""

    def cell(value: dict[str, Any] | None) -> str | None:
        return None if value is None else task.to_cell(value, classes)

    return row._replace(
        given_label=cell(row.given_value),
        consensus_label=cell(row.consensus_value),
        final_label=cell(row.final_value),
    )


def _values(row: ExportRow) -> tuple[str, ...]:
    return tuple(
        "" if value is None else to_json(value) for value in (row.given_value, row.consensus_value, row.final_value)
    )


def _votes(votes: tuple[Vote, ...]) -> str:
    """Return {"who": answer} as JSON; made by hand, as it is the greater part of the cost of a row."""
    return "{" + ", ".join([f"{_quoted(vote[0])}: {_answer(vote)}" for vote in votes]) + "}"


def _answer(vote: Vote) -> str:
    return _quoted(vote.label) if vote.value is None else to_json(vote.value)


def _flags(flags: tuple[FlagOut, ...]) -> str:
    return "{" + ", ".join([f"{_quoted(flag.kind)}: {flag.score:.4g}" for flag in flags]) + "}"


WRITER = Writer(
    "csv",
    Message("CSV table"),
    ".csv",
    "text/csv; charset=utf-8",
    (
        Message("Seconds, comments and times of the single votes are left out; JSON Lines holds them."),
        Message("The suggestions of the single flags are left out; suggested_label holds the one of the item."),
        Message("A cell that a spreadsheet would run as a formula has a quote put in front of it."),
        Message("Images are named, not contained."),
    ),
    write,
    keeps=frozenset({"soft"}),
)
