"""Training data for spaCy as JSON: `{"text", "entities": [[start, end, label]]}`, one a line or in one list.

`["text", {"entities": […]}]` is read as well, as are `spans` (any key, overlaps allowed) and, where the answer is one
class or several, `cats` ({label: 0.0 to 1.0}, chosen from 0.5). Places count Unicode code points, ends exclusive, as in
Python. spaCy's own binary `.spacy` (DocBin) is neither read nor written: it needs spaCy itself.

Note: entities may not overlap in spaCy. All spans of an item whose spans overlap stand in
`spans`, under the key "sc" that spaCy's own span categorizer uses, and `entities` holds those that do not; read back,
`spans` comes first.
"""

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

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
from labeler.exchange.formats.json_objects import records
from labeler.exchange.formats.records import Record, find_names, to_rows
from labeler.exchange.formats.tokens import tokens_of, uneven
from labeler.exchange.formats.values import shape_of
from labeler.messages import Message

ROWS_IN_A_CHUNK = 500
KEY = "sc"
UNLABELED = Message("The item has no label; its line has no member for it.")
OVERLAPPING = Message("Spans of the item overlap: all are in spans, and entities holds those that do not.")
UNEVEN = Message("A span begins or ends inside a word or at a blank; spaCy may leave it out when it trains.")
_CHOSEN = 0.5
_PAIR = 2
_to_json = json.JSONEncoder(ensure_ascii=False).encode


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the keys of the first objects."""
    return find_names(_flat(records(source, options), shape_of(options.task)))


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each text; raises Invalid when there is none in the first."""
    return to_rows(_flat(records(source, options), shape_of(options.task)), source, options)


def _flat(found: Iterable[Record | RejectedRow], shape: str) -> Iterator[Record | RejectedRow]:
    """Yield records as objects whose `label` or `entities` is what the project asks for."""
    for entry in found:
        if isinstance(entry, RejectedRow):
            yield entry
            continue
        value = entry.value
        if isinstance(value, list) and len(value) == _PAIR and isinstance(value[1], dict):
            value = {"text": value[0], **value[1]}
        if isinstance(value, dict):
            value = _with_spans(value) if shape == "spans" else _with_cats(value, shape)
        yield entry._replace(value=value)


def _with_spans(value: dict[str, Any]) -> dict[str, Any]:
    groups = value.get("spans")
    if not isinstance(groups, dict):
        return value
    spans = [span for group in groups.values() if isinstance(group, list) for span in group]
    kept = {key: what for key, what in value.items() if key != "spans"}
    return {**kept, "entities": [span[:3] if isinstance(span, list) else span for span in spans]}


def _with_cats(value: dict[str, Any], shape: str) -> dict[str, Any]:
    cats = value.get("cats")
    if not isinstance(cats, dict) or shape not in {"label", "labels"}:
        return value
    chosen = [name for name, share in cats.items() if isinstance(share, int | float) and share >= _CHOSEN]
    kept = {key: what for key, what in value.items() if key not in {"cats", "entities", "spans"}}
    return {**kept, "label": chosen}


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield one JSON object a line in UTF-8."""
    remaining = iter(rows)
    while chunk := list(itertools.islice(remaining, ROWS_IN_A_CHUNK)):
        context.report.written += len(chunk)
        yield "".join([_to_json(_line(row, context)) + "\n" for row in chunk]).encode(errors="replace")


def _line(row: ExportRow, context: ExportContext) -> dict[str, Any]:
    line: dict[str, Any] = {"text": row.text, "id": row.item, "external_id": row.external_id}
    if row.final_value is None and row.final_label is None:
        context.report.lose(UNLABELED, row.item)
    elif row.final_value is not None and "spans" in row.final_value:
        line |= _entities(row, row.final_value["spans"], context)
    else:
        chosen = row.final_value["labels"] if row.final_value is not None else [row.final_label]
        line["cats"] = {name: float(name in chosen) for name in context.classes}
    return {**line, "metadata": row.metadata} if row.metadata else line


def _entities(row: ExportRow, spans: Sequence[dict[str, Any]], context: ExportContext) -> dict[str, Any]:
    if odd := uneven(spans, tokens_of(row.text or "")):
        context.report.lose(UNEVEN, row.item, odd)
    listed = [[span["start"], span["end"], span["label"]] for span in spans]
    apart = _apart(listed)
    if len(apart) == len(listed):
        return {"entities": listed}
    context.report.lose(OVERLAPPING, row.item)
    return {"entities": apart, "spans": {KEY: listed}}


def _apart(spans: Sequence[list[Any]]) -> list[list[Any]]:
    """Return the spans that do not overlap: of those that do, the one that begins first, then the longest."""
    kept: list[list[Any]] = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or kept[-1][1] <= span[0]:
            kept.append(span)
    return kept


READER = Reader(
    "spacy",
    Message("spaCy training data (JSON)"),
    (".jsonl", ".json"),
    columns,
    read,
    frozenset({"spans", "label", "labels"}),
    frozenset({"text"}),
)
WRITER = Writer(
    "spacy",
    Message("spaCy training data (JSON Lines)"),
    ".jsonl",
    "application/x-ndjson",
    (
        Message("Only final labels go out: no votes, no consensus, no flags, no scores."),
        Message(
            "Overlapping spans stand in spans; entities, which spaCy trains on by itself, holds those that do not "
            "overlap."
        ),
        Message(
            "Whether a span fits spaCy's own tokens is not known here; the report counts those that do not fit words."
        ),
        Message("The binary .spacy (DocBin) is not made; spaCy makes it from these lines."),
    ),
    write,
    frozenset({"spans", "label", "labels"}),
    frozenset({"text"}),
    counts=True,
)
