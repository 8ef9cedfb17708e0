"""Costs, prices and plans by the API."""

from collections.abc import Callable
from decimal import Decimal

from labeler import workflow
from tests.api.conftest import Api
from tests.conftest import Made

Cast = Callable[[str], Api]
Make = Callable[..., Made]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]
PRICES = {"currency": "EUR", "hour": "18.37", "lead_hour": None, "people": {"bob@example.org": "21.5"}}


def test_steps_people_and_classes_sum_to_what_was_spent(api: Cast, make_project: Make, answer: Give) -> None:
    made = make_project(votes=2)
    answer(made, "ann", ["cat"] * 6)
    answer(made, "bob", ["cat"] * 3 + ["dog"] * 3)
    olga = api("olga")
    assert olga("PUT", "/projects/pets/prices", PRICES).status_code == 204
    assert olga.get("/projects/pets/prices").json == PRICES | {"people": {"bob@example.org": "21.50"}}
    found = olga.get("/projects/pets/cost").json
    assert found["spent"]["money"] == "0.13"
    for part in ("steps", "people", "classes"):
        assert sum(Decimal(one["money"] or 0) for one in found[part]) == Decimal(found["spent"]["money"]), part
        assert sum(one["count"] for one in found[part]) == found["spent"]["count"] == 12
    assert found["final_labels"] == 3
    assert found["seconds_a_label"] == 8.0
    assert {one["class"] for one in found["classes"]} == {"cat", None}
    assert found["money_at_the_end"] == {"likely": 0.13, "low": 0.13, "high": 0.13}  # all is done
    assert found["finished"] is not None


def test_without_a_price_there_is_no_money(api: Cast, make_project: Make, answer: Give) -> None:
    made = make_project(votes=1)
    answer(made, "ann", ["cat"] * 6)
    found = api("olga").get("/projects/pets/cost").json
    assert (found["spent"]["money"], found["money_a_label"], found["currency"]) == (None, None, "")
    assert found["spent"]["unpriced_seconds"] == found["spent"]["seconds"] == 12.0


def test_plans_are_simulated_for_what_is_asked(api: Cast, make_project: Make) -> None:
    make_project()
    olga = api("olga")
    olga("PUT", "/projects/pets/prices", PRICES | {"people": {}})
    found = olga.get("/projects/pets/plan?items=12000&people=6&target=0.03&right=0.92").json
    assert (found["items"], found["people"], found["assumed"]) == (12000, 6, True)
    assert found["recommended"] in {one["plan"] for one in found["plans"]}
    three = next(one for one in found["plans"] if one["plan"] == "3")
    assert three["money"]["likely"] == round(three["hours"]["likely"] * 18.37, 2)
    assert three["error"]["low"] <= three["error"]["likely"] <= three["error"]["high"]


def test_what_cannot_be_is_refused_with_its_field(api: Cast, make_project: Make) -> None:
    make_project()
    olga = api("olga")
    for body, field in (
        (PRICES | {"currency": ""}, "currency"),
        (PRICES | {"hour": "0"}, "hour"),
        (PRICES | {"people": {"zed@example.org": "3"}}, "people"),
    ):
        answered = olga("PUT", "/projects/pets/prices", body)
        assert (answered.status_code, answered.json["field"]) == (422, field)
    assert olga.get("/projects/pets/plan?target=2").json["field"] == "target"


def test_annotators_see_no_costs(api: Cast, make_project: Make) -> None:
    make_project()
    ann = api("ann")
    for path in ("cost", "plan", "prices"):
        assert ann.get(f"/projects/pets/{path}").status_code == 403
    assert ann("PUT", "/projects/pets/prices", PRICES).status_code == 403
    assert "prices" not in ann.get("/projects/pets").text
