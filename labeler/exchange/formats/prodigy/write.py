"""Prodigy's JSON Lines as it goes out."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.parsing.tokens import tokens_of, uneven
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.chunks import json_lines
from labeler.messages import Message

UNLABELED = Message("The item has no label; its task is ignored.")
UNEVEN = Message("A span begins or ends inside a word or at a blank; it has no tokens.")
_HASH = "_input_hash"


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield one task a line in UTF-8."""
    return json_lines(rows, context.report, lambda row: _task(row, context))


def _task(row: ExportRow, context: ExportContext) -> dict[str, Any]:
    meta = dict(row.metadata or {})
    told: dict[str, Any] = {"text": row.text, "id": row.external_id}
    if row.split:
        meta["split"] = row.split
    if isinstance(meta.get(_HASH), int):
        told[_HASH] = meta.pop(_HASH)
    if row.final_value is None and row.final_label is None:
        context.report.lose(UNLABELED, row.item)
        told["answer"] = "ignore"
    elif row.final_value is not None and "spans" in row.final_value:
        told |= {**_marked(row, row.final_value["spans"], context), "answer": "accept"}
    else:
        chosen = row.final_value["labels"] if row.final_value is not None else [row.final_label]
        options = [{"id": name, "text": name} for name in context.classes]
        told |= {"options": options, "accept": chosen, "answer": "accept"}
    return {**told, "meta": meta} if meta else told


def _marked(row: ExportRow, spans: Sequence[dict[str, Any]], context: ExportContext) -> dict[str, Any]:
    """Return tokens, and the spans with the first and the last of theirs."""
    text = row.text or ""
    places = tokens_of(text)
    if odd := uneven(spans, places):
        context.report.lose(UNEVEN, row.item, odd)
    begins = {start: number for number, (start, _) in enumerate(places)}
    ends = {end: number for number, (_, end) in enumerate(places)}
    tokens = [
        {"text": text[start:end], "start": start, "end": end, "id": number, "ws": text[end : end + 1] == " "}
        for number, (start, end) in enumerate(places)
    ]
    return {"tokens": tokens, "spans": [_span(span, begins, ends) for span in spans]}


def _span(span: dict[str, Any], begins: dict[int, int], ends: dict[int, int]) -> dict[str, Any]:
    kept = {"start": span["start"], "end": span["end"], "label": span["label"]}
    if span["start"] in begins and span["end"] in ends:
        kept |= {"token_start": begins[span["start"]], "token_end": ends[span["end"]]}
    return kept


WRITER = Writer(
    "prodigy",
    "Prodigy",
    ".jsonl",
    "application/x-ndjson",
    (Message("Only final labels go out: no votes, no consensus, no flags, no scores."),),
    write,
    frozenset({"label", "labels", "spans"}),
    frozenset({"text"}),
    counts=True,
)
