"""How tests read bytes as if they were a file: one call, no project."""

import io
from collections.abc import Iterator
from typing import Any

from labeler.exchange.formats.registry import READERS
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import Mapping, ReadOptions, Source


def read(format_name: str, data: bytes, **options: Any) -> list[Row | RejectedRow]:
    return list(stream(format_name, data, **options))


def stream(format_name: str, data: bytes, **options: Any) -> Iterator[Row | RejectedRow]:
    source = Source.sent(io.BytesIO(data), f"sent.{format_name}")
    return READERS[format_name].read(source, ReadOptions(**options))


def read_good(format_name: str, data: bytes, **options: Any) -> list[Row]:
    entries = read(format_name, data, **options)
    rejected = [entry for entry in entries if isinstance(entry, RejectedRow)]
    assert rejected == []
    return [entry for entry in entries if isinstance(entry, Row)]


def read_rejected(format_name: str, data: bytes, **options: Any) -> RejectedRow:
    """Return the only rejected row; the rows around it must have come through."""
    entries = read(format_name, data, **options)
    (rejected,) = [entry for entry in entries if isinstance(entry, RejectedRow)]
    return rejected


def mapped(**columns: Any) -> dict[str, Any]:
    return {"mapping": Mapping(**columns)}
