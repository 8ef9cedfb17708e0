"""Training data for spaCy as it comes in."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.parsing.json_lines_or_list import records
from labeler.exchange.parsing.json_records import Record, find_names, to_rows
from labeler.exchange.parsing.repeats import told_apart
from labeler.exchange.parsing.values import shape_of
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message

_PAIRS = re.compile(r'\[\s*(?:\[\s*)?"')
_ENTITIES = re.compile(r'"entities"\s*:\s*\[\s*(?:\[\s*\d+\s*,\s*\d+\s*,\s*"|\])|"cats"\s*:\s*\{')
_CHOSEN = 0.5
_PAIR, _TRIPLE = 2, 3
LINKS = Message("the link of a span into a knowledge base")
GROUPS = Message("the groups that spans are in; all of them are taken")
SHARES = Message("a share of a class between 0 and 1, of which only is taken whether it is a half or more")
SPANS = Message("spans of a text, for which this project does not ask")


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the keys of the first objects."""
    return find_names(_flat(records(source, options), shape_of(options.task)))


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield a row for each text; raises Invalid when there is none in the first."""
    return told_apart(to_rows(_flat(records(source, options), shape_of(options.task)), source, options))


def _flat(found: Iterable[Record | RejectedRow], shape: str) -> Iterator[Record | RejectedRow]:
    """Yield records as objects whose `label` or `entities` is what the project asks for."""
    for entry in found:
        if isinstance(entry, RejectedRow):
            yield entry
            continue
        value = entry.value
        if isinstance(value, list) and len(value) == _PAIR and isinstance(value[1], dict):
            value = {"text": value[0], **value[1]}
        if not isinstance(value, dict):
            yield entry
            continue
        value, lost = _with_spans(value) if shape == "spans" else _with_cats(value, shape)
        yield entry._replace(value=value, left_out=tuple((reason, count) for reason, count in lost.items() if count))


def _with_spans(value: dict[str, Any]) -> tuple[dict[str, Any], dict[str, int]]:
    groups = value.get("spans")
    if not isinstance(groups, dict):
        return value, {}
    spans = [span for group in groups.values() if isinstance(group, list) for span in group]
    kept = {key: what for key, what in value.items() if key != "spans"}
    linked = sum(isinstance(span, list) and any(span[_TRIPLE:]) for span in spans)
    cut = [span[:_TRIPLE] if isinstance(span, list) else span for span in spans]
    return {**kept, "entities": cut}, {LINKS: linked, GROUPS: len(groups) > 1}


def _with_cats(value: dict[str, Any], shape: str) -> tuple[dict[str, Any], dict[str, int]]:
    cats = value.get("cats")
    if not isinstance(cats, dict) or shape not in {"label", "labels"}:
        return value, {}
    chosen = [name for name, share in cats.items() if isinstance(share, int | float) and share >= _CHOSEN]
    unsure = sum(isinstance(share, float) and share not in {0.0, 1.0} for share in cats.values())
    marked = {name: value[name] for name in ("entities", "spans") if value.get(name)}
    kept = {key: what for key, what in value.items() if key not in {"cats", "entities", "spans"}}
    return {**kept, "label": chosen}, {SHARES: unsure, SPANS: len(marked)}


def sign(glimpse: Glimpse) -> Sign | None:
    """Know training data by its pairs, or by entities with their places."""
    text = glimpse.text
    if _PAIRS.match(text) and "{" in text:
        why = Message("has pairs of a text and an object, as training data for spaCy does.")
        return Sign(Certainty.SURE, why)
    if text[:1] in {"[", "{"} and _ENTITIES.search(text):
        return Sign(Certainty.MARKED, Message("has entities with their places, as training data for spaCy does."))
    return None


READER = Reader(
    "spacy",
    Message("spaCy training data (JSON)"),
    (".jsonl", ".json"),
    columns,
    read,
    shapes=frozenset({"spans", "label", "labels"}),
    media=frozenset({"text"}),
    sign=sign,
    family="json",
)
