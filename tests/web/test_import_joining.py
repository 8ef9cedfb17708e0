"""The import page: several files, encodings, sheets; and labels, answers and predictions of items that are there."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select

from labeler.accounts.models import User
from labeler.annotations.models import Annotation
from labeler.config import Settings
from labeler.jobs.runner import Worker
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.conftest import Made
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]
Work = Callable[[], bool]
GERMAN = "Text;Kategorie\nMüller sagt „ja“ \u2013 5 €;cat\nplain;dog\n".encode("cp1252")


@pytest.fixture
def work(database: Database, files: FileStore) -> Work:
    return Worker(database, files).run_one


@pytest.fixture
def lead(sign_in: SignIn, make_project: Make) -> FlaskClient:
    make_project(items=2)
    return sign_in("olga")


@pytest.fixture
def pictures(sign_in: SignIn, cast: dict[str, int], work: Work) -> FlaskClient:
    """A lead with a project of boxes, with the pictures a.png and b.png in it."""
    del cast
    client = sign_in("olga")
    new = {"name": "Pics", "media": "image", "task": "boxes", "classes": "cat\ndog", "votes": "1", "order": "in_order"}
    client.post("/projects/new", data=new)
    place = send(client, [(picture("red"), "a.png"), (picture("blue"), "b.png")], "pics")
    client.post(place, data={"columns": "1", "format": "zip", "start": "1"})
    assert work()
    return client


def picture(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (100, 80), colour).save(content, "PNG")
    return content.getvalue()


def send(client: FlaskClient, sent: list[tuple[bytes, str]], slug: str = "pets") -> str:
    response = client.post(f"/p/{slug}/data", data={"file": [(io.BytesIO(data), name) for data, name in sent]})
    assert response.status_code == 303, response.text
    return response.location


def items(database: Database, slug: str) -> list[Item]:
    with database.read() as session:
        query = select(Item).join(Project, Project.id == Item.project_id).where(Project.slug == slug)
        return list(session.scalars(query.order_by(Item.id)))


def coco(*names: str) -> bytes:
    images = [{"id": n, "file_name": name} for n, name in enumerate(names)]
    found = [{"id": n, "image_id": n, "category_id": 1, "bbox": [10, 10, 50, 50]} for n in range(len(names))]
    kinds = [{"id": 1, "name": "cat"}]
    return json.dumps({"images": images, "annotations": found, "categories": kinds}).encode()


def test_several_pictures_come_in_together(pictures: FlaskClient, database: Database) -> None:
    del pictures
    assert [(item.external_id, item.width) for item in items(database, "pics")] == [("a.png", 100), ("b.png", 100)]


def test_one_picture_comes_in_alone(pictures: FlaskClient, database: Database, work: Work) -> None:
    place = send(pictures, [(picture("green"), "c.png")], "pics")
    page = pictures.get(place).text
    inspect(page)
    assert "is a single image" in page
    pictures.post(place, data={"columns": "1", "format": "zip", "start": "1"})
    assert work()
    assert [item.external_id for item in items(database, "pics")] == ["a.png", "b.png", "c.png"]


def test_pictures_and_the_file_that_labels_them_are_one_set(
    pictures: FlaskClient, database: Database, work: Work
) -> None:
    place = send(pictures, [(picture("green"), "c.png"), (coco("c.png"), "labels.json")], "pics")
    page = pictures.get(place).text
    assert "2 files.zip" in page
    assert '<option selected value="coco">' in page
    pictures.post(place, data={"format": "coco", "start": "1"})
    assert work()
    assert [bool(item.given_code) for item in items(database, "pics")] == [False, False, True]


def test_labels_of_pictures_that_are_here_are_previewed_and_join_them(
    pictures: FlaskClient, database: Database, work: Work
) -> None:
    place = send(pictures, [(coco("a.png", "nowhere.png"), "labels.json")], "pics")
    page = pictures.get(place)
    inspect(page.text)
    assert page.status_code == 200
    assert "1 of 2 rows are about items that are here." in page.text
    assert "there is no picture" in page.text
    job = pictures.post(place, data={"format": "coco", "wants": "labels", "wants_before": "labels", "start": "1"})
    assert work()
    done = pictures.get(job.location).text
    inspect(done)
    assert "1 label added" in done
    assert "1 row was left out" in done
    assert [bool(item.given_code) for item in items(database, "pics")] == [True, False]


def test_answers_of_a_named_person_come_in_by_page(pictures: FlaskClient, database: Database, work: Work) -> None:
    place = send(pictures, [(coco("a.png"), "labels.json")], "pics")
    asked = {"format": "coco", "wants": "annotations", "wants_before": "annotations"}
    refused = pictures.post(place, data={**asked, "start": "1"})
    assert refused.status_code == 422
    assert "does not say who answered" in refused.text
    assert "Whose answers they are" in refused.text
    inspect(refused.text)
    job = pictures.post(place, data={**asked, "answers_of": "mira@example.org", "start": "1"}).location
    assert work()
    assert "1 answer added" in pictures.get(job).text
    with database.read() as session:
        assert session.scalars(select(User.email).join(Annotation, Annotation.user_id == User.id)).all() == [
            "mira@example.org"
        ]


def test_answers_in_a_table_name_their_people_by_a_column(lead: FlaskClient, database: Database, work: Work) -> None:
    place = send(lead, [(b"id,who,said\ne0,ann@example.org,cat\ne1,bob@example.org,dog\nzz,x@y.org,cat\n", "v.csv")])
    look = lead.post(place, data={"columns": "1", "wants": "annotations", "wants_before": "items", "format": "csv"})
    inspect(look.text)
    assert "Column that says who answered" in look.text
    asked = {"columns": "1", "wants": "annotations", "wants_before": "annotations", "format": "csv"}
    asked |= {"id": "id", "annotator": "who", "label": "said"}
    look = lead.post(place, data=asked)
    assert "2 of 3 rows are about items that are here." in look.text
    job = lead.post(place, data={**asked, "start": "1"}).location
    assert work()
    assert "2 answers added" in lead.get(job).text
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Annotation)) == 2


def test_a_file_of_german_excel_is_proposed_in_its_encoding_with_a_line_of_it(
    lead: FlaskClient, database: Database, work: Work
) -> None:
    place = send(lead, [(GERMAN, "excel.csv")])
    page = lead.get(place)
    inspect(page.text)
    assert page.status_code == 200
    assert "Windows-1252 fits, UTF-8 does not." in page.text
    assert "1 line has letters that are broken in UTF-8." in page.text
    readings = page.text.partition('<dl class="readings">')[2].partition("</dl>")[0]
    assert "Müller sagt „ja“ \u2013 5 €" in readings
    assert "M\ufffdller" in readings
    assert '<option selected value="cp1252">' in page.text
    as_utf_8 = lead.post(place, data={"columns": "1", "format": "csv", "content": "Text", "encoding": ""})
    assert as_utf_8.status_code == 422
    assert "Choose it under Encoding" in as_utf_8.text
    asked = {"columns": "1", "format": "csv", "content": "Text", "label": "Kategorie", "encoding": "cp1252"}
    lead.post(place, data={**asked, "start": "1"})
    assert work()
    assert [item.text for item in items(database, "pets")][2:] == ["Müller sagt „ja“ \u2013 5 €", "plain"]


def test_utf_8_is_proposed_nothing_else(lead: FlaskClient) -> None:
    page = lead.get(send(lead, [("Text\nMüller\n".encode(), "a.csv")])).text
    assert "UTF-8 does not" not in page


def test_the_sheet_of_a_workbook_is_chosen_by_page(lead: FlaskClient, database: Database, work: Work) -> None:
    place = send(lead, [(workbook(), "book.xlsx")])
    page = lead.get(place).text
    inspect(page)
    assert re.findall(r'<option(?: selected)? value="(\w+)">\1</option>', page.partition('name="sheet"')[2])[:2] == [
        "First",
        "Second",
    ]
    asked = {"columns": "1", "format": "xlsx", "content": "text", "sheet": "Second"}
    assert "of the second" in lead.post(place, data=asked).text
    lead.post(place, data={**asked, "start": "1"})
    assert work()
    assert [item.text for item in items(database, "pets")][2:] == ["of the second"]


def workbook() -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "First"
    book.active.append(["text"])
    book.active.append(["of the first"])
    second = book.create_sheet("Second")
    second.append(["text"])
    second.append(["of the second"])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_several_tables_wait_and_are_looked_at_one_by_one(lead: FlaskClient, settings: Settings) -> None:
    assert send(lead, [(b"text\nalpha\n", "1.csv"), (b"text\nomega\n", "2.csv")]) == "/p/pets/data"
    page = lead.get("/p/pets/data").text
    inspect(page)
    places = re.findall(r'href="(/p/pets/data/uploads/[0-9a-f]+)"', page)
    assert [("alpha" in lead.get(place).text, "omega" in lead.get(place).text) for place in places] == [
        (True, False),
        (False, True),
    ]
    assert lead.post(f"{places[0]}/remove").status_code == 303
    left = lead.get("/p/pets/data").text
    assert "1.csv" not in left
    assert "2.csv" in left
    assert len(list(settings.uploads.glob("*.json"))) == 1


def test_a_file_that_is_being_imported_waits_for_nobody_and_is_not_removed(lead: FlaskClient) -> None:
    place = send(lead, [(b"text\none\n", "1.csv")])
    lead.post(place, data={"columns": "1", "format": "csv", "content": "text", "start": "1"})
    assert "Sent, not imported yet" not in lead.get("/p/pets/data").text
    assert lead.post(f"{place}/remove").status_code == 409


def test_of_several_files_those_that_nobody_reads_are_named_and_the_others_stay(lead: FlaskClient) -> None:
    sent = [(io.BytesIO(b"text\none\n"), "1.csv"), (io.BytesIO(b"%PDF-1.7"), "2.pdf")]
    page = lead.post("/p/pets/data", data={"file": sent})
    assert page.status_code == 422
    assert "2.pdf is a PDF" in page.text
    assert "1.csv" in page.text
    inspect(page.text)


def test_files_of_one_name_are_all_kept(pictures: FlaskClient, database: Database, work: Work) -> None:
    place = send(pictures, [(picture("green"), "n.png"), (picture("black"), "n.png")], "pics")
    pictures.post(place, data={"columns": "1", "format": "zip", "start": "1"})
    assert work()
    assert [item.external_id for item in items(database, "pics")][2:] == ["n.png", "2/n.png"]


def test_sheets_encodings_and_people_are_fields_of_the_api(
    lead: FlaskClient, database: Database, work: Work, bearer: Callable[[str], dict[str, str]]
) -> None:
    def post(content: bytes, name: str, **fields: str) -> Any:
        data = {"file": (io.BytesIO(content), name), **fields}
        sent = lead.post("/api/v1/projects/pets/imports", data=data, headers=bearer("olga"))
        assert sent.status_code == 202, sent.text
        assert work()
        job: Any = lead.get(f"/api/v1/jobs/{sent.json['id']}", headers=bearer("olga")).json  # type: ignore[index]
        return job["result"]

    assert post(workbook(), "b.xlsx", sheet="Second")["added"] == 1
    assert post(GERMAN, "g.csv", encoding="cp1252", text="Text", label="Kategorie")["added"] == 2
    votes = post(b"id,label\ne0,cat\n", "v.csv", **{"as": "annotations", "answers_of": "mira@example.org"})
    assert (votes["added"], votes["rejected"]) == (1, 0)
    labels = post(b"id,label\ne1,dog\nnobody,dog\n", "l.csv", **{"as": "labels"})
    assert (labels["added"], labels["rejected"]) == (1, 1)
    assert labels["rejected_rows"][0]["row"] == 2
    assert [item.text for item in items(database, "pets")][2] == "of the second"


def test_a_proposal_of_the_api_says_the_field_and_shows_the_line(
    lead: FlaskClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    data = {"file": (io.BytesIO(GERMAN), "g.csv")}
    refused = lead.post("/api/v1/projects/pets/imports", data=data, headers=bearer("olga"))
    assert refused.status_code == 422
    assert "cp1252" in refused.text
    said: Any = refused.json
    assert "Müller sagt" in json.dumps(said, ensure_ascii=False)


def test_class_names_with_commas_are_added_by_an_import(lead: FlaskClient, database: Database, work: Work) -> None:
    place = send(lead, [(b'text,label\none,"red, dark"\n', "c.csv")])
    asked = {"columns": "1", "format": "csv", "content": "text", "label": "label", "add_classes": "y", "start": "1"}
    lead.post(place, data=asked)
    assert work()
    with database.read() as session:
        project = session.scalar(select(Project.id).where(Project.slug == "pets")) or 0
        assert classes_of(session, project).names[-1] == "red, dark"


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
def test_a_program_gets_pictures_or_a_problem_and_never_a_sign_in_page(
    pictures: FlaskClient,
    sign_in: SignIn,
    database: Database,
    bearer: Callable[[str], dict[str, str]],
    accept: str,
) -> None:
    del pictures
    item = items(database, "pics")[0].id
    place, nobody = f"/p/pics/images/{item}/display", sign_in("")
    asks = {"Accept": accept} if accept else {}
    with nobody.get(place, headers={**asks, **bearer("olga")}) as served:
        assert served.status_code == 200
        assert served.content_type.startswith("image/")
        assert Image.open(io.BytesIO(served.data)).size == (100, 80)
    for headers, status in ((asks, 401), ({**asks, "Authorization": "Bearer wrong"}, 401), (asks | bearer("zed"), 404)):
        refused = nobody.get(place, headers=headers)
        assert (refused.status_code, refused.content_type) == (status, "application/problem+json"), headers


def test_a_person_who_opens_a_picture_is_asked_to_sign_in(
    pictures: FlaskClient, sign_in: SignIn, database: Database
) -> None:
    del pictures
    item = items(database, "pics")[0].id
    opened = sign_in("").get(f"/p/pics/images/{item}/display", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (opened.status_code, opened.location) == (302, "/sign-in")


def test_an_archive_keeps_the_folders_that_a_browser_names(pictures: FlaskClient, settings: Settings) -> None:
    place = send(pictures, [(picture("green"), "x/1.png"), (picture("black"), "../1.png")], "pics")
    with zipfile.ZipFile(settings.uploads / place.rpartition("/")[2]) as archive:
        assert archive.namelist() == ["x/1.png", "1.png"]
