"""A format that nobody but the registry knows, walked from the page that offers it to the file that comes back.

Whatever asks for a format by its name instead of asking the registry fails here.
"""

import importlib
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select

from labeler.__main__ import _make_app
from labeler.cli import exports as export_command
from labeler.cli import imports as import_command
from labeler.cli import labeler
from labeler.config import Settings
from labeler.exchange.formats.base import Certainty, ExportContext, Glimpse, Reader, Sign, Writer
from labeler.exchange.formats.registry import READERS, WRITERS
from labeler.exchange.rows import ExportRow, RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.jobs.runner import Worker
from labeler.projects.models import Item
from labeler.projects.queries import classes_of
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.api.conftest import Api, api
from tests.conftest import Made
from tests.web.pages import inspect

__all__ = ["api"]
SIGN = b"%tally"
LOST = "A comment has no place in a tally."
FILE = SIGN + b"\na~A dozen eggs~cat\nb~Two hats~dog\nno label and no id\nc~One shoe~\n"
CAME_IN = [("a", "A dozen eggs", "cat"), ("b", "Two hats", "dog"), ("c", "One shoe", None)]


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    del source, options
    return ()


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    del options
    data = source.path.read_bytes() if source.path else source.stream.read() if source.stream else b""
    for number, line in enumerate(data.decode().splitlines()[1:], 1):
        parts = line.split("~")
        if len(parts) == 3:
            yield Row(number, parts[0], parts[1], None, parts[2] or None, {})
        else:
            yield RejectedRow(number, "", "a tally has three parts", line)


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    yield SIGN + b"\n"
    for row in rows:
        context.report.written += 1
        if any(vote.comment for vote in row.votes):
            context.report.lose(LOST, row.item)
        yield f"{row.external_id}~{row.text}~{row.final_label or ''}\n".encode()


def sign(glimpse: Glimpse) -> Sign | None:
    return Sign(Certainty.SURE, "begins as a tally does.") if glimpse.text.startswith(SIGN.decode()) else None


READER = Reader(
    "tally",
    "Tally sheet",
    (".tally",),
    columns,
    read,
    shapes=frozenset({"label"}),
    media=frozenset({"text"}),
    sign=sign,
    sent_as=("application/x-tally",),
)
WRITER = Writer(
    "tally",
    "Tally sheet",
    ".tally",
    "text/x-tally",
    ("Only final labels go out.",),
    write,
    shapes=frozenset({"label"}),
    media=frozenset({"text"}),
    counts=True,
)


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    """Have the format in the registry, before the commands list their choices."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(READERS, "tally", READER)
        patch.setitem(WRITERS, "tally", WRITER)
        importlib.reload(import_command)
        importlib.reload(export_command)
        yield
    importlib.reload(import_command)
    importlib.reload(export_command)


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that runs a command on the same instance and returns what it prints."""
    monkeypatch.setenv("LABELER_INSTANCE", str(settings.instance))
    monkeypatch.setenv("LABELER_DATABASE_URL", settings.database_url)

    def invoke(*arguments: str) -> str:
        result = CliRunner().invoke(labeler, list(arguments), obj=_make_app)
        assert result.exit_code == 0, result.output
        return result.output

    return invoke


@pytest.fixture
def work(database: Database, files: FileStore) -> Callable[[], bool]:
    return Worker(database, files).run_one


def stored(database: Database, made: Made) -> list[tuple[str | None, str | None, str | None]]:
    with database.read() as session:
        names = classes_of(session, made.id).by_code
        items = session.scalars(select(Item).where(Item.project_id == made.id).order_by(Item.id))
        return [(item.external_id, item.text, names.get(item.given_code)) for item in items]


Make = Callable[..., Made]
SignIn = Callable[[str], FlaskClient]


def test_the_import_page_offers_it_knows_it_shows_its_rows_and_brings_them_in(
    sign_in: SignIn, make_project: Make, work: Callable[[], bool], database: Database
) -> None:
    made = make_project(items=0)
    olga = sign_in("olga")
    page = olga.get("/p/pets/data").text
    inspect(page)
    assert "Tally sheet" in page
    assert ".tally" in page
    place = olga.post("/p/pets/data", data={"file": (io.BytesIO(FILE), "week.txt")}).location
    look = olga.get(place).text
    inspect(look)
    assert "week.txt begins as a tally does." in look
    assert '<option selected value="tally">' in look
    assert all(text in look for text in ("A dozen eggs", "Two hats", "a tally has three parts"))
    job = olga.post(place, data={"start": "1", "format": "tally"}).location
    assert work()
    done = olga.get(job).text
    assert "3 items added" in done
    assert "1 row was left out" in done
    assert stored(database, made) == CAME_IN


def test_it_is_offered_only_where_its_shape_fits(sign_in: SignIn, make_project: Make) -> None:
    make_project("tags", items=1, task="multilabel")
    make_project("stars", items=1, task="rating", given="3")
    olga = sign_in("olga")
    assert "Tally sheet" not in olga.get("/p/tags/data").text
    assert "Tally sheet" not in olga.get("/p/tags/exports").text
    assert olga.get("/p/tags/export?format=tally").status_code == 422
    assert "Tally sheet" in olga.get("/p/stars/data").text
    assert "Tally sheet" in olga.get("/p/stars/exports").text


def test_the_api_knows_it_imports_it_and_lists_it(
    api: Callable[[str], Api], make_project: Make, work: Callable[[], bool], database: Database
) -> None:
    made, other = make_project(items=0), make_project("others", items=0)
    olga = api("olga")
    job = olga.post("/projects/pets/imports", data={"file": (io.BytesIO(FILE), "week.bin")})
    assert job.status_code == 202, job.json
    assert work()
    result = olga.get(f"/jobs/{job.json['id']}").json["result"]
    assert (result["added"], result["rejected"], result["left_out"]) == (3, 1, {"a tally has three parts": 1})
    sent = olga.post("/projects/others/items", data=FILE, headers={"Content-Type": "application/x-tally"})
    assert (sent.json["added"], sent.json["rejected"]) == (3, 1)
    assert stored(database, made) == stored(database, other) == CAME_IN


def test_the_document_of_the_api_lists_it(api: Callable[[str], Api]) -> None:
    document: dict[str, Any] = api("").get("/openapi.json").json
    paths = document["paths"]
    upload = paths["/api/v1/projects/{slug}/imports"]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert "tally" in upload["schema"]["properties"]["format"]["enum"]
    assert "application/x-tally" in paths["/api/v1/projects/{slug}/items"]["post"]["requestBody"]["content"]
    for path in ("export", "export/losses"):
        asked = paths[f"/api/v1/projects/{{slug}}/{path}"]["get"]["parameters"]
        (chosen,) = [one for one in asked if one["name"] == "format"]
        assert "tally" in chosen["schema"]["enum"]


def test_the_command_knows_it_imports_it_and_lists_it(
    run: Callable[..., str], make_project: Make, database: Database, tmp_path: Path
) -> None:
    made = make_project(items=0)
    sheet = tmp_path / "week.any"
    sheet.write_bytes(FILE)
    assert "tally" in run("import", "--help")
    assert "tally" in run("export", "--help")
    assert "3 added, 0 changed, 0 unchanged, 1 not." in run("import", "pets", str(sheet))
    assert stored(database, made) == CAME_IN


@pytest.fixture
def commented(make_project: Make, api: Callable[[str], Api]) -> Made:
    """A project whose items came in as a tally, one of them answered with a comment."""
    made = make_project(items=0)
    api("olga").post("/projects/pets/items", data=FILE, headers={"Content-Type": "application/x-tally"})
    ann = api("ann")
    held = ann.claim(made, 1)[0]
    body = {"key": "key-tally-01", "assignment": held["assignment"], "value": {"label": "dog"}, "comment": "odd"}
    assert ann.post("/projects/pets/annotations", body).json["status"] == "created"
    return made


@pytest.mark.usefixtures("commented")
def test_page_api_and_command_write_the_same_and_say_what_is_lost(
    sign_in: SignIn, api: Callable[[str], Api], run: Callable[..., str], tmp_path: Path
) -> None:
    olga, program, out = sign_in("olga"), api("olga"), tmp_path / "out.tally"
    assert LOST in run("export", "pets", "--format", "tally", "--out", str(out), "--all")
    page = olga.get("/p/pets/exports?format=tally&items=all").text
    inspect(page)
    assert all(said in page for said in (LOST, "Only final labels go out.", SIGN.decode()))
    lost = program.get("/projects/pets/export/losses?format=tally&items=all").json
    assert [(one["what"], one["count"]) for one in lost["lost"]] == [(LOST, 1)]
    by_page = olga.get("/p/pets/export?format=tally&items=all")
    by_api = program.get("/projects/pets/export?format=tally&items=all")
    assert by_page.data == by_api.data == out.read_bytes()
    assert by_page.headers["Content-Disposition"].endswith('.tally"')


def test_what_went_out_comes_in_again_and_is_the_same(
    commented: Made, run: Callable[..., str], make_project: Make, database: Database, tmp_path: Path
) -> None:
    again = make_project("again", items=0)
    first, second = tmp_path / "first", tmp_path / "second"
    run("export", "pets", "--format", "tally", "--out", str(first), "--all")
    run("import", "again", str(first))
    assert [row[:2] for row in stored(database, again)] == [row[:2] for row in stored(database, commented)]
    run("export", "again", "--format", "tally", "--out", str(second), "--all")
    assert second.read_bytes() == first.read_bytes()
