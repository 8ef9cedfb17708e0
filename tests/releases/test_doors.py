"""Releases by page, command and API: the same ones, and no door changes one."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient

from labeler.__main__ import _make_app
from labeler.cli import labeler
from labeler.jobs.runner import Worker
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.api.conftest import Api
from tests.conftest import Made

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


@pytest.fixture
def api(app: Flask, bearer: Callable[[str], dict[str, str]]) -> Api:
    return Api(app, bearer("olga"))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("LABELER_INSTANCE", str(tmp_path / "instance"))

    def invoke(*arguments: str, status: int = 0) -> Result:
        result = CliRunner().invoke(labeler, list(arguments), obj=_make_app)
        assert result.exit_code == status, result.output
        return result

    return invoke


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
    for body, field in (({"format": "yolo"}, "format"), ({"options": {"items": "few"}}, "items")):
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
    }
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


def test_the_page_compares_with_any_earlier_release(
    made: Made, sign_in: Cast, run: Any, answer: Callable[..., Any]
) -> None:
    run("release", made.slug)
    run("release", made.slug)
    answer(made, "ann", ["neither"])
    run("release", made.slug)
    olga = sign_in("olga")
    assert "Since release 2" in olga.get("/p/pets/releases/3").text
    page = olga.get("/p/pets/releases/3?against=1").text
    assert "Since release 1" in page
    assert "e3" in olga.get("/p/pets/releases/3/changes?against=1").text
    assert "Since release 2" in olga.get("/p/pets/releases/3?against=3").text


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
