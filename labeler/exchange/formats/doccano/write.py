"""doccano's JSON Lines as they go out."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.formats.doccano.shapes import SHAPES
from labeler.exchange.parsing.values import Value
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.chunks import json_lines
from labeler.messages import Message

UNLABELED = Message("The item has no label; its line has no member for it.")


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield one JSON object a line in UTF-8."""
    return json_lines(rows, context.report, lambda row: _line(row, context))


def _line(row: ExportRow, context: ExportContext) -> dict[str, Any]:
    content = {"text": row.text} if context.media == "text" else {"filename": row.image}
    line = {"id": row.item, **content, "external_id": row.external_id}
    if row.split:
        line["split"] = row.split
    value = row.final_value or ({"label": row.final_label} if row.final_label is not None else None)
    if value is None:
        context.report.lose(UNLABELED, row.item)
    else:
        line |= _labels(value)
    return {**line, "metadata": row.metadata} if row.metadata else line


def _labels(value: Value) -> dict[str, Any]:
    if "label" in value:
        return {"label": [value["label"]]}
    if "labels" in value:
        return {"label": value["labels"]}
    if "spans" in value:
        return {"label": [[span["start"], span["end"], span["label"]] for span in value["spans"]]}
    if "boxes" in value:
        return {"bbox": value["boxes"]}
    outlines = value["polygons"]
    return {"segmentation": [{"label": o["label"], "points": list(itertools.chain(*o["points"]))} for o in outlines]}


WRITER = Writer(
    "doccano",
    "doccano JSON Lines",
    ".jsonl",
    "application/x-ndjson",
    (
        Message("Only final labels go out: no votes, no consensus, no flags, no scores."),
        Message("Places of spans count Unicode code points; doccano's own screen counts an emoji as two."),
        Message("Pictures are named, not contained."),
    ),
    write,
    SHAPES,
    counts=True,
)
