"""Rows on their way to a server: a DataFrame or dictionaries become lines of JSON, sent while they are made."""

import base64
import json
import math
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from labeler.errors import Invalid

PIECE = 64 * 1024  # bytes sent at once, at least
FILE = "rows.jsonl"


@runtime_checkable
class Frame(Protocol):
    """What is used of a DataFrame, so that nobody has to import pandas."""

    columns: Any

    def itertuples(self, *, index: bool, name: None) -> Iterable[tuple[Any, ...]]:
        """Yield the rows without their index."""


RowsToSend = Frame | Iterable[Mapping[str, Any]]


def as_dicts(rows: RowsToSend) -> Iterator[Mapping[str, Any]]:
    """Yield each row by the names of its columns. Raises Invalid for a column that stands twice."""
    if not isinstance(rows, Frame):
        yield from rows
        return
    names = [str(name) for name in rows.columns]
    if twice := [name for name in names if names.count(name) > 1]:
        raise Invalid("The column {name!r} stands twice.", field=twice[0], name=twice[0])
    for values in rows.itertuples(index=False, name=None):
        yield dict(zip(names, values, strict=True))


def json_lines(rows: RowsToSend, image: str | None = None) -> Iterator[bytes]:
    """Yield one line a row. image: the column with pictures, each as bytes or the path of a file on this machine.

    Values that a table has where there is none (NaN, NaT, NA) become null. Raises Invalid, naming row and column, for
    what JSON cannot hold, and for a picture that cannot be read.
    """
    for number, row in enumerate(as_dicts(rows), 1):
        if not isinstance(row, Mapping):
            raise Invalid("Row {row} is no dictionary.", row=number)
        line = {str(name): _plain(value, number, str(name)) for name, value in row.items() if name != image}
        if image is not None:
            line |= _picture(row.get(image), number, image)
        yield _line(line)


def _line(values: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(values, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except UnicodeEncodeError:  # half of a surrogate pair: the server says what is wrong with this row
        return json.dumps(values, allow_nan=False).encode() + b"\n"


def multipart(fields: Mapping[str, str | list[str]], lines: Iterable[bytes]) -> tuple[str, Iterator[bytes]]:
    """Return the content type and the pieces of a form with a file of lines, made while they are sent."""
    border = secrets.token_hex(16)
    return f"multipart/form-data; boundary={border}", _pieces(_form(border, fields, lines))


def _form(border: str, fields: Mapping[str, str | list[str]], lines: Iterable[bytes]) -> Iterator[bytes]:
    for name, values in fields.items():
        for value in [values] if isinstance(values, str) else values:
            yield f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    yield f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{FILE}"\r\n'.encode()
    yield b"Content-Type: application/x-ndjson\r\n\r\n"
    yield from lines
    yield f"\r\n--{border}--\r\n".encode()


def _pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in pieces that are worth a packet."""
    held = bytearray()
    for part in parts:
        held += part
        if len(held) >= PIECE:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def _plain(value: Any, row: int, name: str) -> Any:
    """Return a value as JSON has it."""
    if hasattr(value, "tolist"):  # an array of NumPy, or one of its numbers
        value = value.tolist()
    if _is_missing(value):
        return None
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return _number(value, row, name)
    if isinstance(value, datetime | date | Path):
        return str(value) if isinstance(value, Path) else value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(inner, row, name) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner, row, name) for inner in value]
    raise Invalid(
        "Row {row}: {name} holds {kind}, which JSON cannot say.",
        field=name,
        row=row,
        name=name,
        kind=type(value).__name__,
    )


def _is_missing(value: Any) -> bool:
    """Whether it is None, or what pandas has for no value and for no moment."""
    return value is None or type(value).__name__ in {"NAType", "NaTType"}


def _number(value: float, row: int, name: str) -> float | None:
    if math.isinf(value):
        raise Invalid("Row {row}: {name} is infinite, which JSON cannot say.", field=name, row=row, name=name)
    return None if math.isnan(value) else float(value)


def _picture(value: Any, row: int, name: str) -> dict[str, str | None]:
    """Return a picture as base64 (None for none) and, of a file, the name by which people know it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return {name: None}
    if isinstance(value, bytes | bytearray):
        return {name: base64.b64encode(value).decode()}
    try:
        path = Path(value).expanduser()
        return {"file_name": path.name, name: base64.b64encode(path.read_bytes()).decode()}
    except (OSError, TypeError) as error:
        why = getattr(error, "strerror", None) or type(value).__name__
        raise Invalid(
            "Row {row}: the picture in {name} cannot be read ({reason}).", field=name, row=row, name=name, reason=why
        ) from error
