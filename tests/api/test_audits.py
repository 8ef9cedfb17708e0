"""Audits over HTTP: a lead starts, decides blind and reads; nobody else is told which items are asked about."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from labeler.audits.estimate import FEWEST
from tests.api.conftest import Api
from tests.conftest import Made

Make = Callable[..., Made]


@pytest.fixture
def lead(api: Callable[[str], Api]) -> Api:
    return api("olga")


@pytest.fixture
def made(make_project: Make) -> Made:
    return make_project("many", items=70, votes=1, given="cat")


def answer_all(person: Api, wrong: set[int]) -> list[dict[str, Any]]:
    """Answer until nothing is left: cat, but dog for these items; returns what was handed out."""
    seen = []
    while held := person.post("/projects/many/assignments", {"count": 30}).json:
        seen += held
        answers = [
            {
                "key": f"key-{one['assignment']:08d}",
                "assignment": one["assignment"],
                "value": {"label": "dog" if one["item"] in wrong else "cat"},
            }
            for one in held
        ]
        assert {one["status"] for one in person.post("/projects/many/annotations", answers).json} == {"created"}
    return seen


def test_an_audit_from_the_draw_to_the_result(lead: Api, api: Callable[[str], Api], made: Made) -> None:
    started = lead.post("/projects/many/audits", {"size": 60, "maximum": 0.1})
    assert started.status_code == 201
    assert (started.json["state"], started.json["size"], started.json["population"]) == ("running", 60, 70)
    answer_all(api("ann"), set(made.items[:5]))
    running = lead.get("/projects/many/audits/1").json
    assert running["result"] is None
    answer_all(api("bob"), set())
    waiting = lead.get("/projects/many/audits/1/differences").json["data"]
    for number, one in enumerate(waiting):
        assert sorted(value["label"] for value in one["values"]) == ["cat", "dog"]
        decision = {"key": f"decision-{number:04d}", "item": one["item"], "annotation": one["annotation"]}
        kind: dict[str, Any] = {"verdict": "ambiguous"} if number == 0 else {"value": {"label": "dog"}}
        assert lead.post("/projects/many/audits/1/decisions", decision | kind).status_code == 201
    closed = lead.post("/projects/many/audits/1/close", {}).json
    result = closed["result"]
    assert result["checked"] >= FEWEST
    assert result["wrong"] == max(0, len(waiting) - 1)
    assert result["ambiguous"] == min(1, len(waiting))
    assert result["range"]["low"] <= result["range"]["share"] <= result["range"]["high"]
    assert result["range"]["method"] == ("wilson" if closed["complete"] else "any_time")
    assert result["classes"][0]["name"] == "cat"
    assert [one["name"] for one in result["groups"]] == ["decided", "queue", "unflagged"]
    assert [one["number"] for one in lead.get("/projects/many/audits").json["data"]] == [1]
    assert lead.post("/projects/many/audits/1/close", {}).status_code == 409


def test_nothing_tells_an_annotator_which_items_are_in_a_running_audit(
    lead: Api, api: Callable[[str], Api], made: Made
) -> None:
    lead.post("/projects/many/audits", {"size": 60, "answered_by": "annotators_first"})
    ann = api("ann")
    held = ann.post("/projects/many/assignments", {"count": 5}).json
    for one in held:
        key = f"key-{one['assignment']:08d}"
        ann.post("/projects/many/annotations", {"key": key, "assignment": one["assignment"], "value": {"label": "cat"}})
    own = ann.post("/projects/many/assignments", {"count": 20, "hold": "share"}).json
    listed = ann.get("/projects/many/annotations").json["data"]
    done = ann.get("/projects/many/assignments").json["data"]
    assert len(listed) == len(done) == 5
    told = [{key: type(value).__name__ for key, value in one.items()} for one in (*held, *own)]
    assert all(one == told[0] for one in told), "every item looks alike"
    assert {one["purpose"] for one in (*held, *own, *listed, *done)} == {"label"}
    assert {one["status"] for one in (*listed, *done)} == {"counted"}
    assert "audit" not in json.dumps([held, own, listed, done])
    assert ann.get("/projects/many/audits").status_code == 403
    assert ann.get("/projects/many/audits/1").status_code == 403
    assert ann.get("/projects/many/audits/1/differences").status_code == 403
    purposes = {one["purpose"] for one in lead.get("/projects/many/annotations").json["data"]}
    assert purposes == {"audit"}
    assert made.items


def test_answers_of_an_audit_leave_no_trace_in_an_export(lead: Api, api: Callable[[str], Api], made: Made) -> None:
    before = lead.get("/projects/many/export?format=jsonl").data
    lead.post("/projects/many/audits", {"size": 70, "answered_by": "annotators_first"})
    ann = api("ann")
    held = ann.post("/projects/many/assignments", {"count": 10}).json
    answers: list[dict[str, Any]] = [
        {"key": f"key-{one['assignment']:08d}", "assignment": one["assignment"]}
        | ({"skip": "unclear"} if number % 2 else {"value": {"label": "dog"}})
        for number, one in enumerate(held)
    ]
    ann.post("/projects/many/annotations", answers)
    assert len(held) == 10
    assert lead.get("/projects/many/export?format=jsonl").data == before
    assert made.items


def test_bad_input_says_what_to_do_and_changes_nothing(lead: Api, made: Made) -> None:
    for body, field in (({"size": 0}, "size"), ({"maximum": 1.5}, "maximum"), ({"answered_by": "x"}, "answered_by")):
        refused = lead.post("/projects/many/audits", body)
        assert (refused.status_code, refused.json["field"]) == (422, field)
    assert lead.get("/projects/many/audits").json["data"] == []
    lead.post("/projects/many/audits", {"size": 5})
    assert lead.post("/projects/many/audits", {"size": 5}).status_code == 409
    assert lead.post("/projects/many/audits/1/close", {}).status_code == 409
    assert lead.get("/projects/many/audits/7").status_code == 404
    wrong = {"key": "decision-0001", "item": made.items[0], "annotation": 1, "value": {"label": "dog"}}
    assert lead.post("/projects/many/audits/1/decisions", wrong).status_code == 409
    assert lead.post("/projects/many/audits/1/stop", {}).json["state"] == "stopped"
