"""Rows taken in lists, so that a file goes out in pieces worth sending and no writer holds them all."""

import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.report import Report

ROWS_IN_A_CHUNK = 500
# json.dumps makes a new encoder for each call that is not plain; one kept encoder saves 2 µs a row.
to_json = json.JSONEncoder(ensure_ascii=False).encode


def chunks(rows: Iterable[ExportRow], report: Report) -> Iterator[list[ExportRow]]:
    """Yield the rows in lists of some hundreds, and count them as written."""
    remaining = iter(rows)
    while chunk := list(itertools.islice(remaining, ROWS_IN_A_CHUNK)):
        report.written += len(chunk)
        yield chunk


def json_lines(
    rows: Iterable[ExportRow], report: Report, line: Callable[[ExportRow], dict[str, Any]]
) -> Iterator[bytes]:
    """Yield one JSON object a line in UTF-8. line: returns the object of a row."""
    for chunk in chunks(rows, report):
        yield "".join([f"{to_json(line(row))}\n" for row in chunk]).encode(errors="replace")


def drained(buffer: io.StringIO) -> bytes:
    """Return what was written to a buffer as UTF-8, and empty it."""
    data = buffer.getvalue().encode(errors="replace")
    buffer.seek(0)
    buffer.truncate()
    return data
