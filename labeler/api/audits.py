"""Audits: start one, see how far it is, decide blind where an answer differs, read the result.

Note: while one runs nothing says how many labels are wrong so far; a look in between, and stopping at a good moment,
would make the range false.
"""

from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.paging import Listed
from labeler.api.shapes import Body, Id, PrintableText, Shape, moment
from labeler.audits import queries
from labeler.audits.actions import Choice, Plan
from labeler.audits.estimate import Estimate
from labeler.audits.models import LABELS, Audit
from labeler.audits.sides import sides
from labeler.audits.spacing import SPACING
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.projects.models import Project
from labeler.projects.queries import Classes, classes_of, content_of, item_in
from labeler.statistics.audit_result import AuditResult, Part, result_of
from labeler.statistics.remaining_error import maximum_of

MOST = 1_000_000
_SPACING = {"annotators": SPACING, "annotators_first": 0, "leads": None}


class NewAudit(Body):
    """An audit to start. size: items to check; maximum: the most that may be wrong, 0 to 1 (else the project's own).

    by_class: draw at least 50 of each class, and weigh; slices: metadata columns to show the result by; answered_by:
    annotators (at most every fifth of their items), annotators_first, or leads on a page of their own.
    """

    size: Annotated[int, Field(ge=1, le=MOST)] = 800
    maximum: Annotated[float, Field(gt=0, lt=1)] | None = None
    by_class: bool = False
    slices: Annotated[list[PrintableText], Field(max_length=20, default_factory=list)]
    answered_by: Literal["annotators", "annotators_first", "leads"] = "annotators"


class RangeOut(Shape):
    """A share wrong, 0 to 1, with its 95 % range. method: wilson, stratified, weighted, any_time, any_time_by_class."""

    share: float
    low: float
    high: float
    method: str


class PartOut(Shape):
    """A class, a value of a column, or decided, queue, unflagged. range: null where fewer than 50 were checked."""

    name: str | None
    labels: int | None
    checked: int
    wrong: int
    range: RangeOut | None


class ResultOut(Shape):
    """What a finished audit found. verdict: met, not_met or not_settled, of the maximum; null of the model's proposals.

    ambiguous: checked, and not wrong; left_out: nobody could judge them; slices: by metadata column.
    """

    checked: int
    wrong: int
    ambiguous: int
    left_out: int
    range: RangeOut
    verdict: str | None
    groups: list[PartOut]
    classes: list[PartOut]
    slices: dict[str, list[PartOut]]


class AuditOut(Shape):
    """One audit. state: running, finished or stopped; differ: answers unlike the label that wait for a lead.

    about: labels, or proposals of the model (of automatic labels);
    complete: whether it was closed with every item answered or left out; result: null until it is finished.
    """

    number: int
    about: str
    state: str
    population: int
    size: int
    answered: int
    differ: int
    maximum: float
    seed: int
    complete: bool
    started_at: str
    closed_at: str | None
    result: ResultOut | None


class AuditList(Listed):
    """Audits of a project, newest first."""

    data: list[AuditOut]


class DifferenceOut(Shape):
    """An answer that differs from the label. values: both, in random order: which is the label is not told."""

    item: int
    annotation: int
    values: list[dict[str, Any] | None]


class DifferenceList(Listed):
    """Answers that wait for a lead's decision."""

    data: list[DifferenceOut]


class NewAuditDecision(Body):
    """What is right: a value, or ambiguous, or other (neither, and what is right is not named). key: a UUID."""

    key: str
    item: Id
    annotation: Id
    verdict: Literal["right", "other", "ambiguous"] = "right"
    value: dict[str, Any] | None = None


class DecidedOut(Shape):
    """How many answers that differ still wait."""

    waiting: int


@blueprint.post("/projects/<slug>/audits")
@needs(Action.LEAD)
@blueprint.input(NewAudit, arg_name="body")
@blueprint.output(AuditOut, status_code=201)
def start_audit(slug: str, body: NewAudit) -> dict[str, Any]:
    """Draw a random sample of the labels and begin to ask about it, blind."""
    del slug
    with database().write() as session:
        target = session.get_one(Project, project().id)
        maximum = maximum_of(target) if body.maximum is None else body.maximum
        plan = Plan(body.size, maximum, body.by_class, tuple(body.slices), _SPACING[body.answered_by])
        audit = workflow.start_audit(session, target, plan, by=user_id())
        return _shape(session, audit, classes_of(session, target.id))


@blueprint.get("/projects/<slug>/audits")
@needs(Action.LEAD)
@blueprint.output(AuditList)
def list_audits(slug: str) -> dict[str, Any]:
    """List the audits of a project, newest first, those that are finished with their results."""
    del slug
    with database().read() as session:
        classes = classes_of(session, project().id)
        data = [_shape(session, audit, classes) for audit in queries.audits_of(session, project().id)]
    return {"data": data, "next": None}


@blueprint.get("/projects/<slug>/audits/<int:number>")
@needs(Action.LEAD)
@blueprint.output(AuditOut)
def read_audit(slug: str, number: int) -> dict[str, Any]:
    """Read one audit."""
    del slug
    with database().read() as session:
        audit = queries.audit_in(session, project().id, number)
        return _shape(session, audit, classes_of(session, project().id))


@blueprint.get("/projects/<slug>/audits/<int:number>/differences")
@needs(Action.LEAD)
@blueprint.output(DifferenceList)
def list_differences(slug: str, number: int) -> dict[str, Any]:
    """List answers that differ from the label and wait for a decision, without telling which is the label."""
    del slug
    with database().read() as session:
        audit = queries.audit_in(session, project().id, number)
        classes = classes_of(session, project().id)
        data = [
            {
                "item": one.item.item_id,
                "annotation": one.answer.id if one.answer else 0,
                "values": [classes.shown(*side) for side in sides(one)],
            }
            for one in queries.undecided(session, audit, classes)
        ]
    return {"data": data, "next": None}


@blueprint.post("/projects/<slug>/audits/<int:number>/decisions")
@needs(Action.LEAD)
@blueprint.input(NewAuditDecision, arg_name="body")
@blueprint.output(DecidedOut, status_code=201)
def decide_difference(slug: str, number: int, body: NewAuditDecision) -> dict[str, Any]:
    """Decide what is right where an answer differs from the label."""
    del slug
    with database().write() as session:
        target = session.get_one(Project, project().id)
        audit, classes = queries.audit_in(session, target.id, number), classes_of(session, target.id)
        code, value = "", None
        if body.value is not None:
            content = content_of(item_in(session, target.id, body.item))
            code, value = classes.keep(classes.task.check_value(body.value, classes.config, content))
        choice = Choice(body.key, body.item, body.annotation, body.verdict, code, value)
        workflow.decide_difference(session, target, audit, choice, by=user_id())
        return {"waiting": queries.progress(session, audit, classes).undecided}


@blueprint.post("/projects/<slug>/audits/<int:number>/close")
@needs(Action.LEAD)
@blueprint.output(AuditOut)
def close_audit(slug: str, number: int) -> dict[str, Any]:
    """Close an audit with the answers there are; with some missing, the range is one that holds at any time."""
    del slug
    with database().write() as session:
        target = session.get_one(Project, project().id)
        audit = queries.audit_in(session, target.id, number)
        workflow.finish_audit(session, target, audit, by=user_id())
        return _shape(session, audit, classes_of(session, target.id))


@blueprint.post("/projects/<slug>/audits/<int:number>/stop")
@needs(Action.LEAD)
@blueprint.output(AuditOut)
def stop_audit(slug: str, number: int) -> dict[str, Any]:
    """End an audit without a result; the answers stay in the record."""
    del slug
    with database().write() as session:
        target = session.get_one(Project, project().id)
        audit = queries.audit_in(session, target.id, number)
        workflow.stop_audit(session, target, audit, by=user_id())
        return _shape(session, audit, classes_of(session, target.id))


def _shape(session: Session, audit: Audit, classes: Classes) -> dict[str, Any]:
    far = queries.progress(session, audit, classes)
    return {
        "number": audit.number,
        "about": audit.about,
        "state": audit.state,
        "population": audit.population,
        "size": far.size,
        "answered": far.answered,
        "differ": far.undecided if audit.state == "running" else 0,
        "maximum": audit.maximum,
        "seed": audit.seed,
        "complete": audit.complete,
        "started_at": moment(audit.started_at),
        "closed_at": moment(audit.closed_at),
        "result": _result(result_of(session, audit), classes) if audit.state == "finished" else None,
    }


def _result(found: AuditResult, classes: Classes) -> dict[str, Any]:
    return {
        "checked": found.estimate.checked,
        "wrong": found.estimate.wrong,
        "ambiguous": found.ambiguous,
        "left_out": found.left_out,
        "range": _range(found.estimate),
        "verdict": found.verdict.value if found.audit.about == LABELS else None,
        "groups": [_part(one) for one in found.groups],
        "classes": [{**_part(one), "name": classes.name_of(one.name)} for one in found.classes],
        "slices": {name: [_part(one) for one in found.slices(name)] for name in found.audit.slices},
    }


def _part(one: Part) -> dict[str, Any]:
    shown = None if one.share is None else _range(one.share)
    return {
        "name": one.name,
        "labels": one.labels or None,
        "checked": one.checked,
        "wrong": one.wrong,
        "range": shown,
    }


def _range(one: Estimate) -> dict[str, Any]:
    return {"share": one.share, "low": one.low, "high": one.high, "method": one.method}
