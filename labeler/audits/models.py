"""The tables of audits: what was drawn, what was the label then, what a lead decided where an answer differed.

Note: answers of an audit are annotations like any other, with the purpose `audit`, the status `audit` and the round
-id of their audit, so that nothing that counts votes ever sees them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from labeler.storage.base import Base

LABELS, PROPOSALS = "labels", "proposals"  # what an audit is about
DECIDED, QUEUE, UNFLAGGED = "decided", "queue", "unflagged"  # groups of audited labels


class Audit(Base):
    """One audit of the labels of a project.

    number: within the project, from 1; about: `labels` that stand, or `proposals` of the model that stand nowhere yet,
    so that the result says nothing of the project's labels; state: `running` (at most one a project), `finished` or
    `stopped` (no result);
    population: how many labels the sample was drawn from; seed: of the draw; maximum: the most that may be wrong;
    slices: names of metadata columns to show the result by; strata: where a label is one class, {class id: labels};
    groups: labels by what was known of them at the start, {decided, queue, unflagged: labels}; spacing: items of a
    person's own between two of the audit, 0 to serve it first, None where leads answer it on a page of their own;
    complete: whether it was closed with every item answered, or left out as nobody could judge it.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    number: Mapped[int]
    about: Mapped[str] = mapped_column(String(16), default=LABELS, server_default=LABELS)
    state: Mapped[str] = mapped_column(String(16))
    population: Mapped[int]
    seed: Mapped[int]
    maximum: Mapped[float]
    slices: Mapped[list[Any]] = mapped_column(default=list)
    strata: Mapped[dict[str, Any]] = mapped_column(default=dict)
    groups: Mapped[dict[str, Any]] = mapped_column(default=dict)
    spacing: Mapped[int | None]
    complete: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    started_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        CheckConstraint("state IN ('running', 'finished', 'stopped')", name="state"),
        Index(
            "uq_audit_running",
            "project_id",
            unique=True,
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
    )

    @property
    def round(self) -> int:
        """The round of its assignments and answers: below zero, as they are asked for beside the votes."""
        return -self.id

    @property
    def batch(self) -> str:
        """What the batches of decisions that take its corrections begin with."""
        return f"audit-{self.id}-"


class AuditItem(Base):
    """One item of an audit, and the label it had when the audit began: that one is judged, whatever stands since.

    position: in the order of asking; weight: how many labels of the population it stands for; stratum: its class in a
    draw by class; score: of the label when it was drawn, None where the last pass had not judged it, or a lead had
    decided it; group: `decided` (a lead had decided it), `queue` (flagged, waiting) or `unflagged`; slices:
    {metadata column: value}; left_out: nobody could judge it; outcome: "" until the audit is closed, then `right`,
    `wrong`, `ambiguous` or `left_out`; right_code, right_value: of a wrong label, what it should be, "" where that is
    not known.
    """

    __tablename__ = "audit_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit.id", ondelete="CASCADE"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"))
    position: Mapped[int]
    weight: Mapped[float]
    stratum: Mapped[str] = mapped_column(String(64), default="")
    score: Mapped[float | None]
    group: Mapped[str] = mapped_column(String(16))
    slices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    code: Mapped[str] = mapped_column(String(64))
    value: Mapped[dict[str, Any] | None]
    left_out: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[str] = mapped_column(String(16), default="")
    right_code: Mapped[str] = mapped_column(String(64), default="")
    right_value: Mapped[dict[str, Any] | None]

    __table_args__ = (
        UniqueConstraint("audit_id", "item_id"),
        UniqueConstraint("audit_id", "position"),
        CheckConstraint("outcome IN ('', 'right', 'wrong', 'ambiguous', 'left_out')", name="outcome"),
        Index(None, "project_id", "item_id"),
    )


class AuditDecision(Base):
    """What a lead decided, blind, where the answer differed from the label.

    annotation_id: the answer it was about: another answer asks for another decision; verdict: `label` (the label is
    right), `answer`, `other` (neither, so the label is wrong) or `ambiguous`; code, value: of `other`, the right label
    where it was named; status: `current` (at most one an audit item), `replaced` or `undone`.
    """

    __tablename__ = "audit_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    audit_item_id: Mapped[int] = mapped_column(ForeignKey("audit_item.id", ondelete="CASCADE"))
    annotation_id: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(64), default="")
    value: Mapped[dict[str, Any] | None]
    status: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        CheckConstraint("verdict IN ('label', 'answer', 'other', 'ambiguous')", name="verdict"),
        CheckConstraint("status IN ('current', 'replaced', 'undone')", name="status"),
        Index(
            "uq_audit_decision_current",
            "audit_item_id",
            unique=True,
            sqlite_where=text("status = 'current'"),
            postgresql_where=text("status = 'current'"),
        ),
    )
