"""What labeling took and what it comes to, prices, and plans. For leads: annotators never see money."""

from decimal import Decimal
from typing import Annotated, Any

from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session

from labeler.accounts.permissions import Action
from labeler.accounts.queries import members, users_by_id
from labeler.api.blueprint import blueprint
from labeler.api.shapes import Body, Query, Shape
from labeler.cost import actions
from labeler.cost.at_the_end import Range as EndRange
from labeler.cost.costs import Costs, costs_of
from labeler.cost.ledger import REVIEW, STEPS, Spent
from labeler.cost.planner import Inputs, planned
from labeler.cost.plans import Foreseen, Range
from labeler.cost.prices import Prices, checked, prices_of
from labeler.errors import Invalid
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.extensions.project_counts import project_counts
from labeler.projects.models import Project
from labeler.projects.queries import Classes, classes_of
from labeler.statistics.foreseen import Foreseen as OfFriday

Amount = Annotated[str, Field(max_length=20, pattern=r"^\d+(\.\d+)?$")]


class PricesBody(Body):
    """What an hour costs, as decimal numbers of a currency (ISO 4217); null: none, so that only hours are shown.

    hour: of an annotator; lead_hour: of a lead; people: {e-mail address: price of their own}.
    """

    currency: Annotated[str, Field(max_length=3)] = ""
    hour: Amount | None = None
    lead_hour: Amount | None = None
    people: dict[str, Amount] = Field(default_factory=dict)


class PricesOut(Shape):
    """The prices of a project; see what can be put."""

    currency: str
    hour: str | None
    lead_hour: str | None
    people: dict[str, str]


class SpentOut(Shape):
    """Time and money. money: a decimal number, null where no price is set; unpriced_seconds: time that is in none.

    count: answers and decisions; untimed: of these, how many are in no time (breaks of more than ten minutes, times
    that are not known).
    """

    count: int
    untimed: int
    seconds: float
    money: str | None
    unpriced_seconds: float


class StepOut(SpentOut):
    """What a step took."""

    step: Annotated[str, Field(json_schema_extra={"enum": [*STEPS]})]


class PersonOut(SpentOut):
    """What somebody's work took."""

    email: str


class ClassCostOut(SpentOut):
    """What items took whose final label is a class (null: those without one). corrected: errors of reviews."""

    class_name: Annotated[str | None, Field(alias="class")]
    labels: int
    corrected: int


class RangeOut(Shape):
    """A number with the range that holds it in 80 of 100 cases."""

    likely: float
    low: float
    high: float


class FridayOut(Shape):
    """What was foreseen on a Friday of the items done a week later. happened: null while that is not over."""

    made_on: str
    day: str
    low: int
    likely: int
    high: int
    happened: int | None


class EndOut(Shape):
    """When the last item is likely done, and the 80 % range; late: null for perhaps never."""

    early_days: int
    likely_days: int
    late_days: int | None


class CostOut(Shape):
    """What labeling took and what it comes to. The steps, the people and the classes each sum to `spent`.

    final_labels: that work here brought; corrected: errors that reviews corrected; each: of one of these, seconds and
    money (of a corrected error: what reviews took); ends: in days from today, null while nothing can be said;
    at_the_end: null before two days of work; finished: the day on which the last item was done.
    """

    currency: str
    spent: SpentOut
    steps: list[StepOut]
    people: list[PersonOut]
    classes: list[ClassCostOut]
    final_labels: int
    seconds_a_label: float | None
    money_a_label: float | None
    corrected: int
    seconds_a_correction: float | None
    money_a_correction: float | None
    ends: EndOut | None
    hours_at_the_end: RangeOut | None
    money_at_the_end: RangeOut | None
    finished: str | None
    fridays: list[FridayOut]
    hits: int


class PlanQuery(Query):
    """What plans are for; what is not given is what the project says. target, extra, right, hard: shares of 0 to 1.

    target: labels wrong, at most; people, minutes: who answer, and of each a day; extra: test items and repeats, as a
    share of answers. right (of single answers), hard (items, for everybody) and seconds (of an answer) are assumptions.
    """

    items: int | None = None
    target: float | None = None
    people: int | None = None
    minutes: float | None = None
    extra: float | None = None
    right: float | None = None
    hard: float | None = None
    seconds: float | None = None


class PlanOut(Shape):
    """What a plan would bring.

    An item gets votes_min to votes_cap answers, one more while its label is wrong with a higher probability than
    target_error; null: always so many. verdict, of the target: likely, more_likely_than_not, about_even or missed.
    """

    plan: str
    votes_min: int
    votes_cap: int
    target_error: float | None
    answers_an_item: float
    error: RangeOut
    hours: RangeOut
    money: RangeOut | None
    verdict: str


class PlansOut(Shape):
    """Plans by 40 simulated projects. assumed: nothing of it is computed from the first hundred items.

    recommended: the cheapest plan whose middle is below the target, else the one with the smallest error; met: which.
    """

    items: int
    target: float
    people: int
    minutes: float
    extra: float
    assumed: bool
    right: RangeOut
    hard: RangeOut
    seconds: RangeOut
    currency: str
    plans: list[PlanOut]
    recommended: str | None
    met: bool


@blueprint.get("/projects/<slug>/cost")
@needs(Action.LEAD)
@blueprint.output(CostOut)
def read_cost(slug: str) -> dict[str, Any]:
    """Sum up what was spent, by step, person and class, and foresee what it comes to."""
    del slug
    with database().read() as session:
        classes = classes_of(session, project().id)
        counts, at = project_counts(session, project(), classes)
        costs = costs_of(session, project(), counts, at.date())
        emails = {one.id: one.email for one in users_by_id(session, set(costs.ledger.people))}
    return _as_json(costs, classes, emails)


@blueprint.get("/projects/<slug>/plan")
@needs(Action.LEAD)
@blueprint.input(PlanQuery, location="query", arg_name="asked")
@blueprint.output(PlansOut)
def read_plan(slug: str, asked: PlanQuery) -> dict[str, Any]:
    """Simulate plans: how many answers an item gets, what each costs, how many labels would be wrong."""
    del slug
    with database().read() as session:
        classes = classes_of(session, project().id)
        found = planned(session, project(), classes, Inputs(**asked.model_dump()))
    money = [_money(found.prices, found.money, one.hours) for one in found.found]
    return {
        **vars(found.wanted),
        "assumed": not found.seen,
        **{name: _range(getattr(found, name)) for name in ("right", "hard", "seconds")},
        "currency": found.prices.currency,
        "plans": [_plan(one, coins) for one, coins in zip(found.found, money, strict=True)],
        "recommended": found.chosen.plan.name if found.chosen else None,
        "met": found.met,
    }


@blueprint.get("/projects/<slug>/prices")
@needs(Action.LEAD)
@blueprint.output(PricesOut)
def read_prices(slug: str) -> dict[str, Any]:
    """Read what an hour costs."""
    del slug
    with database().read() as session:
        return _prices(session, prices_of(project().settings))


@blueprint.put("/projects/<slug>/prices")
@needs(Action.LEAD)
@blueprint.input(PricesBody, arg_name="body")
@blueprint.output({}, status_code=204)
def put_prices(slug: str, body: PricesBody) -> Response:
    """Set what an hour costs; what is not given is not set any more."""
    del slug
    with database().write() as session:
        here = session.get_one(Project, project().id)
        ids = {one.email: one.user_id for one in members(session, here.id)}
        if unknown := sorted(body.people.keys() - ids.keys()):
            raise Invalid("{email!r} is not a member of this project.", field="people", email=unknown[0])
        own = {ids[email]: Decimal(price) for email, price in body.people.items()}
        hour, lead_hour = (None if one is None else Decimal(one) for one in (body.hour, body.lead_hour))
        actions.set_prices(session, here, checked(body.currency, hour, lead_hour, own))
    return Response(status=204)


def _prices(session: Session, found: Prices) -> dict[str, Any]:
    emails = {one.id: one.email for one in users_by_id(session, set(found.people))}
    return {
        "currency": found.currency,
        "hour": _amount(found, found.hour),
        "lead_hour": _amount(found, found.lead_hour),
        "people": {emails[user]: _amount(found, price) for user, price in found.people.items() if user in emails},
    }


def _amount(prices: Prices, coins: int | None) -> str | None:
    return None if coins is None else f"{prices.amount(coins):.{prices.digits}f}"


def _as_json(costs: Costs, classes: Classes, emails: dict[int, str]) -> dict[str, Any]:
    spent, labels, ahead, end = costs.ledger.total, costs.final_labels, costs.outlook.ahead, costs.at_the_end
    review, prices = costs.ledger.step(REVIEW), costs.prices
    steps = [{"step": step, **_spent(prices, costs.ledger.step(step))} for step in STEPS]
    people = [
        {"email": emails.get(user, ""), **_spent(prices, costs.ledger.person(user))} for user in costs.ledger.people
    ]
    return {
        "currency": prices.currency,
        "spent": _spent(prices, spent),
        "steps": steps,
        "people": people,
        "classes": [_class(costs, classes, code) for code in sorted({*costs.ledger.codes, *costs.labels})],
        "final_labels": labels,
        "seconds_a_label": spent.seconds / labels if labels else None,
        "money_a_label": _each(prices, spent, labels),
        "corrected": costs.corrections,
        "seconds_a_correction": review.seconds / costs.corrections if costs.corrections else None,
        "money_a_correction": _each(prices, review, costs.corrections),
        "ends": {f"{name}_days": days for name, days in vars(ahead).items()} if ahead else None,
        "hours_at_the_end": vars(end.hours) if end else None,
        "money_at_the_end": _in_currency(prices, end.money) if end and end.money else None,
        "finished": costs.finished.isoformat() if costs.finished else None,
        "fridays": [_friday(one) for one in costs.outlook.fridays],
        "hits": costs.outlook.hits,
    }


def _spent(prices: Prices, one: Spent) -> dict[str, Any]:
    return {
        "count": one.count,
        "untimed": one.untimed,
        "seconds": one.seconds,
        "money": _amount(prices, one.money),
        "unpriced_seconds": one.unpriced / 1000,
    }


def _each(prices: Prices, spent: Spent, count: int) -> float | None:
    return None if spent.money is None or not count else float(prices.amount(spent.money)) / count


def _class(costs: Costs, classes: Classes, code: str) -> dict[str, Any]:
    return {
        "class": classes.name_of(code) if code else None,
        "labels": costs.labels.get(code, 0),
        "corrected": costs.corrected.get(code, 0),
        **_spent(costs.prices, costs.ledger.label(code)),
    }


def _friday(one: OfFriday) -> dict[str, Any]:
    known = {name: getattr(one, name) for name in ("low", "likely", "high", "happened")}
    return {"made_on": one.made.isoformat(), "day": one.day.isoformat(), **known}


def _in_currency(prices: Prices, coins: EndRange) -> dict[str, float]:
    return {name: round(float(prices.amount(amount)), prices.digits) for name, amount in vars(coins).items()}


def _range(found: Range) -> dict[str, float]:
    return {"likely": found.middle, "low": found.low, "high": found.high}


def _money(prices: Prices, money: Any, hours: Range) -> dict[str, float] | None:
    ends = {name: money(amount) for name, amount in _range(hours).items()}
    if ends["likely"] is None:
        return None
    return {name: round(float(prices.amount(coins)), prices.digits) for name, coins in ends.items()}


def _plan(one: Foreseen, money: dict[str, float] | None) -> dict[str, Any]:
    return {
        "plan": one.plan.name,
        "target_error": one.plan.target,
        "votes_min": one.plan.least,
        "votes_cap": one.plan.most,
        "answers_an_item": one.answers,
        "error": _range(one.error),
        "hours": _range(one.hours),
        "money": money,
        "verdict": one.verdict.value,
    }
