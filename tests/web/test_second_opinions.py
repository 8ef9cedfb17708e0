"""Second opinions on the pages of a lead and in the workspace of who gives one, which shows no sign of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.storage.database import Database
from tests.conftest import Made
from tests.review.suspects import Suspect, add_pass
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]


@pytest.fixture
def made(database: Database, make_project: Callable[..., Made], answer: Give) -> Made:
    """Two texts that Bob called cat; both are flagged."""
    made = make_project(items=2, votes=1)
    answer(made, "bob", ["cat", "cat"])
    add_pass(database, made, [Suspect(0, label="cat", suggested="dog"), Suspect(1, score=0.8, label="cat")])
    return made


def decide(client: FlaskClient, page: str, decision: str) -> str:
    fields = {name: _field(page, name) for name in ("item", "key", "stood", "flag")}
    done = client.post("/p/pets/review/decide", data=fields | {"decision": decision}, follow_redirects=True)
    return done.text


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"\s+value="([^"]*)"', page)
    assert found
    return found[1]


def test_a_question_is_asked_seen_and_taken_back(made: Made, sign_in: SignIn) -> None:
    olga = sign_in("olga")
    page = olga.get("/p/pets/review").text
    assert 'value="second_opinion"' in page
    after = decide(olga, page, "second_opinion")
    assert f"Item {made.items[0]} waits for a second opinion" in after
    assert "1 waits for a second opinion" in after
    card = olga.get(f"/p/pets/review?item={made.items[0]}").text
    inspect(card)
    assert "Take the question back" in card
    assert 'value="second_opinion"' not in card
    plan = olga.get("/p/pets/review/start").text
    inspect(plan)
    assert "comes to the next person who has not seen it" in plan
    listed = olga.get("/p/pets/items?state=second_opinion").text
    assert f"/items/{made.items[0]}" in listed
    state = olga.get("/api/v1/projects/pets/items").get_json()["data"][0]["state"]
    assert state == "second_opinion"
    back = {"item": made.items[0], "review": re.findall(r'name="review"\s+value="(\d+)"', card)[0]}
    assert "is back in the queue" in olga.post("/p/pets/review/withdraw", data=back, follow_redirects=True).text
    again = olga.post("/p/pets/review/withdraw", data=back, follow_redirects=True).text
    assert "nothing was undone" in again
    assert "waits for a second opinion" not in olga.get("/p/pets/review").text


def _answers(client: FlaskClient, label: str) -> dict[str, Any]:
    [held] = client.post("/api/v1/projects/pets/assignments", json={"count": 5}).get_json()
    sent = [{"key": f"key of {label}", "assignment": held["assignment"], "value": {"label": label}}]
    assert client.post("/api/v1/projects/pets/annotations", json=sent).status_code in {200, 201}
    shown: dict[str, Any] = held
    return shown


def test_who_gives_one_sees_an_item_like_any_other_and_the_lead_both_answers(made: Made, sign_in: SignIn) -> None:
    olga, ann = sign_in("olga"), sign_in("ann")
    decide(olga, olga.get("/p/pets/review").text, "second_opinion")
    held = _answers(ann, "dog")
    assert (held["purpose"], held["note"], held["suggestion"]) == ("label", None, None)
    assert "earlier" not in held
    own = ann.get("/api/v1/projects/pets/assignments?state=done").get_json()["data"]
    assert [(one["purpose"], one["status"]) for one in own] == [("label", "counted")]
    card = olga.get(f"/p/pets/review?item={made.items[0]}").text
    inspect(card)
    assert "second opinion, no vote" in card
    assert "asked for a second opinion" in card
    assert "consensus, 1 of 1" in card
    assert "Came back different, and waits for you" in olga.get("/p/pets/review/start").text
    history = olga.get(f"/p/pets/items/{made.items[0]}").text
    inspect(history)
    assert "Second opinion: no vote" in history


def test_an_agreement_is_told_as_what_it_is(made: Made, sign_in: SignIn) -> None:
    olga, ann = sign_in("olga"), sign_in("ann")
    decide(olga, olga.get("/p/pets/review").text, "second_opinion")
    _answers(ann, "cat")
    card = olga.get(f"/p/pets/review?item={made.items[0]}").text
    assert "a second opinion agreed, blind" in card
    assert "agreed with the label, not knowing it" in card
    assert "1 agreed by a second opinion" in olga.get("/p/pets/review").text
    assert f"/items/{made.items[0]}" in olga.get("/p/pets/items?state=agreed").text


def test_a_program_asks_and_is_told_when_nobody_is_left(made: Made, sign_in: SignIn) -> None:
    olga, ann = sign_in("olga"), sign_in("ann")
    asked = {"key": "the first question", "item": made.items[0], "decision": "second_opinion"}
    assert olga.post("/api/v1/projects/pets/reviews", json=asked).status_code == 201
    assert olga.post("/api/v1/projects/pets/reviews", json=asked).status_code == 200
    again = olga.post("/api/v1/projects/pets/reviews", json=asked | {"key": "a second question"})
    assert again.status_code == 409
    _answers(ann, "dog")
    more = olga.post("/api/v1/projects/pets/reviews", json=asked | {"key": "a third question"})
    assert more.status_code == 409
    assert "Nobody is left to ask" in more.text
    card = olga.get(f"/p/pets/review?item={made.items[0]}").text
    assert "Nobody is left to ask for a second opinion" in card
