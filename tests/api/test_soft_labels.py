"""Ambiguous items: the shares they keep, where they are shown, and that nothing turns them or a tie into one class."""

import csv
import io
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from labeler.config import Settings
from labeler.consensus import actions as consensus_actions
from labeler.exchange.formats.skips_and_doubts import SOFT
from labeler.storage.database import Database
from tests.api.conftest import Api
from tests.conftest import Made
from tests.review.suspects import Suspect, add_pass

Cast = Callable[[str], Api]
Make = Callable[..., Made]


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def decide(olga: Api, made: Made, decision: str, item: int = 0, **more: Any) -> Any:
    body = {"key": str(uuid.uuid4()), "item": made.items[item], "decision": decision, **more}
    return olga.post(f"/projects/{made.slug}/reviews", body)


def give(one: Api, made: Made, labels: list[str]) -> None:
    for held, label in zip(one.claim(made, len(labels)), labels, strict=True):
        one.answer(made, held["assignment"], label, key=str(uuid.uuid4()))


def item(olga: Api, made: Made, place: int = 0) -> dict[str, Any]:
    return olga.pages(f"/projects/{made.slug}/items")[place]


@pytest.fixture
def tied(api: Cast, make_project: Make) -> Made:
    """Item 0 is a tie of cat and dog, item 1 a cat for both; a third vote is not wanted."""
    made = make_project(items=2, given="neither")
    give(api("ann"), made, ["cat", "cat"])
    give(api("bob"), made, ["dog", "cat"])
    return made


def test_an_ambiguous_item_keeps_the_shares_of_its_votes_and_has_no_label(api: Cast, tied: Made) -> None:
    olga = api("olga")
    made = decide(olga, tied, "ambiguous", reason="both can be seen")
    assert (made.status_code, made.json["soft"]) == (201, {"cat": 0.5, "dog": 0.5})
    found = item(olga, tied)
    assert (found["final_label"], found["source"], found["state"]) == (None, "ambiguous", "ambiguous")
    assert (found["soft_label"], found["confidence"]) == ({"cat": 0.5, "dog": 0.5}, None)
    assert olga.pages(f"/projects/{tied.slug}/consensus")[0]["soft_label"] == {"cat": 0.5, "dog": 0.5}
    assert [one["item"] for one in olga.pages(f"/projects/{tied.slug}/items?state=ambiguous")] == tied.items[:1]
    assert olga.pages(f"/projects/{tied.slug}/items?state=tie") == []


def test_a_lead_can_give_the_shares(api: Cast, tied: Made) -> None:
    olga = api("olga")
    assert decide(olga, tied, "ambiguous", item=1, soft={"cat": 0.7, "neither": 0.3}).status_code == 201
    assert item(olga, tied, 1)["soft_label"] == {"cat": 0.7, "neither": 0.3}


@pytest.mark.parametrize(
    ("decision", "soft"),
    [
        ("ambiguous", {"cat": 0.7, "dog": 0.4}),
        ("ambiguous", {"cat": 1.0}),
        ("ambiguous", {"cat": 0.5, "lion": 0.5}),
        ("ambiguous", {"cat": -0.5, "dog": 1.5}),
        ("ambiguous", {}),
        ("ambiguous", None),
        ("keep", {"cat": 0.5, "dog": 0.5}),
    ],
)
def test_shares_that_cannot_be_are_refused_and_nothing_changes(
    api: Cast, tied: Made, decision: str, soft: dict[str, float] | None
) -> None:
    olga, before = api("olga"), item(api("olga"), tied, 1)
    assert decide(olga, tied, decision, item=1, **({} if soft is None else {"soft": soft})).status_code == 422
    assert item(olga, tied, 1) == before


def test_a_later_decision_takes_the_place_of_the_shares(api: Cast, tied: Made) -> None:
    olga = api("olga")
    decide(olga, tied, "ambiguous")
    decide(olga, tied, "relabel", value={"label": "dog"})
    assert (item(olga, tied)["final_label"], item(olga, tied)["soft_label"]) == ("dog", None)


def test_soft_labels_leave_in_csv_and_json_lines_and_are_counted_as_lost_elsewhere(api: Cast, tied: Made) -> None:
    olga = api("olga")
    decide(olga, tied, "ambiguous")
    rows = [json.loads(line) for line in olga.get(f"/projects/{tied.slug}/export?format=jsonl").text.splitlines()]
    assert [(row["final_label"], row["final_source"], row.get("soft_label")) for row in rows] == [
        (None, "ambiguous", {"cat": 0.5, "dog": 0.5}),
        ("cat", "consensus", None),
    ]
    table = list(csv.DictReader(io.StringIO(olga.get(f"/projects/{tied.slug}/export?format=csv").text)))
    assert [json.loads(row["soft_label"] or "null") for row in table] == [{"cat": 0.5, "dog": 0.5}, None]
    assert [row["final_label"] for row in table] == ["", "cat"]
    lost = olga.get(f"/projects/{tied.slug}/export/losses?format=cleanlab").json["lost"]
    assert {"what": SOFT, "count": 1, "items": tied.items[:1]} in lost


def test_a_tie_stays_out_of_exports_until_somebody_decides(api: Cast, tied: Made) -> None:
    answer = api("olga").get(f"/projects/{tied.slug}/export?format=jsonl")
    assert answer.headers["X-Labeler-Left-Out"] == "excluded=0, unlabeled=0, tied=1"
    assert len(answer.text.splitlines()) == 1
    found = item(api("olga"), tied)
    assert (found["source"], found["state"], found["soft_label"]) == ("ambiguous", "tie", {"cat": 0.5, "dog": 0.5})


def test_the_pass_leaves_a_tie_undecided_however_much_better_one_annotator_is(
    api: Cast, make_project: Make, database: Database, cast: dict[str, int]
) -> None:
    made = make_project(items=24, votes=3)
    with database.write() as session:
        from labeler.accounts.actions import set_member
        from tests.conftest import NOW

        set_member(session, made.id, cast["rita"], role="annotator", now=NOW)
    give(api("ann"), made, ["cat"] * 24)
    give(api("bob"), made, ["dog", *["cat"] * 23])
    give(api("rita"), made, ["neither", *["dog"] * 23])
    assert consensus_actions.infer(database, made.id).method != "majority"
    found = item(api("olga"), made)
    assert (found["consensus_label"], found["state"], found["confidence"]) == (None, "tie", None)
    assert len(found["soft_label"]) == 3
    assert {one["final_label"] for one in olga_items(api, made)[1:]} == {"cat"}


def olga_items(api: Cast, made: Made) -> list[dict[str, Any]]:
    return api("olga").pages(f"/projects/{made.slug}/items")


def test_what_a_lead_decided_has_not_the_confidence_of_the_label_it_replaced(api: Cast, tied: Made) -> None:
    olga = api("olga")
    assert item(olga, tied, 1)["confidence"] > 0.5
    decide(olga, tied, "relabel", item=1, value={"label": "dog"})
    assert (item(olga, tied, 1)["final_label"], item(olga, tied, 1)["confidence"]) == ("dog", None)
    row = json.loads(olga.get(f"/projects/{tied.slug}/export?format=jsonl").text.splitlines()[-1])
    assert (row["final_source"], row["confidence"]) == ("review", None)


def test_a_decision_is_about_the_flag_it_names_else_about_the_first(api: Cast, tied: Made, database: Database) -> None:
    olga = api("olga")
    add_pass(database, tied, [Suspect(1, "label_error", 0.9, "cat", "dog"), Suspect(1, "outlier", 0.8, "cat")])
    assert decide(olga, tied, "keep", item=1, kind="outlier").json["kind"] == "outlier"
    assert decide(olga, tied, "keep", item=1).json["kind"] == "label_error"
    refused = decide(olga, tied, "keep", item=1, kind="contradiction")
    assert (refused.status_code, "no flag 'contradiction'" in refused.json["detail"]) == (422, True)
