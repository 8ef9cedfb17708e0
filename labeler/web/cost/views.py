"""What labeling took so far and what it comes to: the page, the prices, the sums as a file."""

import csv
import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug import Response as AnyResponse

from labeler.accounts.permissions import Action
from labeler.accounts.queries import members, users_by_id
from labeler.cost import actions, plans, queries, replay
from labeler.cost.costs import Costs, costs_of
from labeler.cost.prices import Prices, checked
from labeler.cost.replay import Replayed
from labeler.errors import Invalid
from labeler.exchange.parsing.spreadsheet import neutralise
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.extensions.project_counts import project_counts
from labeler.extensions.translating import translated
from labeler.projects.models import Project
from labeler.projects.queries import Classes, classes_of
from labeler.statistics.foreseen import done_by_day
from labeler.statistics.remaining_error import maximum_of
from labeler.web.blueprint import blueprint
from labeler.web.cost import money, view_model
from labeler.web.shared.numbers import number_in

PRICE = "price-"  # and a user id: the name of a field


@blueprint.get("/p/<slug>/cost")
@needs(Action.LEAD)
def cost(slug: str) -> Response:
    """Show what was spent, on what, and what it comes to."""
    del slug
    return _page()


@blueprint.post("/p/<slug>/cost/prices")
@needs(Action.LEAD)
def set_prices(slug: str) -> Response | AnyResponse:
    """Keep what an hour costs."""
    try:
        found = _prices_in(request.form)
    except Invalid as error:
        return _page(typed=request.form, wrong={error.field: translated(error.message)})
    with database().write() as session:
        actions.set_prices(session, session.get_one(Project, project().id), found)
    flash(_("The prices are saved."), "success")
    return redirect(url_for("web.cost", slug=slug), 303)


def _prices_in(form: Mapping[str, str]) -> Prices:
    own = {name: _amount(form, name) for name in form if name.startswith(PRICE)}
    people = {int(name.removeprefix(PRICE)): one for name, one in own.items() if name.removeprefix(PRICE).isdigit()}
    return checked(form.get("currency", ""), _amount(form, "hour"), _amount(form, "lead_hour"), people)


def _amount(form: Mapping[str, str], name: str) -> Decimal | None:
    text = form.get(name, "").strip()
    found = number_in(text) if text else None
    if text and found is None:
        raise Invalid("Write the price of an hour as a number, such as 18.50, or leave it empty.", field=name)
    return found


def _page(*, typed: Mapping[str, str] | None = None, wrong: Mapping[str, str] | None = None) -> Response:
    here = project()
    with database().read() as session:
        classes = classes_of(session, here.id)
        tally, at = project_counts(session, here, classes)
        costs = costs_of(session, here, tally, at.date())
        people = members(session, here.id)
        names = {one.user_id: one.name or one.email for one in people}
        names |= {
            one.id: one.name or one.email for one in users_by_id(session, set(costs.ledger.people) - names.keys())
        }
        saving = _saving(costs, _replayed(session, here, classes)) if classes.task.one_class else None
    history = done_by_day(tally.days, at.date())
    ends = view_model.ends(costs, at.date())
    chart = view_model.chart_of(ends, history, tally.items)
    fields = _as_typed(costs.prices) if typed is None else typed

    def items(**wanted: Any) -> str:
        return url_for("web.items", slug=here.slug, **wanted)

    page = render_template(
        "cost/cost.html",
        costs=costs,
        at=at,
        today=at.date(),
        ends=ends,
        tally=tally,
        steps=view_model.step_rows(costs),
        people=view_model.person_rows(costs, names, lambda user: items(annotator=user)),
        classes=view_model.class_rows(costs, classes, items) if classes.task.one_class else [],
        chart=chart,
        bands=view_model.bands(chart, costs.outlook.fridays) if chart else [],
        saving=saving,
        members=people,
        typed=fields,
        own_prices=any(name.startswith(PRICE) and text for name, text in fields.items()),
        wrong=wrong or {},
        money=money,
    )
    return make_response(page, 422 if wrong else 200)


def _as_typed(prices: Prices) -> dict[str, str]:
    """Return prices as the form shows them, in the language of the page."""
    fields = {"hour": prices.hour, "lead_hour": prices.lead_hour}
    fields |= {f"{PRICE}{user}": price for user, price in prices.people.items()}
    shown = {name: money.plain(prices, coins) for name, coins in fields.items()}
    return {"currency": prices.currency, **shown}


def _replayed(session: Session, here: Project, classes: Classes) -> Replayed | None:
    """Return what asking only while unsure would have saved so far; None where that is how it is asked already."""
    if plans.is_adaptive(here.settings) or here.votes <= plans.LEAST:
        return None
    said = queries.whole_votes(session, here, classes)
    return replay.replayed(said, len(classes.codes), maximum_of(here))


def _saving(costs: Costs, found: Replayed | None) -> tuple[Replayed, float | None, float] | None:
    """Return what can still be saved, with its money (in the smallest coin) and hours; None where nothing is shown."""
    ahead, spent = costs.at_the_end, costs.ledger.total
    if found is None or ahead is None or not costs.left or not found.shows_saving:
        return None
    hours = (ahead.hours.likely - spent.hours) * found.saved
    coins = None if ahead.money is None else (ahead.money.likely - (spent.money or 0)) * found.saved
    return found, coins, hours


@blueprint.get("/p/<slug>/cost.csv")
@needs(Action.LEAD)
def cost_file(slug: str) -> Response:
    """Give the sums by person and step as CSV: hours to the millisecond, money to the smallest coin."""
    with database().read() as session:
        here = project()
        classes = classes_of(session, here.id)
        tally, at = project_counts(session, here, classes)
        costs = costs_of(session, here, tally, at.date())
        emails = {one.id: one.email for one in users_by_id(session, set(costs.ledger.people))}
    file = io.StringIO(newline="")
    rows = csv.writer(file)
    rows.writerow(["person", "step", "count", "untimed", "seconds", "money", "currency"])
    for (user, step), one in sorted(costs.ledger.cells.items()):
        amount = "" if one.money is None else f"{costs.prices.amount(one.money):.{costs.prices.digits}f}"
        currency = costs.prices.currency if amount else ""
        person = neutralise(emails.get(user, str(user)))
        rows.writerow([person, step, one.count, one.untimed, f"{one.seconds:.3f}", amount, currency])
    headers = {"Content-Disposition": f'attachment; filename="{slug}-cost.csv"'}
    return Response(file.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)
