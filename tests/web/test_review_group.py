"""The page of twins and the same by a program: one decision for all that are ticked, and one undo."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.decisions.final import standings
from labeler.projects.queries import classes_of
from labeler.review.twins import twins_of
from labeler.storage.database import Database
from tests.conftest import Made
from tests.review.suspects import Suspect, add_pass
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]


@pytest.fixture
def made(database: Database, make_project: Callable[..., Made], answer: Give) -> Made:
    """Four texts called cat, cat, dog, dog, of which the first three are twins."""
    made = make_project(items=4, votes=1)
    answer(made, "ann", ["cat", "cat", "dog", "dog"])
    why: dict[str, Any] = {"kind": "duplicate", "item": made.items[0], "similarity": 1.0, "class": 0}
    twins = (why | {"twins": made.items[:3]},)
    add_pass(database, made, [Suspect(2, kind="contradiction", label="dog", suggested="cat", reasons=twins)])
    return made


def labels(database: Database, made: Made) -> list[str]:
    with database.read() as session:
        names = classes_of(session, made.id)
        return ["out" if one.excluded else names.name_of(one.final) or "" for one in standings(session, made.id)]


def form_of(page: str) -> dict[str, list[str]]:
    fields = {
        "key": re.findall(r'name="key"\s+value="([^"]*)"', page),
        "seen": re.findall(r'name="seen" value="([^"]*)"', page),
    }
    shown = re.findall(r'name="shown" value="(\d+)"', page)
    ticked = re.findall(r'name="item" value="(\d+)"\s+checked', page)
    return fields | {"shown": shown, "other": re.findall(r'name="other" value="(\d+)"', page), "item": ticked}


def test_the_card_leads_to_the_group_and_one_press_decides_it(made: Made, database: Database, sign_in: SignIn) -> None:
    olga = sign_in("olga")
    card = olga.get("/p/pets/review").text
    assert "Decide all 3 twins" in card
    page = olga.get(f"/p/pets/review/group?item={made.items[2]}").text
    inspect(page)
    assert re.findall(r"All are (\w+)", page) == ["cat", "dog"]
    cat = re.findall(r'value="(same:\d+)"', page)[0]
    done = olga.post("/p/pets/review/group", data={**form_of(page), "decision": cat}, follow_redirects=True)
    assert "3 items decided in one step" in done.text
    assert labels(database, made) == ["cat", "cat", "cat", "dog"]
    assert "3 decisions are undone" in olga.post("/p/pets/review/undo", follow_redirects=True).text
    assert labels(database, made) == ["cat", "cat", "dog", "dog"]


def test_only_what_is_ticked_is_decided(made: Made, database: Database, sign_in: SignIn) -> None:
    olga = sign_in("olga")
    form = form_of(olga.get(f"/p/pets/review/group?item={made.items[2]}").text)
    form["item"] = form["item"][1:]
    olga.post("/p/pets/review/group", data={**form, "decision": "keep_first"})
    assert labels(database, made) == ["cat", "cat", "out", "dog"]


def test_a_group_that_somebody_decided_in_part_is_shown_again(made: Made, database: Database, sign_in: SignIn) -> None:
    olga = sign_in("olga")
    form = form_of(olga.get(f"/p/pets/review/group?item={made.items[2]}").text)
    meanwhile = {"key": str(uuid.uuid4()), "item": made.items[0], "decision": "exclude"}
    sign_in("rita").post("/api/v1/projects/pets/reviews", json=meanwhile)
    olga.post("/api/v1/projects/pets/reviews", json=meanwhile)
    said = olga.post("/p/pets/review/group", data={**form, "decision": "keep"}, follow_redirects=True).text
    assert "one of these items in the meantime" in said
    assert labels(database, made) == ["out", "cat", "dog", "dog"]


def test_an_item_without_twins_has_no_group(made: Made, database: Database, sign_in: SignIn) -> None:
    answer = sign_in("olga").get(f"/p/pets/review/group?item={made.items[3]}")
    assert answer.headers["Location"] == f"/p/pets/review?item={made.items[3]}"
    with database.read() as session:
        assert twins_of(session, 1, made.items[3]) == []


@pytest.mark.parametrize(
    "form", [{}, {"decision": "keep"}, {"item": ["1", "x"], "seen": ["1:z"]}, {"decision": "burn"}]
)
def test_half_a_form_decides_nothing(made: Made, database: Database, sign_in: SignIn, form: dict[str, Any]) -> None:
    sign_in("olga").post("/p/pets/review/group", data=form | {"shown": str(made.items[2])})
    assert labels(database, made) == ["cat", "cat", "dog", "dog"]


def test_a_program_decides_a_group_and_takes_it_back(made: Made, database: Database, sign_in: SignIn) -> None:
    olga = sign_in("olga")
    [flag] = olga.get("/api/v1/projects/pets/flags?kind=contradiction").get_json()["data"]
    assert flag["reasons"][0]["twins"] == made.items[:3]
    key = str(uuid.uuid4())
    asked = {"key": key, "items": made.items[:3], "decision": "same", "value": {"label": "cat"}}
    done = olga.post("/api/v1/projects/pets/reviews/groups", json=asked)
    assert (done.status_code, done.get_json()) == (201, {"key": key, "items": 3})
    assert labels(database, made) == ["cat", "cat", "cat", "dog"]
    back = olga.delete(f"/api/v1/projects/pets/reviews/groups/{key}")
    assert back.get_json() == {"key": key, "items": 3}
    assert labels(database, made) == ["cat", "cat", "dog", "dog"]
    assert sign_in("ann").post("/api/v1/projects/pets/reviews/groups", json=asked).status_code == 403


def test_places_are_no_places_in_another_text(sign_in: SignIn) -> None:
    olga = sign_in("olga")
    new = {"slug": "names", "media": "text", "task": "spans", "classes": [{"name": "person"}]}
    assert olga.post("/api/v1/projects", json=new).status_code == 201
    span = {"label": "person", "start": 0, "end": 3}
    texts = [{"text": "Ann met Bob.", "spans": [span]}, {"text": "Ann met  Bob.", "spans": []}]
    olga.post("/api/v1/projects/names/items", json=texts)
    ids = [one["item"] for one in olga.get("/api/v1/projects/names/items").get_json()["data"]]
    asked = {"key": str(uuid.uuid4()), "items": ids, "decision": "same", "value": {"spans": [span]}}
    refused = olga.post("/api/v1/projects/names/reviews/groups", json=asked)
    assert refused.status_code == 422
    assert "Decide them one by one" in refused.text
    kept = olga.post("/api/v1/projects/names/reviews/groups", json={**asked, "decision": "keep", "value": None})
    assert kept.status_code == 201
