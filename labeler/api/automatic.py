"""Automatic labels: what the model could label, the audit that must allow it, what stands, taking it back."""

import secrets
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.paging import Listed
from labeler.api.shapes import Body, PrintableText, Shape, moment
from labeler.audits.models import Audit
from labeler.automatic import queries
from labeler.automatic.models import AutomaticBatch
from labeler.automatic.promise import LEAST_TARGET, MOST_TARGET, TARGET, share_right_at_least
from labeler.errors import Invalid
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.projects.models import Project
from labeler.projects.queries import Classes, classes_of


class NewAutomatic(Body):
    """Classes, by name, that the model is to label. target: the share that must be right, 0.5 to 0.999.

    answered_by: annotators, before their other items, or leads on a page of their own.
    """

    classes: Annotated[list[PrintableText], Field(min_length=1, max_length=1000)]
    target: Annotated[float, Field(ge=LEAST_TARGET, le=MOST_TARGET)] = TARGET
    answered_by: Literal["annotators", "leads"] = "annotators"


class AutomaticOut(Shape):
    """Labels of one class that the model proposed at one time.

    state: checking, stands, failed, stopped or taken_back; labels: how many were proposed, standing: how many stand
    now; checked, wrong: by audits, wrong also what was ambiguous or could not be judged; right_at_least: the share
    that is right at least, with the confidence, null before anything was checked.
    """

    number: int
    label: str
    state: str
    labels: int
    standing: int
    checked: int
    wrong: int
    target: float
    confidence: float
    right_at_least: float | None
    audit: int
    created_at: str
    ended_at: str | None


class AutomaticList(Listed):
    """What the model labeled, newest first."""

    data: list[AutomaticOut]


@blueprint.get("/projects/<slug>/automatic")
@needs(Action.LEAD)
@blueprint.output(AutomaticList)
def list_automatic(slug: str) -> dict[str, Any]:
    """List labels that the model proposed, newest first."""
    del slug
    with database().read() as session:
        classes = classes_of(session, project().id)
        data = [_shape(session, one, classes) for one in queries.batches_of(session, project().id)]
    return {"data": data, "next": None}


@blueprint.post("/projects/<slug>/automatic")
@needs(Action.LEAD)
@blueprint.input(NewAutomatic, arg_name="body")
@blueprint.output(AutomaticList, status_code=201)
def start_automatic(slug: str, body: NewAutomatic) -> dict[str, Any]:
    """Propose the model's labels of classes and begin the audit that checks them; none stands before it is closed."""
    del slug
    with database().write() as session:
        target = session.get_one(Project, project().id)
        classes = classes_of(session, target.id)
        unknown = [name for name in body.classes if name not in classes.by_name]
        if unknown:
            raise Invalid("There is no class {name!r} in this project.", field="classes", name=unknown[0])
        codes = [classes.by_name[name] for name in body.classes]
        spacing = None if body.answered_by == "leads" else 0
        audit = workflow.propose_labels(
            session, target, codes, target=body.target, by=user_id(), seed=secrets.randbits(31), spacing=spacing
        )
        found = queries.batches_in_audit(session, audit.id)
        return {"data": [_shape(session, one, classes) for one in found], "next": None}


@blueprint.post("/projects/<slug>/automatic/<int:number>/take-back")
@needs(Action.LEAD)
@blueprint.output(AutomaticOut)
def take_back_automatic(slug: str, number: int) -> dict[str, Any]:
    """Take labels of the model back, so that people are asked about their items again."""
    del slug
    with database().write() as session:
        target = session.get_one(Project, project().id)
        batch = queries.batch_in(session, target.id, number)
        workflow.take_back_automatic(session, target, batch)
        return _shape(session, batch, classes_of(session, target.id))


def _shape(session: Session, one: AutomaticBatch, classes: Classes) -> dict[str, Any]:
    return {
        "number": one.number,
        "label": classes.name_of(one.code) or one.code,
        "state": one.state,
        "labels": one.labels,
        "standing": queries.standing_count(session, one),
        "checked": one.checked,
        "wrong": one.wrong,
        "target": one.target,
        "confidence": one.confidence,
        "right_at_least": share_right_at_least(one.right, one.checked, one.confidence) if one.checked else None,
        "audit": session.get_one(Audit, one.audit_id).number,
        "created_at": moment(one.created_at),
        "ended_at": moment(one.ended_at),
    }
