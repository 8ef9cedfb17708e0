"""doccano's JSON Lines: a text or a file name, and its labels, spans, boxes or outlines.

Classes are `label: ["a"]`, spans `label: [[start, end, "a"]]` or `entities: [{start_offset, end_offset, label}]`, boxes
`bbox: [{x, y, width, height, label}]`, outlines `segmentation: [{points: [x, y, …], label}]`, in pixels. Relations,
comments and whatever else a line holds are kept as metadata.

Note: doccano's screen counts a place in UTF-16 code units, files made by programs mostly in
code points, and neither says so; offsets.py decides text by text, and only behind an emoji there is anything to decide.
What goes out counts code points.
"""

import itertools
import json
from collections.abc import Iterable, Iterator
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.formats.base import (
    ExportContext,
    ExportRow,
    Reader,
    ReadOptions,
    RejectedRow,
    Row,
    Source,
    Writer,
)
from labeler.exchange.formats.file_set import source_inside
from labeler.exchange.formats.json_objects import records
from labeler.exchange.formats.offsets import differ, guessed
from labeler.exchange.formats.records import Record, find_names, to_rows
from labeler.exchange.formats.values import Value, shape_of, value_of
from labeler.messages import Message

ROWS_IN_A_CHUNK = 500
UNLABELED = Message("The item has no label; its line has no member for it.")
_SUFFIXES = (".jsonl", ".json")
_MARKED = ("entities", "label", "labels")
_to_json = json.JSONEncoder(ensure_ascii=False).encode


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the keys of the first objects."""
    return find_names(_records(source_inside(source, options, _SUFFIXES, preferred="all.jsonl"), options))


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each line; raises Invalid when the wanted keys are in none of the first."""
    inner = source_inside(source, options, _SUFFIXES, preferred="all.jsonl")
    return to_rows(_records(inner, options), inner, options)


def _records(source: Source, options: ReadOptions) -> Iterator[Record | RejectedRow]:
    found = records(source, options)
    if shape_of(options.task) != "spans":
        return found
    return (_one_way(entry) if isinstance(entry, Record) else entry for entry in found)


def _one_way(record: Record) -> Record:
    """Return the record with its spans under `label`, whatever they stood under, counted in code points."""
    value = record.value
    key = next((key for key in _MARKED if isinstance(value, dict) and isinstance(value.get(key), list)), None)
    if key is None:
        return record
    text = None if "external_id" in value else value.get("text")  # our own export says by that key how it counts
    others = {name: what for name, what in value.items() if name not in _MARKED}
    return record._replace(value={**others, "label": _counted(text, value[key])})


def _counted(text: Any, given: list[Any]) -> list[Any]:
    """Return spans with their places in code points; what is no span is left for others to refuse."""
    if not isinstance(text, str) or not differ(text):
        return given
    try:
        spans = (value_of(given, "spans", ()) or {})["spans"]
    except Invalid:
        return given
    if not all(isinstance(span, dict) and type(span.get("start")) is type(span.get("end")) is int for span in spans):
        return given
    counted = guessed(text, [(span["start"], span["end"]) for span in spans])
    return [{**span, "start": start, "end": end} for span, (start, end) in zip(spans, counted, strict=True)]


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield one JSON object a line in UTF-8."""
    remaining = iter(rows)
    while chunk := list(itertools.islice(remaining, ROWS_IN_A_CHUNK)):
        context.report.written += len(chunk)
        yield "".join([_to_json(_line(row, context)) + "\n" for row in chunk]).encode(errors="replace")


def _line(row: ExportRow, context: ExportContext) -> dict[str, Any]:
    content = {"text": row.text} if context.media == "text" else {"filename": row.image}
    line = {"id": row.item, **content, "external_id": row.external_id}
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


READER = Reader("doccano", "doccano JSON Lines", (".jsonl", ".json"), columns, read)
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
    counts=True,
)
