"""What nobody means to send, at the main addresses, on both databases: refused or harmless, never an error of ours.

Note: much of this is harmless on SQLite and an error on PostgreSQL, or the other way round:
SQLite has 64-bit ids and takes a NUL in a text, PostgreSQL has 32-bit ids and takes none.
"""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.accounts.models import User
from labeler.app import create_app
from labeler.config import Settings
from labeler.exchange.rows import Row, VoteRow
from labeler.jobs import actions as jobs
from labeler.jobs.models import Job
from labeler.jobs.runner import Worker
from labeler.projects import actions as projects
from labeler.projects.models import Item
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from tests.conftest import NOW, Made

HUGE = ("2147483648", "9007199254740993", "99999999999999999999", "9" * 400)
SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def either(any_settings: Settings) -> Iterator[Flask]:
    app = create_app(any_settings)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    yield app
    app.extensions["labeler"].database.close()


@pytest.fixture
def olga(either: Flask) -> FlaskClient:
    """An admin's browser; there is a project `pets` with six items, inspected once."""
    here = either.extensions["labeler"]
    with here.database.write() as session:
        user = accounts.add_user(session, "olga@example.org", role="admin", now=NOW)
        new = projects.NewProject("pets", "text", "classification", [("cat", ""), ("dog", "")], votes=2)
        project_id = projects.create_project(session, new, by=user.id, now=NOW).id
        token = accounts.start_sign_in(session, session.get_one(User, user.id), clock(session))
    rows = [Row(n + 1, f"e{n}", f"100% of text_{n}", None, "cat", {}) for n in range(6)]
    workflow.import_items(here.database, here.files, project_id, rows, workflow.ImportPlan("a.csv", "csv"))
    workflow.inspect(here.database, here.files, project_id)
    client = either.test_client()
    with client.session_transaction() as cookie:
        cookie["sign_in"] = token
    return client


def test_every_main_address_answers(olga: FlaskClient) -> None:
    pages = (
        "label",
        "review",
        "disagreements",
        "items",
        "data",
        "exports",
        "people",
        "guidelines",
        "settings",
        "export",
    )
    for path in ("/", "/account", "/people", "/p/pets", *(f"/p/pets/{page}" for page in pages)):
        assert olga.get(path, follow_redirects=True).status_code == 200, path
    lists = ("items", "annotations", "flags", "consensus", "agreement", "annotators", "inspections")
    for path in (*lists, "export?format=csv", "items?text=100%25", "items?text=_1", "items?state=flagged"):
        assert olga.get(f"/api/v1/projects/pets/{path}").status_code == 200, path


def test_wildcards_of_the_database_are_letters_in_a_search(olga: FlaskClient) -> None:
    found = {text: len(olga.get("/api/v1/projects/pets/items", query_string={"text": text}).json["data"])  # type: ignore[index]
             for text in ("%", "_1", "t%t", "\\", "TEXT_3", "100%")}  # fmt: skip
    assert found == {"%": 6, "_1": 1, "t%t": 0, "\\": 0, "TEXT_3": 1, "100%": 6}


@pytest.mark.parametrize("number", HUGE)
def test_a_number_that_is_no_id_is_not_there(olga: FlaskClient, number: str) -> None:
    parts = ("items/{}", "images/{}/thumb", "data/jobs/{}", "data/imports/{}/left-out.csv")
    for path in (*(f"/p/pets/{part.format(number)}" for part in parts), f"/api/v1/jobs/{number}"):
        assert olga.get(path).status_code == 404, path
    assert olga.delete(f"/api/v1/projects/pets/annotations/{number}").status_code == 404
    for path in (
        "/people/{}/link",
        "/account/tokens/{}/revoke",
        "/p/pets/items/{}/undo",
        "/people/invites/{}/withdraw",
    ):
        assert olga.post(path.format(number)).status_code == 404, path


@pytest.mark.parametrize("number", [*HUGE, "-1", "1e9", "٣", "", "abc"])
def test_a_number_in_a_query_or_a_form_that_is_no_id_is_left_out(olga: FlaskClient, number: str) -> None:
    for page in ("review?item=", "disagreements?item=", "items?after=", "items?before=", "items?annotator=",
                 "items?import_id=", "guidelines?version=", "review/many?at="):  # fmt: skip
        assert olga.get(f"/p/pets/{page}{number}").status_code < 400, page
    for page in ("review", "disagreements"):
        form = {"item": number, "stood": number, "decision": "exclude", "key": "k-00000001"}
        assert olga.post(f"/p/pets/{page}/decide", data=form).status_code in {303, 404}
    form = {"flag": number, "leave": number, "batch": "x", "at": number}
    assert olga.post("/p/pets/review/many", data=form).status_code == 303
    assert olga.get(f"/api/v1/projects/pets/items?cursor={number}").status_code in {200, 422}


def test_a_nul_in_a_field_is_refused(olga: FlaskClient) -> None:
    for path in (
        "/p/pets/items?text=a%00b",
        "/p/pets/items?final=%00",
        "/p/pets/review?kind=%00",
        "/p/pets/items?x%00=1",
    ):
        assert olga.get(path).status_code == 422, path
    for path, field in (("/account/name", "you-name"), ("/p/pets/people", "email"), ("/p/pets/review/decide", "key")):
        assert olga.post(path, data={field: "a\0b"}).status_code == 422, path
    assert olga.get("/p/p%00ts/items").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        "NaN", "[", "null", "[" * 100_000, '{"a":' * 20_000, "\\", '{"key": "\\ud800"}',
        '{"key": "key-00000001", "assignment": 1, "value": {"label": "cat", "x": 1e999}}',
        '{"key": "key-00000001", "assignment": 1, "value": {"label": "cat"}, "seconds": 1e999}',
        '{"key": "key-00000001", "assignment": %s}' % ("9" * 300),
        '{"key": "key-00000001", "assignment": 1, "skip": "a\\u0000b"}',
        '{"key": "key-00000001", "assignment": 1, "skip": "%s"}' % ("x" * 10**6),
        '{"key": "%s", "assignment": 1, "skip": "x"}' % ("k" * 10**5),
    ],
)  # fmt: skip
def test_an_answer_that_makes_no_sense_is_refused(olga: FlaskClient, body: str) -> None:
    olga.post("/api/v1/projects/pets/assignments", json={"count": 1})
    for sent in (body, f"[{body}]"):
        answer = olga.post("/api/v1/projects/pets/annotations", data=sent, content_type="application/json")
        assert answer.status_code in {200, 400, 422}
        if answer.status_code == 200:
            assert [one["status"] for one in answer.json] == ["rejected"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "line",
    [
        '{"text": "a", "metadata": {"x": 1e999}}', '{"text": "a\\u0000"}',
        '{"text": "a", "id": "\\ud800"}', '{"text": "a", "big": 1%s}' % ("0" * 5000), '{"text": %s}' % ("[" * 50_000),
        '{"text": "a", "label": 1e400}', '{"text": "a", "label": "%s"}' % ("x" * 500),
        '{"text": "a", "id": "%s"}' % ("i" * 500),
        '{"text": "a", "x\\u0000": 1}',
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_stored_is_left_out_and_stops_no_other(olga: FlaskClient, line: str) -> None:
    body = f'{{"text": "before"}}\n{line}\n{{"text": "behind"}}\n'
    answer = olga.post("/api/v1/projects/pets/items", data=body, content_type="application/x-ndjson")
    assert answer.status_code == 200
    assert (answer.json["added"], answer.json["rejected"]) == (2, 1)  # type: ignore[index]


def test_what_python_writes_for_a_missing_number_is_a_missing_value(olga: FlaskClient) -> None:
    answer = olga.post(
        "/api/v1/projects/pets/items",
        data='{"id": "a", "text": "a", "metadata": {"x": NaN, "y": 1}}\n',
        content_type="application/x-ndjson",
    )
    assert (answer.json["added"], answer.json["rejected"]) == (1, 0)  # type: ignore[index]
    (item,) = [one for one in olga.get("/api/v1/projects/pets/items").json["data"] if one["external_id"] == "a"]  # type: ignore[index]
    assert item["metadata"] == {"x": None, "y": 1}


def test_a_long_name_of_a_column_does_not_stop_an_import(olga: FlaskClient, either: Flask) -> None:
    here, name = either.extensions["labeler"], "c" * 3000
    upload = (io.BytesIO(f"text,{name}\nfine,\nlong,{'x' * 5000}\n".encode()), "a.csv")
    answer = olga.post("/api/v1/projects/pets/imports", data={"file": upload, "label": name})
    assert answer.status_code == 202
    assert Worker(here.database, here.files).run_one()
    job = olga.get(f"/api/v1/jobs/{answer.json['id']}").json  # type: ignore[index]
    assert (job["state"], job["result"]["added"], job["result"]["rejected"]) == ("done", 1, 1), job  # type: ignore[index]


def test_a_database_that_is_gone_is_said_and_not_ready(
    olga: FlaskClient, either: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> Any:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    database = either.extensions["labeler"].database
    monkeypatch.setattr(database.engine.pool, "connect", gone)
    monkeypatch.setattr(database.engine, "raw_connection", gone)
    for path in ("/", "/p/pets/items", "/api/v1/projects"):
        answer = olga.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    probe = either.test_client()
    ready = probe.get("/readyz")
    assert (ready.status_code, ready.json["database"]) == (503, False)  # type: ignore[index]
    assert probe.get("/healthz").status_code == 200


# -- what has to hold over two runs ---------------------------------------------------------------------------------


def texts(database: Database, project_id: int) -> list[str | None]:
    with database.read() as session:
        return list(session.scalars(select(Item.text).where(Item.project_id == project_id).order_by(Item.id)))


@pytest.mark.parametrize("batch", [1, 2000])
def test_a_row_that_stands_twice_is_the_first_one_in_every_run(
    database: Database, files: FileStore, make_project: Any, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(workflow.imports, "IMPORT_BATCH", batch)
    made: Made = make_project(items=0)
    rows = [Row(1, "a", "first", None, "cat", {}), Row(2, "a", "second", None, "cat", {}),
            Row(3, None, "x", None, "cat", {}), Row(4, None, "x", None, "dog", {})]  # fmt: skip
    for run in range(3):
        result = workflow.import_items(database, files, made.id, rows, workflow.ImportPlan("a.csv", "csv"))
        assert (result.added, result.unchanged, result.rejected) == ((2, 0, 2) if run == 0 else (0, 2, 2))
        assert texts(database, made.id) == ["first", "x"]


def test_answers_imported_again_are_kept_once_also_when_they_are_late(
    database: Database, files: FileStore, make_project: Any
) -> None:
    del files
    made: Made = make_project(items=1, votes=1)
    rows = [VoteRow(n + 1, "e0", None, f"p{n}@example.org", "cat") for n in range(3)]
    found = [workflow.import_votes(database, made.id, rows, workflow.ImportPlan("a.csv", "csv")) for _ in range(2)]
    assert [(one.added, one.unchanged) for one in found] == [(3, 0), (0, 3)]


def test_an_import_that_ended_before_it_could_say_so_runs_again_and_adds_nothing(
    database: Database, files: FileStore, make_project: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: Made = make_project(items=0)
    settings.uploads.mkdir(parents=True)
    upload = settings.uploads / "f"
    upload.write_text("text\none\ntwo\n")
    payload = {"path": str(upload), "name": "a.csv", "format": "csv", "mapping": {}}
    with database.write() as session:
        job = jobs.enqueue(session, made.id, "import", payload=payload, by=None, now=clock(session)).id

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "finish", killed)
        with pytest.raises(KeyboardInterrupt):
            Worker(database, files).run_one()
    with database.write() as session:
        session.get_one(Job, job).lease_until = NOW
    assert upload.exists()
    assert Worker(database, files).run_one()
    with database.read() as session:
        done = session.get_one(Job, job)
        assert (done.state, done.result["added"], done.result["unchanged"]) == ("done", 0, 2)
    assert texts(database, made.id) == ["one", "two"]
    assert not upload.exists()


def test_a_worker_stays_alive_when_the_database_is_away_for_a_moment(
    database: Database, files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, beats = Worker(database, files), []

    def beat(*_: object) -> None:
        beats.append(1)
        if len(beats) == 3:
            worker.stop.set()
        raise OperationalError("INSERT", {}, Exception("gone"))

    monkeypatch.setattr(jobs, "seen", beat)
    monkeypatch.setattr("labeler.jobs.runner.ALIVE_EVERY", 0.0)
    worker._pulse()
    assert len(beats) == 3


# -- what people must not learn or use ------------------------------------------------------------------------------


def test_a_folder_that_names_the_class_is_not_shown_to_an_annotator(
    app: Flask, database: Database, files: FileStore, sign_in: SignIn, make_project: Any
) -> None:
    from PIL import Image

    del app
    make_project(items=0)
    with database.write() as session:
        new = projects.NewProject("pics", "image", "classification", [("cat", ""), ("dog", "")])
        made = projects.create_project(session, new, by=None, now=NOW).id
        for email, role in (("ann", "annotator"), ("olga", "lead")):
            person = session.scalars(select(User).where(User.email == f"{email}@example.org")).one()
            accounts.set_member(session, made, person.id, role=role, now=NOW)
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    row = Row(1, "dog/7.png", None, picture.getvalue, "dog", {"split": "train"}, None, "dog/7.png")
    workflow.import_items(database, files, made, [row], workflow.ImportPlan("a.zip", "zip"))
    ann = sign_in("ann")
    held = ann.post("/api/v1/projects/pics/assignments", json={}).json
    assert held is not None
    assert (held[0]["external_id"], held[0]["metadata"]) == ("7.png", {"split": "train"})
    sent = {"key": "key-00000001", "assignment": held[0]["assignment"], "value": {"label": "cat"}}
    assert ann.post("/api/v1/projects/pics/annotations", json=sent).status_code == 201
    for path in ("assignments", "annotations"):
        assert "dog" not in json.dumps(ann.get(f"/api/v1/projects/pics/{path}").json), path
    assert "dog/7.png" in json.dumps(sign_in("olga").get("/api/v1/projects/pics/annotations").json)


def test_a_sign_in_link_dies_with_a_new_password_and_a_switched_off_account(
    app: Flask, database: Database, cast: dict[str, int]
) -> None:
    changes: list[Callable[[Session], None]] = [
        lambda session: accounts.set_password(session, cast["ann"], "a new pass phrase"),
        lambda session: accounts.set_active(session, cast["ann"], active=False),
    ]
    for change in changes:
        with database.write() as session:
            accounts.set_active(session, cast["ann"], active=True)
            token = accounts.add_sign_in_link(session, cast["ann"], clock(session))
        assert app.test_client().get(f"/link/{token}").status_code == 200
        with database.write() as session:
            change(session)
        assert app.test_client().post(f"/link/{token}").status_code == 404


@pytest.mark.parametrize("before", ["https://evil.example/?http://localhost//people", "http://localhost//people",
                                    "http://localhost/\\people", "https://evil.example/people"])  # fmt: skip
def test_the_way_back_never_leads_to_another_host(app: Flask, before: str) -> None:
    answer = app.test_client().post("/theme", data={"theme": "dark"}, headers={"Referer": before})
    assert answer.location == "/"


def test_a_class_named_like_the_database_speaks_is_only_a_name(app: Flask, sign_in: SignIn) -> None:
    del app
    body = {"slug": "odd", "media": "text", "task": "classification",
            "classes": [{"name": "'; DROP TABLE item; --"}, {"name": "%"}]}  # fmt: skip
    assert sign_in("olga").post("/api/v1/projects", json=body).status_code == 201
