"""doccano's JSON Lines as they come in."""

import re
from collections.abc import Iterator
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.formats.doccano.shapes import SHAPES
from labeler.exchange.parsing.dataset_files import source_inside, with_unused
from labeler.exchange.parsing.json_lines_or_list import records
from labeler.exchange.parsing.json_records import Record, find_names, to_rows
from labeler.exchange.parsing.offsets import differ, guessed
from labeler.exchange.parsing.values import shape_of, value_of
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message

_SUFFIXES = (".jsonl", ".json")
_MARKS = re.compile(
    r'"start_offset"\s*:|"labels?"\s*:\s*\[\s*\[\s*\d+\s*,\s*\d+\s*,\s*"'
    r'|"filename"\s*:.*"(?:bbox|segmentation)"\s*:|"Comments"\s*:',
    re.DOTALL,
)
_MARKED = ("entities", "label", "labels")


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the keys of the first objects."""
    return find_names(_records(source_inside(source, options, _SUFFIXES, preferred="all.jsonl"), options))


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each line; raises Invalid when the wanted keys are in none of the first."""
    inner = source_inside(source, options, _SUFFIXES, preferred="all.jsonl")
    return with_unused(to_rows(_records(inner, options), inner, options), inner)


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


def sign(glimpse: Glimpse) -> Sign | None:
    """Know doccano by the places or the boxes beside a text or a file name."""
    known = glimpse.text[:1] in {"[", "{"} and _MARKS.search(glimpse.text)
    return Sign(Certainty.SURE, Message("has labels as doccano writes them.")) if known else None


READER = Reader(
    "doccano",
    "doccano JSON Lines",
    (".jsonl", ".json"),
    columns,
    read,
    SHAPES,
    sign=sign,
    in_sets=True,
    family="json",
)
