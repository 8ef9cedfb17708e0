"""Serving on the pages of a lead: its rules, test items, one more answer, who holds what."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.projects.models import Item, Project
from labeler.storage.database import Database
from labeler.test_items.queries import count_tests, judged_answers
from tests.conftest import LEASE, Made
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]
ASKING = {
    "order": "fewest_first",
    "order_column": "",
    "votes": "2",
    "votes_share": "100",
    "votes_cap": "4",
    "target_error": "5",
    "lease_minutes": "60",
    "work_until": "17",
}


@pytest.fixture
def olga(sign_in: SignIn) -> FlaskClient:
    return sign_in("olga")


def rules(database: Database, made: Made) -> dict[str, object]:
    with database.read() as session:
        return workflow.serving_of(session.get_one(Project, made.id))


def test_rules_are_shown_changed_and_refused(
    make_project: Callable[..., Made], olga: FlaskClient, database: Database
) -> None:
    made = make_project()
    inspect(olga.get("/p/pets/serving").text)
    saved = olga.post("/p/pets/serving/asking", data=ASKING, follow_redirects=True).text
    assert "The rules are saved." in saved
    now = rules(database, made)
    assert {name: now[name] for name in ("order", "votes_cap", "target_error", "lease_minutes", "work_until")} == {
        "order": "fewest_first",
        "votes_cap": 4,
        "target_error": 0.05,
        "lease_minutes": 60,
        "work_until": 17,
    }
    refused = olga.post("/p/pets/serving/asking", data=ASKING | {"votes_cap": "2"}).text
    inspect(refused)
    assert "must be more than" in refused
    refused = olga.post("/p/pets/serving/asking", data=ASKING | {"order": "by_column"}).text
    assert "Name the column" in refused
    assert rules(database, made) == now
    tests = {"test_share": "10", "repeat_share": "5", "test_round": "5", "pass_mark": "80"}
    olga.post("/p/pets/serving/tests", data=tests)
    assert rules(database, made)["test_round"] == 5


def test_a_decided_item_becomes_a_test_item_and_is_none_again(
    make_project: Callable[..., Made], olga: FlaskClient, database: Database
) -> None:
    made = make_project(votes=1)
    item = made.items[0]
    assert "Make it a test item" not in olga.get(f"/p/pets/items/{item}").text
    with database.write() as session:
        here = session.get_one(Project, made.id)
        workflow.make_test(session, here, made.items[1], by=here.created_by or 0, value={"label": "cat"})
    page = olga.get(f"/p/pets/items/{made.items[1]}").text
    inspect(page)
    assert "No test item any more" in page
    listed = olga.get("/p/pets/items?state=test").text
    inspect(listed)
    assert "1 item" in listed
    assert (
        "1 item is no test item any more" in olga.post("/p/pets/items/tests/end?state=test", follow_redirects=True).text
    )
    with database.read() as session:
        assert count_tests(session, made.id) == 0
        assert session.get_one(Item, made.items[1]).open_slots == 1


def test_one_more_person_is_asked_about_all_ties_in_one_step_and_it_is_undone(
    make_project: Callable[..., Made], olga: FlaskClient, database: Database, answer: Give
) -> None:
    made = make_project(items=2, votes=2)
    answer(made, "ann", ["cat", "cat"])
    answer(made, "bob", ["dog", "dog"])
    page = olga.get("/p/pets/disagreements").text
    inspect(page)
    assert "Ask one more person about all ties" in page
    key = re.search(r'name="key" value="(ties-[^"]+)"', page)
    assert key
    asked = olga.post("/p/pets/items/ask?state=tie", data={"key": key[1], "back": "disagreements"})
    assert asked.location.endswith("/p/pets/disagreements")
    with database.read() as session:
        assert [session.get_one(Item, item).open_slots for item in made.items] == [1, 1]
    undone = olga.post("/p/pets/items/ask/undo?state=tie", follow_redirects=True).text
    assert "Taken back for 2 items." in undone
    with database.read() as session:
        assert [session.get_one(Item, item).open_slots for item in made.items] == [0, 0]


def test_a_lead_sees_who_holds_what_frees_it_and_pauses_people(
    make_project: Callable[..., Made], olga: FlaskClient, database: Database, cast: dict[str, int], sign_in: SignIn
) -> None:
    made = make_project(items=3, votes=1)
    with database.write() as session:
        workflow.serve(session, made.id, cast["ann"], count=2, lease=LEASE)
    page = olga.get("/p/pets/serving").text
    assert "2 items" in page
    done = olga.post(f"/p/pets/serving/people/{cast['ann']}", data={"does": "free"}, follow_redirects=True).text
    assert "2 items are free for others." in done
    olga.post(f"/p/pets/serving/people/{cast['ann']}", data={"does": "pause"})
    ann = sign_in("ann").get("/p/pets/label").text
    inspect(ann)
    assert "Paused by your lead" in ann
    olga.post(f"/p/pets/serving/people/{cast['ann']}", data={"does": "resume"})
    olga.post(f"/p/pets/serving/people/{cast['ann']}", data={"does": "limit", "most": "0"})
    assert "all answers that are wanted" in sign_in("ann").get("/p/pets/label").text
    assert (
        "no such member"
        in olga.post(f"/p/pets/serving/people/{cast['zed']}", data={"does": "pause"}, follow_redirects=True).text
    )
    assert "asked about again" in olga.post("/p/pets/serving/skipped", follow_redirects=True).text


def test_nothing_tells_an_annotator_which_item_is_a_test(
    make_project: Callable[..., Made],
    database: Database,
    cast: dict[str, int],
    bearer: Callable[[str], dict[str, str]],
    sign_in: SignIn,
) -> None:
    made = make_project(items=30, votes=1)
    with database.write() as session:
        here = session.get_one(Project, made.id)
        for item in made.items[:3]:
            workflow.make_test(session, here, item, by=cast["olga"], value={"label": "cat"})
    client = sign_in("ann")
    headers = bearer("ann")
    held = client.post("/api/v1/projects/pets/assignments", json={"count": 12}, headers=headers).get_json()
    assert {one["purpose"] for one in held} == {"label"}
    assert len({tuple(sorted(one)) for one in held}) == 1
    tests = [one for one in held if one["item"] in made.items[:3]]
    assert tests
    sent = [
        {"key": f"key-{one['assignment']:08d}", "assignment": one["assignment"], "value": {"label": "cat"}}
        for one in tests
    ]
    said = client.post("/api/v1/projects/pets/annotations", json=sent, headers=headers).get_json()
    assert {one["status"] for one in said} == {"created"}
    listed = client.get("/api/v1/projects/pets/annotations", headers=headers).get_json()["data"]
    assert {(one["purpose"], one["status"]) for one in listed} == {("label", "counted")}
    with database.read() as session:
        assert all(one.right for one in judged_answers(session, made.id))
