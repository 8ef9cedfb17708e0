"""Free text from the form of a new project to the pages of a lead: what starts it, what differs, how far it agrees."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.agreement.queries import recount
from labeler.config import Settings
from labeler.exchange.rows import Row
from labeler.projects import actions as projects
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.api.conftest import Api, api
from tests.conftest import NOW
from tests.web.pages import inspect

__all__ = ["api"]
PLAN = workflow.ImportPlan("pages.csv", "csv")


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


@pytest.fixture
def pages(database: Database, files: FileStore, cast: dict[str, int]) -> int:
    """A project in which read pages are corrected, with three items."""
    with database.write() as session:
        limits = {"start_column": "ocr", "min_length": 3, "max_length": 40}
        new = projects.NewProject("pages", "text", "text", [], votes=3, settings=limits)
        project = projects.create_project(session, new, by=cast["olga"], now=NOW)
        for name, role in (("olga", "lead"), ("ann", "annotator"), ("bob", "annotator"), ("rita", "annotator")):
            accounts.set_member(session, project.id, cast[name], role=role, now=NOW)
        made = project.id
    rows = [
        Row(n, f"p{n}", f"Page {n}", None, None, {"ocr": f"tbe page {n}"}, given_value={"text": f"the page {n}"})
        for n in (1, 2, 3)
    ]
    assert workflow.import_items(database, files, made, rows, PLAN).added == 3
    return made


def write(person: Api, *texts: str) -> list[Any]:
    held = person.post("/projects/pages/assignments", {"count": len(texts)}).json
    said = []
    for one, text in zip(held, texts, strict=True):
        body = {"key": f"key-{one['assignment']:08d}-{len(text)}", "assignment": one["assignment"], "seconds": 3.0}
        said.append(person.post("/projects/pages/annotations", {**body, "value": {"text": text}}))
    return said


@pytest.mark.usefixtures("pages")
def test_an_answer_starts_from_the_column_and_keeps_the_limits_of_its_project(api: Callable[[str], Api]) -> None:
    held = api("ann").post("/projects/pages/assignments", {"count": 3}).json
    assert [one["start"] for one in held] == [{"text": f"tbe page {n}"} for n in (1, 2, 3)]
    assert all("given" not in one for one in held)
    (short,), (long,) = write(api("ann"), "ab"), write(api("ann"), "x" * 41)
    assert "too short: 2 of at least 3" in short.text
    assert "too long: 41 of at most 40" in long.text


def test_the_nearest_answer_is_the_consensus_and_pages_show_what_differs(
    pages: int, api: Callable[[str], Api], sign_in: Callable[[str], FlaskClient], database: Database
) -> None:
    for name, texts in (
        ("ann", ("the page one", "the page  two", "\u05e9\u05dc\u05d5\u05dd")),
        ("bob", ("the page one!", "the page two", "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd")),
        ("rita", ("a page one", "the page two", "hello")),
    ):
        assert all(one.status_code == 201 for one in write(api(name), *texts))
    with database.read() as session:
        assert recount(session, pages) == {}
    said = {row["external_id"]: row["value"] for row in api("olga").get("/projects/pages/consensus").json["data"]}
    assert said["p1"] == {"text": "the page one"}
    assert said["p2"] == {"text": "the page two"}  # typed most often among equal ones
    agreement = api("olga").get("/projects/pages/agreement").json
    assert agreement["measure"] == "character_agreement"
    assert 0.5 < agreement["value"] < 1
    assert agreement["percent"] == pytest.approx(1 / 3)
    page = sign_in("olga").get("/p/pages/disagreements").text
    inspect(page)
    assert "<del>" in page
    assert "<ins>" in page
    shown = sign_in("olga").get("/p/pages/").text
    assert "Agreement (one minus the character error rate)" in shown
    assert "not searched in free text" not in shown  # no check ran yet


def test_a_lead_takes_one_of_the_texts_and_it_goes_out(pages: int, api: Callable[[str], Api]) -> None:
    del pages
    write(api("ann"), "the page one")
    write(api("bob"), "a page one")
    item = api("olga").get("/projects/pages/items").json["data"][0]["item"]
    body = {"key": "decision-1", "item": item, "decision": "relabel", "value": {"text": "The page, one"}}
    assert api("olga").post("/projects/pages/reviews", body).status_code == 201
    out = api("olga").get("/projects/pages/export?format=csv").text.splitlines()[1]
    assert '"The page, one"' in out
    assert "a page one" in out


def test_a_program_makes_a_project_of_texts_with_its_own_settings(api: Callable[[str], Api]) -> None:
    olga = api("olga")
    asked = {"slug": "cards", "media": "image", "task": "text"}
    assert olga.post("/projects", {**asked, "settings": {"max_length": 80, "one_line": True}}).status_code == 201
    for wrong, said in (
        ({"max_length": "80"}, "must be a number"),
        ({"max_length": -1}, "at most 10,000"),
        ({"min_length": 41, "max_length": 40}, "at least 41 and at most 40"),
        ({"low": "bad"}, "no setting"),
    ):
        refused = olga.post("/projects", {**asked, "slug": "more", "settings": wrong})
        assert refused.status_code == 422
        assert said in refused.json["detail"]
    none = {"slug": "none", "media": "text", "task": "classification"}
    assert "at least two classes" in olga.post("/projects", none).json["detail"]


@pytest.mark.usefixtures("pages")
def test_pages_ask_nothing_about_classes_where_there_are_none(sign_in: Callable[[str], FlaskClient]) -> None:
    olga = sign_in("olga")
    settings, items = olga.get("/p/pages/settings").text, olga.get("/p/pages/items").text
    inspect(settings)
    assert "Save the classes" not in settings
    assert "Krippendorff" not in settings  # the target is not about what is measured here
    assert "Final label</label>" not in items
    shown = dict(re.findall(r'<input type="hidden" name="(target_alpha|shown)" value="([^"]*)">', settings))
    rules = {"name": "Pages", "votes": "3", "order": "in_order", "error_limit": "5", "min_length": "2"}
    token = {"shown": unescape(shown["shown"]), "target_alpha": shown["target_alpha"]}
    assert olga.post("/p/pages/settings", data={**rules, **token}).status_code == 302
    assert 'value="Pages"' in olga.get("/p/pages/settings").text
