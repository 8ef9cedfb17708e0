"""Writing what people answered: rows are added, and their status changes; nothing else ever does."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.annotations.queries import Said
from labeler.assignment.models import Assignment
from labeler.errors import Invalid
from labeler.storage.many_rows import add_rows

MAX_COMMENT = 4000
MAX_SECONDS = 86_400.0
MODES = ("single", "bulk", "import")
INPUTS = ("", "key", "pointer", "touch")


@dataclass(frozen=True)
class Answer:
    """One answer as a client sends it. Either `value` or `skip` (the reason) is given; seconds: active time.

    mode, page, input: as in the table of annotations; guideline: the version the person could see, None for the newest.
    at: when it was given, where that was elsewhere; None for now.
    """

    key: str
    assignment: int
    value: dict[str, Any] | None = None
    seconds: float = 0.0
    comment: str = ""
    skip: str | None = None
    unsure: bool = False
    mode: str = "single"
    page: str = ""
    input: str = ""
    guideline: int | None = None
    at: datetime | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what was answered, to tell a repeated submit from another answer under the same key."""
        content = [self.assignment, self.value, self.skip, self.comment, self.unsure]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def check(self) -> None:
        """Raise Invalid, naming the field, for what no project could accept."""
        if not 8 <= len(self.key) <= 64:  # noqa: PLR2004 - a UUID with room; the column's width
            raise Invalid("The key must be a text of 8 to 64 characters, best a UUID.", field="key")
        if (self.value is None) == (self.skip is None):
            raise Invalid("Give either a value or a reason to skip.", field="value")
        if not 0.0 <= self.seconds <= MAX_SECONDS:
            raise Invalid("Seconds must be 0 to 86400.", field="seconds")
        if len(self.comment) > MAX_COMMENT or len(self.skip or "") > 200:  # noqa: PLR2004 - the column's width
            raise Invalid("The comment or the reason is too long.", field="comment")
        if self.mode not in MODES or (self.mode == "bulk") != bool(self.page) or len(self.page) > 64:  # noqa: PLR2004
            raise Invalid(
                "The mode must be one of {modes}; a bulk answer names its page.", field="mode", modes=", ".join(MODES)
            )
        if self.input not in INPUTS:
            raise Invalid("The input must be key, pointer, touch or empty.", field="input")


class Given(NamedTuple):
    """What an answer keeps of the assignment it was given for, of one that was made for it in a block."""

    id: int
    project_id: int
    item_id: int
    user_id: int
    round: int = 0
    purpose: str = "label"
    suggested_code: str = ""
    suggestion_shown: bool | None = None


def supersede(session: Session, replaced: Sequence[Said], *, skips_by: Assignment | None) -> None:
    """Let answers stand no longer, and with them skips by the person of `skips_by`, of its round and earlier ones."""
    for said in replaced:
        session.get_one(Annotation, said.id).status = "superseded"
    if skips_by is not None:
        skips = select(Annotation).where(
            Annotation.item_id == skips_by.item_id,
            Annotation.user_id == skips_by.user_id,
            Annotation.round.between(0, skips_by.round),
            Annotation.status == "skipped",
        )
        for skip in session.scalars(skips):
            skip.status = "superseded"
    session.flush()


def mark_superseded(session: Session, ids: Sequence[int], *, by: int) -> None:
    """Remember which answer took the place of others of earlier rounds.

    One of its own round that it replaced hands on whose place it had taken; one of an earlier round keeps them, as it
    may stand again itself.
    """
    round_ = session.get_one(Annotation, by).round
    replaced = session.execute(select(Annotation.id, Annotation.round).where(Annotation.id.in_(ids))).all()
    earlier = [row[0] for row in replaced if row[1] < round_]
    same = [row[0] for row in replaced if row[1] == round_]
    taken = update(Annotation).where(or_(Annotation.id.in_(earlier), Annotation.superseded_by.in_(same)))
    session.execute(taken.values(superseded_by=by))


def restore(session: Session, ids: Sequence[int]) -> list[Said]:
    """Let answers stand again whose place these answers of a later round had taken; returns them."""
    rows = session.scalars(
        select(Annotation).where(Annotation.superseded_by.in_(ids), Annotation.status == "superseded")
    ).all()
    for row in rows:
        row.status, row.superseded_by = "counted", None
    session.flush()
    return [Said(row.id, row.user_id, row.code, row.value, row.round) for row in rows]


def add_annotation(
    session: Session,
    answer: Answer,
    assignment: Assignment,
    *,
    code: str,
    status: str,
    version: int,
    fingerprint: str,
    now: datetime,
) -> Annotation:
    """Store one answer, its value as it is kept.

    code: its identity, "" for a skip; version: the newest of the guidelines; fingerprint: of what was sent.
    """
    row = row_of(answer, assignment, code=code, status=status, version=version, fingerprint=fingerprint, now=now)
    annotation = Annotation(**row)
    session.add(annotation)
    session.flush()
    return annotation


def add_annotations(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store many answers at once; rows: of `row_of`."""
    add_rows(session, Annotation, rows)


def row_of(
    answer: Answer,
    assignment: Assignment | Given,
    *,
    code: str,
    status: str,
    version: int,
    fingerprint: str,
    now: datetime,
) -> dict[str, Any]:
    """Return an answer as a row of the table; the rest as for `add_annotation`."""
    return {
        "project_id": assignment.project_id,
        "item_id": assignment.item_id,
        "user_id": assignment.user_id,
        "assignment_id": assignment.id,
        "key": answer.key,
        "fingerprint": fingerprint,
        "value": answer.value,
        "code": code,
        "status": status,
        "purpose": assignment.purpose,
        "round": assignment.round,
        "seconds": answer.seconds,
        "comment": answer.comment.strip(),
        "skip": (answer.skip or "").strip() or ("skipped" if answer.skip is not None else ""),
        "unsure": answer.unsure,
        "guideline_version": version if answer.guideline is None else min(max(answer.guideline, 0), version),
        "mode": answer.mode,
        "page": answer.page,
        "input": answer.input,
        "suggested_code": assignment.suggested_code,
        "suggestion_shown": assignment.suggestion_shown,
        "created_at": answer.at or now,
    }
