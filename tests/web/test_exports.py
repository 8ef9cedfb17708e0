"""Taking labels out: what is chosen, what is counted, what is in the file."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.decisions.actions import Decision
from labeler.exchange.formats.registry import WRITERS, writers_for
from labeler.exchange.queries import LeftOut, left_out
from labeler.exchange.rows import Row
from labeler.projects import actions as projects
from labeler.projects.models import Project
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.conftest import NOW, Made
from tests.exchange.datasets import picture
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]
Answer = Callable[[Made, str, list[str]], Any]


@pytest.fixture
def made(make_project: Make, answer: Answer, database: Database, cast: dict[str, int]) -> Made:
    """Six items: two agreed, one tied, one excluded, two without a label."""
    made = make_project(items=6, votes=2)
    answer(made, "ann", ["cat", "dog", "cat"])
    answer(made, "bob", ["cat", "dog", "dog"])
    with database.write() as session:
        project = session.get_one(Project, made.id)
        workflow.resolve(session, project, Decision("key-1-long-enough", made.items[3], "exclude"), by=cast["olga"])
    return made


def test_the_page_counts_what_is_left_out_and_why(made: Made, sign_in: SignIn, database: Database) -> None:
    text = sign_in("olga").get("/p/pets/exports").text
    page = inspect(text)
    assert "2 of 6 items" in text
    assert "2 without a label" in text
    assert "1 whose votes tie" in text
    assert "1 excluded by a lead" in text
    assert "/p/pets/items?state=tie" in page.links
    with database.read() as session:
        assert left_out(session, made.id) == LeftOut(excluded=1, unlabeled=2, tied=1)


def test_the_counts_are_those_of_the_file(made: Made, sign_in: SignIn) -> None:
    del made
    client = sign_in("olga")
    labeled = list(csv.DictReader(io.StringIO(client.get("/p/pets/export?format=csv").text)))
    everything = list(csv.DictReader(io.StringIO(client.get("/p/pets/export?format=csv&items=all").text)))
    assert [row["final_label"] for row in labeled] == ["cat", "dog"]
    assert len(everything) == 6


@pytest.mark.parametrize("name", writers_for("classification", "text"))
def test_the_preview_is_the_beginning_of_the_file(made: Made, sign_in: SignIn, name: str) -> None:
    del made
    client = sign_in("olga")
    file = client.get(f"/p/pets/export?format={name}&items=labeled")
    assert file.status_code == 200
    assert file.headers["Content-Disposition"] == f'attachment; filename="pets-labeled{WRITERS[name].suffix}"'
    assert file.content_type == WRITERS[name].content_type
    preview = client.get(f"/p/pets/exports?format={name}").text
    inspect(preview)
    try:
        first = file.data.decode().splitlines()[0]
    except UnicodeDecodeError:
        first = "bytes that are no text" if not WRITERS[name].archive else "== "
    assert first.replace('"', "&#34;").replace("'", "&#39;")[:60] in preview
    if WRITERS[name].losses:
        assert "What this format cannot hold" in preview


def test_json_lines_hold_the_votes(made: Made, sign_in: SignIn) -> None:
    del made
    lines = sign_in("olga").get("/p/pets/export?format=jsonl").text.splitlines()
    assert len(lines) == 2
    assert {vote["annotator"] for vote in json.loads(lines[0])["votes"]} == {"ann@example.org", "bob@example.org"}


def test_an_unknown_choice_is_refused_in_words(made: Made, sign_in: SignIn) -> None:
    del made
    client = sign_in("olga")
    for query in ("format=docx", "format=csv&items=mine"):
        for page in ("exports", "export"):
            assert client.get(f"/p/pets/{page}?{query}").status_code == 422


def test_only_formats_that_fit_the_project_are_offered(made: Made, sign_in: SignIn) -> None:
    del made
    client = sign_in("olga")
    assert 'value="coco"' not in client.get("/p/pets/exports").text
    for page in ("exports", "export"):
        answer = client.get(f"/p/pets/{page}?format=coco")
        assert answer.status_code == 422
        assert "Fitting formats: csv" in answer.text


def test_the_page_counts_what_a_format_would_lose(
    make_project: Make, sign_in: SignIn, database: Database, files: FileStore
) -> None:
    made = make_project(items=0, task="spans")
    value = {"spans": [{"label": "cat", "start": start, "end": 6} for start in (0, 2)]}
    rows = [Row(1, "e1", "Purring cat", None, None, {}, given_value=value)]
    workflow.import_items(database, files, made.id, rows, workflow.ImportPlan("items.jsonl", "jsonl"))
    text = sign_in("olga").get("/p/pets/exports?format=conll").text
    page = inspect(text)
    assert "A span overlaps another in its tokens and was left out" in text
    assert any(link.startswith("/p/pets/items/") for link in page.links)
    assert "-DOCSTART- -X- O O" in text


@pytest.fixture
def of_pictures(database: Database, files: FileStore, cast: dict[str, int]) -> Callable[..., None]:
    """Return a function that makes a project of pictures with one item: its task and its label."""

    def make(task: str, row: Row) -> None:
        with database.write() as session:
            new = projects.NewProject("pets", "image", task, [("cat", ""), ("dog", "")], votes=2)
            project_id = projects.create_project(session, new, by=cast["olga"], now=NOW).id
            accounts.set_member(session, project_id, cast["olga"], role="lead", now=NOW)
        workflow.import_items(database, files, project_id, [row], workflow.ImportPlan("set.zip", "zip"))

    return make


@pytest.mark.parametrize("name", ["imagefolder", "yolo_classify"])
def test_a_file_of_class_folders_holds_the_pictures_as_they_were_sent(
    name: str, of_pictures: Callable[..., None], sign_in: SignIn
) -> None:
    sent = picture()
    of_pictures("classification", Row(1, "e1", None, lambda: sent, "cat", {}, name="x/a.jpg"))
    client = sign_in("olga")
    with zipfile.ZipFile(io.BytesIO(client.get(f"/p/pets/export?format={name}").data)) as archive:
        assert archive.read("train/cat/a.jpg") == sent
    text = client.get(f"/p/pets/exports?format={name}").text
    inspect(text)
    assert "e1,x/a.jpg,cat,train/cat/a.jpg" in text


@pytest.mark.parametrize("name", writers_for("polygons", "image"))
def test_every_format_of_pictures_has_a_page_that_shows_its_beginning(
    name: str, of_pictures: Callable[..., None], sign_in: SignIn
) -> None:
    value = {"polygons": [{"label": "cat", "points": [[1, 1], [30, 1], [20, 40]]}]}
    of_pictures("polygons", Row(1, "e1", None, picture, None, {}, name="a.jpg", given_value=value))
    client = sign_in("olga")
    assert client.get(f"/p/pets/export?format={name}").status_code == 200
    inspect(client.get(f"/p/pets/exports?format={name}").text)


def test_an_empty_project_shows_where_to_begin(make_project: Make, sign_in: SignIn) -> None:
    make_project(items=0)
    client = sign_in("olga")
    assert "/p/pets/data" in inspect(client.get("/p/pets/exports").text).links
    for name in writers_for("classification", "text"):
        assert client.get(f"/p/pets/export?format={name}").status_code == 200
