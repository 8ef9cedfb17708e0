"""The pages of Cost: what was spent, prices, the planner; and that annotators never see money."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from labeler import workflow
from labeler.annotations.models import Annotation
from labeler.projects.models import Project
from labeler.storage.database import Database, clock
from tests.conftest import Made
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]
PRICES = {"currency": "EUR", "hour": "18", "lead_hour": ""}


@pytest.fixture
def olga(sign_in: SignIn) -> FlaskClient:
    return sign_in("olga")


def shown(client: FlaskClient, path: str = "cost", status: int = 200) -> str:
    answered = client.get(f"/p/pets/{path}")
    assert answered.status_code == status
    inspect(answered.text)
    return " ".join(answered.text.split())


def test_before_any_work_the_page_says_what_will_be_here(olga: FlaskClient, make_project: Make) -> None:
    make_project()
    html = shown(olga)
    assert "Appears with the first final label." in html
    assert "appear after two days of work" in html
    assert "Set a price to see money" in html
    assert "€" not in html


def test_hours_are_shown_without_a_price_and_money_with_one(
    olga: FlaskClient, make_project: Make, answer: Give
) -> None:
    made = make_project(votes=1)
    answer(made, "ann", ["cat"] * 6)
    before = shown(olga)
    assert "2.0 s" in before
    assert "€" not in before
    assert olga.post("/p/pets/cost/prices", data=PRICES).status_code == 303
    html = shown(olga)
    assert "€0.06" in html  # twelve seconds at €18 an hour
    assert "€0.0100" in html  # a final label
    assert 'value="18.00"' in html


def test_a_price_that_is_none_is_refused_beside_its_field(
    olga: FlaskClient, make_project: Make, database: Database
) -> None:
    made = make_project()
    for wrong, said in (
        ({"hour": "0"}, "more than 0"),
        ({"hour": "much"}, "as a number"),
        ({"currency": ""}, "currency"),
    ):
        answered = olga.post("/p/pets/cost/prices", data=PRICES | wrong)
        assert answered.status_code == 422
        assert said in answered.text
        assert 'aria-invalid="true"' in answered.text
    with database.read() as session:
        assert "prices" not in session.get_one(Project, made.id).settings


def test_the_file_sums_to_what_the_page_says(olga: FlaskClient, make_project: Make, answer: Give) -> None:
    made = make_project(votes=2)
    answer(made, "ann", ["cat"] * 6)
    answer(made, "bob", ["cat"] * 6)
    olga.post("/p/pets/cost/prices", data=PRICES | {"hour": "19.99"})
    rows = list(csv.DictReader(io.StringIO(olga.get("/p/pets/cost.csv").text)))
    assert [(row["person"], row["step"], row["count"]) for row in rows] == [
        ("ann@example.org", "answers", "6"),
        ("bob@example.org", "answers", "6"),
    ]
    assert sum(round(100 * float(row["money"])) for row in rows) == 14
    assert "€0.14" in shown(olga)


def test_fridays_are_compared_and_the_end_has_a_range(
    olga: FlaskClient, make_project: Make, answer: Give, database: Database
) -> None:
    made = make_project(items=80, votes=1)
    answer(made, "ann", ["cat"] * 40)
    with database.write() as session:
        now = clock(session)
        for at, id_ in enumerate(session.scalars(select(Annotation.id).order_by(Annotation.id)).all()):
            when = now - timedelta(days=20 - at // 2)
            session.execute(update(Annotation).where(Annotation.id == id_).values(created_at=when))
    html = shown(olga)
    assert re.search(r"[12] of [12] weeks? fell inside (its range|their ranges)", html)
    assert "(80%)" in html
    assert 'class="band friday"' in html


def test_a_finished_project_says_when_and_what_the_plan_said(
    olga: FlaskClient, make_project: Make, answer: Give
) -> None:
    made = make_project(votes=1)
    olga.post("/p/pets/cost/prices", data=PRICES)
    assert olga.post("/p/pets/cost/plan", data={"plan": "1"}).location.endswith("/p/pets/cost")
    answer(made, "ann", ["cat"] * 6)
    html = shown(olga)
    assert "Finished on" in html
    assert re.search(r"The plan said €0\.\d\d\.", html)


def test_the_planner_compares_plans_and_uses_the_chosen_one(
    olga: FlaskClient, make_project: Make, database: Database
) -> None:
    made = make_project(votes=3)
    html = shown(olga, "cost/plan?items=12000&people=6&target=3&minutes=14")
    assert html.count('name="plan"') == 6
    assert "assumed" in html
    assert "Adaptive to 3.0%" in html
    assert "Mon" in html
    answered = olga.post(
        "/p/pets/cost/plan", data={"items": "12000", "people": "6", "target": "3", "plan": "adaptive-0.03"}
    )
    assert answered.status_code == 303
    with database.read() as session:
        project = session.get_one(Project, made.id)
        settings = {name: project.settings[name] for name in ("votes_cap", "target_error")}
        assert (project.votes, settings) == (2, {"votes_cap": 5, "target_error": 0.03})
        assert project.settings["plan"]["name"] == "adaptive-0.03"
    assert "in use" in shown(olga, "cost/plan?items=12000&people=6&target=3")
    olga.post("/p/pets/cost/plan", data={"people": "6", "plan": "3"})
    with database.read() as session:
        project = session.get_one(Project, made.id)
        assert (project.votes, project.settings["votes_cap"]) == (3, 0)


def test_what_cannot_be_planned_with_is_said_beside_its_field(olga: FlaskClient, make_project: Make) -> None:
    make_project()
    for field, value in (("items", "0"), ("items", "few"), ("target", "101"), ("minutes", "0"), ("right", "-1")):
        html = shown(olga, f"cost/plan?{field}={value}", status=422)
        assert f'id="{field}-error"' in html
    assert olga.post("/p/pets/cost/plan", data={"plan": "12"}, follow_redirects=True).text.count(
        "Choose one of the plans"
    )


def test_the_plans_come_as_a_file(olga: FlaskClient, make_project: Make) -> None:
    make_project()
    rows = list(csv.DictReader(io.StringIO(olga.get("/p/pets/cost/plan.csv?people=3").text)))
    assert [row["plan"] for row in rows] == ["1", "2", "3", "adaptive-0.05", "adaptive-0.025"]
    assert {row["money_middle"] for row in rows} == {""}


def test_a_project_without_classes_has_costs_and_no_planner(olga: FlaskClient, make_project: Make) -> None:
    make_project(task="text")
    assert "Plans are simulated where an answer is one class" in shown(olga, "cost/plan")
    assert "Spent" in shown(olga)


def test_annotators_never_see_money(sign_in: SignIn, make_project: Make, olga: FlaskClient) -> None:
    make_project()
    olga.post("/p/pets/cost/prices", data=PRICES | {"hour": "54321.98"})
    olga.post("/p/pets/cost/plan", data={"plan": "1"})
    ann = sign_in("ann")
    for path in ("cost", "cost/plan", "cost.csv", "cost/plan.csv"):
        assert ann.get(f"/p/pets/{path}").status_code == 403
    for path in ("label", "guidelines"):
        html = ann.get(f"/p/pets/{path}").text
        assert "/cost" not in html
        assert "5432198" not in html.replace(".", "")
