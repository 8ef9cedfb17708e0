"""The look at a file by page: its rows as they are, other rows at random, and items as annotators will get them."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from labeler.__main__ import _make_app
from labeler.accounts.actions import set_member
from labeler.cli import labeler
from labeler.config import Settings
from labeler.jobs.runner import Worker
from labeler.projects.actions import NewProject, create_project
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.conftest import NOW, Made
from tests.exchange.datasets import annotation, coco, image, picture
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
TABLE = "id,text,label\n" + "".join(f"n{n},Text {n},cat\n" for n in range(1, 400)) + "n400,,cat\nn401,last,ferret\n"
COLUMNS = {"columns": "1", "format": "csv", "content": "text", "id": "id", "label": "label"}


@pytest.fixture
def lead(sign_in: SignIn, make_project: Callable[..., Made]) -> FlaskClient:
    make_project(items=0)
    return sign_in("olga")


def send(lead: FlaskClient, content: bytes | str, name: str = "table.csv") -> str:
    data = content if isinstance(content, bytes) else content.encode()
    sent = lead.post("/p/pets/data", data={"file": (io.BytesIO(data), name)})
    assert sent.status_code == 303, sent.text
    return sent.location


def shown(text: str) -> list[int]:
    return [int(number) for number in re.findall(r">n(\d+)</td>", text)]


def test_other_rows_are_shown_and_problems_of_the_whole_file(lead: FlaskClient) -> None:
    place = send(lead, TABLE)
    first = lead.get(place).text
    inspect(first)
    assert shown(first) == list(range(1, 21))
    assert "1 row: text: the text is empty" in first
    assert "in 400" in first
    assert "1 row: label “ferret” is not a class" in first
    drawn = lead.post(place, data={**COLUMNS, "show": "random"}).text
    inspect(drawn)
    assert len(shown(drawn)) + drawn.count("left out</span>") >= 19
    assert max(shown(drawn)) > 20
    again = lead.post(place, data={**COLUMNS, "way": "random"}).text
    assert 'name="show" value="random"\n      aria-pressed="true"' in again


def test_items_are_shown_as_annotators_will_see_them(lead: FlaskClient) -> None:
    text = lead.post(send(lead, TABLE), data={**COLUMNS, "show": "annotators"}).text
    inspect(text)
    assert "Text 1<" in text
    assert "neither" in text, "the classes that they choose from"
    assert not shown(text), "neither the ids nor the labels are theirs to see"


def test_the_rows_as_they_are_are_always_there_and_open_where_nothing_else_is(lead: FlaskClient) -> None:
    text = lead.get(send(lead, TABLE)).text
    assert '<details class="raw"><summary>The rows as they are in the file' in text
    assert "n1,Text 1,cat" in text
    broken = lead.get(send(lead, "a,b\n1,<b>hello</b>\n")).text
    inspect(broken)
    assert "No column looks like the item itself" in broken
    assert '<details class="raw" open>' in broken
    assert "1,&lt;b&gt;hello&lt;/b&gt;" in broken
    nothing = send(lead, "hello world\nand more\n", "notes.md")
    assert "hello world" in lead.get(nothing).text


SPOILT = [
    annotation(1),
    annotation(2, bbox=[1, 2, 0, 5]),
    annotation(3, category_id=55),
    annotation(4, iscrowd=1, segmentation=[[1, 1, 9, 1, 5, 8]]),
    annotation(5, 99),
]


def spoilt() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.jpg", picture())
        archive.writestr("left.jpg", picture(60))
        archive.writestr("inner.zip", b"PK")
        archive.writestr("annotations/c.json", coco([image(), image(2, "gone.jpg")], SPOILT))
    return buffer.getvalue()


@pytest.fixture
def projects(database: Database, cast: dict[str, int]) -> None:
    """A project of boxes for each door."""
    with database.write() as session:
        for slug in ("command", "api", "pets"):
            new = NewProject(slug, "image", "boxes", [("cat", ""), ("dog", "")], votes=1)
            made = create_project(session, new, by=cast["olga"], now=NOW)
            set_member(session, made.id, cast["olga"], role="lead", now=NOW)


@pytest.fixture
def run(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that imports the file by the command."""
    monkeypatch.setenv("LABELER_INSTANCE", str(settings.instance))
    path = tmp_path / "spoilt.zip"
    path.write_bytes(spoilt())
    return lambda *more: CliRunner().invoke(labeler, ["import", "command", str(path), *more], obj=_make_app).output


@pytest.fixture
def job_of(app: Flask, database: Database, files: FileStore, bearer: Callable[[str], dict[str, str]]) -> Any:
    """Return a function that lets a worker run, and reads a job by the API; of none yet it makes one by the API."""
    client, headers = app.test_client(use_cookies=False), bearer("olga")

    def read(address: str = "") -> Any:
        if not address:
            sent = {"file": (io.BytesIO(spoilt()), "spoilt.zip")}
            address = client.post("/api/v1/projects/api/imports", data=sent, headers=headers).headers["Location"]
        assert Worker(database, files).run_one()
        return client.get(address, headers=headers).json

    return read


@pytest.mark.usefixtures("projects")
def test_every_door_says_the_same_of_what_was_left_out(sign_in: SignIn, run: Callable[..., str], job_of: Any) -> None:
    lead, found = sign_in("olga"), {"api": job_of()["result"], "command": json.loads(run("--json"))}
    page = lead.post(send(lead, spoilt(), "spoilt.zip"), data={"start": "1", "format": "coco"}).location
    found["page"] = job_of(f"/api/v1/jobs/{page.rpartition('/')[2]}")["result"]
    told = [{**one, "import": 0} for one in found.values()]
    assert told[0] == told[1] == told[2]
    kinds = told[0]["left_out"]
    assert len(kinds) == 7, kinds
    text, printed = unescape(lead.get(page).text), run()
    assert all(f">{count}</span> \N{MULTIPLICATION SIGN} {what}" in text for what, count in kinds.items())
    assert all(what in printed for what in kinds)
