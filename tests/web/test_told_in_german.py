"""What the rules refuse, a job says and an import leaves out, on the pages of somebody who reads German."""

import csv
import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from labeler.jobs.runner import Worker
from labeler.messages import Message
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.conftest import Made

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]
GERMAN = {"Accept-Language": "de"}
TABLE = b"id,text,label\na,A cat,cat\nb,A ferret,ferret\na,Another cat,dog\nc,,cat\nd,Too,many,cells\n"


@pytest.fixture
def lead(sign_in: SignIn, make_project: Make) -> FlaskClient:
    make_project(items=0)
    return sign_in("olga")


def send(client: FlaskClient, content: bytes, name: str) -> str:
    response = client.post("/p/pets/data", data={"file": (io.BytesIO(content), name)}, headers=GERMAN)
    assert response.status_code == 303, response.text
    return response.location


def imported(client: FlaskClient, content: bytes, name: str, work: Callable[[], bool]) -> str:
    place = send(client, content, name)
    job = client.post(place, data={"start": "1", "columns": "1", "format": "csv", "content": "text", "id": "id",
                                   "label": "label", "wants": "items"}, headers=GERMAN)  # fmt: skip
    assert job.status_code == 303, job.text
    work()
    return job.location


def test_the_look_at_a_file_names_its_faults_in_german(lead: FlaskClient) -> None:
    page = lead.get(send(lead, TABLE, "table.csv"), headers=GERMAN).text
    assert "der Text ist leer" in page
    assert "zu viele Spalten: 4 statt 3 (Zeile 6)" in page
    assert "the text is empty" not in page


def test_the_reasons_of_the_rows_left_out_are_in_german_on_the_page_and_in_the_file(
    lead: FlaskClient, database: Database, files: FileStore
) -> None:
    place = imported(lead, TABLE, "table.csv", Worker(database, files).run_one)
    page = lead.get(place, headers=GERMAN).text
    assert "„…“ ist keine Klasse dieses Projekts; es hat …" in page
    assert "der Text ist leer" in page
    left_out = lead.get("/p/pets/data/imports/1/left-out.csv", headers=GERMAN).text
    reasons = [row["reason"] for row in csv.DictReader(io.StringIO(left_out))]
    assert sorted(reasons) == [
        "Die ID „a“ steht zweimal in dieser Datei, mit anderem Inhalt oder anderen Labels; die erste wurde genommen.",
        "der Text ist leer",
        "zu viele Spalten: 4 statt 3 (Zeile 6)",
        "„ferret“ ist keine Klasse dieses Projekts; es hat cat, dog, neither.",
    ]
    english = lead.get("/p/pets/data/imports/1/left-out.csv").text
    assert "'ferret' is not a class of this project; it has cat, dog, neither." in english


def test_a_project_imported_by_an_earlier_version_shows_its_english_reasons(
    lead: FlaskClient, database: Database, files: FileStore
) -> None:
    place = imported(lead, TABLE, "table.csv", Worker(database, files).run_one)
    with database.write() as session:
        session.execute(text("UPDATE rejected_row SET reason = 'the text is empty'"))
        session.execute(
            text("""UPDATE job SET result = '{"import": 1, "added": 1, "changed": 0, "unchanged": 0,
            "rejected": 4, "not_counted": 0, "left_out": {"the text is empty": 4}}'""")
        )
    assert "the text is empty" in lead.get(place, headers=GERMAN).text
    assert "the text is empty" in lead.get("/p/pets/data/imports/1/left-out.csv", headers=GERMAN).text


def test_why_a_job_failed_and_how_far_it_is_are_in_german(lead: FlaskClient, database: Database) -> None:
    place = send(lead, TABLE, "table.csv")
    job = lead.post(place, data={"start": "1", "columns": "1", "format": "csv", "content": "text", "wants": "items"})
    with database.write() as session:
        from labeler.jobs.models import Job

        found = session.get_one(Job, int(job.location.rpartition("/")[2]))
        found.state, found.message = "running", Message("{count:,} rows read", count=12_000)
    told = lead.get(f"/api/v1/jobs/{found.id}", headers=GERMAN).json
    assert told is not None
    assert told["message"] == "12.000 Zeilen gelesen"
    assert "12.000 Zeilen gelesen" in lead.get(job.location, headers=GERMAN).text
    with database.write() as session:
        found = session.get_one(Job, found.id)
        found.state, found.error = "failed", Message("{name} is empty: the first line must name the columns.", name="x")
    assert "x ist leer: Die erste Zeile muss die Spalten nennen." in lead.get(job.location, headers=GERMAN).text


@pytest.mark.parametrize(
    ("address", "sent", "said"),
    [
        ("/p/pets/data", {"file": (io.BytesIO(b"%PDF"), "a.pdf")}, "ist ein PDF"),
        ("/p/pets/data", {}, "Bitte eine Datei wählen oder etwas einfügen."),
    ],
)
def test_a_refusal_stands_in_german_beside_its_field(
    lead: FlaskClient, address: str, sent: dict[str, object], said: str
) -> None:
    page = lead.post(address, data=sent, headers=GERMAN).text
    assert said in page


def test_a_script_of_our_pages_is_told_in_german_and_a_program_in_english(
    lead: FlaskClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    answer = {"key": "k" * 8, "assignment": 999, "value": {"label": "cat"}}
    path = "/api/v1/projects/pets/annotations"
    program = {**bearer("olga"), **GERMAN}
    german, english = (
        "Dieses Element ist Ihnen nicht mehr zugeteilt; holen Sie das nächste.",
        "You do not hold this item",
    )
    assert lead.post(path, json=[answer], headers=GERMAN).json[0]["reason"] == german  # type: ignore[index]
    assert lead.post(path, json=answer, headers=GERMAN).json["detail"] == german  # type: ignore[index]
    assert lead.post(path, json=[answer], headers=program).json[0]["reason"].startswith(english)  # type: ignore[index]
    assert lead.post(path, json=answer, headers=program).json["detail"].startswith(english)  # type: ignore[index]
