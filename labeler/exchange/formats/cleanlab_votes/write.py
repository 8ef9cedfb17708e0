"""The wide table of answers as it goes out."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.parsing.spreadsheet import neutralise
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.chunks import chunks, drained
from labeler.exchange.writing.class_numbers import class_numbers
from labeler.exchange.writing.files_of_parts import files_of_parts
from labeler.exchange.writing.zip_stream import ZipStream
from labeler.messages import Message

UNANSWERED = Message("Nobody answered the item; cleanlab wants such rows left out: table.dropna(how='all').")
STRANGER = Message("An answer is by somebody who has no column.")


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a CSV table in UTF-8, one record an item, one column a person."""
    numbers = class_numbers(context.classes)
    columns = {name: place for place, name in enumerate(context.annotators)}
    buffer = io.StringIO(newline="")
    table = csv.writer(buffer)
    table.writerow(("item", *map(neutralise, columns)))
    for chunk in chunks(rows, context.report):
        table.writerows([(row.item, *_cells(row, columns, numbers, context)) for row in chunk])
        yield drained(buffer)
    if header := drained(buffer):  # of a file without rows
        yield header


def write_packed(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a ZIP with a table for each part of the split."""
    return files_of_parts(
        rows,
        context.parts,
        ZipStream(context.exported_at),
        called=lambda part: f"{part or context.slug}.csv",
        write=lambda own: write(own, context),
        report=lambda: "\n".join((*context.report.lines(), *WRITER.losses, "")),
    )


def _cells(
    row: ExportRow, columns: Mapping[str, int], numbers: Mapping[str, int], context: ExportContext
) -> list[int | None]:
    cells: list[int | None] = [None] * len(columns)
    for vote in row.votes:
        if vote.annotator in columns:
            cells[columns[vote.annotator]] = numbers.get(vote.label)
        else:
            context.report.lose(STRANGER, row.item)
    if not any(cell is not None for cell in cells):
        context.report.lose(UNANSWERED, row.item)
    return cells


WRITER = Writer(
    "cleanlab_votes",
    Message("cleanlab table of answers: items by people (CSV)"),
    ".csv",
    "text/csv; charset=utf-8",
    (
        Message("Only answers go out: no final labels, no flags, no scores, no texts, no pictures."),
        Message("Comments, times and seconds of answers are left out."),
        Message("Classes are numbers: their places among the sorted names, as cleanlab counts them."),
    ),
    write,
    frozenset({"label"}),
    counts=True,
    opens="""import pandas
from cleanlab.multiannotator import get_label_quality_multiannotator

answers = pandas.read_csv("{path}", index_col="item").dropna(how="all")""",
)
WRITER = replace(
    WRITER,
    packed=replace(WRITER, suffix=".zip", content_type="application/zip", write=write_packed, archive=True),
)
