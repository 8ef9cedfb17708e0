"""The forms of serving: in which order and how often items are asked about, and test items."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from labeler.assignment.hours import LONGEST
from labeler.projects.actions import MAX_VOTES
from labeler.web.shared.forms import ORDERS, PageForm, choices_of
from labeler.web.shared.numbers import NumberField, WholeNumberField
from labeler.workflow.serving_rules import MOST_TESTS

PERCENT = 100
_NEEDED = _l("Write a number.")
_SHARES = ("votes_share", "target_error", "test_share", "repeat_share", "pass_mark")
_DIGITS = 6
_HOURS = choices_of(("", _l("No")), *((str(hour), f"{hour:02d}:00 UTC") for hour in range(24)))


def _share(words: Any, least: float, most: float, hint: Any) -> Any:
    return NumberField(words, [InputRequired(_NEEDED), NumberRange(least, most)], places=1, description=hint)


class AskingForm(PageForm):
    """Order, answers and leases."""

    order = SelectField(_l("Order in which items are served"), choices=ORDERS)
    order_column = StringField(
        _l("Column for the order"),
        [Length(max=200)],
        description=_l(
            "Only for an order by a column: numbers ascending, then texts. A minus before it turns it round."
        ),
    )
    votes = WholeNumberField(
        _l("Answers an item gets at least"),
        [InputRequired(_NEEDED), NumberRange(1, MAX_VOTES)],
        description=_l("By different people."),
    )
    votes_share = _share(
        _l("Share of items that get so many, in percent"), 0.1, 100, _l("Chosen at random, for good; the rest get one.")
    )
    votes_cap = WholeNumberField(
        _l("Answers an item gets at most"),
        [Optional(), NumberRange(0, MAX_VOTES)],
        description=_l("Above the least: an item that is unsure is asked about once more, until it is sure. 0: never."),
    )
    target_error = _share(
        _l("Error to aim at, in percent"),
        0.1,
        49,
        _l("An item is sure once its label is wrong less often than this, by the answers and who gave them."),
    )
    lease_minutes = WholeNumberField(
        _l("Minutes an item is held"),
        [Optional(), NumberRange(0, LONGEST)],
        description=_l("Without a sign of life from who holds it. 0: as this server is set up."),
    )
    work_until = SelectField(
        _l("Nobody holds an item past"), choices=_HOURS, description=_l("The end of your working day.")
    )


class TestsForm(PageForm):
    """Test items and repeats."""

    __test__ = False  # it is no test of pytest

    test_share = _share(
        _l("Share of test items, in percent"),
        0,
        50,
        _l("Of what a person is served; of their first ten answers about a third. Nothing shows which they are."),
    )
    repeat_share = _share(
        _l("Share of repeats, in percent"),
        0,
        50,
        _l("Items that a person answered a while ago come to them again. They are no votes."),
    )
    test_round = WholeNumberField(
        _l("Test items before the first item"),
        [Optional(), NumberRange(0, MOST_TESTS)],
        description=_l("Whoever is new answers these first. 0: none."),
    )
    pass_mark = _share(
        _l("Share of them that has to be right, in percent"), 0, 100, _l("Below, you decide what follows.")
    )


def shown(rules: Mapping[str, Any], form: type[PageForm]) -> dict[str, Any]:
    """Return the rules that a form is about as its fields show them."""
    fields = {name: rules[name] for name in rules if hasattr(form, name)}
    fields |= {name: round(PERCENT * fields[name], 4) for name in _SHARES if name in fields}
    if "work_until" in fields:
        fields["work_until"] = "" if fields["work_until"] is None else str(fields["work_until"])
    return fields


def said(form: PageForm) -> dict[str, Any]:
    """Return what a valid form says, as rules are kept."""
    values: dict[str, Any] = {field.name: field.data for field in form}
    values |= {name: round(float(values[name]) / PERCENT, _DIGITS) for name in _SHARES if name in values}
    for name in ("votes_cap", "lease_minutes", "test_round"):
        if name in values:
            values[name] = values[name] or 0
    if "work_until" in values:
        values["work_until"] = int(values["work_until"]) if values["work_until"] else None
    if "order_column" in values:
        values["order_column"] = (values["order_column"] or "").strip()
    return values
