"""The files of a release that say of each item where its label comes from, and of each change what decided it.

Nobody is named in them: who answered is in the labels themselves, under a pseudonym unless the release says otherwise.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from labeler.exchange.parsing.spreadsheet import neutralise
from labeler.exchange.writing.chunks import drained, to_json
from labeler.releases.diff import Change, decided_at, tally
from labeler.releases.frozen import Head, Item

ITEMS, CHANGES = "items.jsonl", "changes.csv"
FIELDS: dict[str, tuple[str, str]] = {
    "item": ("sc:Integer", "Number of the item in its project"),
    "external_id": ("sc:Text", "The id that the item came with"),
    "sha256": ("sc:Text", "SHA-256 of the text or of the picture as it was imported"),
    "name": ("sc:Text", "File name of a picture"),
    "text": ("sc:Text", "The text that was labeled"),
    "label": ("sc:Text", "The final label in words"),
    "source": ("sc:Text", "Where the final label comes from: review, consensus, given, automatic or ambiguous"),
    "decided": ("sc:Text", "When that was decided, ISO 8601"),
    "method": ("sc:Text", "The method of the consensus"),
    "confidence": ("sc:Float", "Confidence of the consensus, 0 to 1"),
    "answers": ("sc:Integer", "Answers that count"),
    "agreement": ("sc:Float", "Share of the answers that say the most frequent thing, 0 to 1"),
    "decision": ("sc:Text", "What a lead decided"),
    "reason": ("sc:Text", "The lead's reason"),
    "flag": ("sc:Text", "Kind of the flag that the decision was about"),
    "guidelines": ("sc:Text", "Versions of the guidelines that the answers were given with"),
    "import": ("sc:Text", "The import that the item came with"),
    "automatic": ("sc:Integer", "Number of the batch of automatic labels"),
    "tally": ("sc:Text", "How often each answer was given, as JSON"),
    "value": ("sc:Text", "The label itself where it is no single class, as JSON"),
    "soft_label": ("sc:Text", "Share of each class of an ambiguous item, as JSON"),
}
"""Members of a line, each with its type and what it is. None ends in _at: there pandas and mlcroissant guess dates."""
SPLIT = {"split": ("sc:Text", "The part of the split: train, val or test")}


def fields_of(head: Head) -> dict[str, tuple[str, str]]:
    """Return the members of a line of this release."""
    return FIELDS | SPLIT if head.chosen.parts else FIELDS


def item_lines(head: Head, items: Iterable[Item]) -> Iterator[bytes]:
    """Yield a line of JSON an item, each with the members of `fields_of`."""
    names = tuple(fields_of(head))
    for item in items:
        said = _said(head, item)
        yield f"{to_json({name: said[name] for name in names})}\n".encode(errors="replace")


def _said(head: Head, item: Item) -> dict[str, Any]:
    row, behind = item.row, item.behind
    versions = sorted({one.guideline for one in behind.answers if one.guideline})
    return {
        "item": row.item,
        "external_id": row.external_id,
        "sha256": row.content_hash,
        "name": row.image,
        "text": row.text,
        "label": row.final_label,
        "source": behind.source or None,
        "decided": decided_at(item) or None,
        "method": behind.method or None if behind.source == "consensus" else None,
        "confidence": row.confidence,
        "answers": len(row.votes),
        "agreement": row.agreement,
        "decision": behind.decided.decision if behind.decided else None,
        "reason": behind.decided.reason or None if behind.decided else None,
        "flag": behind.decided.flag or None if behind.decided else None,
        "guidelines": ", ".join(map(str, versions)) or None,
        "import": head.imports.get(behind.came, {}).get("name"),
        "automatic": behind.automatic or None,
        "tally": to_json(dict(tally(row))) if row.votes else None,
        "value": to_json(row.final_value) if row.final_value else None,
        "soft_label": to_json(row.soft_label) if row.soft_label else None,
        "split": row.split,
    }


def change_lines(changes: Iterable[Change]) -> Iterator[bytes]:
    """Yield a table of what changed since the release before: a header, then a record an item."""
    buffer = io.StringIO(newline="")
    table = csv.writer(buffer)
    table.writerow(Change._fields)
    for change in changes:
        cells = [neutralise(cell) if isinstance(cell, str) else cell for cell in change[:-1]]
        table.writerow((*cells, to_json(dict(change.tally)) if change.tally else ""))
        yield drained(buffer)
    if names := drained(buffer):  # of a table without records
        yield names
