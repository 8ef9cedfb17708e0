"""Audits: start one, follow it, close it, read its result.

Note: while one runs no page says how many labels were wrong so far, or who was.
"""

from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler import workflow
from labeler.accounts.permissions import ANNOTATOR, Action
from labeler.accounts.queries import members
from labeler.audits import actions, queries
from labeler.audits.actions import Plan
from labeler.audits.estimate import FEWEST
from labeler.audits.models import Audit
from labeler.audits.spacing import SPACING
from labeler.automatic import queries as automatic
from labeler.automatic.models import AutomaticBatch
from labeler.automatic.promise import share_right_at_least
from labeler.errors import Conflict, Invalid
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.projects.models import Project
from labeler.projects.queries import Classes, classes_of
from labeler.statistics.audit_result import AuditResult, result_of, stands_out
from labeler.statistics.remaining_error import remaining_error, seconds_an_answer, way_to_stop
from labeler.storage.database import alone
from labeler.web.audits import view_model
from labeler.web.blueprint import blueprint
from labeler.web.shared.evidence import Desk, shown_items
from labeler.web.shared.numbers import number_in

LISTED = 200
OUTCOMES = ("right", "wrong", "ambiguous", "left_out")


@blueprint.get("/p/<slug>/audits")
@needs(Action.LEAD)
def audits(slug: str) -> str:
    """Show what can be audited now, and the audits there were."""
    del slug
    with database().read() as session:
        found = queries.audits_of(session, project().id)
        running = next((one for one in found if one.state == "running"), None)
        return render_template(
            "audits/audits.html",
            running=running,
            far=queries.progress(session, running, classes_of(session, project().id)) if running else None,
            start=None if running else view_model.read_start(session, project()),
            past=_past(session, found),
            annotators=[one for one in members(session, project().id) if one.role == ANNOTATOR and one.active],
            fewest=FEWEST,
        )


@blueprint.post("/p/<slug>/audits")
@needs(Action.LEAD)
def start_audit(slug: str) -> Response:
    """Draw the sample and begin."""
    try:
        plan = _plan()
        with database().write() as session:
            audit = workflow.start_audit(session, session.get_one(Project, project().id), plan, by=user_id())
            number = audit.number
    except (Conflict, Invalid) as error:
        flash(translated(error.message), "error")
        return redirect(url_for("web.audits", slug=slug), 303)
    return redirect(url_for("web.audit", slug=slug, number=number), 303)


def _plan() -> Plan:
    size, maximum = number_in(request.form.get("size", "")), number_in(request.form.get("maximum", ""))
    if size is None or size != int(size):
        raise Invalid("Choose how many items to check.", field="size")
    if maximum is None:
        raise Invalid("Write the most that may be wrong as a number of percent, such as 2.", field="maximum")
    return Plan(
        size=int(size),
        maximum=float(maximum / Decimal(100)),
        by_class=request.form.get("by_class") == "1",
        slices=tuple(request.form.getlist("slices")),
        spacing=None if request.form.get("who") == "leads" else SPACING,
    )


@blueprint.get("/p/<slug>/audits/<int:number>")
@needs(Action.LEAD)
def audit(slug: str, number: int) -> str:
    """Show how far an audit is, or what it found."""
    del slug
    with database().read() as session:
        found = queries.audit_in(session, project().id, number)
        if found.state == "finished":
            return render_template("audits/result.html", **_result(session, found))
        return render_template("audits/running.html", **_running(session, found))


def _running(session: Session, audit: Audit) -> dict[str, Any]:
    classes = classes_of(session, project().id)
    far, people = queries.progress(session, audit, classes), members(session, project().id)
    able = [one.user_id for one in people if one.active and (audit.spacing is not None or one.role != ANNOTATOR)]
    names = {one.user_id: one.name or one.email for one in people}
    return {
        "audit": audit,
        "far": far,
        "by": names.get(audit.started_by or 0, ""),
        "people": [(names.get(who, "?"), count) for who, count in _most_first(queries.answered_by(session, audit))],
        "minutes": round(far.open * seconds_an_answer(session, audit.project_id) / 60),
        "stuck": queries.unanswerable(session, audit, able) if audit.state == "running" else 0,
        "today": view_model.read_today(session, audit.project_id, far.answered, far.size, audit.population)
        if far.answered
        else None,
        "one_class": classes.task.one_class,
    }


def _proposed(session: Session, audit: Audit, classes: Classes) -> list[tuple[AutomaticBatch, str, float]]:
    """Return what became of the model's labels that an audit was to check."""
    return [
        (one, classes.name_of(one.code) or one.code, share_right_at_least(one.right, one.checked, one.confidence))
        for one in automatic.checked_in(session, audit.id)
    ]


def _most_first(counts: dict[int, int]) -> list[tuple[int, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _result(session: Session, audit: Audit) -> dict[str, Any]:
    classes = classes_of(session, project().id)
    found, known = result_of(session, audit), remaining_error(session, project())
    newest = known.result is not None and known.result.audit.id == audit.id
    names = {one.user_id: one.name or one.email for one in members(session, project().id)}
    positions = {code: n for n, code in enumerate(classes.codes, start=1)}
    by_class = view_model.rows_of(found.classes, classes.by_code, positions, audit.maximum)
    return {
        "audit": audit,
        "found": found,
        "gauge": view_model.gauge_of(found),
        "by": names.get(audit.closed_by or 0, ""),
        "people": len(queries.answered_by(session, audit)),
        "classes": by_class,
        "slices": {
            name: view_model.rows_of(found.slices(name), {}, {}, audit.maximum)
            for name in audit.slices
            if found.slices(name)
        },
        "out": [(classes.name_of(one.name) or one.name, one) for one in stands_out(found.classes, audit.maximum)],
        "known": known if newest else None,
        "way": way_to_stop(session, known) if newest else None,
        "corrections": workflow.corrections(session, audit),
        "seconds": seconds_an_answer(session, project().id),
        "past": _past(session, queries.audits_of(session, project().id)),
        "differed": _decided(session, audit),
        "batches": _proposed(session, audit, classes),
    }


def _decided(session: Session, audit: Audit) -> int:
    return sum(one.decision is not None for one in queries.judged(session, audit))


def _past(session: Session, found: Any) -> list[tuple[Audit, AuditResult | None]]:
    closed = [one for one in found if one.state != "running"]
    return [(one, result_of(session, one) if one.state == "finished" else None) for one in closed]


@blueprint.post("/p/<slug>/audits/<int:number>/close")
@needs(Action.LEAD)
def close_audit(slug: str, number: int) -> Response:
    """Close an audit and show its result."""
    try:
        with database().write() as session:
            here = session.get_one(Project, project().id)
            workflow.finish_audit(session, here, queries.audit_in(session, here.id, number), by=user_id())
    except (Conflict, Invalid) as error:
        flash(translated(error.message), "error")
    return redirect(url_for("web.audit", slug=slug, number=number), 303)


@blueprint.post("/p/<slug>/audits/<int:number>/stop")
@needs(Action.LEAD)
def stop_audit(slug: str, number: int) -> Response:
    """End an audit without a result."""
    try:
        with database().write() as session:
            here = session.get_one(Project, project().id)
            workflow.stop_audit(session, here, queries.audit_in(session, here.id, number), by=user_id())
        flash(_("The audit is stopped. The answers that were given stay in the record."), "success")
    except (Conflict, Invalid) as error:
        flash(translated(error.message), "error")
    return redirect(url_for("web.audits", slug=slug), 303)


@blueprint.post("/p/<slug>/audits/<int:number>/order")
@needs(Action.LEAD)
def order_audit(slug: str, number: int) -> Response:
    """Serve the items of a running audit first, or among the others again."""
    with database().write() as session:
        alone(session, project().id)
        found = queries.audit_in(session, project().id, number)
        actions.check_running(found)
        found.spacing = 0 if request.form.get("first") == "1" else SPACING
    return redirect(url_for("web.audit", slug=slug, number=number), 303)


@blueprint.post("/p/<slug>/audits/<int:number>/corrections")
@needs(Action.LEAD)
def take_corrections(slug: str, number: int) -> Response:
    """Make the right labels that an audit found decisions."""
    with database().write() as session:
        here = session.get_one(Project, project().id)
        count = workflow.take_corrections(session, here, queries.audit_in(session, here.id, number), by=user_id())
    flash(_("%(count)s labels corrected", count=count), "success")
    return redirect(url_for("web.audit", slug=slug, number=number), 303)


@blueprint.post("/p/<slug>/audits/<int:number>/corrections/undo")
@needs(Action.LEAD)
def undo_corrections(slug: str, number: int) -> Response:
    """Take these decisions back."""
    with database().write() as session:
        here = session.get_one(Project, project().id)
        count = workflow.undo_corrections(session, here, queries.audit_in(session, here.id, number))
    flash(_("%(count)s corrections are undone", count=count), "success")
    return redirect(url_for("web.audit", slug=slug, number=number), 303)


@blueprint.get("/p/<slug>/audits/<int:number>/items")
@needs(Action.LEAD)
def audit_items(slug: str, number: int) -> str:
    """List the items behind a count of a finished audit."""
    del slug
    with database().read() as session:
        found = queries.audit_in(session, project().id, number)
        items = result_of(session, found).items if found.state == "finished" else ()
        wanted = {name: request.args.get(name, "") for name in ("outcome", "group", "class", "column", "value")}
        chosen = [one for one in items if _fits(one, wanted)]
        desk, shown = Desk.of(session, project()), shown_items
        pictures = shown(desk, [one.item_id for one in chosen[:LISTED]])
        rows = [
            (pictures[one.item_id], desk.label(one.code, one.value), desk.label(one.right_code, one.right_value), one)
            for one in chosen[:LISTED]
        ]
        return render_template("audits/items.html", audit=found, rows=rows, total=len(chosen), palette=desk.palette)


def _fits(one: Any, wanted: dict[str, str]) -> bool:
    return (
        wanted["outcome"] in {"", one.outcome}
        and wanted["group"] in {"", one.group}
        and wanted["class"] in {"", one.code}
        and (not wanted["column"] or one.slices.get(wanted["column"]) == wanted["value"])
    )
