"""Audits: draw a sample, hand it out, decide what differs, close it, take what it corrected."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.assignment.sharing import PROGRAM
from labeler.assignment.slots import end_leases
from labeler.audits import actions as audit_actions
from labeler.audits import queries as audit_queries
from labeler.audits import serving
from labeler.audits.actions import Choice, Label, Plan
from labeler.audits.models import DECIDED, PROPOSALS, QUEUE, UNFLAGGED, Audit
from labeler.audits.sample import draw, draw_by_class
from labeler.decisions import actions as review_actions
from labeler.decisions import final
from labeler.decisions import queries as decision_queries
from labeler.decisions.actions import Decision
from labeler.decisions.models import Review
from labeler.errors import Conflict, Invalid
from labeler.projects import queries as project_queries
from labeler.projects.actions import alone_with
from labeler.projects.models import Item, Project
from labeler.quality import queries as quality_queries
from labeler.quality.models import Flag
from labeler.storage.database import alone, clock
from labeler.workflow.automatic import settle_automatic, stop_automatic
from labeler.workflow.decisions import resolve

FEWEST_LABELS = 1
MOST_VALUES = 12  # of a metadata column that a result is shown by


def start_audit(
    session: Session, project: Project, plan: Plan, *, by: int, seed: int | None = None, now: datetime | None = None
) -> Audit:
    """Draw the sample of a new audit from all labels that stand, and begin to ask about it.

    seed: of the draw, a random one unless a test tells it. Raises Invalid where nothing is labeled yet.
    """
    plan.check()
    project = alone_with(session, project)
    labels = population(session, project, plan.slices)
    if len(labels) < FEWEST_LABELS:
        raise Invalid("Nothing is labeled yet, so there is nothing to audit.", field="size")
    number = secrets.randbits(31) if seed is None else seed
    one_class = project_queries.task_of(project).one_class
    if plan.by_class and not one_class:
        raise Invalid("Labels here are no single class, so a sample cannot be drawn by class.", field="by_class")
    if plan.by_class:
        drawn = draw_by_class({item: one.code for item, one in labels.items()}, plan.size, seed=number)
    else:
        drawn = draw(list(labels), plan.size, seed=number)
    scored = labels | _scored(session, project.id, {one.item: labels[one.item] for one in drawn})
    at = now or clock(session)
    return audit_actions.begin(session, project.id, plan, scored, drawn, seed=number, by_label=one_class, by=by, now=at)


def _scored(session: Session, project_id: int, labels: Mapping[int, Label]) -> dict[int, Label]:
    """Return those labels, with their score, that the last pass judged as they stand and no lead has decided."""
    inspection = quality_queries.latest_inspection(session, project_id)
    if inspection is None:
        return {}
    found = quality_queries.scores_of(session, inspection.id, list(labels))
    return {
        item: replace(labels[item], score=one.label_score)
        for item, one in found.items()
        if one.label_score is not None and one.label_code == labels[item].code and labels[item].group != DECIDED
    }


def population(session: Session, project: Project, slices: Sequence[str] = ()) -> dict[int, Label]:
    """Return the labels an audit is drawn from: of every item that has one final label and was not taken out.

    Also reviewed ones. What is ambiguous has no one label that could be wrong.
    """
    flagged = _flagged(session, project.id)
    meta = _slices(session, project.id, slices)
    return {
        one.item_id: Label(one.final, one.value, _group(one, flagged), meta.get(one.item_id, {}))
        for one in final.standings(session, project.id)
        if one.final and not one.excluded
    }


def _group(one: final.Standing, flagged: set[int]) -> str:
    if one.source == "review":
        return DECIDED
    return QUEUE if one.item_id in flagged and not one.decision else UNFLAGGED


def _flagged(session: Session, project_id: int) -> set[int]:
    inspection = quality_queries.latest_inspection(session, project_id)
    if inspection is None:
        return set()
    return set(session.scalars(select(Flag.item_id).where(Flag.inspection_id == inspection.id).distinct()))


def _slices(session: Session, project_id: int, names: Sequence[str]) -> dict[int, Mapping[str, str]]:
    if not names:
        return {}
    rows = session.execute(select(Item.id, Item.meta).where(Item.project_id == project_id))
    return {item: {name: str(meta[name]) for name in names if meta.get(name) not in (None, "")} for item, meta in rows}


# -- answers ----------------------------------------------------------------------------------------------------------


def serve_audit(
    session: Session, audit: Audit, user_id: int, *, count: int, lease: timedelta, now: datetime | None = None
) -> serving.Held:
    """Hold the next items of an audit for a lead who answers it on a page of its own: those held first."""
    alone(session, audit.project_id)
    at = now or clock(session)
    end_leases(session, audit.project_id, at)
    asking = serving.Asking(audit.project_id, user_id, count, PROGRAM, lease, at, more=False)
    held = serving.held_of(session, audit, user_id)[:count]
    for assignment, _ in held:
        assignment.expires_at = at + lease
    if len(held) < count:
        held += serving.take(session, audit, asking, count - len(held))
    return held


# -- what differs, and the end ----------------------------------------------------------------------------------------


def decide_difference(session: Session, project: Project, audit: Audit, choice: Choice, *, by: int) -> bool:
    """Store what a lead decided, blind, about an answer that differs; returns whether it is new.

    A choice names the label that is right, or none for ambiguous: whether that is the label or the answer, whoever
    chooses does not know.
    """
    project = alone_with(session, project)
    classes = project_queries.classes_of(session, project.id)
    return audit_actions.decide(session, audit, classes, choice, by=by, now=clock(session))


def finish_audit(session: Session, project: Project, audit: Audit, *, by: int, now: datetime | None = None) -> None:
    """Close an audit with the answers there are; its result is fixed from then on."""
    project = alone_with(session, project)
    classes = project_queries.classes_of(session, project.id)
    at = now or clock(session)
    audit_actions.finish(session, audit, classes, by=by, now=at)
    settle_automatic(session, audit, now=at)


def stop_audit(session: Session, project: Project, audit: Audit, *, by: int) -> None:
    """End an audit without a result; the answers stay."""
    alone_with(session, project)
    at = clock(session)
    audit_actions.stop(session, audit, by=by, now=at)
    stop_automatic(session, audit, now=at)


# -- corrections ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Corrections:
    """Wrong labels of a finished audit. waiting: ids of items whose label stands as it was judged, with a right one."""

    waiting: tuple[int, ...]
    taken: int

    @property
    def count(self) -> int:
        """How many can be corrected now."""
        return len(self.waiting)


def corrections(session: Session, audit: Audit) -> Corrections:
    """Return what of an audit a lead may take as decisions: labels nobody changed since, whose right label is known."""
    known = {one.item_id: one for one in audit_queries.items_of(session, audit) if one.outcome == "wrong"}
    standing = final.standings(session, audit.project_id, list(known)) if known else ()
    proposed = audit.about == PROPOSALS  # then nothing stood when it began
    waiting = [
        one.item_id
        for one in standing
        if known[one.item_id].right_code
        and one.final == ("" if proposed else known[one.item_id].code)
        and not one.excluded
    ]
    return Corrections(tuple(waiting), len(taken(session, audit)))


def taken(session: Session, audit: Audit) -> Sequence[Review]:
    """Return the standing decisions that took corrections of an audit."""
    return decision_queries.in_batches(session, audit.project_id, audit.batch)


def take_corrections(session: Session, project: Project, audit: Audit, *, by: int) -> int:
    """Store the right label of each wrong one as a decision, undone together; returns how many."""
    project = alone_with(session, project)
    if audit.state != "finished":
        raise Conflict("This audit has no result yet.")
    batch = audit.batch + secrets.token_hex(8)
    known = {one.item_id: one for one in audit_queries.items_of(session, audit)}
    waiting = corrections(session, audit).waiting
    for item in waiting:
        one = known[item]
        decision = Decision(
            f"{batch}-{item}",
            item,
            "relabel",
            one.right_code,
            f"Audit {audit.number}",
            batch,
            value=one.right_value,
            flag=0,
        )
        resolve(session, project, decision, by=by)
    return len(waiting)


def undo_corrections(session: Session, project: Project, audit: Audit) -> int:
    """Undo the decisions that took corrections of an audit, whoever made them; returns how many."""
    project = alone_with(session, project)
    found = taken(session, audit)
    for review in found:
        review_actions.undo(session, project, review)
    return len(found)


def slice_columns(session: Session, project_id: int) -> dict[str, int]:
    """Return how many values each metadata column has, counted up to one more than a slice may have."""
    values: dict[str, set[str]] = {}
    for meta in session.scalars(select(Item.meta).where(Item.project_id == project_id)):
        for name, value in meta.items():
            found = values.setdefault(name, set())
            if len(found) <= MOST_VALUES and isinstance(value, str | int | float | bool) and value != "":
                found.add(str(value))
    return {name: len(found) for name, found in values.items() if found}
