"""Serving: in which order and how often items are asked about, test items, and who holds what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.errors import Invalid, LabelerError
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.projects.models import Project
from labeler.statistics.at_work import AtWork, at_work
from labeler.storage.database import clock
from labeler.test_items.queries import count_tests
from labeler.test_items.rules import FirstRound, TestRules
from labeler.web.blueprint import blueprint
from labeler.web.serving.forms import AskingForm, TestsForm, said, shown
from labeler.web.shared.changed import as_shown, changed
from labeler.web.shared.numbers import id_in
from labeler.web.shared.words import gettext as _
from labeler.web.shared.words import ngettext
from labeler.workflow.test_items import COLUMN, with_column

_FORMS = {"asking": AskingForm, "tests": TestsForm}


@dataclass(frozen=True)
class Worker:
    """One member at work. why: paused, enough or failed where they are handed nothing; first: their test round."""

    at: AtWork
    why: str
    first: FirstRound


@blueprint.get("/p/<slug>/serving")
@needs(Action.LEAD)
def serving(slug: str) -> str:
    """Show the rules of serving, the test items and who holds what."""
    del slug
    return _page({})


@blueprint.post("/p/<slug>/serving/<which>")
@needs(Action.LEAD)
def change_serving(slug: str, which: str) -> Response | str:
    """Change the rules of one of the forms; only what was changed in it."""
    form = _FORMS.get(which, AskingForm)()
    if not form.validate():
        return _page({which: form})
    try:
        with database().write() as session:
            here = session.get_one(Project, project().id)
            counted = workflow.change_serving(session, here, changed(said(form), request.form.get("shown")))
    except Invalid as error:
        form.refuse(error)
        return _page({which: form})
    flash(_("The rules are saved."), "success")
    if counted:
        flash(ngettext("%(num)s late answer counts now.", "%(num)s late answers count now.", counted), "info")
    return redirect(url_for("web.serving", slug=slug, _anchor=which), 303)


@blueprint.post("/p/<slug>/serving/tests/column")
@needs(Action.LEAD)
def tests_from_column(slug: str) -> Response:
    """Make items test items whose column says what is right on them."""
    with database().write() as session:
        made = workflow.make_from_column(session, session.get_one(Project, project().id), COLUMN, by=user_id())
    words = ngettext("%(num)s item is a test item now.", "%(num)s items are test items now.", made.added)
    flash(words, "success" if made.added else "info")
    if made.undecided:
        flash(
            ngettext(
                "The column of %(num)s item says nothing that is an answer here.",
                "The column of %(num)s items says nothing that is an answer here.",
                made.undecided,
            ),
            "warning",
        )
    return redirect(url_for("web.serving", slug=slug, _anchor="tests"), 303)


@blueprint.post("/p/<slug>/serving/people/<int:member>")
@needs(Action.LEAD)
def change_work(slug: str, member: int) -> Response:
    """Pause a person, limit them, let them in, or free what they hold."""
    try:
        with database().write() as session:
            here = session.get_one(Project, project().id)
            words = _WORK[request.form.get("does", "free")](session, here, member)
    except (LabelerError, KeyError) as error:
        words = translated(error.message) if isinstance(error, LabelerError) else _("There is no such change.")
        flash(words, "error")
    else:
        flash(words, "success")
    return redirect(url_for("web.serving", slug=slug, _anchor="people"), 303)


@blueprint.post("/p/<slug>/serving/skipped")
@needs(Action.LEAD)
def ask_skipped(slug: str) -> Response:
    """Ask everybody again about what they skipped."""
    with database().write() as session:
        items = workflow.bring_back_skipped(session, project().id)
    words = ngettext(
        "%(num)s skipped item is asked about again.", "%(num)s skipped items are asked about again.", items
    )
    flash(words, "success" if items else "info")
    return redirect(url_for("web.serving", slug=slug, _anchor="people"), 303)


def _pause(session: Session, here: Project, member: int) -> str:
    freed = workflow.pause(session, here, member, by=user_id())
    return ngettext("Paused; %(num)s item they held is free.", "Paused; %(num)s items they held are free.", freed)


def _free(session: Session, here: Project, member: int) -> str:
    freed = workflow.free_holds(session, here, member)
    return ngettext("%(num)s item is free for others.", "%(num)s items are free for others.", freed)


def _limit(session: Session, here: Project, member: int) -> str:
    most = request.form.get("most", "").strip()
    workflow.limit(session, here, member, request.form.get("most", 0, type=id_in) if most else None)
    return _("The limit is saved.")


def _resume(session: Session, here: Project, member: int) -> str:
    workflow.resume(session, here, member)
    return _("They are handed items again.")


def _let_in(session: Session, here: Project, member: int) -> str:
    workflow.let_in(session, here, member)
    return _("They may work without the test round.")


def _try_again(session: Session, here: Project, member: int) -> str:
    workflow.try_again(session, here, member)
    return _("They get another test round.")


_WORK: Mapping[str, Callable[[Session, Project, int], str]] = {
    "pause": _pause,
    "resume": _resume,
    "limit": _limit,
    "let_in": _let_in,
    "try_again": _try_again,
    "free": _free,
}


def _page(refused: Mapping[str, Any]) -> str:
    here = project()
    with database().read() as session:
        row = session.get_one(Project, here.id)
        rules = workflow.serving_of(row)
        tests = TestRules.of(row.settings)
        people = [_worker(session, here.id, one, tests) for one in at_work(session, here.id, clock(session))]
        counts = {"tests": count_tests(session, here.id), "column_items": with_column(session, here.id)}
    forms = {name: refused.get(name) or form(formdata=None, **shown(rules, form)) for name, form in _FORMS.items()}
    sent = {name: request.form.get("shown", "") for name in refused}
    carried = {name: sent.get(name) or as_shown(said(form)) for name, form in forms.items()}
    return render_template(
        "serving/serving.html", forms=forms, carried=carried, people=people, column=COLUMN, rules=rules, **counts
    )


def _worker(session: Session, project_id: int, one: AtWork, rules: TestRules) -> Worker:
    turn = workflow.turn_of(session, project_id, one.user_id)
    return Worker(one, turn.why, workflow.first_round_of(session, project_id, one.user_id, rules))
