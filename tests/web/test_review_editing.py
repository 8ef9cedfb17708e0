"""The page on which a lead draws, marks or writes a label, and what it stores; on both databases."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from labeler.config import Settings
from labeler.decisions.final import standing_of
from labeler.decisions.models import Review
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of
from labeler.storage.database import Database
from labeler.task_types.base import Value
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
TEXT = "Ann met Bob in Rome."
ANN = {"label": "person", "start": 0, "end": 3}
ROME = {"label": "place", "start": 15, "end": 19}
KEY = "a key of this form"


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


@pytest.fixture
def client(sign_in: SignIn) -> FlaskClient:
    """The lead of a project of spans with one labeled text."""
    client = sign_in("olga")
    classes = [{"name": "person"}, {"name": "place"}]
    new = {"slug": "names", "media": "text", "task": "spans", "classes": classes}
    assert client.post("/api/v1/projects", json=new).status_code == 201
    assert client.post("/api/v1/projects/names/items", json=[{"text": TEXT, "spans": [ANN]}]).status_code in {200, 201}
    return client


def item_id(database: Database) -> int:
    with database.read() as session:
        return session.scalars(select(Item.id)).one()


def final(database: Database) -> Value | None:
    with database.read() as session:
        project, item = session.scalars(select(Project)).one(), session.scalars(select(Item)).one()
        standing = standing_of(session, project.id, item.id)
        return classes_of(session, project.id).shown(standing.final, standing.value)


def sent(database: Database, **more: Any) -> dict[str, Any]:
    return {
        "key": KEY,
        "item": item_id(database),
        "flag": 0,
        "stood": 0,
        "reason": "",
        "value": {"spans": [ANN]},
        **more,
    }


def test_the_page_holds_the_label_and_the_item(client: FlaskClient, database: Database) -> None:
    page = client.get(f"/p/names/review/edit?item={item_id(database)}").text
    inspect(page)
    assert TEXT in page
    assert re.search(r"data-starts='\{\"label\": ?\{\"spans\"", page)
    assert client.get("/p/names/review/edit?item=999999").status_code == 404


def test_an_own_answer_becomes_the_final_label_and_is_undone(client: FlaskClient, database: Database) -> None:
    answer = client.post("/p/names/review/edit", json=sent(database, value={"spans": [ANN, ROME]}, reason="Rome too"))
    assert answer.get_json() == {"to": "/p/names/review"}
    assert final(database) == {"spans": [ANN, ROME]}
    again = client.post("/p/names/review/edit", json=sent(database, value={"spans": [ANN, ROME]}, reason="Rome too"))
    assert again.status_code == 200
    with database.read() as session:
        review = session.scalars(select(Review)).one()
        assert (review.decision, review.reason) == ("relabel", "Rome too")
    client.post("/p/names/review/undo")
    assert final(database) == {"spans": [ANN]}


def test_one_goes_back_to_where_one_came_from(client: FlaskClient, database: Database) -> None:
    item = item_id(database)
    answer = client.post("/p/names/review/edit?back=item", json=sent(database))
    assert answer.get_json() == {"to": f"/p/names/items/{item}"}
    page = client.get(f"/p/names/review/edit?item={item}&back=https://elsewhere.example").text
    assert f'href="/p/names/review?item={item}"' in page
    assert "elsewhere" not in page.split("data-page")[0]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"value": None}, 422),
        ({"value": {"spans": [{"label": "person", "start": 0, "end": 999}]}}, 422),
        ({"value": {"spans": [{"label": "nobody", "start": 0, "end": 3}]}}, 422),
        ({"value": {"boxes": []}}, 422),
        ({"item": "1"}, 422),
        ({"item": 2**40}, 422),
        ({"stood": -1}, 422),
        ({"flag": True}, 422),
        ({"key": "short"}, 422),
        ({"stood": 7}, 409),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(
    client: FlaskClient, database: Database, wrong: dict[str, Any], status: int
) -> None:
    answer = client.post("/p/names/review/edit", json=sent(database, **wrong))
    assert answer.status_code == status, answer.text
    assert answer.get_json()["error"]
    assert final(database) == {"spans": [ANN]}
    with database.read() as session:
        assert session.scalars(select(Review)).all() == []


@pytest.mark.parametrize("body", ["", "[]", "7", "{", "null"])
def test_what_is_no_answer_at_all_is_refused(client: FlaskClient, body: str) -> None:
    answer = client.post("/p/names/review/edit", data=body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.get_json() == {"error": "This is no answer to an item; nothing was stored."}


def test_only_leads_edit(client: FlaskClient, sign_in: SignIn, database: Database) -> None:
    client.put("/api/v1/projects/names/members/ann@example.org", json={"role": "annotator"})
    ann = sign_in("ann")
    assert ann.get(f"/p/names/review/edit?item={item_id(database)}").status_code == 403
    assert ann.post("/p/names/review/edit", json=sent(database)).status_code == 403


def test_where_an_answer_is_one_class_the_card_is_the_place(client: FlaskClient, database: Database) -> None:
    new = {"slug": "one", "media": "text", "task": "classification", "classes": [{"name": "a"}, {"name": "b"}]}
    client.post("/api/v1/projects", json=new)
    client.post("/api/v1/projects/one/items", json=[{"text": "x"}])
    with database.read() as session:
        item = session.scalars(select(Item.id).order_by(Item.id.desc())).first()
    answer = client.get(f"/p/one/review/edit?item={item}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/p/one/review?item={item}")
