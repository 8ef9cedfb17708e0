"""What the page of what was spent shows, as plain values with their words and addresses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from labeler.cost.costs import Costs
from labeler.cost.ledger import (
    ANSWERS,
    AUDITS,
    REPEATS,
    REVIEW,
    SECOND_OPINIONS,
    STEPS,
    TEST_ITEMS,
    Spent,
)
from labeler.projects.queries import Classes
from labeler.statistics.foreseen import Foreseen
from labeler.web.cost import money
from labeler.web.shared.charts import DayCount, Forecast, LineChart, line_chart
from labeler.web.shared.words import gettext as _


@dataclass(frozen=True)
class Row:
    """A line of a table. href: the items behind its count, "" where there is no list of them."""

    words: str
    spent: Spent
    money: str
    href: str = ""


@dataclass(frozen=True)
class ClassRow:
    """What final labels of a class took. each: money of one, time: of one, of leads: their time of one."""

    name: str
    position: int
    labels: int
    href: str
    each: str
    time: str
    of_leads: str
    corrected: int
    corrected_href: str
    spent: Spent
    money: str


def _step_words() -> dict[str, str]:
    return {
        ANSWERS: _("Answers for labels"),
        TEST_ITEMS: _("Test items"),
        REPEATS: _("Repeats"),
        SECOND_OPINIONS: _("Second opinions"),
        REVIEW: _("Review and ties"),
        AUDITS: _("Audits"),
    }


def step_rows(costs: Costs) -> list[Row]:
    """Return a line for each step that anything was done in; answers for labels always."""
    words = _step_words()
    found = [(step, costs.ledger.step(step)) for step in STEPS]
    return [
        Row(words[step], spent, money.exact(costs.prices, spent.money))
        for step, spent in found
        if spent.count or step == ANSWERS
    ]


def person_rows(costs: Costs, names: Mapping[int, str], items_of: Callable[[int], str]) -> list[Row]:
    """Return a line for each person who worked, by name."""
    rows = [
        Row(names.get(user, "?"), spent, money.exact(costs.prices, spent.money), items_of(user))
        for user in costs.ledger.people
        for spent in [costs.ledger.person(user)]
    ]
    return sorted(rows, key=lambda row: row.words.casefold())


def class_rows(costs: Costs, classes: Classes, url: Callable[..., str]) -> list[ClassRow]:
    """Return a line for each class with final labels or work, most costly first; what is without a label comes last."""
    rows = []
    for code in {*costs.ledger.codes, *costs.labels} - {""}:
        spent, labels = costs.ledger.label(code), costs.labels.get(code, 0)
        coins, seconds = money.per(spent, labels) if labels else (None, 0.0)
        leads = costs.ledger.label(code, REVIEW, AUDITS)
        rows.append(
            ClassRow(
                classes.name_of(code) or code,
                classes.codes.index(code) + 1 if code in classes.codes else 0,
                labels,
                url(final=code),
                money.each(costs.prices, coins),
                money.time_each(seconds) if labels else "",
                money.time_each(leads.seconds / labels) if labels and leads.milliseconds else "",
                costs.corrected.get(code, 0),
                url(final=code, state="changed"),
                spent,
                money.exact(costs.prices, spent.money),
            )
        )
    return sorted(rows, key=lambda row: (-row.spent.milliseconds / max(row.labels, 1), row.name))


# -- the forecast -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Band:
    """The range of a Friday as a triangle, and the dot of what came; None while nobody knows."""

    path: str
    dot: tuple[float, float] | None


@dataclass(frozen=True)
class Ends:
    """The days on which all is done: likely, and the 80 % range. late None: perhaps never."""

    early: date
    likely: date
    late: date | None


def ends(costs: Costs, today: date) -> Ends | None:
    """Return when all will be done; None while nothing can be said."""
    ahead = costs.outlook.ahead
    if ahead is None:
        return None
    early, likely = (today + timedelta(days=days) for days in (ahead.early, ahead.likely))
    return Ends(early, likely, None if ahead.late is None else today + timedelta(days=ahead.late))


def chart_of(found: Ends | None, history: Sequence[tuple[date, int]], items: int) -> LineChart | None:
    """Lay out the items done by day, with when all will be done."""
    forecast = None if found is None else Forecast(found.likely, found.early, found.late)
    return line_chart([DayCount(day, done) for day, done in history], items, forecast)


def bands(chart: LineChart, fridays: tuple[Foreseen, ...]) -> list[Band]:
    """Place the forecasts of each Friday in the chart of items done, as far as it reaches back."""
    found = []
    for one in fridays:
        if one.made < chart.history[0].day or one.day > chart.last:
            continue
        start, low, high = chart.at(one.made, one.done), chart.at(one.day, one.low), chart.at(one.day, one.high)
        path = f"M{start[0]:g} {start[1]:g}L{high[0]:g} {high[1]:g}V{low[1]:g}Z"
        found.append(Band(path, None if one.happened is None else chart.at(one.day, one.happened)))
    return found
