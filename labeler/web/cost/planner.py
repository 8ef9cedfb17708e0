"""The planner: what each number of answers would cost and how many labels would be wrong, before it is done."""

import csv
import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug import Response as AnyResponse

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.cost import actions, plans
from labeler.cost.planner import Inputs, Planned, planned
from labeler.cost.plans import Foreseen
from labeler.errors import Conflict, Invalid
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.extensions.translating import translated
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.cost import money
from labeler.web.cost.charts import PlanChart, plan_chart
from labeler.web.shared.numbers import number_in
from labeler.web.shared.words import format_decimal

WHOLE = ("items", "people")
SHARES = ("target", "extra", "right", "hard")  # written in percent
NUMBERS = ("minutes", "seconds")
FIELDS = (*WHOLE, *SHARES, *NUMBERS)


@blueprint.get("/p/<slug>/cost/plan")
@needs(Action.LEAD)
def cost_plan(slug: str) -> Response:
    """Show the plans for what is asked in the address."""
    del slug
    return _page(request.args)


@blueprint.post("/p/<slug>/cost/plan")
@needs(Action.LEAD)
def use_plan(slug: str) -> Response | AnyResponse:
    """Serve the project as the chosen plan says."""
    try:
        with database().write() as session:
            here = session.get_one(Project, project().id)
            found = planned(session, here, classes_of(session, here.id), inputs_in(request.form))
            chosen = _chosen(found, request.form.get("plan", ""))
            _use(session, here, found, chosen)
    except Invalid as error:
        return _page(request.form, wrong={error.field: translated(error.message)})
    except Conflict as error:
        flash(translated(error.message), "error")
        return redirect(url_for("web.cost_plan", slug=slug), 303)
    flash(_("The plan is used from now on. Answers that were given stay."), "success")
    return redirect(url_for("web.cost", slug=slug), 303)


def _chosen(found: Planned, name: str) -> Foreseen:
    chosen = next((one for one in found.found if one.plan.name == name), None)
    if chosen is None:
        raise Conflict("Choose one of the plans in the table.")
    return chosen


def _use(session: Session, here: Project, found: Planned, chosen: Foreseen) -> None:
    today, hours = clock(session).date(), chosen.hours.middle
    coins = found.money(hours)
    money_then = None if coins is None else round(coins)
    end = plans.end_day(hours, found.wanted, today)
    kept = plans.Kept(chosen.plan.name, today, hours, chosen.error, money_then, end)
    actions.keep_plan(session, here, kept)
    workflow.change_vote_rule(session, here, plans.votes_of(chosen.plan), plans.as_settings(chosen.plan))


def inputs_in(form: Mapping[str, str]) -> Inputs:
    """Return what a form or an address asks for. Raises Invalid, naming the field, for what is no number."""
    given = {name: _number(form, name) for name in FIELDS}
    known: dict[str, Any] = {}
    for name, one in given.items():
        if one is not None:
            known[name] = int(one) if name in WHOLE else float(one) / 100 if name in SHARES else float(one)
    return Inputs(**known)


def _number(form: Mapping[str, str], name: str) -> Decimal | None:
    text = form.get(name, "").strip()
    found = number_in(text) if text else None
    if text and (found is None or (name in WHOLE and found != found.to_integral_value())):
        raise Invalid("Write a number, or leave it empty.", field=name)
    return found


def _page(form: Mapping[str, str], *, wrong: Mapping[str, str] | None = None) -> Response:
    here = project()
    found, refused = None, dict(wrong or {})
    with database().read() as session:
        classes = classes_of(session, here.id)
        at = clock(session)
        if classes.task.one_class:
            try:
                found = planned(session, here, classes, inputs_in(form))
            except Invalid as error:
                refused = {error.field: translated(error.message)}
                found = planned(session, here, classes, Inputs())
    today = at.date()
    asked: dict[str, Any] = {"slug": here.slug, **{name: form[name] for name in FIELDS if form.get(name)}}
    page = render_template(
        "cost/planner.html",
        found=found,
        typed=_typed(form, found),
        wrong=refused,
        today=today,
        chart=_chart(found) if found else None,
        end=_ends(found, today) if found else None,
        money=money,
        plan_file=url_for("web.plan_file", **asked),
        in_use=plans.kept_in(here.settings),
    )
    return make_response(page, 422 if refused else 200)


def _typed(form: Mapping[str, str], found: Planned | None) -> dict[str, str]:
    """Return what the fields hold: what was written, else what the project says; assumptions only where written."""
    shown: dict[str, Any] = {name: form.get(name, "") for name in FIELDS}
    if found is None:
        return shown
    wanted = found.wanted
    usual = {"items": wanted.items, "people": wanted.people, "minutes": wanted.minutes}
    usual |= {"target": 100 * wanted.target, "extra": 100 * wanted.extra}
    return {
        name: text or (format_decimal(usual[name], "0.##") if name in usual else "") for name, text in shown.items()
    }


def _chart(found: Planned) -> PlanChart | None:
    """Lay the plans out along their cost, or along their hours where there are no prices."""
    costs = [
        one.hours.middle if coins is None else float(found.prices.amount(coins))
        for one in found.found
        for coins in [found.money(one.hours.middle)]
    ]
    return plan_chart(found.found, costs, found.wanted.target)


def _ends(found: Planned, today: date) -> tuple[date | None, date | None, date | None] | None:
    """Return when the recommended plan ends: likely, early, late."""
    if found.chosen is None:
        return None
    hours = found.chosen.hours
    likely, early, late = (plans.end_day(one, found.wanted, today) for one in (hours.middle, hours.low, hours.high))
    return likely, early, late


@blueprint.get("/p/<slug>/cost/plan.csv")
@needs(Action.LEAD)
def plan_file(slug: str) -> Response:
    """Give the plans as CSV."""
    with database().read() as session:
        found = planned(session, project(), classes_of(session, project().id), inputs_in(request.args))
    file = io.StringIO(newline="")
    rows = csv.writer(file)
    names = ("middle", "low", "high")
    rows.writerow(
        ["plan", "votes_min", "votes_cap", "target_error", "answers_an_item", "verdict"]
        + [f"{what}_{name}" for what in ("error", "hours", "money") for name in names]
        + ["currency"]
    )
    for one in found.found:
        rows.writerow(_cells(found, one))
    headers = {"Content-Disposition": f'attachment; filename="{slug}-plan.csv"'}
    return Response(file.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _cells(found: Planned, one: Foreseen) -> list[Any]:
    hours = (one.hours.middle, one.hours.low, one.hours.high)
    coins = [found.money(amount) for amount in hours]
    digits = found.prices.digits
    amounts = ["" if coin is None else f"{found.prices.amount(coin):.{digits}f}" for coin in coins]
    return [
        *(one.plan.name, one.plan.least, one.plan.most, one.plan.target, f"{one.answers:.3f}", one.verdict.value),
        *(f"{share:.5f}" for share in (one.error.middle, one.error.low, one.error.high)),
        *(f"{amount:.2f}" for amount in hours),
        *amounts,
        found.prices.currency if amounts[0] else "",
    ]
