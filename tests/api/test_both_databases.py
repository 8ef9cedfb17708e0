"""The whole loop over HTTP, on SQLite and on PostgreSQL: what is served, counted and listed must not differ."""

from collections.abc import Callable
from typing import Any

import pytest

from labeler.agreement.queries import recount as recount_patterns
from labeler.assignment.queries import recount as recount_slots
from labeler.config import Settings
from labeler.projects.models import Project
from labeler.storage.database import Database
from tests.api.conftest import Api
from tests.conftest import Made

Cast = Callable[[str], Api]


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def test_the_loop_ends_with_the_same_labels_on_both_databases(
    api: Cast, make_project: Callable[..., Made], database: Database
) -> None:
    made = make_project(items=4, votes=2, given="neither")
    olga, ann, bob = api("olga"), api("ann"), api("bob")
    for annotator, labels in ((ann, ["cat", "cat", "dog"]), (bob, ["cat", "dog", "dog"])):
        for held, label in zip(annotator.claim(made, 3), labels, strict=True):
            assert annotator.answer(made, held["assignment"], label).json["status"] == "created"
    undone = ann.get("/projects/pets/assignments?state=done").json["data"][0]
    assert ann("DELETE", f"/projects/pets/annotations/{undone['annotation']}").status_code == 200
    again = ann.claim(made, 1)[0]
    assert again["item"] == undone["item"]
    assert ann.answer(made, again["assignment"], "cat", key="another-key").json["status"] == "created"
    decision = {"key": "review-01", "item": made.items[1], "decision": "relabel", "value": {"label": "dog"}}
    assert olga.post("/projects/pets/reviews", decision).status_code == 201
    shown: list[dict[str, Any]] = olga.pages("/projects/pets/items?limit=2")
    assert [(row["final_label"], row["source"]) for row in shown] == [
        ("cat", "consensus"),
        ("dog", "review"),
        (None, "ambiguous"),
        ("neither", "given"),
    ]
    assert [row["votes"] for row in olga.pages("/projects/pets/annotators")] == [0, 3, 3]
    assert olga.get("/projects/pets/agreement").json["pairable_items"] == 3
    assert olga.get("/projects/pets/export?format=jsonl").data.count(b"\n") == 3
    with database.read() as session:
        project = session.get_one(Project, made.id)
        assert recount_slots(session, project, []) == {}
        assert recount_patterns(session, made.id) == {}
