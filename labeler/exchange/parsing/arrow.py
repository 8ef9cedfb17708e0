"""Arrow's tables as they come in: rows like those of JSON, with class names for numbers where the file knows them.

Note: the library is large and no dependency of ours, so it is asked for only when a file needs it. And a
batch that cannot be turned into values is tried row by row, so that one broken text costs its row alone.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import date, time
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.parsing.json_records import Record, unstorable
from labeler.exchange.rows import RejectedRow, Row
from labeler.messages import Message

ROWS_AT_ONCE = 1000
PICTURES_AT_ONCE = 8
PATH = "image_path"
"""Where the name of a picture that lies in a cell is kept."""
DAMAGED = (ValueError, OSError, KeyError, TypeError, NotImplementedError, RuntimeError, MemoryError)
"""What the library raises for what is no honest file."""
_PICTURE = {"bytes", "path"}
_JSON_TEXT = "metadata"


class _UnstorableError(Exception):
    """A text that no database can hold."""


def library(name: str) -> Any:
    """Return pyarrow; raises Invalid, saying what to install, where it is not there. name: of what needs it."""
    try:
        import pyarrow as pa
    except ImportError as error:
        raise Invalid(
            '{name} needs the package pyarrow, which is not installed: pip install "labeler[parquet]"', name=name
        ) from error
    return pa


def names_in(schema: Any, source: str) -> tuple[str, ...]:
    """Return the names of the columns; raises Invalid for names that cannot be told apart or kept."""
    names = tuple(schema.names)
    if len(set(names)) < len(names) or unstorable(list(names)):
        raise Invalid("{name} has columns of the same name, or without a usable one.", field="file", name=source)
    return names


def features_in(schema: Any) -> dict[str, Any]:
    """Return what the datasets library wrote about each column, {} where nothing is said."""
    try:
        found = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))["info"]["features"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def rows_at_once(schema: Any) -> int:
    """Return how many rows to take at a time: few where cells hold pictures."""
    large = any("binary" in str(field.type) for field in schema)
    return PICTURES_AT_ONCE if large else ROWS_AT_ONCE


def records(batches: Iterable[Any], features: dict[str, Any], first: int = 1) -> Iterator[Record | RejectedRow]:
    """Yield the rows of batches, numbered from `first`; where the data is damaged the last one says so."""
    number, following = first, iter(batches)
    while True:
        try:
            batch = next(following, None)
        except DAMAGED as error:
            why = Message("the file is damaged ({reason}); what follows was not read", reason=str(error)[:200])
            yield RejectedRow(number, "", why, "")
            return
        if batch is None:
            return
        for row in _values(batch):
            yield _record(number, row, features)
            number += 1


def with_names(rows: Iterable[Row | RejectedRow]) -> Iterator[Row | RejectedRow]:
    """Yield rows whose pictures, which lie in cells, have the names that stood beside them."""
    for row in rows:
        if isinstance(row, Row) and row.image is not None and row.name is None and PATH in row.metadata:
            metadata = {key: what for key, what in row.metadata.items() if key != PATH}
            yield row._replace(name=row.metadata[PATH], metadata=metadata)
        else:
            yield row


def _values(batch: Any) -> Iterator[Any]:
    """Yield the rows of a batch, and for one that cannot be turned into values the reason."""
    try:
        yield from batch.to_pylist()
    except (ValueError, OSError, TypeError, OverflowError):
        for place in range(batch.num_rows):
            try:
                (value,) = batch.slice(place, 1).to_pylist()
            except (ValueError, OSError, TypeError, OverflowError) as error:
                value = str(error)[:200]
            yield value


def _record(number: int, row: Any, features: dict[str, Any]) -> Record | RejectedRow:
    if isinstance(row, str):
        return RejectedRow(number, "", Message("cannot be read: {reason}", reason=row), "")
    value: dict[str, Any] = {}
    for name, cell in row.items():
        try:
            value[name] = _plain(cell, features.get(name))
        except _UnstorableError:
            return RejectedRow(number, name, Message("a NUL character"), "")
        if isinstance(cell, dict) and cell.keys() == _PICTURE and cell["bytes"] and isinstance(cell["path"], str):
            value[PATH] = cell["path"]
    if isinstance(folded := value.get(_JSON_TEXT), str):
        value[_JSON_TEXT] = _unfolded(folded)
    return Record(number, value, "")


def _unfolded(text: str) -> Any:
    """Return what our own exports folded into one cell, any other text as it is."""
    try:
        found = json.loads(text) if text[:1] == "{" else text
    except (ValueError, RecursionError):
        return text
    return text if unstorable(found) else found


def _plain(cell: Any, kind: Any) -> Any:
    """Return a cell as JSON has it. kind: what the datasets library says of it, None where nothing is said."""
    if isinstance(cell, list | tuple):
        return _plain_list(cell, _inner(kind))
    if isinstance(cell, dict):
        return _plain_object(cell, kind)
    if isinstance(cell, int) and isinstance(kind, dict) and kind.get("_type") == "ClassLabel":
        return _class_name(cell, kind.get("names"))
    if isinstance(cell, float):
        return _number(cell)
    return _simple(cell)


def _simple(cell: Any) -> Any:
    if isinstance(cell, bytes):
        return base64.b64encode(cell).decode()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, str) and "\0" in cell:
        raise _UnstorableError
    return cell if cell is None or isinstance(cell, str | int) else str(cell)


def _number(cell: float) -> float | int | None:
    """Return whole numbers as such: what was numbers with gaps is floats in a table; NaN and infinity are nothing."""
    if cell - cell != 0:
        return None
    return int(cell) if cell.is_integer() else cell


def _class_name(cell: int, names: Any) -> Any:
    if not isinstance(names, list):
        return cell
    return names[cell] if 0 <= cell < len(names) else None  # -1 is how the library says that there is no label


def _inner(kind: Any) -> Any:
    """Return what is said of the parts of a list."""
    if isinstance(kind, list):
        return kind[0] if len(kind) == 1 else None
    return kind.get("feature") if isinstance(kind, dict) else None


def _plain_list(cell: list[Any] | tuple[Any, ...], kind: Any) -> list[Any]:
    if cell and isinstance(cell[0], float):  # a vector, which is long; its numbers stay as they are
        return [None if one is None or one - one != 0 else one for one in cell]
    return [_plain(one, kind) for one in cell]


def _plain_object(cell: dict[str, Any], kind: Any) -> Any:
    if cell.keys() == _PICTURE:
        return _plain(cell["bytes"] or cell["path"], None)
    inner = kind if isinstance(kind, dict) and "_type" not in kind else _inner(kind)
    of = inner.get if isinstance(inner, dict) and "_type" not in inner else {}.get
    return {name: _plain(part, _listed(of(name), part)) for name, part in cell.items() if unstorable(name) == ""}


def _listed(kind: Any, part: Any) -> Any:
    """Return what is said of a member; older files keep a list of objects as an object of lists."""
    if isinstance(part, list) and isinstance(kind, dict) and kind.get("_type") == "ClassLabel":
        return [kind]
    return kind
