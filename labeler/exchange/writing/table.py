"""Tables as they go out, whatever separates their cells: meant for spreadsheets as much as for programs."""

import csv
import io
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from labeler.exchange.parsing.column_names import EXPORT_COLUMNS, VALUE_COLUMNS
from labeler.exchange.parsing.spreadsheet import neutralise
from labeler.exchange.rows import ExportRow, FlagOut, Vote
from labeler.exchange.writing.chunks import chunks, drained, to_json
from labeler.exchange.writing.report import Report
from labeler.messages import Message
from labeler.task_types.base import TaskType
from labeler.task_types.registry import task_type

_SPLIT = ("split",)


class Table(NamedTuple):
    """What the columns depend on. classes: in the project's order; report: filled as rows go out.

    split: whether the part that each row is in has a column.
    """

    media: str
    task: str
    classes: tuple[str, ...]
    report: Report
    split: bool = False

    def separated(self, rows: Iterable[ExportRow], delimiter: str) -> Iterator[bytes]:
        """Yield the table in UTF-8: a header, then one record an item."""
        buffer = io.StringIO(newline="")
        table = csv.writer(buffer, delimiter=delimiter)
        table.writerow(self.header())
        for chunk in chunks(rows, self.report):
            table.writerows(self.records(chunk))
            yield drained(buffer)
        if names := drained(buffer):  # of a file without rows
            yield names

    def header(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        beside = () if task_type(self.task).label_says_all else VALUE_COLUMNS
        return (
            "item",
            "external_id",
            "image" if self.media == "image" else "text",
            *EXPORT_COLUMNS,
            *beside,
            *_SPLIT[: self.split],
        )

    def records(self, chunk: list[ExportRow]) -> Iterator[tuple[object, ...]]:
        """Return the cells of each item, under the names of the header."""
        task = task_type(self.task)
        pick_image, in_cells = self.media == "image", task.label_says_all and not task.one_class
        shown = [_with_cells(row, task, self.classes) for row in chunk] if in_cells else chunk
        found: Iterator[tuple[object, ...]] = (_record(row, row.image if pick_image else row.text) for row in shown)
        if not task.label_says_all:
            found = ((*record, *_values(row)) for record, row in zip(found, chunk, strict=True))
        if self.split:
            found = ((*record, row.split) for record, row in zip(found, chunk, strict=True))
        return found


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


LOSSES = (
    Message("Seconds, comments and times of the single votes are left out; JSON Lines holds them."),
    Message("The suggestions of the single flags are left out; suggested_label holds the one of the item."),
    Message("A cell that a spreadsheet would run as a formula has a quote put in front of it."),
    Message("Images are named, not contained."),
)
KEEPS = frozenset({"soft"})
