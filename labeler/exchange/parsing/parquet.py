"""Parquet as it comes in: rows like those of JSON, with class names for numbers where the file knows them.

The library that reads it is large and no dependency of ours, so it is asked for only here.
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.parsing.json_records import Record, to_rows
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source

MAGIC = b"PAR1"
AT_ONCE = 1000
_PLAIN = (str, int, bool, list, dict, type(None))


def is_parquet(path: Path) -> bool:
    """Say whether a file is Parquet by its first bytes."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def columns(path: Path) -> tuple[str, ...]:
    """Return the names of the columns."""
    return tuple(_opened(path).schema_arrow.names)


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield the rows."""
    assert source.path is not None  # noqa: S101 - an audit is of a file
    return to_rows(_records(source.path), source, options)


def _records(path: Path) -> Iterator[Record | RejectedRow]:
    file, number = _opened(path), 0
    names = _class_names(file.schema_arrow.metadata or {})
    for batch in file.iter_batches(AT_ONCE):
        for row in batch.to_pylist():
            number += 1
            value = {name: _plain(cell, names.get(name)) for name, cell in row.items()}
            yield Record(number, value, "")


def _opened(path: Path) -> Any:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise Invalid(
            "{name} is a Parquet file, which needs the package pyarrow: pip install pyarrow", name=path.name
        ) from error
    try:
        return parquet.ParquetFile(path)
    except (ArrowException, OSError) as error:
        raise Invalid("{name} cannot be read: {reason}.", field="file", name=path.name, reason=error) from error


def _class_names(metadata: dict[bytes, bytes]) -> dict[str, list[str]]:
    """Return the names that the datasets library stores for columns of class numbers."""
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
        named = {name: kind["names"] for name, kind in features.items() if kind.get("_type") == "ClassLabel"}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {name: names for name, names in named.items() if isinstance(names, list)}


def _plain(cell: Any, names: list[str] | None) -> Any:
    """Return a cell as JSON has it: whole numbers as themselves, pictures in base64, all else as text."""
    if names is not None and isinstance(cell, int):
        return names[cell] if 0 <= cell < len(names) else None
    if isinstance(cell, dict) and cell.keys() == {"bytes", "path"}:
        cell = cell["bytes"] or cell["path"]
    if isinstance(cell, bytes):
        return base64.b64encode(cell).decode()
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell if isinstance(cell, _PLAIN) else str(cell)
