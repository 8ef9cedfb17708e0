"""The table cleanlab works with, as it goes out."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.parsing.spreadsheet import neutralise
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.chunks import chunks, drained
from labeler.exchange.writing.class_numbers import class_numbers
from labeler.messages import Message

COLUMNS = (
    "label",
    "label_score",
    "given_label",
    "predicted_label",
    "is_label_issue",
    "consensus_label",
    "consensus_quality_score",
    "annotator_agreement",
    "num_annotations",
    "final_label",
)


Cell = int | str | None


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a CSV table in UTF-8, one record an item."""
    numbers: dict[str | None, int] = dict(class_numbers(context.classes).items())
    names = {name: neutralise(name) for name in context.classes}
    content = "image" if context.media == "image" else "text"
    buffer = io.StringIO(newline="")
    table = csv.writer(buffer)
    split = bool(context.parts)
    table.writerow(("item", "external_id", content, *COLUMNS, *(("split",) if split else ())))
    for chunk in chunks(rows, context.report):
        records = (_record(row, row.image if content == "image" else row.text, numbers, names) for row in chunk)
        table.writerows((*one, row.split) if split else one for one, row in zip(records, chunk, strict=True))
        yield drained(buffer)
    if header := drained(buffer):  # of a file without rows
        yield header


def _record(
    row: ExportRow, shown: str | None, numbers: Mapping[str | None, int], names: Mapping[str, str | None]
) -> tuple[object, ...]:
    return (
        row.item,
        neutralise(row.external_id),
        neutralise(shown),
        _cell(row, row.final_label, row.final_value, numbers),
        row.label_score,
        _cell(row, row.given_label, row.given_value, numbers),
        numbers.get(row.suggested_label),
        row.flagged_wrong is not None,
        _cell(row, row.consensus_label, row.consensus_value, numbers),
        row.confidence if row.consensus_label is not None else None,
        row.agreement,
        len(row.votes),
        names.get(row.final_label or "", neutralise(row.final_label)),
    )


def _cell(row: ExportRow, label: str | None, value: dict[str, Any] | None, numbers: Mapping[str | None, int]) -> Cell:
    if value is None:
        return numbers.get(label)
    if "labels" in value:
        return json.dumps([numbers[name] for name in value["labels"]])
    boxes = value["boxes"]
    corners = [[box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]] for box in boxes]
    kept = {"bboxes": corners, "labels": [numbers[box["label"]] for box in boxes], "image_name": row.image}
    return json.dumps(kept, ensure_ascii=False)


WRITER = Writer(
    "cleanlab",
    Message("cleanlab table (CSV)"),
    ".csv",
    "text/csv; charset=utf-8",
    (
        Message("Who gave which vote is left out; only their number and agreement are here."),
        Message("Flags other than label errors, comments, times and metadata are left out."),
        Message("Whether an item is excluded is not said; excluded items have no label."),
        Message("A cell that a spreadsheet would run as a formula has a quote put in front of it."),
        Message("Images are named, not contained."),
    ),
    write,
    frozenset({"label", "labels", "boxes"}),
    opens="""import pandas

labels = pandas.read_csv("{path}")["label"]  # numbers of classes in alphabetical order, as cleanlab counts them""",
)
