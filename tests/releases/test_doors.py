"""Releases by page, command and API: the same ones, and no door changes one."""

import hashlib
import io
import json
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from labeler.jobs.runner import Worker
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.storage.leftovers import COPY_SECONDS, remove_old_copies
from tests.api.conftest import Api
from tests.conftest import Made
from tests.web.pages import inspect

Cast = Callable[[str], FlaskClient]
READ = {"GET", "HEAD", "OPTIONS"}


@pytest.fixture
def made(make_project: Callable[..., Made], answer: Callable[..., Any]) -> Made:
    project = make_project(items=4)
    answer(project, "ann", ["cat", "cat", "dog"])
    answer(project, "bob", ["cat", "dog", "dog"])
    return project


@pytest.fixture
def worker(database: Database, files: FileStore) -> Worker:
    return Worker(database, files)


# -- command ----------------------------------------------------------------------------------------------------------


def test_the_command_makes_lists_compares_downloads_and_verifies(
    made: Made, run: Callable[..., Result], tmp_path: Path, answer: Callable[..., Any]
) -> None:
    told = json.loads(run("release", "pets", "--name", "First", "--json").stdout)
    assert (told["number"], told["items"], told["name"]) == (1, 2, "First")
    answer(made, "ann", ["neither"])
    lines = run("release", "pets").stdout.splitlines()
    assert lines[0].startswith("Release 2: 3 items, ")
    assert lines[2] == "Since the release before: 1 added, 0 removed, 0 changed, 2 same."
    assert [one["number"] for one in json.loads(run("release", "list", "pets", "--json").stdout)] == [2, 1]
    changes = [json.loads(line) for line in run("release", "diff", "pets", "2", "1", "--json").stdout.splitlines()]
    assert [(one["external_id"], one["kind"], one["cause"]) for one in changes] == [("e3", "added", "answers")]
    run("release", "download", "pets", "1", "--out", str(tmp_path / "one.zip"))
    assert hashlib.sha256((tmp_path / "one.zip").read_bytes()).hexdigest() == told["sha256"]
    assert "Release 1 is what it was." in run("release", "verify", "pets", "1").stdout
    assert json.loads(run("release", "verify", "pets", "--json").stdout)["release"] == 2


def test_the_command_takes_the_choices_of_an_export(made: Made, run: Callable[..., Result]) -> None:
    asked = ("--class", "cat", "--min-votes", "2", "--split", "50/50", "--seed", "3")
    told = json.loads(run("release", made.slug, *asked, "--json").stdout)
    assert told["options"] == {
        "items": "labeled",
        "people": "pseudonyms",
        "class": "cat",
        "min_votes": "2",
        "split": "train=0.5,val=0.5",
        "seed": "3",
    }
    assert (told["items"], told["numbers"]["filtered"]) == (1, 1)
    lines = run("release", made.slug, *asked).stdout.splitlines()
    assert lines[2] == "Left out by the filters: 1."
    assert {line.partition(":")[0] for line in lines[3:5]} == {"train", "val"}


def test_verify_ends_with_one_when_a_byte_is_another(made: Made, run: Callable[..., Result], files: FileStore) -> None:
    told = json.loads(run("release", made.slug, "--json").stdout)
    path = files.release_path(told["sha256"])
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"cat"', b'"dog"', 1))
    assert "data/pets.jsonl" in run("release", "verify", "pets", status=1).stdout
    run("release", "download", "pets", "1", "--out", "unused.zip", status=1)


def test_a_project_without_a_release_says_how_to_make_one(made: Made, run: Callable[..., Result]) -> None:
    assert f"labeler release {made.slug}" in run("release", "verify", made.slug, status=1).output


# -- API --------------------------------------------------------------------------------------------------------------


def test_the_api_makes_reads_compares_downloads_and_verifies(
    made: Made, api: Api, worker: Worker, answer: Callable[..., Any]
) -> None:
    asked = api.post("/projects/pets/releases", {"name": "First", "about": "Pets.", "options": {"items": "labeled"}})
    assert asked.status_code == 202, asked.json
    assert worker.run_one()
    job = api.get(asked.headers["Location"].removeprefix("/api/v1")).json
    assert (job["state"], job["kind"], job["result"]["release"]) == ("done", "release", 1), job
    answer(made, "ann", ["neither"])
    api.post("/projects/pets/releases", {})
    assert worker.run_one()
    assert [one["number"] for one in api.get("/projects/pets/releases").json["data"]] == [2, 1]
    one = api.get("/projects/pets/releases/2").json
    assert one["verified"] is None
    assert one["numbers"]["changes"]["added"] == 1
    changes = api.get("/projects/pets/releases/2/changes").data.splitlines()
    assert [json.loads(line)["external_id"] for line in changes] == ["e3"]
    with api.get("/projects/pets/releases/2/archive") as archive:
        assert hashlib.sha256(archive.data).hexdigest() == one["sha256"]
        assert "pets-release-2.zip" in archive.headers["Content-Disposition"]
        with zipfile.ZipFile(io.BytesIO(archive.data)) as opened:
            card = opened.read("DATA_CARD.md")
    assert api.get("/projects/pets/releases/2/files/DATA_CARD.md").data == card
    assert api.post("/projects/pets/releases/2/verify").status_code == 202
    assert worker.run_one()
    verified = api.get("/projects/pets/releases/2").json["verified"]
    assert (verified["passed"], verified["result"]["rebuilt"]) == (True, "same")


def test_the_api_takes_the_choices_of_an_export_by_the_same_names(made: Made, api: Api, worker: Worker) -> None:
    options = {"class": ["cat"], "min_votes": 1, "answers": False, "annotator": "ann@example.org"}
    assert api.post(f"/projects/{made.slug}/releases", {"options": options}).status_code == 202
    assert worker.run_one()
    told = api.get("/projects/pets/releases/1").json
    assert (told["items"], told["numbers"]["filtered"]) == (1, 1)
    assert {name: told["options"][name] for name in ("class", "min_votes", "answers")} == {
        "class": "cat",
        "min_votes": "1",
        "answers": "0",
    }
    assert told["options"]["annotator"].isdigit()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/projects/pets/releases/9", 404),
        ("/projects/pets/releases/9/archive", 404),
        ("/projects/pets/releases/1/files/no-such", 404),
        ("/projects/pets/releases/1/files/../../labeler.db", 404),
        ("/projects/pets/releases/1/changes", 404),
    ],
)
def test_what_is_not_there_is_not_found(made: Made, api: Api, run: Any, path: str, status: int) -> None:
    run("release", made.slug)
    assert api.get(path).status_code == status


def test_a_wrong_wish_is_refused_before_a_job_is_made(made: Made, api: Api, worker: Worker) -> None:
    wrong = ({"items": "few"}, "items"), ({"split": "10/10"}, "split"), ({"class": "cow"}, "classes")
    for body, field in (({"format": "yolo"}, "format"), *(({"options": options}, field) for options, field in wrong)):
        refused = api.post(f"/projects/{made.slug}/releases", body)
        assert (refused.status_code, refused.json["field"]) == (422, field)
    assert not worker.run_one()


def test_no_door_changes_or_deletes_a_release(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if "<slug>/releases" in rule.rule]
    writing = {rule.rule for rule in rules if (rule.methods or set()) - READ}
    assert writing == {
        f"{prefix}/<slug>/releases{end}"
        for prefix in ("/p", "/api/v1/projects")
        for end in ("", "/<int:number>/verify")
    } | {"/p/<slug>/releases/<int:number>/compare"}
    assert all((rule.methods or set()) - READ <= {"POST"} for rule in rules)


# -- pages ------------------------------------------------------------------------------------------------------------


def test_only_leads_see_releases(made: Made, sign_in: Cast, run: Any) -> None:
    run("release", made.slug)
    for path in ("/p/pets/releases", "/p/pets/releases/1", "/p/pets/releases/1/archive"):
        for name, status in (("olga", 200), ("ann", 403), ("zed", 404)):
            with sign_in(name).get(path) as answered:
                assert answered.status_code == status, (path, name)


def test_the_page_makes_a_release_shows_it_and_verifies_it(
    made: Made, sign_in: Cast, worker: Worker, answer: Callable[..., Any]
) -> None:
    olga = sign_in("olga")
    assert b"Make a release" in olga.get("/p/pets/releases").data
    form = {"name": "Before training", "format": "csv", "items": "labeled", "people": "pseudonyms", "about": "<b>Pets"}
    assert olga.post("/p/pets/releases", data=form).status_code == 303
    assert b"data-job=" in olga.get("/p/pets/releases").data
    assert worker.run_one()
    page = olga.get("/p/pets/releases/1").text
    assert "Before training" in page
    assert "&lt;b&gt;Pets" in page
    assert "Not verified yet" in page
    assert "Since release" not in page
    answer(made, "ann", ["neither"])
    olga.post("/p/pets/releases", data={**form, "name": ""})
    assert worker.run_one()
    assert "Since release 1" in olga.get("/p/pets/releases/2").text
    changes = olga.get("/p/pets/releases/2/changes?kind=added&cause=answers").text
    assert "e3" in changes
    assert "e3" not in olga.get("/p/pets/releases/2/changes?kind=removed").text
    assert olga.post("/p/pets/releases/2/verify").status_code == 303
    assert worker.run_one()
    assert "Verified" in olga.get("/p/pets/releases/2").text


def test_the_page_makes_a_release_of_what_was_chosen_and_says_so(made: Made, sign_in: Cast, worker: Worker) -> None:
    olga = sign_in("olga")
    link = re.search(r'href="(/p/pets/releases\?[^"]*)"', olga.get("/p/pets/exports?format=csv&class=cat&seed=5").text)
    assert link is not None
    form = olga.get(link[1].replace("&amp;", "&")).text
    inspect(form)
    assert re.search(r'name="classes" value="cat" checked', form)
    chosen = {"format": "csv", "items": "labeled", "classes": ["cat", "dog"], "min_votes": "2", "answers": "1"}
    split = {"split_on": "1", "train": "50", "val": "", "test": "50", "seed": "5", "stratify": ["0", "1"]}
    assert olga.post("/p/pets/releases", data={**chosen, **split}).status_code == 303
    assert worker.run_one()
    page = olga.get(f"/p/{made.slug}/releases/1").text
    inspect(page)
    told = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    wanted = (
        "Final label: cat, dog",
        "At least 2 answers",
        "50% train, 50% test",
        "seed 5",
        "0 left out by the filters",
    )
    assert [words for words in wanted if words not in told] == []
    again = re.search(r'href="([^"]*)">Make another one like it', page)
    assert again is not None
    filled = olga.get(again[1].replace("&amp;", "&")).text
    assert re.search(r'name="seed"[^>]*value="5"', filled)
    assert re.search(r'name="classes" value="dog" checked', filled)


def test_a_split_that_does_not_add_up_is_shown_again_with_the_rest_of_the_form(made: Made, sign_in: Cast) -> None:
    form = {
        "format": "csv",
        "classes": "dog",
        "split_on": "1",
        "train": "50",
        "val": "20",
        "test": "20",
        "name": "Mine",
    }
    answer = sign_in("olga").post(f"/p/{made.slug}/releases", data=form)
    assert answer.status_code == 422
    inspect(answer.text)
    assert "must add up to 100%" in answer.text
    assert re.search(r'name="classes" value="dog" checked', answer.text)
    assert re.search(r'name="val"[^>]*value="20"', answer.text)
    assert "Mine" in answer.text


def test_two_releases_that_do_not_follow_each_other_are_compared_by_a_job(
    made: Made, sign_in: Cast, run: Any, answer: Callable[..., Any], worker: Worker
) -> None:
    run("release", made.slug)
    run("release", made.slug)
    answer(made, "ann", ["neither"])
    run("release", made.slug)
    olga = sign_in("olga")
    assert "Since release 2" in olga.get("/p/pets/releases/3").text
    page = olga.get("/p/pets/releases/3?against=1").text
    inspect(page)
    assert "do not follow each other" in page
    assert olga.get("/p/pets/releases/3/changes?against=1").status_code == 303
    assert not worker.run_one(), "looking asks for nothing"
    for _ in range(2):
        asked = olga.post("/p/pets/releases/3/compare", data={"against": "1"})
        assert asked.headers["Location"].endswith("/p/pets/releases/3?against=1")
    assert "data-job=" in olga.get("/p/pets/releases/3?against=1").text
    assert worker.run_one()
    assert not worker.run_one(), "asked for twice, compared once"
    page = olga.get("/p/pets/releases/3?against=1").text
    inspect(page)
    assert "Since release 1" in page
    assert "data-job=" not in page
    assert "e3" in olga.get("/p/pets/releases/3/changes?against=1&kind=added").text
    assert "e3" not in olga.get("/p/pets/releases/3/changes?against=1&kind=removed").text
    assert "Since release 2" in olga.get("/p/pets/releases/3?against=3").text


def test_a_comparison_goes_after_thirty_days_and_can_be_asked_for_again(
    made: Made, sign_in: Cast, run: Any, worker: Worker, files: FileStore
) -> None:
    for _ in range(3):
        run("release", made.slug)
    olga = sign_in("olga")
    olga.post("/p/pets/releases/3/compare", data={"against": "1"})
    assert worker.run_one()
    assert remove_old_copies(files, now=time.time() + COPY_SECONDS - 9) == 0
    assert remove_old_copies(files, now=time.time() + COPY_SECONDS + 9) == 1
    assert "do not follow each other" in olga.get("/p/pets/releases/3?against=1").text
    olga.post("/p/pets/releases/3/compare", data={"against": "1"})
    assert worker.run_one()
    assert "the same" in olga.get("/p/pets/releases/3?against=1").text


def test_a_damaged_release_is_red_and_cannot_be_downloaded(
    made: Made, sign_in: Cast, run: Any, files: FileStore
) -> None:
    told = json.loads(run("release", made.slug, "--json").stdout)
    path = files.release_path(told["sha256"])
    path.write_bytes(path.read_bytes().replace(b'"cat"', b'"dog"', 1))
    run("release", "verify", "pets", status=1)
    olga = sign_in("olga")
    page = olga.get("/p/pets/releases/1").text
    assert "so it cannot be downloaded" in page
    assert "data/pets.jsonl" in page
    assert "/releases/1/archive" not in page
    assert olga.get("/p/pets/releases/1/archive").status_code == 409
    path.unlink()
    assert olga.get("/p/pets/releases/1").status_code == 200


def test_a_wrong_form_is_shown_again_with_what_was_typed(made: Made, sign_in: Cast) -> None:
    answer = sign_in("olga").post(f"/p/{made.slug}/releases", data={"format": "yolo", "name": "My words"})
    assert answer.status_code == 422
    assert "My words" in answer.text


def test_a_project_without_labels_offers_items_first(make_project: Callable[..., Made], sign_in: Cast) -> None:
    make_project("bare", items=0)
    page = sign_in("olga").get("/p/bare/releases").text
    assert "Nothing to release yet" in page
    assert "Make a release" not in page


def test_a_release_that_failed_says_why(made: Made, sign_in: Cast, worker: Worker, database: Database) -> None:
    olga = sign_in("olga")
    form = {"name": "", "format": "csv", "items": "labeled", "people": "pseudonyms"}
    olga.post(f"/p/{made.slug}/releases", data=form)
    with database.write() as session:
        from sqlalchemy import delete

        from labeler.annotations.models import Annotation
        from labeler.consensus.models import ItemConsensus

        session.execute(delete(ItemConsensus))
        session.execute(delete(Annotation))
    assert worker.run_one()
    assert "there is nothing to release" in olga.get(f"/p/{made.slug}/releases").text
