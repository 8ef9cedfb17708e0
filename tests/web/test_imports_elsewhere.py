"""Importing from a bucket by page, API and command, and pictures that stay there, as annotators and leads see them."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from labeler.__main__ import _make_app
from labeler.accounts.actions import set_member
from labeler.cli import labeler
from labeler.config import Settings
from labeler.jobs.runner import Worker
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Item
from labeler.storage.database import Database
from labeler.storage.files import ORIGINALS, FileStore
from tests.buckets import Bucket, picture
from tests.conftest import NOW
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def settings(settings: Settings, bucket: Bucket) -> Settings:
    """Settings that allow the bucket."""
    return replace(settings, remote=(bucket.address,))


@pytest.fixture
def files(settings: Settings) -> FileStore:
    return FileStore.of(settings)


@pytest.fixture
def lead(sign_in: SignIn, database: Database, cast: dict[str, int]) -> FlaskClient:
    with database.write() as session:
        new = NewProject("pets", "image", "classification", [("cat", ""), ("dog", "")], votes=1)
        project = create_project(session, new, by=cast["olga"], now=NOW)
        for name, role in (("olga", "lead"), ("ann", "annotator")):
            set_member(session, project.id, cast[name], role=role, now=NOW)
    return sign_in("olga")


@pytest.fixture
def work(database: Database, files: FileStore) -> Callable[[], bool]:
    return Worker(database, files).run_one


def items(database: Database) -> list[Item]:
    with database.read() as session:
        return list(session.scalars(select(Item).order_by(Item.id)))


def brought(lead: FlaskClient, address: str, keep: str = "reference") -> str:
    """Give an address, look at what lies there, and start; returns the page of the job."""
    sent = lead.post("/p/pets/data", data={"address": address, "keep": keep})
    assert sent.status_code == 303, sent.text
    assert inspect(lead.get(sent.location).text).title
    told = {"start": "1", "columns": "1", "format": "folder", "folder_labels": "y", "keep": keep}
    started = lead.post(sent.location, data=told)
    assert started.status_code == 303, started.text
    return started.location


def test_a_lead_imports_a_folder_of_a_bucket_by_page(
    lead: FlaskClient, bucket: Bucket, database: Database, files: FileStore, work: Callable[[], bool]
) -> None:
    bucket.put_all({f"set/cat/{n}.png": picture(n) for n in range(3)} | {"set/cat/x.png": b"no picture"})
    page = lead.get("/p/pets/data").text
    inspect(page)
    assert f"This server may fetch from: {bucket.address}." in page
    place = lead.post("/p/pets/data", data={"address": f"{bucket.address}set/", "keep": "reference"}).location
    look = lead.get(place).text
    inspect(look)
    assert all(said in look for said in (f"{bucket.address}set/", "cat/0.png", "4 rows, 0 of them left out"))
    assert 'value="reference" ' in look or "checked" in look
    assert not work(), "nothing begins before somebody says so"
    job = brought(lead, f"{bucket.address}set/")
    waiting = lead.get(job).text
    inspect(waiting)
    assert f"{bucket.address}set/" in waiting
    assert work()
    done = lead.get(job).text
    inspect(done)
    assert "3 items added" in done
    assert "1 row was left out" in done
    assert [item.external_id for item in items(database)] == [f"cat/{n}.png" for n in range(3)]
    assert list(files.hashes(ORIGINALS)) == []


@pytest.mark.parametrize(
    "address", ["s3://other-bucket/", "file:///etc/passwd", "http://169.254.169.254/", "nonsense", ""]
)
def test_what_may_not_be_fetched_is_refused_beside_its_field(
    lead: FlaskClient, database: Database, work: Callable[[], bool], address: str
) -> None:
    refused = lead.post("/p/pets/data", data={"address": address})
    assert refused.status_code == 422
    inspect(refused.text)
    assert 'id="address-error"' in refused.text
    assert not work()
    assert items(database) == []


def test_a_page_without_the_setting_says_who_can_allow_it(app: Flask, lead: FlaskClient, settings: Settings) -> None:
    closed = FileStore(settings.files)
    extension = app.extensions["labeler"]
    app.extensions["labeler"] = replace(extension, files=closed)
    page = lead.get("/p/pets/data").text
    inspect(page)
    assert 'name="address"' not in page
    assert "LABELER_REMOTE" in page
    refused = lead.post("/p/pets/data", data={"address": "s3://bucket/"})
    assert refused.status_code == 422
    app.extensions["labeler"] = extension


def test_only_leads_make_the_server_fetch(sign_in: SignIn, lead: FlaskClient, bucket: Bucket) -> None:
    del lead
    for who in ("ann", "zed", ""):
        answer = sign_in(who).post("/p/pets/data", data={"address": bucket.address})
        assert answer.status_code in {302, 303, 401, 403, 404}
        assert "/data/jobs/" not in (answer.location or "")


def test_an_uploaded_table_may_name_pictures_in_the_bucket(
    lead: FlaskClient, bucket: Bucket, database: Database, files: FileStore, work: Callable[[], bool]
) -> None:
    address = bucket.put("a.png", picture(1))
    table = f"image,label\n{address},cat\ns3://other/b.png,cat\n".encode()
    place = lead.post("/p/pets/data", data={"file": (io.BytesIO(table), "table.csv")}).location
    look = lead.get(place).text
    inspect(look)
    assert address in look
    assert "may not fetch s3://other/b.png" in look
    data = {"start": "1", "columns": "1", "format": "csv", "content": "image", "label": "label", "keep": "reference"}
    job = lead.post(place, data=data).location
    assert work()
    assert "1 item added" in lead.get(job).text
    (item,) = items(database)
    assert item.meta["source_url"] == address
    assert list(files.hashes(ORIGINALS)) == []


def test_the_columns_of_a_table_elsewhere_are_looked_at_before_it_comes_in(
    lead: FlaskClient, bucket: Bucket, database: Database, settings: Settings, work: Callable[[], bool]
) -> None:
    bucket.put("set/a.png", picture(1))
    address = bucket.put("set/table.csv", b"nr,where,kind\n7,a.png,cat\n8,gone.png,cat\n")
    place = lead.post("/p/pets/data", data={"address": address, "keep": "copy"}).location
    look = lead.get(place)
    inspect(look.text)
    assert "No column looks like the item itself" in look.text
    assert "7,a.png,cat" in look.text, "the rows as they are in the file are always there"
    bucket.put("set/table.csv", b"another one by now")
    told = {
        "start": "1",
        "columns": "1",
        "format": "csv",
        "content": "where",
        "id": "nr",
        "label": "kind",
        "keep": "copy",
    }
    job = lead.post(place, data=told).location
    assert work()
    done = lead.get(job).text
    assert "1 item added" in done
    assert "1 row was left out" in done
    assert [(item.external_id, item.given_code != "") for item in items(database)] == [("7", True)]
    assert not list(settings.uploads.glob("*")), "what was fetched is removed as a sent file is"


@pytest.mark.parametrize("name", ["gone.csv", "empty/"])
def test_an_address_where_nothing_lies_is_refused_beside_its_field(
    lead: FlaskClient, bucket: Bucket, work: Callable[[], bool], name: str
) -> None:
    refused = lead.post("/p/pets/data", data={"address": f"{bucket.address}{name}"})
    assert refused.status_code == 422
    assert 'id="address-error"' in refused.text
    assert not work()


def test_a_picture_that_stays_elsewhere_is_sent_by_the_server_and_never_by_its_address(
    lead: FlaskClient, sign_in: SignIn, bucket: Bucket, database: Database, work: Callable[[], bool]
) -> None:
    bucket.put("a.png", picture(1))
    brought(lead, bucket.address)
    assert work()
    (item,) = items(database)
    ann = sign_in("ann")

    def got(**headers: str) -> Any:
        with ann.get(f"/p/pets/images/{item.id}/display", headers=headers) as answer:
            return answer

    for size in ("display", "thumb", "original"):
        with ann.get(f"/p/pets/images/{item.id}/{size}") as shown:
            assert (shown.status_code, shown.mimetype) == (200, "image/webp")
            assert "Location" not in shown.headers
    etag = got().headers["ETag"]
    bucket.put("a.png", picture(2))
    store = lead.application.extensions["labeler"].files
    store.references._confirmed.clear()  # as if some minutes had gone by
    assert [got().status_code, got(**{"If-None-Match": etag}).status_code] == [404, 404]
    page = lead.get(f"/p/pets/items/{item.id}").text
    inspect(page)
    assert "is another one by now" in page
    bucket.put("a.png", picture(1))
    assert got().status_code == 200
    assert "is another one by now" not in lead.get(f"/p/pets/items/{item.id}").text


def test_no_page_and_no_answer_holds_a_key(
    lead: FlaskClient,
    bucket: Bucket,
    database: Database,
    work: Callable[[], bool],
    bearer: Callable[[str], dict[str, str]],
) -> None:
    bucket.put("a.png", picture(1))
    job = brought(lead, bucket.address)
    assert work()
    (item,) = items(database)
    pages = [lead.get(path) for path in (job, "/p/pets/data", f"/p/pets/items/{item.id}", "/p/pets/items")]
    pages += [lead.get(path, headers=bearer("olga")) for path in ("/api/v1/projects/pets/items", "/api/v1/jobs/1")]
    for page in pages:
        assert page.status_code == 200
        assert not any(word in page.text for word in ("testing", "Signature", "X-Amz", bucket.endpoint))


def test_the_api_imports_from_a_bucket(
    lead: FlaskClient, app: Flask, bucket: Bucket, bearer: Callable[[str], dict[str, str]], work: Callable[[], bool]
) -> None:
    del lead
    bucket.put_all({f"{n}.png": picture(n) for n in range(3)})
    client, headers = app.test_client(use_cookies=False), bearer("olga")
    started = client.post(
        "/api/v1/projects/pets/imports", data={"address": bucket.address, "keep": "reference"}, headers=headers
    )
    assert started.status_code == 202, started.json
    assert work()
    done: Any = client.get(started.headers["Location"], headers=headers).json
    assert (done["state"], done["result"]["added"]) == ("done", 3)
    for data, field in (
        ({"address": "s3://other/"}, "address"),
        ({"address": bucket.address, "keep": "somewhere"}, "keep"),
        ({"address": bucket.address, "format": "docx"}, "format"),
        ({"address": bucket.address, "file": (io.BytesIO(b"x"), "x.csv")}, "file"),
        ({}, "file"),
    ):
        refused: Any = client.post("/api/v1/projects/pets/imports", data=data, headers=headers)
        assert (refused.status_code, refused.json["field"]) == (422, field), refused.json
    assert not work()


@pytest.fixture
def run(settings: Settings, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setenv("LABELER_INSTANCE", str(settings.instance))
    monkeypatch.setenv("LABELER_REMOTE", bucket.address)

    def invoke(*arguments: str, status: int = 0) -> str:
        result = CliRunner().invoke(labeler, list(arguments), obj=_make_app)
        assert result.exit_code == status, result.output
        return result.output

    return invoke


def test_the_command_imports_from_a_bucket(
    lead: FlaskClient, bucket: Bucket, run: Callable[..., str], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    del lead
    bucket.put_all({f"{n}.png": picture(n) for n in range(3)} | {"bad.png": b"x"})
    told = json.loads(run("import", "pets", bucket.address, "--keep", "reference", "--json").splitlines()[0])
    assert (told["added"], told["rejected"]) == (3, 1)
    assert told["rejected_rows"][0]["file"] == "bad.png"
    monkeypatch.delenv("LABELER_REMOTE")
    bucket.put("more/x.png", picture(9))
    assert "LABELER_REMOTE" in run("import", "pets", f"{bucket.address}more/", "--keep", "reference", status=1)
    assert "1 added" in run("import", "pets", f"{bucket.address}more/"), "who runs commands may copy what they name"
    assert "There are no files at" in run("import", "pets", f"{bucket.address}nowhere/", status=1)
    assert "no plain address" in run("import", "pets", f"{bucket.address}../x", status=1)
    assert len(items(database)) == 4
