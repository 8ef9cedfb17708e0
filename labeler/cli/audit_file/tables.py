"""The files beside a report, as bytes: flags as CSV and JSON, rows left out, and a random sample without its labels."""

import csv
import io
import json
import random
from collections.abc import Iterable, Sequence

from labeler.cli.audit_file.flags import Told
from labeler.cli.audit_file.masks import masked_name
from labeler.cli.audit_file.reading import Table
from labeler.exchange.parsing.spreadsheet import neutralise
from labeler.exchange.rows import RejectedRow

SAMPLE = 400
_FLAG = (
    "item",
    "external_id",
    "kind",
    "band",
    "score",
    "given_label",
    "suggested_label",
    "suggested_probability",
    "cleanlab_score",
)


def flags_csv(flags: Iterable[Told], media: str) -> bytes:
    """Return the flags as a table; the reasons of each in one cell."""
    header = (*_FLAG, media, "why")
    return _csv(header, ([*(flag.get(name) for name in (*_FLAG, media)), " ".join(flag["why"])] for flag in flags))


def flags_json(flags: Sequence[Told]) -> bytes:
    """Return the flags as a JSON list."""
    return json.dumps(flags, ensure_ascii=False, indent=1).encode() + b"\n"


def rejected_csv(rows: Iterable[RejectedRow]) -> bytes:
    """Return the rows that were left out, each with its number and the reason."""
    header = ("row", "column", "reason", "file", "original")
    return _csv(header, ((row.number, row.column, str(row.reason), row.file, row.original) for row in rows))


def sample_csv(table: Table, seed: int) -> bytes:
    """Return a random sample of the rows in random order, with room for a label and without the one they have."""
    drawn = random.Random(seed).sample(table.kept, min(SAMPLE, len(table.kept)))  # noqa: S311 - chance, not a secret
    texts = table.media == "text"
    rows = ((row.number, masked_name(row.name), row.content if texts else row.file, "") for row in drawn)
    return _csv(("item", "external_id", table.media, "label"), rows)


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([neutralise(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")
