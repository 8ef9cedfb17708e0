"""Serving by the API: the rules, one more answer, test items, one person's work."""

from collections.abc import Callable

from labeler import workflow
from tests.api.conftest import Api
from tests.conftest import Made

Cast = Callable[[str], Api]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]


def test_rules_are_changed_by_name_and_what_is_left_out_stays(api: Cast, make_project: Callable[..., Made]) -> None:
    make_project()
    olga = api("olga")
    before = olga.get("/projects/pets/serving").json
    changed = olga("PATCH", "/projects/pets/serving", {"votes_cap": 5, "target_error": 0.01, "work_until": 18}).json
    assert changed == before | {"votes_cap": 5, "target_error": 0.01, "work_until": 18}
    assert olga("PATCH", "/projects/pets/serving", {"work_until": None}).json["work_until"] is None
    for wrong in ({"votes": None}, {"order": "by_column"}, {"votes_cap": 1}, {"unknown": 1}, {"test_share": 0.9}):
        assert olga("PATCH", "/projects/pets/serving", wrong).status_code in {400, 422}, wrong
    assert olga.get("/projects/pets/serving").json == changed | {"work_until": None}


def test_one_more_answer_is_asked_for_once_and_taken_back(
    api: Cast, make_project: Callable[..., Made], answer: Give
) -> None:
    made = make_project(items=2, votes=2)
    answer(made, "ann", ["cat", "cat"])
    answer(made, "bob", ["dog", "cat"])
    olga, body = api("olga"), {"key": "ties-of-today", "state": "tie"}
    asked = {"key": "ties-of-today", "asked": 1, "nobody": 0, "elsewhere": 0}
    assert olga.post("/projects/pets/requests", body).json == asked
    assert olga.post("/projects/pets/requests", body).json == asked
    assert [one["item"] for one in olga.claim(made, 5)] == [made.items[0]]
    assert olga("DELETE", "/projects/pets/requests/ties-of-today").json == {"taken_back": 1}
    assert olga.post("/projects/pets/requests", {"key": "nothing-at-all"}).status_code in {400, 422}


def test_test_items_are_made_and_ended(api: Cast, make_project: Callable[..., Made]) -> None:
    made = make_project(items=3)
    olga, items = api("olga"), made.items[:2]
    assert olga.post("/projects/pets/test_items", {"items": items}).json == {"changed": 0, "undecided": 2}
    right = {"items": items, "value": {"label": "cat"}, "note": "It purrs."}
    assert olga.post("/projects/pets/test_items", right).json == {"changed": 2, "undecided": 0}
    assert olga.post("/projects/pets/test_items", right | {"value": {"label": "cow"}}).status_code in {400, 422}
    assert [one["item"] for one in olga.pages("/projects/pets/items?state=test")] == items
    assert olga.post("/projects/pets/test_items/ends", {"items": made.items}).json["changed"] == 2


def test_who_answers_a_test_item_is_told_what_is_right_where_the_lead_wants_it(
    api: Cast, make_project: Callable[..., Made]
) -> None:
    made = make_project(items=6, votes=1)
    olga, ann = api("olga"), api("ann")
    right = {"items": made.items[:2], "value": {"label": "cat"}, "note": "It purrs."}
    olga.post("/projects/pets/test_items", right)
    tests = [one for one in ann.claim(made, 6) if one["item"] in made.items[:2]]
    assert ann.answer(made, tests[0]["assignment"], "dog").json["feedback"] is None
    olga("PATCH", "/projects/pets/serving", {"test_feedback": True})
    tests = [one for one in ann.claim(made, 6) if one["item"] in made.items[:2]]
    told = ann.answer(made, tests[0]["assignment"], "dog").json["feedback"]
    assert told == {"right": False, "value": {"label": "cat"}, "note": "It purrs."}


def test_one_persons_work_is_seen_and_changed(api: Cast, make_project: Callable[..., Made]) -> None:
    made = make_project(items=3)
    olga, ann = api("olga"), api("ann")
    ann.claim(made, 2)
    work = "/projects/pets/members/ann@example.org/work"

    def seen() -> dict[str, object]:
        return next(one for one in olga.get("/projects/pets/holds").json["data"] if one["email"] == "ann@example.org")

    assert (seen()["held"], seen()["opened"], seen()["why"]) == (2, 2, None)
    assert olga("PATCH", work, {"paused": True, "most": 4}).status_code == 204
    assert (seen()["held"], seen()["paused"], seen()["most"], seen()["why"]) == (0, True, 4, "paused")
    assert ann.claim(made, 2) == []
    assert olga("PATCH", work, {"paused": False, "most": None}).status_code == 204
    assert len(ann.claim(made, 2)) == 2
    assert olga("PATCH", work, {"free": True}).status_code == 204
    assert seen()["held"] == 0
