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
    assert {vote["annotator"] for vote in json.loads(lines[0])["votes"]} == {"annotator-1", "annotator-2"}
    lines = sign_in("olga").get("/p/pets/export?format=jsonl&people=emails").text.splitlines()
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


def test_the_page_says_what_nobody_decided_each_with_its_items(made: Made, sign_in: SignIn) -> None:
    del made
    client = sign_in("olga")
    text = client.get("/p/pets/exports?min_votes=2").text
    page = inspect(text)
    assert "not in the file: no final label" in text
    assert "At least 2 answers, or decided by a lead" in text
    assert "/p/pets/items?state=tie" in page.links
    assert "1 item" in client.get("/p/pets/items?state=tie").text
    consensus = "/p/pets/items?state=consensus&items=labeled&min_votes=2"
    assert consensus in page.links
    listed = client.get(consensus).text
    assert "2 items" in listed
    assert "In an export: With a final label, and not excluded · At least 2 answers, or decided by a lead" in listed


def test_what_a_filter_leaves_out_is_counted_and_listed(make_project: Make, answer: Answer, sign_in: SignIn) -> None:
    made = make_project(items=3, given="cat")
    answer(made, "ann", ["cat"])
    client = sign_in("olga")
    text = client.get("/p/pets/exports?min_votes=1").text
    assert "1 of 3 items" in text
    assert "2 by the filters" in text
    assert "not in the file because of a filter" in text
    (link,) = [link for link in inspect(text).links if "left_out=1" in link]
    assert "2 items" in client.get(link).text
    unseen = client.get("/p/pets/exports").text
    assert "existing labels nobody has seen" in unseen
    (out,) = {link for link in inspect(unseen).links if link.endswith("min_votes=1")} - {link}
    assert "1 of 3 items" in client.get(out).text


def test_a_tie_can_be_added_with_its_shares_by_one_link(made: Made, sign_in: SignIn) -> None:
    del made
    client = sign_in("olga")
    text = client.get("/p/pets/exports?format=jsonl").text
    (add,) = [link for link in inspect(text).links if "/exports?" in link and "labeled_or_tied" in link]
    text = client.get(add).text
    assert "3 of 6 items" in text
    assert "in the file, without a final label" in text
    lines = client.get(add.replace("/exports?", "/export?")).text.splitlines()
    assert [json.loads(line).get("soft_label") for line in lines] == [None, None, {"cat": 0.5, "dog": 0.5}]


def test_a_split_of_the_form_is_shown_with_its_parts_and_is_in_the_file(made: Made, sign_in: SignIn) -> None:
    del made
    client = sign_in("olga")
    form = "format=csv&items=all&split_on=1&train=50&val=&test=50&seed=3&stratify=0&stratify=1&near_duplicates=0"
    text = client.get(f"/p/pets/exports?{form}").text
    inspect(text)
    assert "seed 3" in text
    assert "50.0%" in text
    table = list(csv.DictReader(io.StringIO(client.get(f"/p/pets/export?{form}").text)))
    assert sorted(row["split"] for row in table) == ["test"] * 3 + ["train"] * 3


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("split_on=1&train=80&val=10&test=5", "The shares of the parts must add up to 100%."),
        ("split_on=1&train=&val=&test=", "Give shares to train, val and test"),
        ("min_votes=many", "min_votes is a whole number"),
        ("since=2026-02-02&until=2026-02-01", "The last day is before the first one."),
        ("class=horse", "There is no class"),
        ("split=80/20&group_by=hospital", "No item has metadata called"),
    ],
)
def test_what_was_typed_wrongly_is_said_above_the_form(made: Made, sign_in: SignIn, form: str, said: str) -> None:
    del made
    client = sign_in("olga")
    answered = client.get(f"/p/pets/exports?format=csv&{form}")
    assert answered.status_code == 422
    inspect(answered.text)
    assert said in answered.text
    assert 'role="alert"' in answered.text
    assert client.get(f"/p/pets/export?format=csv&{form}").status_code == 422


def test_pictures_go_into_the_archive_by_choice(of_pictures: Callable[..., None], sign_in: SignIn) -> None:
    sent, value = picture(), {"boxes": [{"label": "cat", "x": 1, "y": 1, "width": 30, "height": 40}]}
    of_pictures("boxes", Row(1, "e1", None, lambda: sent, None, {}, name="a.jpg", given_value=value))
    client = sign_in("olga")
    for name, place in (("coco", "images/default/a.jpg"), ("yolo", "images/train/a.jpg"), ("voc", "JPEGImages/a.jpg")):
        answered = client.get(f"/p/pets/export?format={name}&pictures=1")
        assert answered.headers["Content-Disposition"].endswith('.zip"')
        with zipfile.ZipFile(io.BytesIO(answered.data)) as archive:
            assert archive.read(place) == sent
        text = client.get(f"/p/pets/exports?format={name}&pictures=1").text
        inspect(text)
        assert "without the pictures" in text
        assert "named, not contained" not in text
    assert client.get("/p/pets/export?format=coco").mimetype == "application/json"


def test_the_code_of_a_choice_is_shown_and_does_the_same(made: Made, sign_in: SignIn) -> None:
    del made
    client = sign_in("olga")
    choice = "format=jsonl&min_votes=2&class=cat,dog&split=train%3D0.5,test%3D0.5&seed=3&stratify=0"
    (link,) = [link for link in inspect(client.get(f"/p/pets/exports?{choice}").text).links if "/code?" in link]
    text = client.get(link).text
    page = inspect(text)
    code = text.replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&")
    assert "/api/v1/projects/pets/export" in code
    assert "--data-urlencode min_votes=2" in code
    assert "--min-votes 2 --class cat --class dog --split train=0.5,test=0.5 --seed 3 --no-stratify" in code
    assert 'pandas.read_json("pets.jsonl", lines=True)' in code
    assert any("/p/pets/exports?" in link for link in page.links)


def test_only_leads_see_what_is_in_an_export(made: Made, sign_in: SignIn) -> None:
    del made
    for name, status in (("ann", 403), ("zed", 404)):
        for page in ("exports", "exports/code", "export"):
            assert sign_in(name).get(f"/p/pets/{page}?format=csv").status_code in {status, 403, 404}
