"""Rows read as answers: one a row (long), one column a person (wide), or the votes inside one of our own exports.

What a reader would get wrong: these are checked for form only. Whether the item, the person and the class exist is
for the caller, who knows the project.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from labeler.exchange.formats.base import Mapping, RejectedRow, Row, VoteRow

_SECONDS = ("seconds", "lead_time", "duration")
_TIMES = ("created_at", "annotated_at", "timestamp")


def as_votes(rows: Iterable[Row | RejectedRow], mapping: Mapping) -> Iterator[VoteRow | RejectedRow]:
    """Yield the answers of rows read with wants="annotations"; a row that holds none is rejected, saying why."""
    for row in rows:
        if isinstance(row, RejectedRow):
            yield row
        elif not row.external_id and row.text is None and row.name is None:
            yield _rejected(row, "", "nothing says which item was answered")
        elif mapping.annotators:
            yield from _wide(row, mapping.annotators)
        elif "votes" in row.metadata and not row.annotator:
            yield from _exported(row)
        else:
            yield _long(row)


def _long(row: Row) -> VoteRow | RejectedRow:
    if not row.annotator:
        return _rejected(row, "annotator", "nothing says who answered")
    if not row.given_label:
        return _rejected(row, "label", "there is no answer")
    return _vote(row, row.annotator, row.given_label, row.metadata)


def _wide(row: Row, annotators: tuple[str, ...]) -> Iterator[VoteRow | RejectedRow]:
    """Yield one answer for each person's column that is not empty."""
    answers = [(name, str(row.metadata.get(name) or "").strip()) for name in annotators]
    given = [(name, answer) for name, answer in answers if answer]
    if not given:
        yield _rejected(row, "", "nobody answered")
    for name, answer in given:
        yield _vote(row, name, answer, {})


def _exported(row: Row) -> Iterator[VoteRow | RejectedRow]:
    votes = row.metadata["votes"]
    if isinstance(votes, str):
        try:
            votes = json.loads(votes) if votes else []
        except ValueError:
            yield _rejected(row, "votes", "not valid JSON")
            return
    if isinstance(votes, dict):
        votes = [{"annotator": annotator, "label": label} for annotator, label in votes.items()]
    for vote in votes if isinstance(votes, list) else [votes]:
        if isinstance(vote, dict) and all(isinstance(vote.get(key), str) for key in ("annotator", "label")):
            yield _vote(row, vote["annotator"], vote["label"], vote)
        else:
            yield _rejected(row, "votes", "a vote needs an annotator and a label")


def _vote(row: Row, annotator: str, label: str, details: dict[str, Any]) -> VoteRow:
    comment = details.get("comment")
    created_at = next((details[name] for name in _TIMES if details.get(name)), None)
    return VoteRow(
        row.number,
        row.external_id,
        row.text,
        annotator,
        label,
        _number(next((details[name] for name in _SECONDS if details.get(name)), None)),
        str(comment) if comment else None,
        str(created_at) if created_at else None,
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
