"""Automatic labels as the lead sees them: what the model could label, what must be checked first, what stands."""

import secrets
from dataclasses import dataclass
from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.audits.models import Audit
from labeler.audits.queries import running
from labeler.automatic import queries
from labeler.automatic.models import AutomaticBatch
from labeler.automatic.promise import CONFIDENCE, LEAST_TARGET, MOST_TARGET, TARGET, Proposal, share_right_at_least
from labeler.errors import Conflict, Invalid
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.projects.models import Project
from labeler.projects.queries import Classes, classes_of
from labeler.quality.queries import latest_inspection
from labeler.statistics.remaining_error import seconds_an_answer
from labeler.web.blueprint import blueprint
from labeler.web.shared.numbers import number_in
from labeler.web.shared.words import ngettext


@dataclass(frozen=True)
class ClassRow:
    """What the model could label of one class. position: of its colour; minutes: of the check."""

    name: str
    position: int
    proposal: Proposal
    minutes: int


@dataclass(frozen=True)
class BatchRow:
    """One batch. standing: labels of it that stand now; least: the share that is right at least, by all its audits."""

    batch: AutomaticBatch
    audit: Audit
    name: str
    position: int
    standing: int
    least: float


@blueprint.get("/p/<slug>/automatic")
@needs(Action.LEAD)
def automatic(slug: str) -> str:
    """Show what the model could label for a target, and what it labeled."""
    del slug
    asked = number_in(request.args.get("target", ""))
    target = float(asked / Decimal(100)) if asked is not None else TARGET
    target = min(MOST_TARGET, max(LEAST_TARGET, target))
    with database().read() as session:
        here = project()
        classes = classes_of(session, here.id)
        inspection = latest_inspection(session, here.id) if classes.task.one_class else None
        return render_template(
            "automatic/automatic.html",
            target=target,
            confidence=CONFIDENCE,
            one_class=classes.task.one_class,
            model=bool(inspection and inspection.summary.get("model")),
            running=running(session, here.id),
            classes=_classes(session, here, classes, target),
            batches=_batches(session, here, classes),
        )


@blueprint.post("/p/<slug>/automatic")
@needs(Action.LEAD)
def propose_automatic(slug: str) -> Response:
    """Propose the labels of the chosen classes and begin the audit that checks them."""
    try:
        target = _target()
        with database().write() as session:
            here = session.get_one(Project, project().id)
            audit = workflow.propose_labels(
                session,
                here,
                request.form.getlist("classes"),
                target=target,
                by=user_id(),
                seed=secrets.randbits(31),
                spacing=None if request.form.get("who") == "leads" else 0,
            )
            number = audit.number
    except (Conflict, Invalid) as error:
        flash(translated(error.message), "error")
        return redirect(url_for("web.automatic", slug=slug), 303)
    return redirect(url_for("web.audit", slug=slug, number=number), 303)


@blueprint.post("/p/<slug>/automatic/<int:number>/take-back")
@needs(Action.LEAD)
def take_back_automatic(slug: str, number: int) -> Response:
    """Take the labels of a batch back."""
    try:
        with database().write() as session:
            here = session.get_one(Project, project().id)
            count = workflow.take_back_automatic(session, here, queries.batch_in(session, here.id, number))
        flash(
            ngettext(
                "%(num)s label was taken back; people are asked about its item again.",
                "%(num)s labels were taken back; people are asked about their items again.",
                count,
            ),
            "success",
        )
    except Conflict as error:
        flash(translated(error.message), "error")
    return redirect(url_for("web.automatic", slug=slug), 303)


def _target() -> float:
    found = number_in(request.form.get("target", ""))
    if found is None:
        raise Invalid("Write the share that must be right as a number of percent, such as 95.", field="target")
    return float(found / Decimal(100))


def _classes(session: Session, here: Project, classes: Classes, target: float) -> list[ClassRow]:
    if not classes.task.one_class:
        return []
    seconds = seconds_an_answer(session, here.id)
    found = queries.proposals(session, here.id, classes, target=target, confidence=CONFIDENCE)
    return [
        ClassRow(classes.name_of(one.code) or one.code, place, one, round((one.size or 0) * seconds / 60))
        for place, one in enumerate(found, start=1)
    ]


def _batches(session: Session, here: Project, classes: Classes) -> list[BatchRow]:
    positions = {code: place for place, code in enumerate(classes.codes, start=1)}
    return [
        BatchRow(
            one,
            session.get_one(Audit, one.audit_id),
            classes.name_of(one.code) or one.code,
            positions.get(one.code, 0),
            queries.standing_count(session, one),
            share_right_at_least(one.right, one.checked, one.confidence),
        )
        for one in queries.batches_of(session, here.id)
    ]
