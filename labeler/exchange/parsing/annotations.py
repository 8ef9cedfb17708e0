"""Rows read as answers: one a row (long), one column a person (wide), or the votes inside one of our own exports.

Note: these are checked for form only. Whether the item, the person and the class exist is
for the caller, who knows the project. And a person has one answer to an item: where a row holds two of the same person,
the later one is taken and the other is reported.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.parsing.extra_fields import known_parts
from labeler.exchange.parsing.values import is_missing, label_and_value, shape_of, value_of
from labeler.exchange.rows import RejectedRow, Row, VoteRow
from labeler.exchange.sources import ReadOptions
from labeler.messages import Message
from labeler.task_types.registry import task_type

_SECONDS = ("seconds", "lead_time", "duration")
_YES = frozenset(("true", "yes", "1"))
_TIMES = ("created_at", "annotated_at", "timestamp", "_timestamp")
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)  # what is older is a clock that was not set
_LAST_SECOND = 4e9  # of this century; more are milliseconds or no time at all


def as_votes(rows: Iterable[Row | RejectedRow], options: ReadOptions) -> Iterator[VoteRow | RejectedRow]:
    """Yield the answers of rows read with these options; a row that holds none is rejected, saying why."""
    for row in rows:
        if isinstance(row, RejectedRow):
            yield row
        elif not row.external_id and row.text is None and row.name is None and row.item is None:
            yield _rejected(row, "", Message("nothing says which item was answered"))
        elif options.mapping.annotators:
            yield from _wide(row, options)
        elif "votes" in row.metadata and not row.annotator:
            yield from _exported(row, options)
        else:
            yield _long(row, options)


def given_at(written: str | None, now: datetime) -> datetime | None:
    """Return when an answer was given elsewhere, in UTC; None where that is not said, not a time, or not past.

    written: ISO 8601 (UTC where it names no zone) or seconds since 1970.
    """
    try:
        at = datetime.fromisoformat(written or "")
    except ValueError:
        seconds = _number(written)
        if seconds is None or seconds > _LAST_SECOND:
            return None
        at = datetime.fromtimestamp(seconds, UTC)
    try:
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        return None
    return at if _FIRST <= at <= now else None


def _long(row: Row, options: ReadOptions) -> VoteRow | RejectedRow:
    annotator = row.annotator or options.annotator
    if not annotator:
        return _rejected(row, "annotator", Message("nothing says who answered"))
    named = task_type(options.task).from_class(row.given_label) if row.given_label else None
    answer = row.given_value or named
    if answer is None:
        return _rejected(row, "label", Message("there is no answer"))
    return _vote(row, annotator, answer, row.metadata)


def _wide(row: Row, options: ReadOptions) -> Iterator[VoteRow | RejectedRow]:
    """Yield one answer for each person's column that is not empty."""
    answers = [(name, row.metadata.get(name)) for name in options.mapping.annotators]
    given = [(name, answer) for name, answer in answers if not _is_empty(answer, options)]
    if not given:
        yield _rejected(row, "", Message("nobody answered"))
    for name, answer in given:
        yield _read(row, name, answer, {}, options)


def _is_empty(answer: object, options: ReadOptions) -> bool:
    said = "" if answer is None else str(answer).strip()
    return not said or is_missing(said, options.classes)


def _exported(row: Row, options: ReadOptions) -> Iterator[VoteRow | RejectedRow]:
    votes = row.metadata["votes"]
    if isinstance(votes, str):
        try:
            votes = json.loads(votes) if votes else []
        except (ValueError, RecursionError):
            yield _rejected(row, "votes", Message("not valid JSON"))
            return
    if isinstance(votes, dict):
        votes = [{"annotator": annotator, "label": answer} for annotator, answer in votes.items()]
    votes = votes if isinstance(votes, list) else [votes]
    last = {vote["annotator"]: number for number, vote in enumerate(votes) if _names_somebody(vote)}
    for number, vote in enumerate(votes):
        if not _names_somebody(vote):
            yield _rejected(row, "votes", Message("a vote needs an annotator and a label"))
        elif last[vote["annotator"]] != number:
            yield _rejected(
                row,
                "votes",
                Message("{name} answered this item again; the later answer was taken", name=vote["annotator"]),
            )
        else:
            yield _read(row, vote["annotator"], vote.get("value") or vote.get("label"), vote, options)


def _names_somebody(vote: object) -> bool:
    return isinstance(vote, dict) and isinstance(vote.get("annotator"), str) and bool(vote["annotator"].strip())


def _read(
    row: Row, annotator: str, answer: Any, details: dict[str, Any], options: ReadOptions
) -> VoteRow | RejectedRow:
    try:
        value, left_out = known_parts(value_of(answer, shape_of(options.task), options.classes), row.text)
    except Invalid as error:
        return _rejected(
            row,
            "votes" if details else annotator,
            Message("the answer of {annotator}: {reason}", annotator=annotator, reason=error.message),
        )
    if value is None:
        return _rejected(row, "votes", Message("a vote needs an annotator and a label"))
    return _vote(row._replace(left_out=(*row.left_out, *left_out)), annotator, value, details)


def _vote(row: Row, annotator: str, answer: dict[str, Any], details: dict[str, Any]) -> VoteRow:
    comment = details.get("comment")
    created_at = next((details[name] for name in _TIMES if details.get(name)), None)
    label, value = label_and_value(answer)
    return VoteRow(
        row.number,
        row.external_id,
        row.text,
        annotator,
        label or "",
        _number(next((details[name] for name in _SECONDS if details.get(name)), None)),
        str(comment) if comment else None,
        str(created_at) if created_at else None,
        value,
        str(details.get("unsure", "")).lower() in _YES,
        row.left_out,
        item=row.item,
    )


def _number(value: object) -> float | None:
    """Return a time in seconds, None when it is none: how long it took is never a reason to lose an answer."""
    try:
        seconds = float(str(value)) if value is not None else None
    except ValueError:
        return None
    return seconds if seconds is not None and 0 <= seconds < float("inf") else None


def _rejected(row: Row, column: str, reason: str) -> RejectedRow:
    return RejectedRow(row.number, column, reason, (row.external_id or row.text or "")[:200])
