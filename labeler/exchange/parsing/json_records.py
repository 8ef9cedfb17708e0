r"""JSON objects to rows: what JSON Lines and a JSON list share.

Note: JSON can spell what no database or page can hold, a lone half of a surrogate pair or a
NUL, as an escape. Such rows are refused here; searching every string for them would cost more than parsing, so only
records that were written with `\u` escapes are looked at.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from labeler.errors import Invalid
from labeler.exchange.parsing.annotations import said_beside
from labeler.exchange.parsing.column_names import OF_PEOPLE, Columns, find_columns
from labeler.exchange.parsing.extra_fields import LeftOut
from labeler.exchange.parsing.prodigy import is_prodigy, judged
from labeler.exchange.parsing.prodigy import refused as not_accepted
from labeler.exchange.parsing.row_checks import refusal, with_image
from labeler.exchange.parsing.row_labels import with_label, with_prediction
from labeler.exchange.parsing.values import is_missing, without_gap
from labeler.exchange.rows import SHOWN, RejectedRow, Row
from labeler.exchange.sources import BARE, ReadOptions, Source
from labeler.messages import Message
from labeler.task_types.registry import task_type

LOOKED_AT = 50
_FOLDED = ("metadata", "meta")


class Record(NamedTuple):
    """One JSON value as it was read. written: its source text, for messages and for the look at escapes."""

    number: int
    value: Any
    written: str
    left_out: LeftOut = ()


def find_names(entries: Iterable[Record | RejectedRow]) -> tuple[str, ...]:
    """Return the keys of the first records, in the order they appear."""
    first = (entry.value for entry in itertools.islice(entries, LOOKED_AT) if isinstance(entry, Record))
    return tuple(dict.fromkeys(key for value in first if isinstance(value, dict) for key in value))


def to_rows(
    entries: Iterator[Record | RejectedRow], source: Source, options: ReadOptions
) -> Iterator[Row | RejectedRow]:
    """Yield a row for each record; raise Invalid when none of the first records holds the wanted keys."""
    first = list(itertools.islice(entries, LOOKED_AT))
    if is_prodigy((entry.value for entry in first if isinstance(entry, Record)), options.classes):
        entries = _judged(itertools.chain(first, entries), options)
        first = list(itertools.islice(entries, LOOKED_AT))
    names = find_names(first)
    if not names:
        if any(isinstance(entry, Record) for entry in first):
            raise Invalid('{name} must hold objects, such as {{"text": "…"}}.', field="file", name=source.name)
        yield from (entry for entry in first if isinstance(entry, RejectedRow))
        return
    columns = find_columns(names, options, source.name)
    for entry in itertools.chain(first, entries):
        yield entry if isinstance(entry, RejectedRow) else _to_row(entry, columns, source, options)


def _judged(entries: Iterable[Record | RejectedRow], options: ReadOptions) -> Iterator[Record | RejectedRow]:
    for entry in entries:
        if isinstance(entry, RejectedRow) or not isinstance(entry.value, dict):
            yield entry
        elif options.wants not in BARE and (refused := not_accepted(entry.number, entry.value, entry.written)):
            yield refused
        else:
            value, left_out = judged(entry.value, options)
            yield entry._replace(value=value, left_out=left_out)


def _to_row(record: Record, columns: Columns, source: Source, options: ReadOptions) -> Row | RejectedRow:
    number, value, written, left_out = record
    try:
        _check_object(value, written)
        plain = task_type(options.task).one_class
        parts = (
            _short(value, columns.id),
            _text(value, columns, options),
            _short(value, columns.label if plain else None),
        )
        annotator = _short(value, columns.annotator)
        image = _file_name(value, columns.image)
    except _WrongTypeError as error:
        return RejectedRow(number, error.column, error.reason, written[:SHOWN])
    refused = refusal(number, columns, options, parts)
    if refused:
        return refused
    external_id, text, label = parts
    if label is not None:
        label = None if is_missing(label, options.classes) else without_gap(label, options.classes)
    row: Row | RejectedRow
    metadata = _metadata(value, columns, options)
    if columns.own and options.wants == "items":
        left_out = (*left_out, *said_beside(value))
    row = Row(number, external_id, text, None, label, metadata, annotator, left_out=left_out)
    if not plain:
        row = with_label(row, value.get(columns.label or ""), columns, options)
    if columns.prediction and isinstance(row, Row):
        row = with_prediction(row, value.get(columns.prediction), value.get(columns.score or ""), columns, options)
    if isinstance(row, RejectedRow) or not columns.image:
        return row
    return with_image(row, image, columns, source, options)


def _check_object(value: object, written: str) -> None:
    if not isinstance(value, dict):
        raise _WrongTypeError("", Message("an object is expected, not {kind}", kind=_kind(value)))
    if "\\u" in written and (fault := unstorable(value)):
        raise _WrongTypeError("", fault)


class _WrongTypeError(Exception):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


def _text(value: dict[str, Any], columns: Columns, options: ReadOptions) -> str | None:
    if not columns.text:
        return None
    text = value.get(columns.text)
    if isinstance(text, str) or (text is None and options.wants != "items"):
        return text
    if text is None:
        raise _WrongTypeError(columns.text, Message('there is no "{name}"', name=columns.text))
    raise _WrongTypeError(columns.text, Message("a text is expected, not {kind}", kind=_kind(text)))


def _file_name(value: dict[str, Any], column: str | None) -> str:
    """Return the file name or base64 of an image, "" when there is none."""
    found = value.get(column) if column else None
    if found is None or isinstance(found, str):
        return found or ""
    raise _WrongTypeError(column or "", Message("a file name is expected, not {kind}", kind=_kind(found)))


def _short(value: dict[str, Any], column: str | None) -> str | None:
    """Return an id, label or name: a string or a whole number, alone or alone in a list."""
    if not column:
        return None
    found = value.get(column)
    if isinstance(found, list) and len(found) <= 1:
        found = found[0] if found else None
    if found is None:
        return None
    if isinstance(found, str):
        return found.strip() or None
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    if isinstance(found, float) and found.is_integer():
        return str(int(found))  # a whole number in a column with gaps
    what = Message("several values") if isinstance(found, list) else _kind(found)
    raise _WrongTypeError(column, Message("one text or whole number is expected, not {what}", what=what))


def _metadata(value: dict[str, Any], columns: Columns, options: ReadOptions) -> dict[str, Any]:
    """Return what nothing else uses, with what lay folded in "metadata" or "meta" laid open."""
    wanted = options.mapping.metadata
    if wanted is not None:
        return {name: value[name] for name in wanted if name in value}
    used = {
        columns.id,
        columns.text,
        columns.image,
        columns.label,
        columns.annotator,
        columns.prediction,
        columns.score,
    }
    kept: Iterable[str] = columns.metadata if columns.own else value
    if columns.own and options.wants == "annotations":
        kept = (*columns.metadata, *OF_PEOPLE)  # only some rows have them all
    metadata = {key: value[key] for key in kept if key in value and key not in used and key not in _FOLDED}
    for name in _FOLDED:
        folded = value.get(name)
        if isinstance(folded, dict):
            metadata.update(folded)
        elif folded is not None and name not in used:
            metadata[name] = folded
    return metadata


def unstorable(value: object) -> str:
    """Return why a value cannot be stored as text, or ""."""
    if isinstance(value, str):
        if "\0" in value:
            return Message("a NUL character")
        try:
            value.encode()
        except UnicodeEncodeError:
            return Message("half of a surrogate pair, which is no character")
        return ""
    if isinstance(value, dict):
        return next(filter(None, map(unstorable, (*value.keys(), *value.values()))), "")
    if isinstance(value, list):
        return next(filter(None, map(unstorable, value)), "")
    return ""


def _kind(value: object) -> str:
    names = {
        type(None): "null",
        bool: Message("true or false"),
        int: Message("a number"),
        float: Message("a number"),
        str: Message("a text"),
    }
    names |= {list: Message("a list"), dict: Message("an object")}
    return names.get(type(value), "this")
