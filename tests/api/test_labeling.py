"""Holding items, answering them, taking answers back: over HTTP, as the workspace and the Python client do it."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import update

from labeler.assignment.models import Assignment
from labeler.storage.database import Database
from tests.api.conftest import Api
from tests.conftest import Made

Cast = Callable[[str], Api]
Make = Callable[..., Made]
SEEN = {"assignment", "item", "external_id", "text", "expires_at", "purpose", "note", "metadata", "suggestion"}


def _expire(database: Database) -> None:
    with database.write() as session:
        session.execute(update(Assignment).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))


def test_a_claimed_item_shows_its_text_and_nothing_that_tells_a_label(api: Cast, make_project: Make) -> None:
    made = make_project(given="dog")
    held = api("ann").claim(made, 2)
    assert [set(one) for one in held] == [SEEN, SEEN]
    assert held[0]["item"] == made.items[0]
    assert held[0]["external_id"] == "e0"
    assert held[0]["purpose"] == "label"
    assert (held[0]["note"], held[0]["suggestion"]) == (None, None)
    assert "dog" not in held[0]["metadata"].values()
    left = datetime.fromisoformat(held[0]["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=29) < left <= timedelta(minutes=31)


def test_asking_twice_holds_the_same_items(api: Cast, make_project: Make) -> None:
    made = make_project()
    first = api("ann").claim(made, 3)
    assert [one["assignment"] for one in api("ann").claim(made, 3)] == [one["assignment"] for one in first]


def test_an_empty_list_says_that_nothing_is_left(api: Cast, make_project: Make) -> None:
    made = make_project(items=1, votes=1)
    assert len(api("ann").claim(made, 5)) == 1
    assert api("bob").claim(made, 5) == []


@pytest.mark.parametrize("body", [{"count": 0}, {"count": "1"}, {"count": 101}, {"count": 1, "user_id": 2}, {"n": 1}])
def test_a_claim_that_is_not_one_is_refused(api: Cast, make_project: Make, body: dict[str, Any]) -> None:
    make_project()
    assert api("ann").post("/projects/pets/assignments", body).status_code == 422


def test_a_single_answer_is_created_and_the_same_again_is_replayed(api: Cast, make_project: Make) -> None:
    made = make_project()
    ann = api("ann")
    assignment = ann.claim(made)[0]["assignment"]
    first = ann.answer(made, assignment, "cat", key="one-key-1")
    assert first.status_code == 201
    assert first.json == {
        "key": "one-key-1",
        "status": "created",
        "id": first.json["id"],
        "reason": "",
        "feedback": None,
    }
    again = ann.answer(made, assignment, "cat", key="one-key-1")
    assert (again.status_code, again.json) == (200, first.json | {"status": "replayed"})
    assert len(ann.pages("/projects/pets/annotations")) == 1


def test_a_key_cannot_be_used_for_another_answer(api: Cast, make_project: Make) -> None:
    made = make_project()
    ann = api("ann")
    assignment = ann.claim(made)[0]["assignment"]
    ann.answer(made, assignment, "cat", key="one-key-1")
    other = ann.answer(made, assignment, "dog", key="one-key-1")
    assert (other.status_code, other.content_type) == (422, "application/problem+json")
    assert "new key" in other.json["detail"]
    assert [row["value"] for row in ann.pages("/projects/pets/annotations")] == [{"label": "cat"}]


def test_a_list_is_answered_entry_by_entry_and_bad_ones_stop_no_good_ones(api: Cast, make_project: Make) -> None:
    made = make_project()
    ann = api("ann")
    first, second, third = (one["assignment"] for one in ann.claim(made, 3))
    body = [
        {"key": "entry-01", "assignment": first, "value": {"label": "cat"}, "seconds": 1},
        {"key": "entry-02", "assignment": second, "value": {"label": "lion"}},
        {"key": "entry-03", "assignment": second, "value": {"label": "dog"}, "status": "counted"},
        {"key": "entry-04", "assignment": 10**6, "value": {"label": "dog"}},
        {"key": "short", "assignment": second, "value": {"label": "dog"}},
        "nonsense",
        {"key": "entry-07", "assignment": third, "skip": "blurred", "comment": "cannot tell", "unsure": True},
        {"key": "entry-01", "assignment": first, "value": {"label": "cat"}, "seconds": 1},
    ]
    answer = ann.post("/projects/pets/annotations", body)
    assert answer.status_code == 200
    assert [(row["key"], row["status"]) for row in answer.json] == [
        ("entry-01", "created"),
        ("entry-02", "rejected"),
        ("entry-03", "rejected"),
        ("entry-04", "rejected"),
        ("short", "rejected"),
        ("", "rejected"),
        ("entry-07", "created"),
        ("entry-01", "replayed"),
    ]
    assert all(bool(row["reason"]) == (row["status"] == "rejected") for row in answer.json)
    assert "status" in answer.json[2]["reason"]
    stored = ann.pages("/projects/pets/annotations")
    assert [(row["status"], row["skip"], row["comment"]) for row in stored] == [
        ("counted", "", ""),
        ("skipped", "blurred", "cannot tell"),
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"user_id": 1}, "user_id"),
        ({"status": "counted"}, "status"),
        ({"purpose": "gold"}, "purpose"),
        ({"assignment": "1"}, "assignment"),
        ({"assignment": 2**70}, "assignment"),
        ({"seconds": "fast"}, "seconds"),
        ({"value": "cat"}, "value"),
        ({"key": None}, "key"),
    ],
)
def test_a_single_answer_that_does_not_fit_names_its_field(
    api: Cast, make_project: Make, change: dict[str, Any], field: str
) -> None:
    made = make_project()
    ann = api("ann")
    body = {"key": "one-key-1", "assignment": ann.claim(made)[0]["assignment"], "value": {"label": "cat"}}
    answer = ann.post("/projects/pets/annotations", body | change)
    assert (answer.status_code, answer.json["field"]) == (422, field)
    assert ann.pages("/projects/pets/annotations") == []


def test_more_than_a_hundred_answers_at_once_are_refused(api: Cast, make_project: Make) -> None:
    make_project()
    assert api("ann").post("/projects/pets/annotations", [{}] * 101).status_code == 422
    assert api("ann").post("/projects/pets/annotations", []).json == []


def test_an_answer_after_the_lease_is_counted_while_there_is_room(
    api: Cast, make_project: Make, database: Database
) -> None:
    made = make_project(votes=1)
    assignment = api("ann").claim(made)[0]["assignment"]
    _expire(database)
    assert api("ann").answer(made, assignment, "cat").json["status"] == "created"


def test_an_answer_that_comes_too_late_is_kept_as_late_and_not_counted(
    api: Cast, make_project: Make, database: Database
) -> None:
    made = make_project(items=1, votes=1)
    ann, bob = api("ann"), api("bob")
    assignment = ann.claim(made)[0]["assignment"]
    _expire(database)
    bob.answer(made, bob.claim(made)[0]["assignment"], "dog")
    late = ann.answer(made, assignment, "cat")
    assert (late.status_code, late.json["status"]) == (201, "late")
    assert ann.answer(made, assignment, "cat").json["status"] == "replayed"
    shown = {row["annotator"]: row["status"] for row in api("olga").pages("/projects/pets/annotations")}
    assert shown == {"bob@example.org": "counted", "ann@example.org": "late"}
    assert api("olga").pages("/projects/pets/consensus")[0]["label"] == "dog"


def test_ones_own_answer_is_undone_and_the_item_held_again(api: Cast, make_project: Make) -> None:
    made = make_project()
    ann = api("ann")
    held = ann.claim(made)[0]
    stored = ann.answer(made, held["assignment"], "cat").json["id"]
    undone = ann("DELETE", f"/projects/pets/annotations/{stored}")
    assert (undone.status_code, undone.json) == (200, {"id": stored, "status": "undone"})
    assert ann.claim(made)[0]["item"] == held["item"]
    assert ann("DELETE", f"/projects/pets/annotations/{stored}").status_code == 409
    assert ann.answer(made, held["assignment"], "dog", key="second-key").json["status"] == "created"
    assert [row["status"] for row in ann.pages("/projects/pets/annotations")] == ["undone", "counted"]


def test_nobody_undoes_the_answer_of_another_not_even_a_lead(api: Cast, make_project: Make) -> None:
    made = make_project()
    stored = api("ann").answer(made, api("ann").claim(made)[0]["assignment"], "cat").json["id"]
    for name in ("bob", "olga", "zed"):
        assert api(name)("DELETE", f"/projects/pets/annotations/{stored}").status_code == 404
    assert api("ann")("DELETE", f"/projects/pets/annotations/{2**60}").status_code == 404


def test_an_annotator_answers_only_what_they_hold(api: Cast, make_project: Make) -> None:
    made = make_project()
    of_ann = api("ann").claim(made)[0]["assignment"]
    refused = api("bob").answer(made, of_ann, "cat")
    assert refused.status_code == 422
    assert "do not hold" in refused.json["detail"]


def test_an_annotator_lists_their_own_answers_and_a_lead_all(api: Cast, make_project: Make) -> None:
    made = make_project(items=3, votes=2)
    for name, label in (("ann", "cat"), ("bob", "dog")):
        for held in api(name).claim(made, 3):
            api(name).answer(made, held["assignment"], label)
    mine = api("ann").pages("/projects/pets/annotations?limit=2")
    assert {row["annotator"] for row in mine} == {"ann@example.org"}
    assert len(mine) == 3
    row = mine[0]
    assert (row["item"], row["external_id"], row["seconds"], row["purpose"]) == (made.items[0], "e0", 2.5, "label")
    assert len(api("olga").pages("/projects/pets/annotations?limit=4")) == 6


def test_what_one_answered_comes_back_newest_first_with_ones_own_answer_only(api: Cast, make_project: Make) -> None:
    made = make_project(items=3, votes=2, given="neither")
    ann, bob = api("ann"), api("bob")
    for held in bob.claim(made, 3):
        bob.answer(made, held["assignment"], "dog")
    first, second, _ = ann.claim(made, 3)
    ann.answer(made, first["assignment"], "cat")
    ann.post("/projects/pets/annotations", [{"key": "skip-key-1", "assignment": second["assignment"], "skip": "dark"}])
    answer = ann.get("/projects/pets/assignments?state=done&limit=50")
    assert answer.json["next"] is None
    newest, oldest = answer.json["data"]
    own = {"value", "annotation", "skip", "comment", "unsure", "status", "answered_at", "said"}
    assert set(newest) - {"image_url", "thumb_url", "width", "height", "earlier", "start"} == SEEN | own
    assert (newest["item"], newest["value"], newest["skip"]) == (second["item"], None, "dark")
    assert (oldest["item"], oldest["value"], oldest["skip"]) == (first["item"], {"label": "cat"}, "")
    assert oldest["assignment"] == first["assignment"]
    assert b"dog" not in answer.data.replace(b"about dogs", b"")
    assert b"neither" not in answer.data


def test_a_sent_back_item_comes_with_the_leads_note(api: Cast, make_project: Make) -> None:
    made = make_project(items=1, votes=1)
    api("ann").answer(made, api("ann").claim(made)[0]["assignment"], "cat")
    review = {"key": "review-01", "item": made.items[0], "decision": "send_back", "reason": "Look at the ears."}
    assert api("olga").post("/projects/pets/reviews", review).status_code == 201
    assert api("bob").claim(made) == []
    held = api("ann").claim(made)[0]
    assert (held["purpose"], held["note"]) == ("review", "Look at the ears.")


def test_an_image_is_shown_by_address_and_size(api: Cast) -> None:
    from PIL import Image

    olga = api("olga")
    classes = [{"name": "a"}, {"name": "b"}]
    olga.post("/projects", {"slug": "pics", "media": "image", "task": "classification", "classes": classes})
    picture = BytesIO()
    Image.effect_noise((60, 40), 30).save(picture, "PNG")
    encoded = base64.b64encode(picture.getvalue()).decode()
    sent = olga.post("/projects/pics/items", [{"id": "p1", "image": encoded}, {"id": "p2", "image": encoded[:120]}])
    assert (sent.json["added"], sent.json["rejected"]) == (1, 1)
    held = olga.claim(Made(0, "pics", []))[0]
    assert "text" not in held
    assert (held["width"], held["height"]) == (60, 40)
    assert held["image_url"] == f"/p/pics/images/{held['item']}/display"
    assert held["thumb_url"] == f"/p/pics/images/{held['item']}/thumb"
