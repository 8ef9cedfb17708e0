"""Projects and their members over HTTP."""

from collections.abc import Callable

import pytest

from tests.api.conftest import Api
from tests.conftest import Made

Cast = Callable[[str], Api]
NEW = {
    "slug": "birds",
    "name": "Birds",
    "media": "text",
    "task": "classification",
    "classes": [{"name": "owl", "description": "hoots"}, {"name": "gull"}],
    "votes": 3,
    "guidelines": "# Look up",
}


def test_a_project_is_made_and_read_back_as_it_was_sent(api: Cast) -> None:
    olga = api("olga")
    made = olga.post("/projects", NEW)
    assert made.status_code == 201
    assert made.headers["Location"] == "/api/v1/projects/birds"
    expected = {**NEW, "classes": [{"name": "owl", "description": "hoots"}, {"name": "gull", "description": ""}]}
    read = olga.get("/projects/birds").json
    assert {key: read[key] for key in expected} == expected
    assert made.json == read


def test_who_makes_a_project_leads_it_and_an_annotator_cannot_make_one(api: Cast) -> None:
    assert api("olga").post("/projects", NEW).status_code == 201
    assert api("olga").post("/projects/birds/inspections").status_code == 202
    refused = api("ann").post("/projects", NEW | {"slug": "mine"})
    assert (refused.status_code, refused.content_type) == (403, "application/problem+json")


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"slug": "Not A Slug"}, 422, "slug"),
        ({"votes": "3"}, 422, "votes"),
        ({"votes": 0}, 422, "votes"),
        ({"votes": True}, 422, "votes"),
        ({"media": "video"}, 422, "media"),
        ({"task": "guessing"}, 422, "task"),
        ({"classes": [{"name": "one"}]}, 422, "classes"),
        ({"classes": [{"name": 1}, {"name": "two"}]}, 422, "classes.0.name"),
        ({"created_by": 1}, 422, "created_by"),
        ({"id": 7}, 422, "id"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_made(
    api: Cast, change: dict[str, object], status: int, field: str
) -> None:
    olga = api("olga")
    answer = olga.post("/projects", NEW | change)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.json["field"] == field
    assert field in answer.json["detail"] or answer.json.get("errors") is None
    assert olga.get("/projects").json == {"data": [], "next": None}


def test_the_same_short_name_twice_is_a_conflict(api: Cast) -> None:
    olga = api("olga")
    olga.post("/projects", NEW)
    again = olga.post("/projects", NEW)
    assert (again.status_code, again.json["field"]) == (409, "slug")


def test_one_sees_only_the_projects_one_has_a_role_in(api: Cast, make_project: Callable[..., Made]) -> None:
    made = [make_project(slug, items=1).slug for slug in ("pets", "cars", "zoo")]
    assert [row["slug"] for row in api("ann").pages("/projects?limit=2")] == made
    assert api("rita").pages("/projects") == []
    assert api("zed").pages("/projects") == []


def test_a_change_touches_only_what_it_names(api: Cast, make_project: Callable[..., Made]) -> None:
    make_project(votes=2)
    olga = api("olga")
    before = olga.get("/projects/pets").json
    after = olga("PATCH", "/projects/pets", {"name": "Pets of the town"})
    assert after.status_code == 200
    assert after.json == before | {"name": "Pets of the town"}
    after = olga("PATCH", "/projects/pets", {"votes": 3, "guidelines": "# Look twice"})
    assert (after.json["votes"], after.json["guidelines"]) == (3, "# Look twice")


def test_more_votes_open_finished_items_again(api: Cast, make_project: Callable[..., Made]) -> None:
    made = make_project(items=1, votes=1)
    held = api("ann").claim(made)
    api("ann").answer(made, held[0]["assignment"], "cat")
    assert api("bob").claim(made) == []
    assert api("olga")("PATCH", "/projects/pets", {"votes": 2}).status_code == 200
    assert len(api("bob").claim(made)) == 1


def test_classes_can_be_added_but_not_left_out_while_in_use(api: Cast, make_project: Callable[..., Made]) -> None:
    make_project(given="cat")
    olga = api("olga")
    names = [{"name": name} for name in ("cat", "dog", "neither", "both")]
    assert [row["name"] for row in olga("PATCH", "/projects/pets", {"classes": names}).json["classes"]][-1] == "both"
    refused = olga("PATCH", "/projects/pets", {"classes": names[1:]})
    assert refused.status_code == 422
    assert "'cat' is in use (6 given labels)" in refused.json["detail"]


@pytest.mark.parametrize("body", [{"slug": "other"}, {"media": "image"}, {"votes": None, "owner": 1}, {"settings": {}}])
def test_a_change_of_what_cannot_change_is_refused(
    api: Cast, make_project: Callable[..., Made], body: dict[str, object]
) -> None:
    make_project()
    assert api("olga")("PATCH", "/projects/pets", body).status_code == 422


def test_a_deleted_project_is_gone_with_all_it_held(api: Cast, make_project: Callable[..., Made]) -> None:
    made = make_project()
    held = api("ann").claim(made)
    api("ann").answer(made, held[0]["assignment"], "cat")
    assert api("ann")("DELETE", "/projects/pets").status_code == 403
    assert api("olga")("DELETE", "/projects/pets").status_code == 204
    assert api("olga").get("/projects/pets").status_code == 404
    assert api("olga").pages("/projects") == []


def test_a_member_is_added_changed_and_removed(api: Cast, make_project: Callable[..., Made]) -> None:
    make_project()
    olga, rita = api("olga"), api("rita")
    assert rita.get("/projects/pets").status_code == 404
    put = olga("PUT", "/projects/pets/members/rita@example.org", {"role": "annotator"})
    assert (put.status_code, put.json) == (200, {"email": "rita@example.org", "name": "Rita", "role": "annotator"})
    assert rita.get("/projects/pets/items").status_code == 403
    olga("PUT", "/projects/pets/members/RITA@example.org", {"role": "lead"})
    assert rita.get("/projects/pets/items").status_code == 200
    assert olga("DELETE", "/projects/pets/members/rita@example.org").status_code == 204
    assert rita.get("/projects/pets").status_code == 404
    assert olga("DELETE", "/projects/pets/members/rita@example.org").status_code == 404


def test_an_unknown_person_cannot_be_added_and_the_answer_says_what_to_do(
    api: Cast, make_project: Callable[..., Made]
) -> None:
    make_project()
    answer = api("olga")("PUT", "/projects/pets/members/new@example.org", {"role": "lead"})
    assert answer.status_code == 404
    assert "labeler user add new@example.org" in answer.json["detail"]


@pytest.mark.parametrize("body", [{}, {"role": "admin"}, {"role": "lead", "active": True}, {"role": None}, []])
def test_a_role_that_does_not_exist_is_refused(api: Cast, make_project: Callable[..., Made], body: object) -> None:
    make_project()
    assert api("olga")("PUT", "/projects/pets/members/ann@example.org", body).status_code == 422
    assert api("ann").get("/projects/pets/items").status_code == 403
