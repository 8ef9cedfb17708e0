"""Rows read as answers: one a row (long), one column a person (wide), or the votes inside one of our own exports.

Note: these are checked for form only. Whether the item, the person and the class exist is
for the caller, who knows the project. And a person has one answer to an item: where a row holds two of the same person,
the later one is taken and the other is reported.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.parsing.column_names import SKIP
from labeler.exchange.parsing.extra_fields import LeftOut, known_parts
from labeler.exchange.parsing.values import is_missing, label_and_value, shape_of, value_of
from labeler.exchange.rows import RejectedRow, Row, VoteRow
from labeler.exchange.sources import ReadOptions
from labeler.messages import Message
from labeler.task_types.registry import task_type

AN_ANSWER = Message("an answer of a person; import the file as answers to take it in")
"""What is told of an import of items from a file that also says who answered what."""
_A_DECISION = Message("a lead's decision that an item is ambiguous; import the file as answers to take it in")
_AMBIGUOUS = "ambiguous"
_SECONDS = ("seconds", "lead_time", "duration")
_OF_AN_EXPORT = frozenset(("votes", "skips"))
_LONGEST_REASON = 200
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
        elif not row.annotator and row.metadata.keys() & _OF_AN_EXPORT:
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
    if answer is None and isinstance(row.metadata.get(SKIP), str):
        return _skip(row, {"annotator": row.annotator, **row.metadata})
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
    """Yield what an export says of people in one row: their answers, who skipped the item, and a lead's decision."""
    votes, fault = _listed(row.metadata, "votes")
    skips, other = _listed(row.metadata, "skips")
    if fault or other:
        yield _rejected(row, "votes" if fault else "skips", Message("not valid JSON"))
        return
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
        elif isinstance(vote.get(SKIP), str):
            yield _skip(row, vote)
        else:
            yield _read(row, vote["annotator"], vote.get("value") or vote.get("label"), vote, options)
    for skip in skips:
        if _names_somebody(skip):
            yield _skip(row, {**skip, SKIP: str(skip.get("reason") or "")})
        else:
            yield _rejected(row, "skips", Message("a skip needs an annotator"))
    yield from _decided(row)


def said_beside(row: Mapping[str, Any]) -> LeftOut:
    """Return what an export says of people in one row, which an import of items leaves out."""
    answers = sum(len(_listed(row, column)[0]) for column in ("votes", "skips"))
    told: LeftOut = ((AN_ANSWER, answers),) if answers else ()
    return (*told, (_A_DECISION, 1)) if row.get("final_source") == _AMBIGUOUS else told


def _listed(row: Mapping[str, Any], column: str) -> tuple[list[Any], bool]:
    """Return what a column of an export lists, and whether it is no JSON."""
    found = row.get(column) or []
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            return [], True
    if isinstance(found, dict):
        found = [{"annotator": annotator, "label": answer} for annotator, answer in found.items()]
    return found if isinstance(found, list) else [found], False


def _decided(row: Row) -> Iterator[VoteRow | RejectedRow]:
    """Yield a lead's decision that the item is ambiguous, with the share of each class."""
    if row.metadata.get("final_source") != _AMBIGUOUS:
        return
    soft = row.metadata.get("soft_label") or {}
    if isinstance(soft, str):
        try:
            soft = json.loads(soft)
        except (ValueError, RecursionError):
            soft = None
    shares = soft.values() if isinstance(soft, dict) else ["none"]
    if all(isinstance(share, int | float) and not isinstance(share, bool) for share in shares):
        yield VoteRow(row.number, row.external_id, row.text, "", "", soft=soft, item=row.item)
    else:
        yield _rejected(row, "soft_label", Message("the shares of classes must be numbers by class"))


def _skip(row: Row, told: dict[str, Any]) -> VoteRow:
    return _vote(row, told["annotator"], None, told)._replace(skip=told[SKIP].strip()[:_LONGEST_REASON])


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
    unused = tuple(one for one in details.get("left_out") or () if isinstance(one, tuple))  # from a reader, not a file
    return _vote(row._replace(left_out=(*row.left_out, *left_out, *unused)), annotator, value, details)


def _vote(row: Row, annotator: str, answer: dict[str, Any] | None, details: dict[str, Any]) -> VoteRow:
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
        row.not_asked,
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
