"""Training data for spaCy as it goes out."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.parsing.tokens import tokens_of, uneven
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.chunks import json_lines
from labeler.messages import Message

KEY = "sc"
UNLABELED = Message("The item has no label; its line has no member for it.")
OVERLAPPING = Message("Spans of the item overlap: all are in spans, and entities holds those that do not.")
UNEVEN = Message("A span begins or ends inside a word or at a blank; spaCy may leave it out when it trains.")


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield one JSON object a line in UTF-8."""
    return json_lines(rows, context.report, lambda row: _line(row, context))


def _line(row: ExportRow, context: ExportContext) -> dict[str, Any]:
    line: dict[str, Any] = {"text": row.text, "id": row.item, "external_id": row.external_id}
    if row.split:
        line["split"] = row.split
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
    ),
    write,
    frozenset({"spans", "label", "labels"}),
    frozenset({"text"}),
    counts=True,
)
