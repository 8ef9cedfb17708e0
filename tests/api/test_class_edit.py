"""Classes that are renamed, taken away and merged while a project runs."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import String

from labeler.agreement.queries import recount
from labeler.config import Settings
from labeler.projects.queries import classes_of
from labeler.quality.models import Flag, ItemScore
from labeler.quality.queries import latest_inspection, probabilities
from labeler.storage.base import Base
from labeler.storage.database import Database
from labeler.workflow.classes import COMPUTED, LABELS
from tests.api.conftest import Api
from tests.conftest import Made
from tests.review.suspects import Suspect, add_pass

Cast = Callable[[str], Api]
Make = Callable[..., Made]


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def classes(olga: Api, made: Made) -> list[str]:
    return [row["name"] for row in olga.get(f"/projects/{made.slug}").json["classes"]]


def change(olga: Api, made: Made, **body: Any) -> Any:
    if "classes" in body:
        body["classes"] = [{"name": one} if isinstance(one, str) else one for one in body["classes"]]
    if "merge" in body:
        tried = olga("PATCH", f"/projects/{made.slug}", {**body, "dry_run": True})
        body["confirm"] = tried.json["merging"]["total"] if tried.status_code == 200 else 0
    return olga("PATCH", f"/projects/{made.slug}", body)


def give(one: Api, made: Made, values: list[dict[str, Any]]) -> None:
    held = one.claim(made, len(values))
    for hold, value in zip(held, values, strict=True):
        body = {"key": str(uuid.uuid4()), "assignment": hold["assignment"], "value": value, "seconds": 1.0}
        assert one.post(f"/projects/{made.slug}/annotations", body).status_code == 201


def finals(olga: Api, made: Made) -> list[Any]:
    return [one["final_label"] for one in olga.pages(f"/projects/{made.slug}/items")]


def test_a_class_that_nothing_has_can_be_left_out(api: Cast, make_project: Make) -> None:
    made, olga = make_project(items=1), api("olga")
    give(api("ann"), made, [{"label": "neither"}])
    assert change(olga, made, classes=["cat", "neither"]).status_code == 200
    assert classes(olga, made) == ["cat", "neither"]
    assert finals(olga, made) == ["neither"]
    assert change(olga, made, classes=["cat", "neither", "bird"]).status_code == 200
    assert classes(olga, made) == ["cat", "neither", "bird"]


@pytest.mark.parametrize("use", ["answer", "given", "decision", "undone answer"])
def test_a_class_in_use_cannot_be_left_out_and_the_error_says_where_it_is(
    api: Cast, make_project: Make, use: str
) -> None:
    made, olga, ann = make_project(items=1, given="dog" if use == "given" else ""), api("olga"), api("ann")
    if "answer" in use:
        give(ann, made, [{"label": "dog"}])
    if use == "undone answer":
        answer = olga.pages(f"/projects/{made.slug}/annotations")[0]["id"]
        ann("DELETE", f"/projects/{made.slug}/annotations/{answer}")
    if use == "decision":
        body = {"key": "review-01", "item": made.items[0], "decision": "relabel", "value": {"label": "dog"}}
        olga.post(f"/projects/{made.slug}/reviews", body)
    refused = change(olga, made, classes=["cat", "neither"])
    assert refused.status_code == 422
    assert "in use (1 " in refused.json["detail"]
    assert "merge it" in refused.json["detail"]
    assert classes(olga, made) == ["cat", "dog", "neither"]


def test_a_merged_class_gives_its_labels_away_and_answers_keep_what_was_chosen(
    api: Cast, make_project: Make, database: Database
) -> None:
    made, olga = make_project(items=3, given="dog"), api("olga")
    give(api("ann"), made, [{"label": "cat"}, {"label": "dog"}])
    give(api("bob"), made, [{"label": "dog"}, {"label": "neither"}])
    soft = {"key": "review-01", "item": made.items[1], "decision": "ambiguous"}
    assert olga.post(f"/projects/{made.slug}/reviews", soft).json["soft"] == {"dog": 0.5, "neither": 0.5}
    assert finals(olga, made) == [None, None, "dog"]
    assert change(olga, made, merge={"dog": "cat"}).status_code == 200
    assert classes(olga, made) == ["cat", "neither"]
    assert finals(olga, made) == ["cat", None, "cat"]
    assert olga.pages(f"/projects/{made.slug}/items")[1]["soft_label"] == {"cat": 0.5, "neither": 0.5}
    rows = olga.pages(f"/projects/{made.slug}/annotations")
    assert [(row["value"], row["original"]) for row in rows] == [
        ({"label": "cat"}, None),
        ({"label": "cat"}, {"label": "dog"}),
        ({"label": "cat"}, {"label": "dog"}),
        ({"label": "neither"}, None),
    ]
    with database.read() as session:
        assert recount(session, made.id) == {}


def test_a_merge_says_first_what_it_touches_and_wants_that_count_confirmed(
    api: Cast, make_project: Make, database: Database
) -> None:
    made, olga = make_project(items=3, given="dog"), api("olga")
    address = f"/projects/{made.slug}"
    give(api("ann"), made, [{"label": "cat"}, {"label": "dog"}])
    body = {"key": "review-01", "item": made.items[0], "decision": "relabel", "value": {"label": "dog"}}
    olga.post(f"{address}/reviews", body)
    add_pass(
        database, made, [Suspect(2, "label_error", 0.9, "cat", "dog"), Suspect(1, label="cat", suggested="neither")]
    )
    wanted = {"merge": {"dog": "cat"}}
    tried = olga("PATCH", address, {**wanted, "dry_run": True, "name": "Other"}).json
    counts = {"answers": 1, "given": 3, "decisions": 1, "predictions": 0, "examples": 0, "automatic": 0, "flags": 1}
    assert tried["merging"] == {**counts, "total": 6}
    refused = olga("PATCH", address, wanted)
    assert (refused.status_code, refused.json["field"]) == (422, "confirm")
    assert "touches 1 answers, 3 given labels, 1 decisions, 1 flags" in refused.json["detail"]
    assert refused.json["detail"].endswith("confirm the count: 6.")
    stale = olga("PATCH", address, {**wanted, "confirm": 5})
    assert (stale.status_code, stale.json["field"]) == (409, "confirm")
    assert (classes(olga, made), tried["name"]) == (["cat", "dog", "neither"], olga.get(address).json["name"])
    assert olga("PATCH", address, {**wanted, "confirm": 6}).json["merging"] is None
    assert classes(olga, made) == ["cat", "neither"]


def test_a_merge_that_touches_nothing_needs_no_word_and_one_that_cannot_be_made_is_refused_in_a_dry_run_too(
    api: Cast, make_project: Make
) -> None:
    made, olga = make_project(items=1), api("olga")
    address = f"/projects/{made.slug}"
    assert olga("PATCH", address, {"merge": {"dog": "lion"}, "dry_run": True}).status_code == 422
    both = {"merge": {"dog": "cat", "cat": "neither"}, "dry_run": True}
    assert olga("PATCH", address, both).status_code == 422
    assert olga("PATCH", address, {"merge": {"dog": "cat"}}).status_code == 200


def test_what_the_pass_found_follows_the_classes(api: Cast, make_project: Make, database: Database) -> None:
    made, olga = make_project(items=2, given="cat"), api("olga")
    reason = {"kind": "votes", "count": 1, "of": 1, "class": 2}
    suspects = [
        Suspect(0, label="cat", suggested="neither", reasons=(reason,)),
        Suspect(1, "label_error", 0.9, "cat", "dog"),
    ]
    add_pass(database, made, suspects)
    assert change(olga, made, merge={"dog": "cat"}).status_code == 200
    with database.read() as session:
        inspection = latest_inspection(session, made.id)
        assert inspection is not None
        flags = session.query(Flag).all()
        assert [(flag.item_id, flag.reasons[0]["class"]) for flag in flags] == [(made.items[0], 1)]
        shares = probabilities(session.get_one(ItemScore, (inspection.id, made.items[0])))
        assert [round(share, 3) for share in shares] == [0.9, 0.1]


def test_sets_of_labels_keep_their_meaning_when_classes_before_them_go_or_merge(
    api: Cast, make_project: Make, database: Database
) -> None:
    made, olga = make_project(items=3, task="multilabel"), api("olga")
    give(api("ann"), made, [{"labels": ["neither"]}, {"labels": ["dog", "neither"]}, {"labels": []}])
    assert change(olga, made, classes=["dog", "neither"]).status_code == 200  # cat goes
    values = [row["value"] for row in olga.pages(f"/projects/{made.slug}/annotations")]
    assert values == [{"labels": ["neither"]}, {"labels": ["dog", "neither"]}, {"labels": []}]
    assert change(olga, made, merge={"dog": "neither"}).status_code == 200
    rows = olga.pages(f"/projects/{made.slug}/annotations")
    assert [row["value"] for row in rows] == [{"labels": ["neither"]}, {"labels": ["neither"]}, {"labels": []}]
    assert [row["original"] for row in rows] == [None, {"labels": ["dog", "neither"]}, None]
    assert [one["final_value"] for one in olga.pages(f"/projects/{made.slug}/items")][1] == {"labels": ["neither"]}
    with database.read() as session:
        assert recount(session, made.id) == {}


def test_objects_of_a_merged_class_become_those_of_the_other(api: Cast, make_project: Make, database: Database) -> None:
    made, olga = make_project(items=1, task="spans"), api("olga")
    for name, label in (("ann", "cat"), ("bob", "dog")):
        give(api(name), made, [{"spans": [{"label": label, "start": 0, "end": 4}]}])
    assert change(olga, made, classes=["cat", "neither"]).status_code == 422
    assert change(olga, made, merge={"dog": "cat"}).status_code == 200
    rows = olga.pages(f"/projects/{made.slug}/annotations")
    assert [row["value"]["spans"][0]["label"] for row in rows] == ["cat", "cat"]
    assert rows[1]["original"] == {"spans": [{"label": "dog", "start": 0, "end": 4}]}
    found = olga.pages(f"/projects/{made.slug}/consensus")[0]
    assert (found["value"], found["differ"]) == ({"spans": [{"label": "cat", "start": 0, "end": 4}]}, False)
    with database.read() as session:
        assert recount(session, made.id) == {}


def test_classes_are_renamed_and_swap_their_names(api: Cast, make_project: Make) -> None:
    made, olga = make_project(items=1, votes=1), api("olga")
    give(api("ann"), made, [{"label": "cat"}])
    swapped = [{"name": "dog", "was": "cat"}, {"name": "cat", "was": "dog"}, "neither"]
    assert change(olga, made, classes=swapped).status_code == 200
    assert (classes(olga, made), finals(olga, made)) == (["dog", "cat", "neither"], ["dog"])


@pytest.mark.parametrize(
    "body",
    [
        {"merge": {"cat": "cat"}},
        {"merge": {"cat": "dog", "dog": "cat"}},
        {"merge": {"lion": "cat"}},
        {"merge": {"cat": "dog", "neither": "dog"}},
        {"classes": ["cat"]},
        {"classes": ["cat", "cat", "dog", "neither"]},
        {"classes": ["cat", "dog", {"name": "cat", "was": "neither"}]},
        {"classes": ["cat", "dog", {"name": "x", "was": "gone"}]},
    ],
)
def test_what_would_leave_no_choice_or_two_of_a_name_is_refused(
    api: Cast, make_project: Make, body: dict[str, Any]
) -> None:
    made, olga = make_project(), api("olga")
    assert change(olga, made, **body).status_code == 422
    assert classes(olga, made) == ["cat", "dog", "neither"]


def test_no_table_names_classes_that_a_merge_forgets(database: Database, make_project: Make) -> None:
    named = {
        f"{column.class_.__tablename__}.{column.key}"
        for column in (*(one for _, one, _ in LABELS), *(one for one, _ in COMPUTED))
    }
    stored = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("code") and isinstance(column.type, String)
    }
    assert stored == named
    with database.read() as session:
        assert classes_of(session, make_project().id).names == ("cat", "dog", "neither")
