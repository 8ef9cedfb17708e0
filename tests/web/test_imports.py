"""From a file to items: the look at it, the mapping, the job, the rows that were left out."""

import csv
import io
import json
import os
import re
import zipfile
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from labeler.accounts.actions import set_member
from labeler.config import Settings
from labeler.exchange.formats.registry import READERS, sent_readers
from labeler.jobs.runner import Worker
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of
from labeler.quality import imported
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.conftest import NOW, Made
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]
TABLE = b"id,text,label,source\n" + b"".join(
    f"n{n},Text {n},{'cat' if n % 2 else 'ferret'},web\n".encode() for n in range(6)
)


@pytest.fixture
def lead(sign_in: SignIn, make_project: Make) -> FlaskClient:
    make_project(items=0)
    return sign_in("olga")


@pytest.fixture
def work(database: Database, files: FileStore) -> Callable[[], bool]:
    """Let a worker run one job."""
    return Worker(database, files).run_one


def send(client: FlaskClient, content: bytes, name: str = "table.csv", slug: str = "pets") -> str:
    response = client.post(f"/p/{slug}/data", data={"file": (io.BytesIO(content), name)})
    assert response.status_code == 303, response.text
    return response.location


def items(database: Database, slug: str = "pets") -> list[Item]:
    with database.read() as session:
        query = select(Item).join(Project, Project.id == Item.project_id).where(Project.slug == slug)
        return list(session.scalars(query.order_by(Item.id)))


def test_a_table_comes_in_after_a_look_at_it(
    lead: FlaskClient, database: Database, work: Callable[[], bool], settings: Settings
) -> None:
    place = send(lead, TABLE)
    look = lead.get(place)
    inspect(look.text)
    assert "The name table.csv ends in .csv." in look.text
    assert "Text 0" in look.text
    assert "label “ferret” is not a class" in look.text
    assert "3 rows" in look.text
    assert items(database) == []
    data = {"start": "1", "columns": "1", "format": "csv", "content": "text", "id": "id", "label": "label"}
    job = lead.post(place, data=data).location
    inspect(lead.get(job).text)
    assert work()
    done = lead.get(job).text
    inspect(done)
    assert "3 items added" in done
    assert "3 rows were left out" in done
    assert [(item.external_id, item.text, item.meta) for item in items(database)] == [
        (f"n{n}", f"Text {n}", {"source": "web"}) for n in (1, 3, 5)
    ]
    link = next(link for link in inspect(done).links if link.endswith("left-out.csv"))
    rows = list(csv.DictReader(io.StringIO(lead.get(link).text)))
    assert [row["row"] for row in rows] == ["1", "3", "5"]
    assert all("'ferret' is not a class" in row["reason"] for row in rows)
    assert not (settings.uploads / place.rpartition("/")[2]).exists()


def test_the_rows_left_out_are_listed_in_the_order_of_the_file(lead: FlaskClient, work: Callable[[], bool]) -> None:
    place = send(lead, b"id,text,label\na,first,ferret\nb,,cat\nc,third,ferret\n")
    data = {"start": "1", "columns": "1", "format": "csv", "content": "text", "id": "id", "label": "label"}
    job = lead.post(place, data=data).location
    assert work()
    link = next(link for link in inspect(lead.get(job).text).links if link.endswith("left-out.csv"))
    assert [row["row"] for row in csv.DictReader(io.StringIO(lead.get(link).text))] == ["1", "2", "3"]


def test_unknown_labels_become_classes_when_asked(
    lead: FlaskClient, database: Database, work: Callable[[], bool]
) -> None:
    place = send(lead, TABLE)
    data = {"columns": "1", "content": "text", "id": "id", "label": "label", "format": "csv"}
    lead.post(place, data={**data, "start": "1", "add_classes": "y"})
    assert work()
    found = items(database)
    assert len(found) == 6
    with database.read() as session:
        assert classes_of(session, found[0].project_id).names == ("cat", "dog", "neither", "ferret")


def test_the_steps_of_a_scale_are_not_added_by_an_import(sign_in: SignIn, make_project: Make) -> None:
    make_project("stars", items=0, task="rating")
    client = sign_in("olga")
    place = send(client, b"text,label\nfine,6\n", slug="stars")
    assert "label “6” is not a class" in client.get(place).text
    assert "Add these labels" not in client.get(place).text


def test_another_mapping_is_shown_before_it_is_used(lead: FlaskClient, database: Database) -> None:
    place = send(lead, b"a;b;c\n1;hello;cat\n2;world;dog\n")
    first = lead.get(place)
    assert first.status_code == 422
    assert "No column looks like the item itself" in first.text
    shown = lead.post(place, data={"columns": "1", "format": "csv", "content": "b", "id": "a", "label": "c"})
    assert shown.status_code == 200
    assert "hello" in shown.text
    assert 'name="start" value="1">' in shown.text
    assert items(database) == []


def test_a_column_can_be_left_without_a_meaning(
    lead: FlaskClient, database: Database, work: Callable[[], bool]
) -> None:
    place = send(lead, TABLE)
    data = {"columns": "1", "format": "csv", "content": "text", "id": "", "label": "", "start": "1"}
    lead.post(place, data=data)
    assert work()
    found = items(database)
    assert len(found) == 6
    assert {item.external_id for item in found} == {None}
    assert found[0].meta == {"id": "n0", "label": "ferret", "source": "web"}


def test_pasted_lines_become_items(lead: FlaskClient, database: Database, work: Callable[[], bool]) -> None:
    response = lead.post("/p/pets/data", data={"pasted": 'First, with "quotes"\r\n\r\nSecond\n'})
    data = {"columns": "1", "format": "csv", "content": "text", "start": "1"}
    lead.post(response.location, data=data)
    assert work()
    assert [item.text for item in items(database)] == ['First, with "quotes"', "Second"]


def test_a_pasted_table_keeps_its_columns(lead: FlaskClient) -> None:
    response = lead.post("/p/pets/data", data={"pasted": "text,label\nmeow,cat\n", "table": "y"})
    page = lead.get(response.location).text
    assert "meow" in page
    assert "Id" in page


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "is empty"),
        ("book.pdf", b"%PDF-1.7 ...", "is a PDF"),
        ("packed.csv.gz", b"\x1f\x8b\x08\x00", "compressed with gzip"),
        ("photo.png", b"\x89PNG\r\n\x1a\n", "single image"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_beside_its_field(
    lead: FlaskClient, settings: Settings, name: str, content: bytes, words: str
) -> None:
    response = lead.post("/p/pets/data", data={"file": (io.BytesIO(content), name)})
    assert response.status_code == 422
    assert words in response.text.partition('id="file-error"')[2].partition("</p>")[0]
    inspect(response.text)
    assert list(settings.uploads.glob("*")) == []


def test_nothing_sent_says_what_to_send(lead: FlaskClient) -> None:
    response = lead.post("/p/pets/data", data={})
    assert response.status_code == 422
    assert "Choose a file, or paste something." in response.text


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bad.json", b"[1, 2", "bad.json"),
        ("cut.zip", b"PK\x03\x04 and no more", "not a ZIP archive"),
        ("what", b"just words", "Nothing says in which format this file is"),
        ("latin.csv", "text\nna\u00efve\n".encode("latin-1"), "UTF-8"),
    ],
)
def test_a_damaged_file_is_explained_and_changes_nothing(
    lead: FlaskClient, database: Database, name: str, content: bytes, words: str
) -> None:
    place = send(lead, content, name)
    response = lead.get(place)
    assert response.status_code in {200, 422}
    assert words in response.text
    inspect(response.text)
    assert items(database) == []


def test_another_encoding_can_be_chosen(lead: FlaskClient, database: Database, work: Callable[[], bool]) -> None:
    place = send(lead, "text\nna\u00efve\n".encode("latin-1"))
    data = {"columns": "1", "format": "csv", "content": "text", "encoding": "cp1252", "start": "1"}
    lead.post(place, data=data)
    assert work()
    assert [item.text for item in items(database)] == ["na\u00efve"]


def picture(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(content, "PNG")
    return content.getvalue()


def test_a_zip_of_images_is_shown_as_small_copies_of_our_own(
    lead: FlaskClient, database: Database, work: Callable[[], bool]
) -> None:
    data = {"name": "Pics", "media": "image", "task": "classification", "classes": "red\nblue", "votes": "1"}
    lead.post("/projects/new", data={**data, "order": "in_order"})
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("red/1.png", picture("red"))
        file.writestr("blue/2.png", picture("blue"))
        file.writestr("red/3.png", b"no picture")
    place = send(lead, archive.getvalue(), "pics.zip", "pics")
    page = lead.get(place)
    inspect(page.text)
    assert page.text.count("<img ") == 2
    assert "cannot be shown" in page.text
    small = lead.get(f"{place}/0")
    assert small.content_type in {"image/webp", "image/jpeg"}
    assert "sandbox" in small.headers["Content-Security-Policy"]
    assert lead.get(f"{place}/2").status_code == 404
    response = lead.post(place, data={"columns": "1", "format": "zip", "folder_labels": "y", "start": "1"})
    assert work()
    assert "2 items added" in lead.get(response.location).text
    assert [item.external_id for item in items(database, "pics")] == ["red/1.png", "blue/2.png"]


@pytest.mark.parametrize("name", ["zip", "yolo", "coco", "csv"])
def test_a_file_is_asked_only_what_its_format_can_be_told(lead: FlaskClient, name: str) -> None:
    new = {"name": "Pics", "media": "image", "task": "boxes", "classes": "red", "votes": "1", "order": "in_order"}
    lead.post("/projects/new", data=new)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("red/1.png", picture("red"))
    page = lead.post(send(lead, archive.getvalue(), "pics.zip", "pics"), data={"format": name}).text
    assert f'<option selected value="{name}">' in page
    assert ('name="encoding"' in page) == READERS[name].encoded
    assert ('name="folder_labels"' in page) == READERS[name].folder_labels


def test_the_dialog_that_picks_a_file_knows_the_endings_of_what_fits(lead: FlaskClient) -> None:
    page = lead.get("/p/pets/data").text
    fitting = sent_readers("classification", "text")
    (accepted,) = re.findall(r'accept="([^"]*)"', page)
    assert set(accepted.split(",")) == {ending for reader in fitting.values() for ending in reader.suffixes}
    assert next(iter(fitting)) == "csv"
    assert next(iter(sent_readers("boxes", "image"))) == "zip"


def test_an_upload_belongs_to_its_project(lead: FlaskClient, make_project: Make) -> None:
    make_project("other", items=0)
    place = send(lead, TABLE)
    token = place.rpartition("/")[2]
    assert lead.get(f"/p/other/data/uploads/{token}").status_code == 404
    for made_up in ("0" * 32, "..", "secret_key", f"{token}.json"):
        assert lead.get(f"/p/pets/data/uploads/{made_up}").status_code == 404


def test_a_job_and_the_rows_of_an_import_are_seen_only_from_their_project(
    lead: FlaskClient, make_project: Make, work: Callable[[], bool]
) -> None:
    make_project("other", items=0)
    data = {"columns": "1", "format": "csv", "content": "text", "label": "label", "start": "1"}
    job = lead.post(send(lead, TABLE), data=data).location
    assert work()
    assert lead.get(job.replace("/p/pets/", "/p/other/")).status_code == 404
    assert lead.get("/p/pets/data/imports/1/left-out.csv").status_code == 200
    assert lead.get("/p/other/data/imports/1/left-out.csv").status_code == 404


def test_an_import_that_waits_says_for_what_and_where_to_ask_again(lead: FlaskClient, work: Callable[[], bool]) -> None:
    data = {"columns": "1", "format": "csv", "content": "text", "start": "1"}
    job = lead.post(send(lead, TABLE), data=data).location
    page = lead.get(job).text
    assert "Waiting for the worker" in page
    assert "No worker is running" in page
    address = f"/api/v1/jobs/{job.rpartition('/')[2]}"
    assert f'data-job="{address}"' in page
    waiting = json.loads(lead.get(address).text)
    assert (waiting["state"], waiting["progress"], waiting["worker"]) == ("queued", 0.0, False)
    assert work()
    assert json.loads(lead.get(address).text)["state"] == "done"
    assert "data-job" not in lead.get(job).text


def test_a_job_that_fails_says_why(lead: FlaskClient, work: Callable[[], bool], settings: Settings) -> None:
    place = send(lead, TABLE)
    data = {"columns": "1", "format": "csv", "content": "text", "start": "1"}
    job = lead.post(place, data=data).location
    (settings.uploads / place.rpartition("/")[2]).write_bytes(b"other,columns\n1,2\n")
    assert work()
    page = lead.get(job)
    assert "Import failed" in page.text
    assert "no column" in page.text
    inspect(page.text)


def test_old_uploads_are_forgotten_but_not_while_a_job_needs_them(lead: FlaskClient, settings: Settings) -> None:
    idle, waiting = send(lead, TABLE), send(lead, TABLE)
    data = {"columns": "1", "format": "csv", "content": "text", "start": "1"}
    lead.post(waiting, data=data)
    for path in settings.uploads.glob("*"):
        os.utime(path, (0, 0))
    send(lead, TABLE)
    assert lead.get(idle).status_code == 404
    assert lead.get(waiting).status_code == 200


def pictures() -> bytes:
    """A ZIP of two small pictures."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for n in range(2):
            picture = io.BytesIO()
            Image.new("RGB", (9 + n, 9)).save(picture, "PNG")
            packed.writestr(f"{n}.png", picture.getvalue())
    return buffer.getvalue()


def test_nothing_of_an_upload_is_left_after_its_import_or_two_days_after_it_was_abandoned(
    sign_in: SignIn, database: Database, files: FileStore, settings: Settings, cast: dict[str, int]
) -> None:
    with database.write() as session:
        new = NewProject("signs", "image", "classification", [("a", ""), ("b", "")])
        made = create_project(session, new, by=cast["olga"], now=NOW).id
        set_member(session, made, cast["olga"], role="lead", now=NOW)
    lead = sign_in("olga")
    worker = Worker(database, files)
    place, abandoned = (send(lead, pictures(), "signs.zip", "signs") for _ in range(2))
    for one in (place, abandoned):
        assert "two days after it was sent" in lead.get(one).text
        assert lead.get(f"{one}/1").status_code == 200  # a picture of the preview
    token = place.rpartition("/")[2]
    assert len(list(settings.uploads.glob(f"{token}*"))) > 2
    lead.post(place, data={"columns": "1", "format": "zip", "start": "1"})
    assert worker.run_one()
    assert list(settings.uploads.glob(f"{token}*")) == []
    worker._next_clean = 0.0
    worker._clean()
    assert lead.get(abandoned).status_code == 200
    for path in settings.uploads.iterdir():
        os.utime(path, (0, 0))
    worker._next_clean = 0.0
    worker._clean()
    assert list(settings.uploads.iterdir()) == []
    assert lead.get(abandoned).status_code == 404


def test_the_rows_left_out_cannot_run_in_a_spreadsheet(lead: FlaskClient, work: Callable[[], bool]) -> None:
    data = {"columns": "1", "format": "csv", "content": "text", "label": "label", "start": "1"}
    job = lead.post(send(lead, b"text,label\n=1+1,=cmd\n"), data=data).location
    assert work()
    link = next(link for link in inspect(lead.get(job).text).links if link.endswith("left-out.csv"))
    (row,) = csv.DictReader(io.StringIO(lead.get(link).text))
    assert row["original"] == "'=1+1"


def test_one_button_counts_answers_beyond_the_wanted_number(
    sign_in: SignIn,
    make_project: Make,
    work: Callable[[], bool],
    bearer: Callable[[str], dict[str, str]],
) -> None:
    make_project(items=1, votes=1)
    lead = sign_in("olga")
    votes = b"id,annotator,label\n" + b"".join(b"e0,w%d@crowd.org,cat\n" % who for who in range(3))
    sent = lead.post(
        "/api/v1/projects/pets/imports",
        data={"file": (io.BytesIO(votes), "v.csv"), "as": "annotations"},
        headers=bearer("olga"),
    )
    assert sent.status_code == 202, sent.text
    assert work()
    number = json.loads(sent.text)["id"]
    told = json.loads(lead.get(f"/api/v1/jobs/{number}", headers=bearer("olga")).text)
    assert (told["result"]["added"], told["result"]["not_counted"]) == (3, 2)
    job = f"/p/pets/data/jobs/{number}"
    for place in (job, "/p/pets/"):
        page = lead.get(place).text
        inspect(page)
        assert "2 answers came beyond the wanted number" in page
        assert "Want 3 answers an item" in page
    back = {"votes": "3", "back": f"job-{number}"}
    assert lead.post("/p/pets/settings/votes", data=back).location == job
    assert "2 answers count now." in lead.get(job).text
    assert "beyond the wanted number" not in lead.get("/p/pets/").text


def test_vectors_are_looked_at_and_imported_for_items_that_are_there(
    sign_in: SignIn, make_project: Make, work: Callable[[], bool], files: FileStore
) -> None:
    made, lead = make_project(items=2), sign_in("olga")
    place = send(lead, b"id,label,d0,d1,d2\ne0,cat,1,0,0.5\ne1,dog,0,1,0.25\nzz,dog,1,1,1\n,dog,1,1,1\n")
    asked = {"columns": "1", "wants": "vectors", "wants_before": "items", "format": "csv"}
    look = lead.post(place, data=asked)
    inspect(look.text)
    assert look.status_code == 200
    assert "3: 1, 0, 0.5" in look.text
    assert "nothing says which item was meant" in look.text
    assert "The next label check learns from them" in look.text
    assert "is not a class" not in look.text
    job = lead.post(place, data=asked | {"wants_before": "vectors", "id": "id", "start": "1"}).location
    assert work()
    done = lead.get(job).text
    inspect(done)
    assert "2 vectors added" in done
    assert "2 rows were left out" in done
    kept = imported.vectors_of(files.imported_of(made.id), made.items)
    assert kept is not None
    assert kept.tolist() == [[1, 0, 0.5], [0, 1, 0.25]]


def test_vectors_of_another_model_replace_the_others_where_that_is_asked_for(
    sign_in: SignIn, make_project: Make, work: Callable[[], bool], files: FileStore
) -> None:
    made, lead = make_project(items=2), sign_in("olga")
    asked = {"columns": "1", "wants": "vectors", "wants_before": "vectors", "format": "csv", "id": "id", "start": "1"}
    lead.post(send(lead, b"id,d0,d1\ne0,1,0\n"), data=asked)
    assert work()
    job = lead.post(send(lead, b"id,d0,d1,d2\ne0,1,0,2\n"), data=asked).location
    assert work()
    assert "so they are of another model" in lead.get(job).text
    lead.post(send(lead, b"id,d0,d1,d2\ne0,1,0,2\n"), data=asked | {"replace": "y"})
    assert work()
    kept = imported.vectors_of(files.imported_of(made.id), made.items)
    assert kept is not None
    assert kept.tolist() == [[1, 0, 2], [0, 0, 0]]


def test_probabilities_come_with_a_warning_of_models_that_learned_the_labels(
    sign_in: SignIn, make_project: Make, work: Callable[[], bool]
) -> None:
    make_project(items=2)
    lead = sign_in("olga")
    place = send(lead, b"id,cat,dog\ne0,0.75,0.25\ne1,0.5,0.2\n")
    asked = {"columns": "1", "wants": "probabilities", "wants_before": "probabilities", "format": "csv", "id": "id"}
    look = lead.post(place, data=asked)
    inspect(look.text)
    assert "A model that learned from these labels would call them all right" in look.text
    assert "its probabilities add up to 0.700, not to 1" in look.text
    job = lead.post(place, data=asked | {"start": "1"}).location
    assert work()
    assert "Probabilities of 1 item added" in lead.get(job).text
