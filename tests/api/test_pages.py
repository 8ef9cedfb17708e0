"""Pages of look-alikes over HTTP, on both databases: who gets what, how many at once, and back again."""

import struct
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from labeler.agreement.queries import recount as recount_patterns
from labeler.annotations.models import Annotation
from labeler.assignment.models import Assignment
from labeler.assignment.queries import recount as recount_slots
from labeler.config import Settings
from labeler.projects.actions import change_project
from labeler.projects.models import Item, Project
from labeler.quality.models import Inspection, ItemScore
from labeler.storage.database import Database
from tests.api.conftest import Api
from tests.conftest import NOW, Made

Cast = Callable[[str], Api]
Make = Callable[..., Made]
CAT, DOG = (0.9, 0.06, 0.04), (0.05, 0.92, 0.03)
PAGES = "/projects/pets/pages"


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def offer(database: Database, made: Made, *, on: bool = True) -> None:
    with database.write() as session:
        change_project(session, session.get_one(Project, made.id), {"settings": {"bulk": on}})


def inspected(database: Database, made: Made, sizes: Sequence[int], said: dict[int, Sequence[float]]) -> None:
    """Store a finished inspection whose clusters are the first items, so many each. said: probabilities by item."""
    of_item = [number for number, size in enumerate(sizes) for _ in range(size)]
    with database.write() as session:
        run = Inspection(project_id=made.id, state="done", started_at=NOW, summary={})
        session.add(run)
        session.flush()
        for item, cluster in zip(made.items, of_item, strict=False):
            shares = said.get(item, CAT)
            row = ItemScore(inspection_id=run.id, item_id=item, label_code="", cluster=cluster)
            row.probabilities = struct.pack(f"<{len(shares)}f", *shares)
            session.add(row)


@pytest.fixture
def pets(make_project: Make, database: Database) -> Made:
    """Twenty-four texts in three clusters of eight, one answer each, pages on."""
    made = make_project(items=24, votes=1)
    offer(database, made)
    inspected(database, made, [8, 8, 8], dict.fromkeys(made.items[8:16], DOG))
    return made


def turn(person: Api, without: Sequence[int] = ()) -> dict[str, Any]:
    answer = person.post(PAGES, {"without": list(without)} if without else {})
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def items_of(page: dict[str, Any]) -> list[int]:
    return [one["item"] for one in page["items"]]


def confirm(person: Api, page: dict[str, Any], *, leave: int = 0, **changes: Any) -> list[dict[str, Any]]:
    """Answer a page as the grid does, all but the last `leave` items."""
    kept = page["items"][: len(page["items"]) - leave]
    body = [
        {
            "key": f"key-{page['page']}-{one['item']}",
            "assignment": one["assignment"],
            "value": {"label": page["class"]},
            "seconds": 0.5,
            "mode": "bulk",
            "page": page["page"],
            "input": "key",
            **changes,
        }
        for one in kept
    ]
    found: list[dict[str, Any]] = person.post("/projects/pets/annotations", body).json
    return found


def test_pages_are_off_until_a_lead_turns_them_on(api: Cast, make_project: Make, database: Database) -> None:
    made = make_project(items=8, votes=1)
    inspected(database, made, [8], {})
    refused = api("ann").post(PAGES, {})
    assert (refused.status_code, refused.content_type) == (403, "application/problem+json")
    assert "A lead can turn them on" in refused.json["detail"]
    offer(database, made)
    assert len(turn(api("ann"))["items"]) == 8
    offer(database, made, on=False)
    assert api("olga").post(PAGES, {}).status_code == 403


def test_pages_are_for_a_choice_of_one_class_only(api: Cast, make_project: Make, database: Database) -> None:
    made = make_project(task="rating")
    offer(database, made)
    assert api("ann").post(PAGES, {}).status_code == 403


def test_an_outsider_finds_no_page(api: Cast, pets: Made) -> None:
    assert pets.slug == "pets"
    assert api("zed").post(PAGES, {}).status_code == 404
    assert api("zed")("DELETE", f"{PAGES}/any").status_code == 404
    assert api("").post(PAGES, {}).status_code == 401


def test_without_an_inspection_that_grouped_items_the_reason_is_said(
    api: Cast, make_project: Make, database: Database
) -> None:
    made = make_project(items=8, votes=1)
    offer(database, made)
    nothing: dict[str, Any] = {"page": None, "cluster": None, "class": None, "items": [], "reason": "no_pass"}
    assert turn(api("ann")) == nothing
    with database.write() as session:
        session.add(Inspection(project_id=made.id, state="done", started_at=NOW, summary={}))
    assert turn(api("ann")) == nothing


def test_a_page_holds_one_cluster_of_one_class_least_certain_first(
    api: Cast, make_project: Make, database: Database
) -> None:
    made = make_project(items=10, votes=1)
    offer(database, made)
    inspected(database, made, [6, 4], {made.items[4]: (0.45, 0.4, 0.15), made.items[2]: (0.8, 0.1, 0.1)})
    page = turn(api("ann"))
    assert page["class"] == "cat"
    assert items_of(page)[:2] == [made.items[4], made.items[2]]
    assert sorted(items_of(page)) == made.items[:6]
    assert (page["items"][0]["odd"], page["items"][0]["rival"], page["items"][0]["probability"]) == (True, "dog", 0.45)
    assert [one["odd"] for one in page["items"][1:]] == [False] * 5
    assert page["items"][0]["text"] == "Text number 4 about dogs."
    assert len(page["page"]) == 36


def test_the_same_page_comes_again_until_its_items_are_left_out(api: Cast, pets: Made) -> None:
    ann = api("ann")
    first = turn(ann)
    assert items_of(turn(ann)) == items_of(first)
    second = turn(ann, items_of(first))
    assert (second["class"], second["cluster"], sorted(items_of(second))) == ("dog", 1, pets.items[8:16])


def test_later_clusters_come_first_for_somebody_on_their_way_and_then_the_earlier_ones(api: Cast, pets: Made) -> None:
    ann = api("ann")

    def cluster_after(after: int) -> Any:
        return ann.post(PAGES, {"after": after}).json["cluster"]

    assert pets.slug == "pets"
    assert [cluster_after(after) for after in (-1, 0, 1, 2)] == [0, 1, 2, 0]


def test_two_people_never_get_the_same_item_beyond_what_is_wanted(api: Cast, pets: Made) -> None:
    found: dict[str, dict[str, Any]] = {}
    gate = threading.Barrier(2)

    def ask(name: str, person: Api) -> None:
        gate.wait()
        found[name] = turn(person)

    threads = [threading.Thread(target=ask, args=(name, api(name))) for name in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(items_of(found["ann"])) == len(items_of(found["bob"])) == 8
    assert not set(items_of(found["ann"])) & set(items_of(found["bob"]))
    assert set(items_of(found["ann"])) | set(items_of(found["bob"])) == set(pets.items[:16])


def test_answers_of_a_page_are_stored_as_such_and_counts_stay_exact(api: Cast, pets: Made, database: Database) -> None:
    ann = api("ann")
    page = turn(ann)
    assert {row["status"] for row in confirm(ann, page, leave=2)} == {"created"}
    with database.read() as session:
        rows = session.scalars(select(Annotation)).all()
        assert {(row.mode, row.page, row.input, row.status) for row in rows} == {
            ("bulk", page["page"], "key", "counted")
        }
        assert recount_slots(session, session.get_one(Project, pets.id), []) == {}
        assert recount_patterns(session, pets.id) == {}
    assert sorted(items_of(turn(ann, items_of(page)))) == pets.items[8:16]
    left = {one["item"] for one in ann.claim(pets, 2)}
    assert left == set(items_of(page)[-2:])


def test_a_few_left_over_are_no_page(api: Cast, make_project: Make, database: Database) -> None:
    made = make_project(items=8, votes=1)
    offer(database, made)
    inspected(database, made, [8], {})
    ann = api("ann")
    confirm(ann, turn(ann), leave=3)
    assert turn(ann) == {"page": None, "cluster": None, "class": None, "items": [], "reason": "nothing_left"}
    assert len(ann.claim(made, 10)) == 3


def test_what_was_sent_back_is_on_no_page(api: Cast, pets: Made, database: Database) -> None:
    with database.write() as session:
        session.execute(update(Item).where(Item.id.in_(pets.items[:3])).values(round=1, open_slots=1))
    assert sorted(items_of(turn(api("ann")))) == pets.items[3:8]


def test_items_held_one_by_one_are_on_the_page_too(api: Cast, pets: Made) -> None:
    ann = api("ann")
    held = {one["item"]: one["assignment"] for one in ann.claim(pets, 8)}
    page = turn(ann)
    assert {one["item"]: one["assignment"] for one in page["items"]} == held


def test_a_page_somebody_left_is_free_when_its_lease_ends(api: Cast, pets: Made, database: Database) -> None:
    assert sorted(items_of(turn(api("ann")))) == pets.items[:8]
    assert sorted(items_of(turn(api("bob")))) == pets.items[8:16]
    with database.write() as session:
        session.execute(update(Assignment).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    api("bob").claim(pets, 1)
    assert sorted(items_of(turn(api("bob"))))[1:] == pets.items[1:8]


def test_none_of_a_page_can_be_answered_one_by_one(api: Cast, pets: Made) -> None:
    ann = api("ann")
    turn(ann)
    page = turn(ann, pets.items[:8])
    answer = ann.post("/projects/pets/assignments", {"count": 48, "items": items_of(page)})
    assert [one["item"] for one in answer.json] == items_of(page)
    assert [one["item"] for one in api("bob").post("/projects/pets/assignments", {"items": items_of(page)}).json] == []


def test_one_request_takes_a_whole_page_back(api: Cast, pets: Made, database: Database) -> None:
    ann = api("ann")
    page = turn(ann)
    confirm(ann, page)
    back = ann("DELETE", f"{PAGES}/{page['page']}")
    assert back.status_code == 200
    counts = {name: back.json[name] for name in ("undone", "late", "replaced", "class")}
    assert counts == {"undone": 8, "late": 0, "replaced": 0, "class": "cat"}
    assert items_of(back.json) == items_of(page)
    assert back.json["page"] != page["page"]
    with database.read() as session:
        assert {row.status for row in session.scalars(select(Annotation))} == {"undone"}
        assert recount_slots(session, session.get_one(Project, pets.id), []) == {}
        assert recount_patterns(session, pets.id) == {}
    assert {row["status"] for row in confirm(ann, back.json)} == {"created"}


def test_taking_a_page_back_twice_or_an_unknown_one_changes_nothing(api: Cast, pets: Made) -> None:
    ann = api("ann")
    page = turn(ann)
    confirm(ann, page)
    ann("DELETE", f"{PAGES}/{page['page']}")
    again = ann("DELETE", f"{PAGES}/{page['page']}").json
    assert (again["undone"], again["replaced"], again["items"]) == (0, 8, [])
    assert ann("DELETE", f"{PAGES}/never").json["undone"] == 0
    assert pets.slug == "pets"


def test_only_ones_own_answers_of_a_page_are_taken_back(api: Cast, pets: Made) -> None:
    ann = api("ann")
    page = turn(ann)
    confirm(ann, page)
    assert api("bob")("DELETE", f"{PAGES}/{page['page']}").json["undone"] == 0
    assert {row["status"] for row in ann.pages(f"/projects/{pets.slug}/annotations")} == {"counted"}


def test_late_and_replaced_answers_are_told_and_stop_nothing(api: Cast, pets: Made, database: Database) -> None:
    ann, bob = api("ann"), api("bob")
    page = turn(ann)
    with database.write() as session:  # her lease ends, and Bob answers two of the items first
        session.execute(update(Assignment).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    for held in bob.claim(pets, 2):
        bob.answer(pets, held["assignment"], "dog", key=f"bobs-{held['item']}")
    statuses = [row["status"] for row in confirm(ann, page)]
    assert (statuses.count("late"), statuses.count("created")) == (2, 6)
    changed = page["items"][-1]
    assert ann.answer(pets, changed["assignment"], "dog", key="another-key").json["status"] == "created"
    back = ann("DELETE", f"{PAGES}/{page['page']}").json
    assert (back["undone"], back["late"], back["replaced"]) == (7, 2, 1)
    assert len(back["items"]) == 5
    with database.read() as session:
        assert recount_slots(session, session.get_one(Project, pets.id), []) == {}
        assert recount_patterns(session, pets.id) == {}


@pytest.mark.parametrize(
    "body", [{"without": ["1"]}, {"without": [0]}, {"without": [1] * 2001}, {"count": 3}, {"after": -2}]
)
def test_a_turn_that_is_not_one_is_refused(api: Cast, pets: Made, body: dict[str, Any]) -> None:
    assert pets.slug == "pets"
    assert api("ann").post(PAGES, body).status_code == 422


def test_a_page_holds_what_the_document_promises(api: Cast, pets: Made, app: Any) -> None:
    schemas = app.test_client().get("/api/v1/openapi.json").get_json()["components"]["schemas"]
    page = turn(api("ann"))
    assert set(page) == set(schemas["PageOut"]["properties"])
    (inner,) = (key for key in schemas if key.startswith("PageOut.PageItem"))
    assert set(page["items"][0]) <= set(schemas[inner]["properties"])
    back = api("ann")("DELETE", f"{PAGES}/{page['page']}").json
    assert set(back) == set(schemas["PageTakenBack"]["properties"])
    assert pets.slug == "pets"
