"""A workshop about two classes: look at typical cases, write the rule, save it and ask again near the border."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug import Response as AnyResponse
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.errors import Conflict, LabelerError
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.translating import translated
from labeler.projects.models import Project
from labeler.web.blueprint import blueprint
from labeler.web.shared import deciding
from labeler.web.shared.evidence import Desk
from labeler.web.shared.forms import PageForm
from labeler.web.shared.numbers import id_in
from labeler.web.shared.words import gettext as _
from labeler.web.shared.words import ngettext
from labeler.web.workshop.view_model import asked_pair, pairs_of, read_workbench
from labeler.workshops.rules import LONGEST_LINE, LONGEST_RULE


class RuleForm(PageForm):
    """The rule about two classes."""

    rule = TextAreaField(_l("New rule for both classes"), [InputRequired(), Length(max=LONGEST_RULE)])
    line = StringField(_l("Annotators read this one line"), [InputRequired(), Length(max=LONGEST_LINE)])
    ask = BooleanField()


@blueprint.get("/p/<slug>/workshop")
@needs(Action.LEAD)
def workshop(slug: str) -> Response:
    """Show the pair of classes that is asked for, by default the one behind most of the disagreement."""
    del slug
    return _page(RuleForm(None))


@blueprint.post("/p/<slug>/workshop/decide")
@needs(Action.LEAD)
def workshop_decide(slug: str) -> AnyResponse:
    """Store what a lead decided about one case and go on to the next one."""
    item = request.form.get("item", 0, type=id_in)
    try:
        with database().write() as session:
            decided = deciding.store(session, project(), user_id())
            said = deciding.words_of(session, project(), decided)
    except LabelerError as error:
        flash(translated(error.message), "error")
    else:
        flash(said, "success")
        item = request.form.get("after", item, type=id_in)
    return redirect(_address(slug, anchor=f"case-{item}"), 303)


@blueprint.post("/p/<slug>/workshop/undo-decision")
@needs(Action.LEAD)
def workshop_undo_decision(slug: str) -> AnyResponse:
    """Take back one's newest decision."""
    with database().write() as session:
        said, item = deciding.take_back(session, project(), user_id())
    flash(said, "success")
    return redirect(_address(slug, anchor=f"case-{item}" if item else ""), 303)


@blueprint.post("/p/<slug>/workshop/save")
@needs(Action.LEAD)
def workshop_save(slug: str) -> AnyResponse:
    """Save the rule as the next version of the guidelines, and ask again near the border where that is wanted."""
    form = RuleForm()
    if not form.validate():
        return _page(form)
    try:
        with database().write() as session:
            saved = workflow.save_rule(session, session.get_one(Project, project().id), _rule(form), by=user_id())
            version, asked = saved.guideline_version, saved.asked
    except LabelerError as error:
        form.refuse(error)
        return _page(form, status=409 if isinstance(error, Conflict) else 422)
    flash(
        ngettext(
            "Version %(version)s of the guidelines is what annotators see now; %(num)s item is asked about again.",
            "Version %(version)s of the guidelines is what annotators see now; %(num)s items are asked about again.",
            asked,
            version=version,
        ),
        "success",
    )
    return redirect(_address(slug), 303)


@blueprint.post("/p/<slug>/workshop/<int:number>/undo")
@needs(Action.LEAD)
def workshop_undo(slug: str, number: int) -> AnyResponse:
    """Take a rule back, with what it asked for and was not answered yet."""
    try:
        with database().write() as session:
            here = session.get_one(Project, project().id)
            count = workflow.take_rule_back(session, here, number, by=user_id())
    except Conflict as error:
        flash(translated(error.message), "error")
    else:
        flash(
            ngettext(
                "The rule is taken back; %(num)s item is not asked about again.",
                "The rule is taken back; %(num)s items are not asked about again.",
                count,
            ),
            "success",
        )
    return redirect(_address(slug), 303)


def _rule(form: RuleForm) -> workflow.PairRule:
    tricky = [one.partition(":") for one in request.form.getlist("tricky")]
    return workflow.PairRule(
        pair=(request.args.get("first", ""), request.args.get("second", "")),
        text=(form.rule.data or "").replace("\r\n", "\n"),
        line=form.line.data or "",
        based_on=request.form.get("based_on", 0, type=id_in),
        key=request.form.get("key", ""),
        ask=bool(form.ask.data),
        tricky=[(id_in(item), code) for item, _colon, code in tricky],
    )


def _address(slug: str, anchor: str = "") -> str:
    asked: dict[str, Any] = {name: request.args[name] for name in ("first", "second") if request.args.get(name)}
    return url_for("web.workshop", slug=slug, **asked, _anchor=anchor or None)


def _page(form: RuleForm, status: int = 422) -> Response:
    here = project()
    with database().read() as session:
        desk = Desk.of(session, here)
        pairs = pairs_of(session, desk) if desk.palette.one_class else ()
        pair = asked_pair(desk, pairs, request.args.get("first", ""), request.args.get("second", ""))
        bench = read_workbench(session, desk, pairs, pair) if pair and desk.palette.one_class else None
        if bench and not form.is_submitted():
            form.rule.data = bench.rule
            first, second = (one.name for one in bench.pair.labels)
            form.line.data = _("Changed: %(first)s or %(second)s", first=first, second=second)
        page = render_template(
            "workshop/workshop.html", bench=bench, form=form, palette=desk.palette, key=deciding.new_key()
        )
    return make_response(page, status if form.errors or form.form_errors else 200)
