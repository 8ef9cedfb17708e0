"""What a lead reads and decides over HTTP: items, consensus, agreement, flags, inspections, reviews, people, jobs."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from labeler.jobs import actions as jobs
from labeler.jobs.runner import Worker
from labeler.messages import Message
from labeler.quality.models import Flag, Inspection
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from tests.api.conftest import Api
from tests.conftest import NOW, Made

Cast = Callable[[str], Api]
Make = Callable[..., Made]
Answer = Callable[[Made, str, list[str]], Any]


def _inspected(database: Database, made: Made, flags: list[tuple[int, str, float]]) -> None:
    with database.write() as session:
        run = Inspection(project_id=made.id, state="done", summary={"findings": {}}, started_at=NOW, finished_at=NOW)
        session.add(run)
        session.flush()
        session.add_all(
            Flag(
                project_id=made.id,
                inspection_id=run.id,
                item_id=made.items[index],
                kind=kind,
                score=score,
                label_code="1",
                suggested_code="2" if kind == "label_error" else "",
                confidence=0.9,
                reasons=[{"kind": "votes"}],
            )
            for index, kind, score in flags
        )


def test_items_are_sent_as_lines_and_bad_rows_are_named(api: Cast, make_project: Make) -> None:
    make_project(items=0)
    lines = (
        b'{"id": "a", "text": "One", "label": "cat"}\n{"id": "b", "text": ""}\nnot json\n{"id": "c", "text": "Three"}\n'
    )
    sent = api("olga").post("/projects/pets/items", data=lines, content_type="application/x-ndjson")
    assert sent.status_code == 200
    counts = {key: sent.json[key] for key in ("added", "changed", "unchanged", "rejected")}
    assert counts == {"added": 2, "changed": 0, "unchanged": 0, "rejected": 2}
    assert [row["row"] for row in sent.json["rejected_rows"]] == [2, 3]
    assert sent.json["rejected_rows"][0]["column"] == "text"
    assert isinstance(sent.json["import"], int)
    again = api("olga").post("/projects/pets/items", data=lines, content_type="application/x-ndjson")
    assert (again.json["added"], again.json["unchanged"]) == (0, 2)


def test_items_are_sent_as_a_list_with_metadata_and_given_labels(api: Cast, make_project: Make) -> None:
    make_project(items=0)
    olga = api("olga")
    rows = [
        {"id": "a", "text": "One", "label": "cat", "metadata": {"page": 3}},
        {"id": "b", "text": "Two", "label": "lion"},
        {"id": "c", "text": "Three", "open_slots": 99, "project_id": 7},
    ]
    sent = olga.post("/projects/pets/items", rows)
    assert (sent.json["added"], sent.json["rejected"]) == (2, 1)
    assert "lion" in sent.json["rejected_rows"][0]["reason"]
    first, second = olga.pages("/projects/pets/items")
    assert (first["given_label"], first["final_label"], first["source"]) == ("cat", "cat", "given")
    assert first["metadata"] == {"page": 3}
    assert (second["open_slots"], second["state"]) == (2, "unlabeled")


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"text\nhello\n", "text/csv", 422),
        (b'{"text": "one"}', "application/json", 422),
        (b'[{"words": 1}]', "application/json", 422),
        (b"[]", "application/json", 200),
        (b"", "application/x-ndjson", 200),
    ],
)
def test_a_body_without_items_adds_none(api: Cast, make_project: Make, data: bytes, kind: str, status: int) -> None:
    make_project(items=0)
    answer = api("olga").post("/projects/pets/items", data=data, content_type=kind)
    assert answer.status_code == status
    assert api("olga").pages("/projects/pets/items") == []


def test_items_are_listed_in_pages_and_by_filter(api: Cast, make_project: Make, answer: Answer) -> None:
    made = make_project(items=7, votes=2)
    olga = api("olga")
    answer(made, "ann", ["cat", "cat"])
    answer(made, "bob", ["cat", "dog"])
    every = olga.pages("/projects/pets/items?limit=3")
    assert [row["item"] for row in every] == made.items
    assert [row["state"] for row in every[:3]] == ["labeled", "tie", "unlabeled"]
    assert (every[0]["final_label"], every[0]["source"], every[0]["votes"]) == ("cat", "consensus", 2)
    assert [row["item"] for row in olga.pages("/projects/pets/items?state=differ")] == [made.items[1]]
    assert [row["item"] for row in olga.pages("/projects/pets/items?final_label=cat&limit=1")] == [made.items[0]]
    assert [row["external_id"] for row in olga.pages("/projects/pets/items?text=number+4")] == ["e4"]
    assert olga.get("/projects/pets/items?final_label=lion").json["field"] == "final_label"


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=many", "limit=100000", "cursor=next", "cursor=-1", "sort=id", "state=odd", "text=%00"]
)
def test_parameters_that_are_not_known_are_refused(api: Cast, make_project: Make, query: str) -> None:
    make_project()
    answer = api("olga").get(f"/projects/pets/items?{query}")
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert answer.json["field"] == query.partition("=")[0]


def test_consensus_follows_the_votes(api: Cast, make_project: Make, answer: Answer) -> None:
    made = make_project(items=3, votes=2)
    answer(made, "ann", ["cat", "cat"])
    answer(made, "bob", ["cat", "dog"])
    first, second = api("olga").pages("/projects/pets/consensus?limit=1")
    assert (first["item"], first["label"], first["votes"], first["differ"]) == (made.items[0], "cat", 2, False)
    assert (second["label"], second["differ"]) == (None, True)


def test_agreement_says_why_it_is_silent_and_how_far_each_class_goes(
    api: Cast, make_project: Make, answer: Answer
) -> None:
    made = make_project(items=4, votes=2)
    empty = api("olga").get("/projects/pets/agreement").json
    assert (empty["alpha"], empty["reason"]) == (None, "No item has two answers yet.")
    answer(made, "ann", ["cat", "dog", "cat", "dog"])
    answer(made, "bob", ["cat", "dog", "cat", "cat"])
    found = api("olga").get("/projects/pets/agreement").json
    assert (found["percent"], found["pairable_items"], found["interval"]) == (0.75, 4, None)
    assert found["alpha"] == pytest.approx(0.5333, abs=1e-3)
    assert [row["class"] for row in found["classes"]] == ["cat", "dog", "neither"]
    assert (found["classes"][0]["answers"], found["classes"][2]["specific_agreement"]) == (5, None)


def test_agreement_names_the_measures_people_know(api: Cast, make_project: Make, answer: Answer) -> None:
    made = make_project(items=4, votes=3)
    answer(made, "ann", ["cat", "dog", "cat", "dog"])
    answer(made, "bob", ["cat", "dog", "cat", "cat"])
    names = ["krippendorff_alpha", "gwet_ac1", "fleiss_kappa", "brennan_prediger", "cohen_kappa", "scott_pi"]
    found = {one["measure"]: one for one in api("olga").get("/projects/pets/agreement").json["details"]}
    assert list(found) == names
    assert found["cohen_kappa"]["value"] == pytest.approx(0.5)
    assert found["brennan_prediger"]["value"] == pytest.approx((0.75 - 1 / 3) / (1 - 1 / 3))
    answer(made, "olga", ["cat"])
    now = api("olga").get("/projects/pets/agreement").json["details"]
    assert [one["measure"] for one in now] == names[:4], "three people: nothing that is of two"


def test_flags_come_worst_first_within_their_kind_in_pages(api: Cast, make_project: Make, database: Database) -> None:
    made = make_project(items=5, given="cat")
    olga = api("olga")
    assert olga.get("/projects/pets/flags").json == {"inspection": None, "data": [], "next": None}
    found = [(0, "outlier", 0.99), (1, "label_error", 0.5), (2, "label_error", 0.9), (3, "label_error", 0.9)]
    _inspected(database, made, found)
    rows = olga.pages("/projects/pets/flags?limit=1")
    expected = [("label_error", 2, 0.9), ("label_error", 3, 0.9), ("label_error", 1, 0.5), ("outlier", 0, 0.99)]
    assert [(row["kind"], made.items.index(row["item"]), row["score"]) for row in rows] == expected
    assert [row["kind"] for row in olga.pages("/projects/pets/flags?kind=outlier")] == ["outlier"]
    first = rows[0]
    assert (first["given_label"], first["label"], first["decision"]) == ("cat", "cat", None)
    assert (first["external_id"], first["reasons"], first["confidence"]) == ("e2", [{"kind": "votes"}], 0.9)
    assert olga.get("/projects/pets/flags?kind=odd").status_code == 422


def test_a_list_of_flags_that_was_begun_is_finished_on_its_own_inspection(
    api: Cast, make_project: Make, database: Database
) -> None:
    made = make_project(items=3)
    _inspected(database, made, [(0, "label_error", 0.9), (1, "label_error", 0.8)])
    first = api("olga").get("/projects/pets/flags?limit=1").json
    _inspected(database, made, [(2, "label_error", 0.7)])
    second = api("olga").get(first["next"].removeprefix("/api/v1")).json
    assert second["inspection"] == first["inspection"]
    assert [row["item"] for row in second["data"]] == [made.items[1]]
    assert api("olga").get("/projects/pets/flags?cursor=999").json["field"] == "cursor"


def test_a_cursor_of_another_project_is_refused(api: Cast, make_project: Make, database: Database) -> None:
    other, mine = make_project("cars"), make_project("pets")
    _inspected(database, other, [(0, "label_error", 0.9)])
    _inspected(database, mine, [(0, "label_error", 0.9)])
    assert api("olga").get("/projects/pets/flags?cursor=1").status_code == 422


def test_a_decision_is_stored_once_per_key(api: Cast, make_project: Make, database: Database) -> None:
    made = make_project(items=2, given="cat")
    olga = api("olga")
    _inspected(database, made, [(0, "label_error", 0.9)])
    body = {"key": "review-01", "item": made.items[0], "decision": "relabel", "value": {"label": "dog"}}
    first = olga.post("/projects/pets/reviews", body)
    assert first.status_code == 201
    assert (first.json["label"], first.json["before_label"], first.json["status"]) == ("dog", "cat", "current")
    again = olga.post("/projects/pets/reviews", body)
    assert (again.status_code, again.json) == (200, first.json)
    other = olga.post("/projects/pets/reviews", body | {"value": {"label": "neither"}})
    assert other.status_code == 409
    row = olga.pages("/projects/pets/items")[0]
    assert (row["final_label"], row["source"], row["state"]) == ("dog", "review", "reviewed")
    assert olga.pages("/projects/pets/flags")[0]["decision"] == "relabel"


@pytest.mark.parametrize(
    "change",
    [
        {"decision": "relabel"},
        {"decision": "keep", "value": {"label": "dog"}},
        {"decision": "promote"},
        {"value": {"label": "lion"}, "decision": "relabel"},
        {"value": {"label": "dog", "by": 1}, "decision": "relabel"},
        {"key": "short"},
        {"user_id": 1},
        {"batch": "all"},
    ],
)
def test_a_decision_that_does_not_fit_is_refused(api: Cast, make_project: Make, change: dict[str, Any]) -> None:
    made = make_project(items=1, given="cat")
    body = {"key": "review-01", "item": made.items[0], "decision": "keep"}
    assert api("olga").post("/projects/pets/reviews", body | change).status_code == 422
    assert api("olga").pages("/projects/pets/items")[0]["state"] == "labeled"


def test_an_item_of_another_project_cannot_be_decided(api: Cast, make_project: Make) -> None:
    other, _ = make_project("cars"), make_project("pets")
    body = {"key": "review-01", "item": other.items[0], "decision": "exclude"}
    assert api("olga").post("/projects/pets/reviews", body).status_code == 404


def test_annotators_are_listed_with_pace_and_agreement(api: Cast, make_project: Make, answer: Answer) -> None:
    made = make_project(items=4, votes=2)
    answer(made, "ann", ["cat", "dog", "cat"])
    answer(made, "bob", ["cat", "dog", "dog"])
    people = {row["email"]: row for row in api("olga").pages("/projects/pets/annotators?limit=1")}
    assert set(people) == {"olga@example.org", "ann@example.org", "bob@example.org"}
    ann = people["ann@example.org"]
    assert (ann["votes"], ann["skips"], ann["median_seconds"], ann["role"]) == (3, 0, 2.0, "annotator")
    assert (ann["agreement"], ann["compared"]) == (2 / 3, 3)  # the item on which the two tie is one of them
    assert people["olga@example.org"]["median_seconds"] is None
    api("olga")("DELETE", "/projects/pets/members/ann@example.org")
    left = {row["email"]: row["role"] for row in api("olga").pages("/projects/pets/annotators")}
    assert left["ann@example.org"] is None


def test_an_inspection_is_a_job_and_is_asked_for_once(api: Cast, make_project: Make) -> None:
    make_project()
    olga = api("olga")
    first = olga.post("/projects/pets/inspections")
    assert first.status_code == 202
    assert first.json["state"] == "queued"
    assert olga.post("/projects/pets/inspections").json["id"] == first.json["id"]
    assert olga.get(first.headers["Location"].removeprefix("/api/v1")).json == first.json
    assert olga.pages("/projects/pets/inspections") == []


def test_a_job_tells_a_program_in_english_and_our_own_page_in_the_language_of_its_reader(
    api: Cast, make_project: Make, database: Database, sign_in: Callable[[str], FlaskClient]
) -> None:
    make_project()
    number = api("olga").post("/projects/pets/inspections").json["id"]
    with database.write() as session:
        jobs.seen(session, "w", clock(session))
        jobs.take(session, "w", clock(session))
        said = Message("{count:,} rows read", count=1200)
        jobs.report(session, number, ("w", 1), progress=0.5, message=said, now=clock(session))
    german = {"Accept-Language": "de"}
    told = api("olga")("GET", f"/jobs/{number}", headers=german).json
    assert (told["state"], told["progress"], told["message"], told["worker"]) == (
        "running",
        0.5,
        "1,200 rows read",
        True,
    )
    shown = sign_in("olga").get(f"/api/v1/jobs/{number}", headers=german).json
    assert shown is not None
    assert shown["message"] == "1.200 Zeilen gelesen"
    assert {**shown, "message": ""} == {**told, "message": ""}


def test_only_leads_of_its_project_see_a_job(api: Cast, make_project: Make) -> None:
    make_project()
    job = api("olga").post("/projects/pets/inspections").json["id"]
    assert {name: api(name).get(f"/jobs/{job}").status_code for name in ("ann", "zed", "rita")} == {
        "ann": 404,
        "zed": 404,
        "rita": 404,
    }
    assert api("olga").get("/jobs/999").status_code == 404
    assert api("olga").get(f"/jobs/{2**63}").status_code == 404


def test_an_uploaded_file_is_imported_by_a_job(
    api: Cast, make_project: Make, database: Database, files: FileStore
) -> None:
    make_project(items=0)
    olga = api("olga")
    table = b"words,kind,page\nA cat.,cat,1\nA dog.,lion,2\n"
    form = {"file": (BytesIO(table), "../a b.csv"), "text": "words", "label": "kind", "metadata": "page"}
    started = olga.post("/projects/pets/imports", data=form, content_type="multipart/form-data")
    assert started.status_code == 202, started.json
    assert "path" not in str(started.json)
    Worker(database, files).run_one()
    job = olga.get(f"/jobs/{started.json['id']}").json
    assert job["state"] == "done", job
    assert {key: job["result"][key] for key in ("added", "rejected")} == {"added": 1, "rejected": 1}
    row = olga.pages("/projects/pets/items")[0]
    assert (row["text"], row["given_label"], row["metadata"]) == ("A cat.", "cat", {"page": "1"})


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "file"),
        ({"file": "not a file"}, "file"),
        ({"upload": "csv"}, "csv"),
        ({"format": "odd"}, "format"),
        ({"path": "/etc/passwd"}, "path"),
    ],
)
def test_an_upload_that_does_not_fit_leaves_nothing_behind(
    api: Cast, make_project: Make, app: Any, form: dict[str, str], field: str
) -> None:
    make_project(items=0)
    data: dict[str, Any] = dict(form)
    if field in {"format", "path"}:
        data["file"] = (BytesIO(b"text\nx\n"), "x.csv")
    answer = api("olga").post("/projects/pets/imports", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    if field != "csv":
        assert answer.json["field"] == field
    uploads = app.extensions["labeler"].settings.uploads
    assert not uploads.exists() or not list(uploads.iterdir())


@pytest.mark.parametrize(("name", "suffix"), [("csv", ".csv"), ("jsonl", ".jsonl"), ("label_studio", ".json")])
def test_labels_are_exported_and_what_is_left_out_is_counted(
    api: Cast, make_project: Make, answer: Answer, name: str, suffix: str
) -> None:
    made = make_project(items=3, votes=1)
    answer(made, "ann", ["cat", "dog"])
    sent = api("olga").get(f"/projects/pets/export?format={name}")
    assert sent.status_code == 200
    assert sent.is_streamed
    assert sent.headers["Content-Disposition"] == f'attachment; filename="pets{suffix}"'
    assert sent.headers["X-Labeler-Left-Out"] == "excluded=0, unlabeled=1, tied=0"
    assert b"Text number 1" in sent.data
    assert b"Text number 2" not in sent.data
    assert b"Text number 2" in api("olga").get(f"/projects/pets/export?format={name}&items=all").data


def test_what_an_export_would_lose_is_counted_without_making_it(api: Cast, make_project: Make) -> None:
    make_project(items=2, task="spans")
    told = api("olga").get("/projects/pets/export/losses?format=conll&items=all").json
    assert told["written"] == 2
    assert [one["count"] for one in told["lost"]] == [2]
    assert told["always"]
    refused = api("olga").get("/projects/pets/export/losses?format=coco")
    assert refused.status_code == 422
    assert "Fitting formats" in refused.json["detail"]


def test_an_export_by_choice_says_what_is_in_it_and_is_that(api: Cast, make_project: Make, answer: Answer) -> None:
    made = make_project(items=20, votes=2)
    answer(made, "ann", ["cat", "dog"] * 8)
    answer(made, "bob", ["cat", "dog"] * 4)
    olga = api("olga")
    asked = "format=jsonl&min_votes=2&class=cat&split=train=0.5,test=0.5&seed=5&annotator=bob@example.org"
    told = olga.get(f"/projects/pets/export/contents?{asked}").json
    assert (told["items"], told["written"], told["unlabeled"], told["filtered"]) == (20, 4, 4, 12)
    assert told["consensus"] == {"inside": 4, "all": 16}
    assert [(part["name"], part["items"]) for part in told["parts"]] == [("train", 2), ("test", 2)]
    assert told["choices"]["split"]["seed"] == 5
    sent = olga.get(f"/projects/pets/export?{asked}")
    assert sent.headers["X-Labeler-Left-Out"] == "excluded=0, unlabeled=4, tied=0, filtered=12"
    rows = [json.loads(line) for line in sent.text.splitlines()]
    assert sorted(row["split"] for row in rows) == ["test", "test", "train", "train"]
    assert {row["final_label"] for row in rows} == {"cat"}
    assert {vote["annotator"] for row in rows for vote in row["votes"]} == {"annotator-1", "annotator-2"}
    assert olga.get(f"/projects/pets/export/losses?{asked}").json["written"] == 4


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("class=horse", "classes"),
        ("split=80/10", "split"),
        ("annotator=nobody@example.org", "annotator"),
        ("split=80/20&group_by=hospital", "group_by"),
        ("since=2026-03-02&until=2026-03-01", "until"),
        ("min_confidence=2", "min_confidence"),
        ("people=initials", "people"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused_and_named(
    api: Cast, make_project: Make, query: str, field: str
) -> None:
    make_project(items=2)
    for path in ("export", "export/losses", "export/contents"):
        refused = api("olga").get(f"/projects/pets/{path}?format=csv&items=all&{query}")
        assert (refused.status_code, refused.json["field"]) == (422, field)


@pytest.mark.parametrize("query", ["", "?format=odd", "?format=csv&path=/tmp", "?format=csv&items=some"])
def test_an_export_that_is_not_known_is_refused(api: Cast, make_project: Make, query: str) -> None:
    make_project(items=0)
    assert api("olga").get(f"/projects/pets/export{query}").status_code == 422
