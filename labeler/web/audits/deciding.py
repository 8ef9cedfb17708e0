"""The two blind pages of an audit: a lead answers its items, or decides where an answer differs from the label.

Note: neither page reads anything about the item but the item itself; of a difference it shows both sides, in an order
that tells nobody which one is the label.
"""

import uuid
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.annotations.queries import latest_of
from labeler.audits import actions, queries
from labeler.audits.actions import Choice
from labeler.audits.models import Audit
from labeler.audits.sides import sides
from labeler.errors import Conflict, Invalid
from labeler.extensions import database, settings
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.messages import verbatim
from labeler.projects.models import Project
from labeler.projects.queries import Question, classes_of, item_in
from labeler.web.blueprint import blueprint
from labeler.web.shared.evidence import Desk, shown
from labeler.web.shared.numbers import id_in

RIGHT = "right:"
SKIP = "skip"


@blueprint.get("/p/<slug>/audits/<int:number>/differences")
@needs(Action.LEAD)
def audit_differences(slug: str, number: int) -> str | Response:
    """Show the next answer that differs: the item and the two labels, in random order."""
    with database().read() as session:
        audit, desk = queries.audit_in(session, project().id, number), Desk.of(session, project())
        waiting = queries.undecided(session, audit, desk.classes) if audit.state == "running" else []
        one = waiting[0] if waiting else None
        if one is None or one.answer is None:
            return redirect(url_for("web.audit", slug=slug, number=number), 303)
        differ = queries.progress(session, audit, desk.classes).differ
        return _page(
            "audits/differences.html",
            audit=audit,
            item=shown(item_in(session, audit.project_id, one.item.item_id)),
            annotation=one.answer.id,
            sides=[desk.label(*side) for side in sides(one)],
            palette=desk.palette,
            done=differ - len(waiting),
            total=differ,
        )


@blueprint.post("/p/<slug>/audits/<int:number>/differences")
@needs(Action.LEAD)
def decide_difference(slug: str, number: int) -> Response:
    """Store what is right and go on to the next."""
    try:
        with database().write() as session:
            here = session.get_one(Project, project().id)
            audit = queries.audit_in(session, here.id, number)
            choice = _choice(session, audit)
            workflow.decide_difference(session, here, audit, choice, by=user_id())
            flash(_("Item %(item)s is decided", item=choice.item), "success")
    except (Conflict, Invalid) as error:
        flash(translated(error.message), "error")
    return redirect(url_for("web.audit_differences", slug=slug, number=number), 303)


@blueprint.post("/p/<slug>/audits/<int:number>/differences/undo")
@needs(Action.LEAD)
def undo_difference(slug: str, number: int) -> Response:
    """Take back one's newest decision."""
    try:
        with database().write() as session:
            undone = actions.undo_decision(session, queries.audit_in(session, project().id, number), by=user_id())
        flash(_("The decision is undone") if undone else _("There is nothing of yours left to undo"), "success")
    except (Conflict, Invalid) as error:
        flash(translated(error.message), "error")
    return redirect(url_for("web.audit_differences", slug=slug, number=number), 303)


def _choice(session: Session, audit: Audit) -> Choice:
    form = request.form
    wanted, item = form.get("decision", ""), form.get("item", 0, type=id_in)
    annotation = form.get("annotation", 0, type=id_in)
    if not wanted.startswith(RIGHT):
        return Choice(form.get("key", ""), item, annotation, wanted)
    code = wanted.removeprefix(RIGHT)
    classes = classes_of(session, audit.project_id)
    known = [one for one in queries.undecided(session, audit, classes) if one.item.item_id == item]
    if not (classes.task.one_class and code in classes.by_code) and code not in {
        side[0] for one in known for side in sides(one)
    }:
        raise Invalid("There is no such label here; choose one of those shown.", field="decision")
    return Choice(form.get("key", ""), item, annotation, "right", code)


# -- answering it oneself ---------------------------------------------------------------------------------------------


@blueprint.get("/p/<slug>/audits/<int:number>/answer")
@needs(Action.LEAD)
def answer_audit(slug: str, number: int) -> str | Response:
    """Show the next item of an audit to a lead: the item and the classes, nothing else."""
    with database().write() as session:
        audit, desk = queries.audit_in(session, project().id, number), Desk.of(session, project())
        if audit.state != "running" or not desk.palette.one_class:
            return redirect(url_for("web.audit", slug=slug, number=number), 303)
        held = workflow.serve_audit(session, audit, user_id(), count=1, lease=_lease())
        if not held:
            flash(_("Nothing of this audit is left for you to answer."), "info")
            return redirect(url_for("web.audit", slug=slug, number=number), 303)
        assignment, item = held[0]
        far = queries.progress(session, audit, desk.classes)
        return _page(
            "audits/answer.html",
            audit=audit,
            item=shown(item),
            assignment=assignment.id,
            palette=desk.palette,
            done=far.answered,
            total=far.size,
        )


@blueprint.post("/p/<slug>/audits/<int:number>/answer")
@needs(Action.LEAD)
def give_audit_answer(slug: str, number: int) -> Response:
    """Store a lead's blind answer and go on to the next item."""
    try:
        with database().write() as session:
            here = session.get_one(Project, project().id)
            _store(session, here, queries.audit_in(session, here.id, number))
    except (Conflict, Invalid) as error:
        flash(translated(error.message), "error")
    return redirect(url_for("web.answer_audit", slug=slug, number=number), 303)


def _store(session: Session, here: Project, audit: Audit) -> None:
    form, question = request.form, Question.of(session, here)
    wanted = form.get("decision", "")
    name = question.classes.name_of(wanted.removeprefix(RIGHT))
    if wanted != SKIP and name is None:
        raise Invalid("There is no such class in this project.", field="decision")
    assignment = form.get("assignment", 0, type=id_in)
    skips = wanted == SKIP
    answer = Answer(
        form.get("key", ""), assignment, None if skips else {"label": name}, skip="cannot be judged" if skips else None
    )
    receipt = workflow.submit(session, question, user_id(), [answer])[0]
    if receipt.status == "rejected":
        raise Invalid(verbatim(receipt.reason))
    stored = session.get_one(Annotation, receipt.id)
    if stored.status == "skipped":
        actions.leave_out(session, audit, stored.item_id)
    flash(_("Saved"), "success")


@blueprint.post("/p/<slug>/audits/<int:number>/answer/undo")
@needs(Action.LEAD)
def undo_audit_answer(slug: str, number: int) -> Response:
    """Take one's newest answer to this audit back; its item comes again."""
    try:
        with database().write() as session:
            audit = queries.audit_in(session, project().id, number)
            own = latest_of(session, project().id, user_id(), 50, statuses=("audit", "skipped"))
            last = next((one for one, _item in own if one.round == audit.round), None)
            if last is None:
                flash(_("There is nothing of yours left to undo"), "success")
            else:
                workflow.undo(session, project().id, user_id(), last.id, lease=_lease())
                flash(_("The answer is taken back"), "success")
    except (Conflict, Invalid) as error:
        flash(translated(error.message), "error")
    return redirect(url_for("web.answer_audit", slug=slug, number=number), 303)


def _lease() -> timedelta:
    return timedelta(seconds=settings().lease_seconds)


def _page(template: str, **context: Any) -> str:
    return render_template(template, page="audits", project=project(), key=str(uuid.uuid4()), **context)
