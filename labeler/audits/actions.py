"""Writing audits: begin one, store what a lead decides where an answer differs, close it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from labeler.assignment.models import Assignment
from labeler.audits import queries
from labeler.audits.models import LABELS, Audit, AuditDecision, AuditItem
from labeler.audits.queries import Judged
from labeler.audits.sample import Drawn
from labeler.errors import Conflict, Invalid
from labeler.projects.models import Item
from labeler.projects.queries import Classes
from labeler.task_types.base import Value

CHOICES = ("right", "other", "ambiguous")


@dataclass(frozen=True)
class Plan:
    """What an audit is to be. maximum: the most that may be wrong, 0 to 1; spacing, about: as in the table."""

    size: int
    maximum: float
    by_class: bool = False
    slices: tuple[str, ...] = ()
    spacing: int | None = None
    about: str = LABELS

    def check(self) -> None:
        """Raise Invalid, naming the field."""
        if self.size < 1:
            raise Invalid("An audit needs at least one item.", field="size")
        if not 0 < self.maximum < 1:
            raise Invalid("The most that may be wrong lies between 0 and 100%.", field="maximum")


@dataclass(frozen=True)
class Label:
    """A label of the population as it stands when the audit begins. group, score: as in the table of audit items."""

    code: str
    value: Value | None
    group: str
    slices: Mapping[str, Any]
    score: float | None = None


def begin(
    session: Session,
    project_id: int,
    plan: Plan,
    population: Mapping[int, Label],
    drawn: Sequence[Drawn],
    *,
    seed: int,
    by_label: bool,
    by: int,
    now: datetime,
) -> Audit:
    """Store an audit with its sample. Raises Conflict while another one runs.

    by_label: whether a label is one class, so that labels are counted by class.
    """
    if queries.running(session, project_id) is not None:
        raise Conflict("An audit is under way; finish or stop it before you start another.")
    newest = session.scalar(select(func.max(Audit.number)).where(Audit.project_id == project_id)) or 0
    audit = Audit(
        project_id=project_id,
        number=newest + 1,
        about=plan.about,
        state="running",
        population=len(population),
        seed=seed,
        maximum=plan.maximum,
        slices=list(plan.slices),
        strata=_counted(one.code for one in population.values()) if by_label else {},
        groups=_counted(one.group for one in population.values()),
        spacing=plan.spacing,
        started_at=now,
        started_by=by,
    )
    session.add(audit)
    session.flush()
    for position, one in enumerate(drawn, start=1):
        session.add(_item(audit, position, one, population[one.item]))
    session.flush()
    return audit


def _item(audit: Audit, position: int, one: Drawn, label: Label) -> AuditItem:
    return AuditItem(
        audit_id=audit.id,
        project_id=audit.project_id,
        item_id=one.item,
        position=position,
        weight=one.weight,
        stratum=one.stratum,
        score=label.score,
        group=label.group,
        slices=dict(label.slices),
        code=label.code,
        value=label.value,
    )


def _counted(names: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return found


# -- differing answers ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """What a lead decided about one answer that differs, not knowing which of the two is the label.

    annotation: that answer; code, value: the label that is right; verdict: "right" with one, "other" where neither of
    the two is right and what is cannot be named, or "ambiguous".
    """

    key: str
    item: int
    annotation: int
    verdict: str
    code: str = ""
    value: Value | None = None

    def check(self) -> None:
        """Raise Invalid, naming the field."""
        if not 8 <= len(self.key) <= 64:  # noqa: PLR2004 - a UUID with room; the column's width
            raise Invalid("The key must be a text of 8 to 64 characters, best a UUID.", field="key")
        if self.verdict not in CHOICES:
            raise Invalid("The verdict must be one of {verdicts}.", field="verdict", verdicts=", ".join(CHOICES))
        if (self.verdict == "right") != bool(self.code):
            raise Invalid("Name the label that is right, or say that it is ambiguous.", field="value")

    def stored(self, about: Judged) -> tuple[str, str, Value | None]:
        """Return the verdict on the label that was judged, and of another label its code and value."""
        if self.verdict != "right":
            return self.verdict, "", None
        if self.code == about.item.code:
            return "label", "", None
        if about.answer is not None and self.code == about.answer.code:
            return "answer", "", None
        return "other", self.code, self.value


def decide(session: Session, audit: Audit, classes: Classes, choice: Choice, *, by: int, now: datetime) -> bool:
    """Store a decision about an answer that differs; returns whether it is new (False: the same key again).

    Raises Conflict where the answer does not stand any more, does not differ, or the audit is closed.
    """
    choice.check()
    known = queries.by_key(session, by, choice.key)
    if known is not None:
        if known.annotation_id != choice.annotation:
            raise Conflict("This key was used for another decision; nothing was changed.", field="key")
        return False
    check_running(audit)
    about = _about(session, audit, classes, choice)
    standing = update(AuditDecision).where(AuditDecision.audit_item_id == about.item.id)
    session.execute(standing.where(AuditDecision.status == "current").values(status="replaced"))
    verdict, code, value = choice.stored(about)
    session.add(
        AuditDecision(
            project_id=audit.project_id,
            audit_item_id=about.item.id,
            annotation_id=choice.annotation,
            user_id=by,
            key=choice.key,
            verdict=verdict,
            code=code,
            value=value,
            status="current",
            created_at=now,
        )
    )
    session.flush()
    return True


def _about(session: Session, audit: Audit, classes: Classes, choice: Choice) -> Judged:
    for one in queries.differing(session, classes, queries.judged(session, audit)):
        if one.item.item_id == choice.item and one.answer is not None and one.answer.id == choice.annotation:
            return one
    raise Conflict("This answer was taken back or replaced in the meantime; look at the next one.")


def undo_decision(session: Session, audit: Audit, *, by: int) -> AuditDecision | None:
    """Take back a person's newest decision of a running audit; None where none is left."""
    check_running(audit)
    found = queries.last_decision(session, audit, by)
    if found is not None:
        found.status = "undone"
        session.flush()
    return found


def check_running(audit: Audit) -> None:
    """Raise Conflict for an audit that is closed."""
    if audit.state != "running":
        raise Conflict("This audit is closed; its result does not change any more.")


# -- the end ----------------------------------------------------------------------------------------------------------


def leave_out(session: Session, audit: Audit, item_id: int) -> None:
    """Ask nobody about an item any more: who looked at it for the audit says that it cannot be judged."""
    which = update(AuditItem).where(AuditItem.audit_id == audit.id, AuditItem.item_id == item_id)
    session.execute(which.values(left_out=True))


def take_in(session: Session, audit: Audit, item_id: int) -> None:
    """Ask about an item again that was left out."""
    which = update(AuditItem).where(AuditItem.audit_id == audit.id, AuditItem.item_id == item_id)
    session.execute(which.values(left_out=False))


def finish(session: Session, audit: Audit, classes: Classes, *, by: int, now: datetime) -> None:
    """Close an audit and fix what became of each item. Raises Conflict while answers that differ wait for a decision.

    With items left that nobody answered the result is counted with a range that holds at any time.
    """
    check_running(audit)
    rows = queries.judged(session, audit)
    unlike = {one.item.id for one in queries.differing(session, classes, rows)}
    waiting = sum(one.item.id in unlike and one.decision is None for one in rows)
    if waiting:
        raise Conflict("{count:,} answers differ from the label and are not decided; decide them first.", count=waiting)
    if not any(one.answer is not None for one in rows):
        raise Conflict("Nobody has answered anything yet; stop the audit if you do not want it.")
    for one in rows:
        _fix(one, differs=one.item.id in unlike)
    audit.complete = all(one.answer is not None or one.item.left_out for one in rows)
    _close(session, audit, "finished", by=by, now=now)


def stop(session: Session, audit: Audit, *, by: int, now: datetime) -> None:
    """End an audit without a result; the answers that were given stay in the record."""
    check_running(audit)
    _close(session, audit, "stopped", by=by, now=now)


def _fix(one: Judged, *, differs: bool) -> None:
    """Write down what became of an item: the right label of a wrong one too."""
    item, answer, decision = one.item, one.answer, one.decision
    if answer is None:
        item.outcome = "left_out" if item.left_out else ""
    elif not differs:
        item.outcome = "right"
    elif decision is not None:
        item.outcome = {"label": "right", "ambiguous": "ambiguous"}.get(decision.verdict, "wrong")
        if decision.verdict == "answer":
            item.right_code, item.right_value = answer.code, answer.value
        elif decision.verdict == "other":
            item.right_code, item.right_value = decision.code, decision.value


def _close(session: Session, audit: Audit, state: str, *, by: int, now: datetime) -> None:
    """Let go of what is held for it; whoever answered an item for it may be asked for a vote from now on."""
    audit.state, audit.closed_at, audit.closed_by = state, now, by
    session.flush()
    ended = update(Assignment).where(Assignment.project_id == audit.project_id, Assignment.round == audit.round)
    session.execute(ended.values(state="expired"))
    asked = select(AuditItem.item_id).where(AuditItem.audit_id == audit.id)
    # people have passed these by: they come for what is open of them
    session.execute(update(Item).where(Item.id.in_(asked), Item.open_slots > 0).values(freed=True))
    session.flush()
