"""Storing what a file brought: rows become items, matched to those that are there, or rejected with a reason.

An item that is there already is recognised by its external id, or without one by the hash of its content. Answers that
people gave belong to a content, so the content of an answered item is never replaced.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, cast

from sqlalchemy import Table, bindparam, exists, insert, select, update
from sqlalchemy.orm import Session

from labeler.adaptive_votes.rule import VoteRule
from labeler.annotations.models import Annotation
from labeler.assignment.policies import Facts, Policy, policy_of
from labeler.errors import Invalid
from labeler.exchange.elsewhere import about_origin
from labeler.exchange.left_out import kind_of, merged
from labeler.exchange.parsing.extra_fields import LeftOut
from labeler.exchange.parsing.object_details import DETAILS, of_kept
from labeler.exchange.parsing.understood import understood
from labeler.exchange.rows import RejectedRow, Row, VoteRow
from labeler.messages import Message
from labeler.projects.models import Import, Item
from labeler.projects.models import RejectedRow as RejectedRowTable
from labeler.projects.queries import Classes, text_hash
from labeler.storage.files import Problem, StoredImage
from labeler.storage.many_rows import add_rows
from labeler.storage.nested import DEEPEST, MOST_VALUES, is_too_much
from labeler.task_types.base import Content, TaskType, Value

TOO_MUCH = Message("what the file says of single objects is more than can be kept beside one item")
REPEATED = Message("the same content and label stand in the file before; together they are one item")
# Put together once, and of tables instead of classes: a slice of an import is short, and people wait for its end.
_ITEMS, _IMPORTS = cast("Table", Item.__table__), cast("Table", Import.__table__)
_SUMS = ("added", "changed", "unchanged", "rejected", "not_counted")
_ADD_SUMS = (
    update(_IMPORTS)
    .where(_IMPORTS.c.id == bindparam("in_import"))
    .values({name: _IMPORTS.c[name] + bindparam(f"more_{name}") for name in _SUMS})
)
_KNOWN = select(
    _ITEMS.c.id, _ITEMS.c.content_hash, _ITEMS.c.given_code, _ITEMS.c.meta, _ITEMS.c.import_id, _ITEMS.c.external_id
).where(_ITEMS.c.project_id == bindparam("in_project"))
_KNOWN_IDS = _KNOWN.where(_ITEMS.c.external_id.in_(bindparam("ids", expanding=True)))
# of items with one content the one without an id of its own comes first: a row without an id means that one
_KNOWN_CONTENTS = _KNOWN.where(_ITEMS.c.content_hash.in_(bindparam("hashes", expanding=True))).order_by(
    _ITEMS.c.external_id.is_not(None), _ITEMS.c.id
)
SHOWN = 100  # rejected rows that an answer names; all are kept with the import


@dataclass
class Counts:
    """What became of the rows of an import."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    not_counted: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)
    incomplete: list[RejectedRow] = field(default_factory=list)
    parts: Counter[str] = field(default_factory=Counter)

    def note_parts(self, row: Row | VoteRow) -> None:
        """Note what is missing of a row that came in."""
        shown, file = (_original(row), row.file) if isinstance(row, Row) else (row.external_id or "", "")
        for reason, count in row.left_out:
            self.parts[kind_of(reason)] += count
            said = reason if count == 1 else Message("{reason} ({count} times)", reason=reason, count=count)
            self.incomplete.append(RejectedRow(row.number, "", said, shown, file))

    @property
    def left_out(self) -> Counter[str]:
        """How much was left out, whole rows and parts of them, by kind."""
        return self.parts + Counter(kind_of(row.reason) for row in self.rejected)


@dataclass
class ImportResult:
    """What an import did.

    not_counted: answers kept as late, as their items have as many as are wanted; left_out: how much, by kind;
    problems, incomplete: the first rows that did not come in, and that came in without a part (without_a_part in all);
    all are kept with the import. name: of the imported file.
    """

    import_id: int
    name: str = ""
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    not_counted: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[RejectedRow] = field(default_factory=list)
    incomplete: list[RejectedRow] = field(default_factory=list)
    without_a_part: int = 0

    def add(self, counts: Counts) -> None:
        """Add what became of one batch."""
        self.added += counts.added
        self.changed += counts.changed
        self.unchanged += counts.unchanged
        self.rejected += len(counts.rejected)
        self.not_counted += counts.not_counted
        self.left_out = merged(self.left_out, counts.left_out.items())
        self.problems.extend(counts.rejected[: max(0, SHOWN - len(self.problems))])
        self.without_a_part += len(counts.incomplete)
        self.incomplete.extend(counts.incomplete[: max(0, SHOWN - len(self.incomplete))])

    @property
    def nothing_came_in(self) -> bool:
        """Whether there were rows and every one of them was left out."""
        return bool(self.rejected) and not (self.added or self.changed or self.unchanged)

    def as_json(self) -> dict[str, Any]:
        """Return what the command, the API and a job say of an import."""
        return {
            "import": self.import_id,
            **{name: getattr(self, name) for name in _SUMS},
            "left_out": dict(self.left_out.most_common()),
            "rejected_rows": [self._as_json(row) for row in self.problems],
            "incomplete_rows": [self._as_json(row) for row in self.incomplete],
        }

    def _as_json(self, row: RejectedRow) -> dict[str, Any]:
        where = {"file": row.file or self.name, "row": row.number, "field": row.column, "column": row.column}
        return {**where, "reason": row.reason}


@dataclass(frozen=True)
class Target:
    """Where rows go. met: ids of items met so far.

    settings: of the project, which say in which order items are served and how many answers they want.
    """

    project_id: int
    import_id: int
    votes: int
    task: TaskType
    classes: Classes
    settings: Mapping[str, Any]
    now: datetime
    met: set[int] = field(default_factory=set)

    @cached_property
    def policy(self) -> Policy:
        """The order in which items are served."""
        return policy_of(self.settings)

    @cached_property
    def column(self) -> str:
        """The column that says the order, where one does."""
        return str(self.settings.get("order_column", ""))

    @cached_property
    def rule(self) -> VoteRule:
        """How many answers items want."""
        return VoteRule.of(self.votes, self.settings)


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
        add_rows(session, Item, list(new.values()))
        counts.added += len(new)
    refused = {row.number for row in counts.rejected}
    for row, _ in prepared:
        if row.left_out and row.number not in refused:
            counts.note_parts(row)
    return counts


def record(session: Session, import_id: int, counts: Counts) -> None:
    """Add what became of a batch to the import's own numbers, and keep the rejected rows for download."""
    more = {f"more_{name}": getattr(counts, name) for name in _SUMS} | {"more_rejected": len(counts.rejected)}
    session.execute(_ADD_SUMS, {"in_import": import_id, **more})
    if left_out := counts.left_out:
        stored = session.get_one(Import, import_id)
        stored.left_out = dict(merged(Counter(stored.left_out), left_out.items()))
        rows = [_kept(import_id, row, taken=False) for row in counts.rejected]
        rows += [_kept(import_id, row, taken=True) for row in counts.incomplete]
        session.execute(insert(RejectedRowTable), rows)


def _kept(import_id: int, row: RejectedRow, *, taken: bool) -> dict[str, Any]:
    column = row.column[:200]  # the column's width
    values = {"row": row.number, "column": column, "reason": row.reason, "original": row.original, "file": row.file}
    return {"import_id": import_id, **values, "taken": taken}


def _prepare(
    target: Target, row: Row, image: StoredImage | Problem | None, counts: Counts
) -> tuple[Row, dict[str, Any]] | None:
    if isinstance(image, Problem):
        counts.rejected.append(RejectedRow(row.number, "image", image.reason, _original(row), row.file))
        return None
    try:
        size = (image.width, image.height) if image is not None else (None, None)
        row, given, value = given_of(target.classes, row, Content(row.text, *size))
    except Invalid as error:
        counts.rejected.append(RejectedRow(row.number, error.field or "label", error.message, _original(row), row.file))
        return None
    if DETAILS in row.metadata and is_too_much(row.metadata):
        kept = {name: what for name, what in row.metadata.items() if name != DETAILS}
        row = row._replace(metadata=kept, left_out=(*row.left_out, (TOO_MUCH, 1)))
    if is_too_much(row.metadata):
        reason = Message(
            "It has more than {most:,} further values, or more than {deepest} within each other.",
            most=MOST_VALUES,
            deepest=DEEPEST,
        )
        counts.rejected.append(RejectedRow(row.number, "metadata", reason, _original(row), row.file))
        return None
    content_hash = image.hash if image is not None else text_hash(row.text)
    meta = dict(row.metadata)
    if row.name is not None:
        meta.setdefault("file_name", row.name)
    if image is not None and image.origin is not None:
        meta |= about_origin(image.origin)
    wanted = target.rule.at_first(content_hash)
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
        "open_slots": target.votes if wanted is None else wanted,
        "wanted": wanted,
        "priority": target.policy.first(Facts(content_hash, meta, target.column)),
        "created_at": target.now,
    }


def given_of(classes: Classes, row: Row, content: Content) -> tuple[Row, str, Value | None]:
    """Return a row without the parts of its label that cannot be held, the label's code and what is kept of it.

    Raises Invalid for what is no label of this content at all.
    """
    named = row.given_value is None and row.given_label is not None
    value = classes.task.from_class(row.given_label or "") if named else row.given_value
    if value is None:
        return row, "", None
    checked, told = understood(value, classes.task, classes.config, content)
    if told:
        row = _without_parts(row, checked, told)
    return (row, "", None) if checked is None else (row, *classes.keep(checked))


def _without_parts(row: Row, kept: Value | None, told: LeftOut) -> Row:
    """Return a row with the parts of its label that were kept, and of what is said of single ones what is of those."""
    details, metadata = row.metadata.get(DETAILS), row.metadata
    if details and row.given_value is not None:
        (shape,) = row.given_value
        left = of_kept(details, row.given_value[shape], kept[shape] if kept else ())
        metadata = {**metadata, DETAILS: left} if any(left) else {k: v for k, v in metadata.items() if k != DETAILS}
    return row._replace(given_value=kept, metadata=metadata, left_out=(*row.left_out, *told))


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
    found: dict[str, _Known] = {}
    if ids:
        for row in session.execute(_KNOWN_IDS, {"in_project": project_id, "ids": ids}):
            found[f"id {row[5]}"] = _Known(*row[:5])
    if hashes:
        for row in session.execute(_KNOWN_CONTENTS, {"in_project": project_id, "hashes": hashes}):
            found.setdefault(f"hash {row[1]}", _Known(*row[:5]))
    return found


def _repeat(row: Row, first: dict[str, Any], values: dict[str, Any], counts: Counts) -> None:
    if first["content_hash"] == values["content_hash"] and first["given_code"] == values["given_code"]:
        counts.unchanged += 1
        counts.note_parts(row._replace(left_out=((REPEATED, 1),)))
        return
    counts.rejected.append(_twice(row))


def _twice(row: Row) -> RejectedRow:
    """Return why the second of two rows about one thing is left out."""
    if row.external_id is None:
        reason = Message(
            "The same content stands twice in this file, with different content or labels; the first was taken."
        )
    else:
        reason = Message(
            "The id {id!r} stands twice in this file, with different content or labels; the first was taken.",
            id=row.external_id,
        )
    return RejectedRow(row.number, "id" if row.external_id else "", reason, _original(row), row.file)


def _match(
    session: Session, target: Target, row: Row, known: _Known, *, values: dict[str, Any], counts: Counts
) -> _Known:
    """Bring an item that is there to what a row says; returns the item as it is now."""
    again = known.id in target.met or known.import_id == target.import_id
    target.met.add(known.id)
    same_content = known.content_hash == values["content_hash"]
    given = values["given_code"] or known.given_code
    meta = {**known.meta, **values["meta"]}
    if values["given_code"] and DETAILS not in values["meta"]:
        meta.pop(DETAILS, None)  # they were of another label
    if same_content and given == known.given_code and meta == known.meta:
        counts.unchanged += 1
        return known
    if again and not (same_content and given == known.given_code):
        counts.rejected.append(_twice(row))
        return known
    if not same_content and session.scalar(select(exists().where(Annotation.item_id == known.id))):
        reason = Message(
            "The item {id!r} was answered already, so its content stays; give the new content a new id.",
            id=row.external_id,
        )
        counts.rejected.append(RejectedRow(row.number, "id", reason, _original(row), row.file))
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
