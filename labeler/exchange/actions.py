"""Storing what a file brought: rows become items, matched to those that are there, or rejected with a reason.

An item that is there already is recognised by its external id, or without one by the hash of its content. Answers that
people gave belong to a content, so the content of an answered item is never replaced.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.assignment.policies import Policy
from labeler.errors import Invalid
from labeler.exchange.formats.base import RejectedRow, Row
from labeler.projects.models import Import, Item
from labeler.projects.models import RejectedRow as RejectedRowTable
from labeler.projects.queries import Classes
from labeler.storage.files import Problem, StoredImage
from labeler.storage.nested import DEEPEST, MOST_VALUES, is_too_much
from labeler.task_types.base import Content, TaskType, Value

SHOWN = 100  # rejected rows that an answer names; all are kept with the import


@dataclass
class Counts:
    """What became of the rows of an import."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)


@dataclass
class ImportResult:
    """What an import did. problems: the first rejected rows; all of them are kept with the import."""

    import_id: int
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    problems: list[RejectedRow] = field(default_factory=list)

    def add(self, counts: Counts) -> None:
        """Add what became of one batch."""
        self.added += counts.added
        self.changed += counts.changed
        self.unchanged += counts.unchanged
        self.rejected += len(counts.rejected)
        self.problems.extend(counts.rejected[: max(0, SHOWN - len(self.problems))])


@dataclass(frozen=True)
class Target:
    """Where rows go. policy: sets the first priority; met: ids of items met so far."""

    project_id: int
    import_id: int
    votes: int
    task: TaskType
    classes: Classes
    policy: Policy
    now: datetime
    met: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class _Known:
    id: int
    content_hash: str
    given_code: str
    meta: dict[str, Any]
    import_id: int | None


def start_import(
    session: Session, project_id: int, *, name: str, format_name: str, by: int | None, now: datetime
) -> int:
    """Store that an import has begun; returns its id."""
    row = Import(project_id=project_id, name=name[:255], format=format_name, created_at=now, created_by=by)
    session.add(row)
    session.flush()
    return row.id


def finish_import(session: Session, import_id: int, now: datetime) -> None:
    """Store that an import has ended."""
    session.get_one(Import, import_id).finished_at = now


def store_rows(
    session: Session, target: Target, rows: Sequence[Row], images: Sequence[StoredImage | Problem] | None
) -> Counts:
    """Store one batch of rows. images: what became of each row's image, in step with `rows`; None for text."""
    counts = Counts()
    prepared = [
        entry
        for index, row in enumerate(rows)
        if (entry := _prepare(target, row, images[index] if images is not None else None, counts)) is not None
    ]
    known = _known(session, target.project_id, prepared)
    new: dict[str, dict[str, Any]] = {}
    for row, values in prepared:
        identity = _identity(values)
        if identity in new:
            _repeat(row, new[identity], values, counts)
        elif identity in known:
            known[identity] = _match(session, target, row, known[identity], values=values, counts=counts)
        else:
            new[identity] = values
    if new:
        session.execute(insert(Item), list(new.values()))
        counts.added += len(new)
    return counts


def record(session: Session, import_id: int, counts: Counts) -> None:
    """Add what became of a batch to the import's own numbers, and keep the rejected rows for download."""
    session.execute(
        update(Import)
        .where(Import.id == import_id)
        .values(
            added=Import.added + counts.added,
            changed=Import.changed + counts.changed,
            unchanged=Import.unchanged + counts.unchanged,
            rejected=Import.rejected + len(counts.rejected),
        )
    )
    if counts.rejected:
        session.execute(
            insert(RejectedRowTable),
            [
                {
                    "import_id": import_id,
                    "row": r.number,
                    "column": r.column[:200],  # the column's width
                    "reason": r.reason,
                    "original": r.original,
                }
                for r in counts.rejected
            ],
        )


def _prepare(
    target: Target, row: Row, image: StoredImage | Problem | None, counts: Counts
) -> tuple[Row, dict[str, Any]] | None:
    if isinstance(image, Problem):
        counts.rejected.append(RejectedRow(row.number, "image", image.reason, _original(row)))
        return None
    try:
        given, value = _given(target, row, image)
    except Invalid as error:
        counts.rejected.append(RejectedRow(row.number, error.field or "label", error.message, _original(row)))
        return None
    if is_too_much(row.metadata):
        reason = f"It has more than {MOST_VALUES:,} further values, or more than {DEEPEST} within each other."
        counts.rejected.append(RejectedRow(row.number, "metadata", reason, _original(row)))
        return None
    content_hash = image.hash if image is not None else hashlib.sha256((row.text or "").encode()).hexdigest()
    meta = dict(row.metadata)
    if row.name is not None:
        meta.setdefault("file_name", row.name)
    return row, {
        "project_id": target.project_id,
        "import_id": target.import_id,
        "external_id": row.external_id,
        "content_hash": content_hash,
        "text": row.text if image is None else None,
        "width": image.width if image is not None else None,
        "height": image.height if image is not None else None,
        "given_code": given,
        "given_value": value,
        "meta": meta,
        "round": 0,
        "open_slots": target.votes,
        "priority": target.policy(content_hash),
        "created_at": target.now,
    }


def _given(target: Target, row: Row, image: StoredImage | None) -> tuple[str, Value | None]:
    """Return the code of a row's given label and the label as it is kept (objects only)."""
    value = {"label": row.given_label} if row.given_value is None and row.given_label is not None else row.given_value
    if value is None:
        return "", None
    size = (image.width, image.height) if image is not None else (None, None)
    checked = target.task.check_value(value, target.classes.config, Content(row.text, *size))
    code = target.task.code(checked, target.classes.by_name)
    return code, target.classes.stored(target.task, checked) if target.task.objects else None


def _identity(values: dict[str, Any]) -> str:
    external = values["external_id"]
    return f"id {external}" if external is not None else f"hash {values['content_hash']}"


def _known(session: Session, project_id: int, prepared: Iterable[tuple[Row, dict[str, Any]]]) -> dict[str, _Known]:
    ids, hashes = [], []
    for _, values in prepared:
        if values["external_id"] is not None:
            ids.append(values["external_id"])
        else:
            hashes.append(values["content_hash"])
    columns = select(Item.id, Item.content_hash, Item.given_code, Item.meta, Item.import_id, Item.external_id)
    found: dict[str, _Known] = {}
    if ids:
        for row in session.execute(columns.where(Item.project_id == project_id, Item.external_id.in_(ids))):
            found[f"id {row[5]}"] = _Known(*row[:5])
    if hashes:
        for row in session.execute(columns.where(Item.project_id == project_id, Item.content_hash.in_(hashes))):
            found.setdefault(f"hash {row[1]}", _Known(*row[:5]))
    return found


def _repeat(row: Row, first: dict[str, Any], values: dict[str, Any], counts: Counts) -> None:
    if first["content_hash"] == values["content_hash"] and first["given_code"] == values["given_code"]:
        counts.unchanged += 1
        return
    counts.rejected.append(_twice(row))


def _twice(row: Row) -> RejectedRow:
    what = f"The id {row.external_id!r} stands" if row.external_id is not None else "The same content stands"
    reason = f"{what} twice in this file, with different content or labels; the first was taken."
    return RejectedRow(row.number, "id" if row.external_id else "", reason, _original(row))


def _match(
    session: Session, target: Target, row: Row, known: _Known, *, values: dict[str, Any], counts: Counts
) -> _Known:
    """Bring an item that is there to what a row says; returns the item as it is now."""
    again = known.id in target.met or known.import_id == target.import_id
    target.met.add(known.id)
    same_content = known.content_hash == values["content_hash"]
    given = values["given_code"] or known.given_code
    meta = {**known.meta, **values["meta"]}
    if same_content and given == known.given_code and meta == known.meta:
        counts.unchanged += 1
        return known
    if again and not (same_content and given == known.given_code):
        counts.rejected.append(_twice(row))
        return known
    if not same_content and session.scalar(select(exists().where(Annotation.item_id == known.id))):
        reason = (
            f"The item {row.external_id!r} was answered already, so its content stays; give the new content a new id."
        )
        counts.rejected.append(RejectedRow(row.number, "id", reason, _original(row)))
        return known
    kept = ("content_hash", "text", "width", "height")
    changes = {name: values[name] for name in kept} | {"given_code": given, "meta": meta}
    if values["given_code"]:
        changes["given_value"] = values["given_value"]
    session.execute(update(Item).where(Item.id == known.id).values(**changes))
    counts.changed += 1
    return _Known(known.id, values["content_hash"], given, meta, known.import_id)


def _original(row: Row) -> str:
    return (row.text or row.name or row.external_id or "")[:500]
