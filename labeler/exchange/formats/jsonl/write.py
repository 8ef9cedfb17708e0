"""JSON Lines as it goes out.

Note: the writer does not call json.dumps on a whole row. It puts the row together from parts
that are encoded once and kept (labels, e-mails, kinds), which takes a third of the time; `tests/exchange` parses what
comes out and compares it field by field.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from json.encoder import encode_basestring as quote
from typing import Any

from labeler.exchange.formats.base import KEEPS, ExportContext, Writer
from labeler.exchange.rows import ExportRow, FlagOut, Skip, Vote
from labeler.exchange.writing.chunks import chunks, to_json
from labeler.messages import Message
from labeler.task_types.base import TaskType
from labeler.task_types.registry import by_shape


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield one JSON object a line in UTF-8, with every vote and flag."""
    for chunk in chunks(rows, context.report):
        yield "".join([_line(row) for row in chunk]).encode(errors="replace")


def _line(row: ExportRow) -> str:
    votes = ", ".join([_vote(vote) for vote in row.votes])
    flags = ", ".join([_flag(flag) for flag in row.flags])
    skips = f'"skips": [{", ".join([_skip(skip) for skip in row.skips])}], ' if row.skips else ""
    metadata = to_json(row.metadata) if row.metadata else "{}"
    content = quote(row.text) if row.text is not None else _short(row.image)
    split = f'"split": {_short(row.split)}, ' if row.split else ""
    soft = f'"soft_label": {to_json(row.soft_label)}, ' if row.soft_label else ""
    values = _values(row) if row.given_value or row.consensus_value or row.final_value else ""
    return (
        f'{{"item": {row.item}, "external_id": {_quoted(row.external_id)}, '
        f'"{"text" if row.text is not None else "image"}": {content}, '
        f'"given_label": {_label(row.given_label, row.given_value)}, '
        f'"consensus_label": {_label(row.consensus_label, row.consensus_value)}, '
        f'"final_label": {_label(row.final_label, row.final_value)}, {values}'
        f'"final_source": {_short(row.final_source)}, {soft}'
        f'"confidence": {_number(row.confidence)}, "label_score": {_number(row.label_score)}, '
        f'"suggested_label": {_short(row.suggested_label)}, "agreement": {_number(row.agreement)}, '
        f'"excluded": {"true" if row.excluded else "false"}, "votes": [{votes}], {skips}"flags": [{flags}], {split}'
        f'"metadata": {metadata}}}\n'
    )


def _label(label: str | None, value: dict[str, Any] | None) -> str:
    return _short(label) if value is None or (task := _says_all(value)) is None else to_json(task.to_json(value))


def _says_all(value: dict[str, Any]) -> TaskType | None:
    """Return the task type of a value that its label says whole, None for any other."""
    (shape,) = value
    task = by_shape(shape)
    return task if task.label_says_all else None


def _values(row: ExportRow) -> str:
    """Return the members that hold values which *_label does not say whole."""
    named = (("given", row.given_value), ("consensus", row.consensus_value), ("final", row.final_value))
    return "".join(f'"{name}_value": {to_json(value)}, ' for name, value in named if value and not _says_all(value))


def _vote(vote: Vote) -> str:
    value = f', "value": {to_json(vote.value)}' if vote.value is not None and not _says_all(vote.value) else ""
    return (
        f'{{"annotator": {_short(vote.annotator)}, "label": {_label(vote.label, vote.value)}, '
        f'"seconds": {_number(vote.seconds)}, '
        f'"comment": {_quoted(vote.comment)}, "created_at": {_quoted(vote.created_at)}, '
        f'"unsure": {"true" if vote.unsure else "false"}{value}}}'
    )


def _skip(skip: Skip) -> str:
    return (
        f'{{"annotator": {_short(skip.annotator)}, "reason": {_quoted(skip.reason)}, '
        f'"seconds": {_number(skip.seconds)}, '
        f'"comment": {_quoted(skip.comment)}, "created_at": {_quoted(skip.created_at)}}}'
    )


def _flag(flag: FlagOut) -> str:
    return (
        f'{{"kind": {_short(flag.kind)}, "score": {_number(flag.score)}, '
        f'"suggested_label": {_short(flag.suggested_label)}}}'
    )


@lru_cache(maxsize=4096)
def _short(value: str | None) -> str:
    return "null" if value is None else quote(value)


def _quoted(value: str | None) -> str:
    return "null" if value is None else quote(value)


def _number(value: float | None) -> str:
    """JSON knows no NaN and no infinity; both go out as null."""
    return "null" if value is None or value - value != 0 else repr(value)


WRITER = Writer(
    "jsonl",
    "JSON Lines",
    ".jsonl",
    "application/x-ndjson",
    (Message("Images are named, not contained."), Message("Evidence of flags and reviews stays in the project.")),
    write,
    keeps=KEEPS,
    answers=True,
    opens="""import pandas

data = pandas.read_json("{path}", lines=True)""",
)
