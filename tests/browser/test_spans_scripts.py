"""Spans in every script: what is stored and exported is what was marked, by keyboard and by mouse."""

# ruff: noqa: RUF001 - the letters of these scripts are meant

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.exchange.rows import Row
from labeler.projects import actions as projects
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.browser.desk_server import open_desk
from tests.browser.spans_desk import CLASSES, SpansServer, drag, press, until
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser

# text, the words to mark, the arrow that goes on in this script, words to pass over, words to mark
SCRIPTS = {
    "latin": ("Zoë Müller-Lüdenscheidt met José.", "José", "ArrowRight", 5, 1),
    "emoji": ("Wow 👨‍👩‍👧‍👦 and 🇩🇪🇫🇷 and 👍🏽 ok", "👨‍👩‍👧‍👦", "ArrowRight", 1, 1),
    "flags": ("Wow 👨‍👩‍👧‍👦 and 🇩🇪🇫🇷 and 👍🏽 ok", "🇫🇷 and 👍🏽", "ArrowRight", 4, 3),
    "arabic": ("سافر أحمد إلى القاهرة أمس.", "القاهرة", "ArrowLeft", 3, 1),
    "hebrew with digits": ("דנה גרה ברחוב הרצל 15 בתל אביב.", "הרצל 15", "ArrowLeft", 3, 2),
    "persian with a joiner": ("او کتاب می\u200cخواهم گفت", "می\u200cخواهم", "ArrowLeft", 2, 1),
    "hindi": ("मैं दिल्ली में रहता हूँ", "दिल्ली", "ArrowRight", 1, 1),
    "thai": ("ฉันชอบกินข้าวผัดที่กรุงเทพ", "ข้าวผัด", "ArrowRight", 3, 2),
    "chinese": ("我昨天去了北京大学。", "北京大学", "ArrowRight", 3, 2),
    "combining": ("Cafe\u0301 no\u0308el a\u0301b", "no\u0308el", "ArrowRight", 1, 1),
    "beyond 16 bits": ("𝒜da 𐍈 likes 𝔘nicode", "𝔘nicode", "ArrowRight", 3, 1),
    "carriage returns": ("Line one\r\nBerlin wins\r\n\r\nEnd.", "Berlin wins", "ArrowRight", 2, 2),
    "tabs and runs of spaces": ("a\tb  c\n\n d", "b  c", "ArrowRight", 1, 2),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_words_marked_by_mouse_are_the_words_stored(page: Page, script: str) -> None:
    text, words, *_ = SCRIPTS[script]
    server = SpansServer(text)
    open_desk(page, server)
    drag(page, text, words)
    assert page.evaluate("document.getSelection().toString().replace(/\\n/g, '')") == words.replace("\n", "")
    press(page, "2")
    assert server.marked(page) == [("PER", words)]


@pytest.mark.parametrize("script", SCRIPTS)
def test_words_marked_by_keyboard_are_the_words_stored(page: Page, script: str) -> None:
    text, words, arrow, passed, marked = SCRIPTS[script]
    server = SpansServer(text)
    open_desk(page, server)
    press(page, *[arrow] * passed, *[f"Shift+{arrow}"] * marked, "1")
    assert server.marked(page) == [("ORG", words)]


@dataclass(frozen=True)
class Workspace:
    """A real project of spans. texts: by external id."""

    address: str
    texts: dict[str, str]

    def stored(self, page: Page) -> dict[str, list[tuple[str, str]]]:
        """Return class and words of each stored span, by external id."""
        data = page.request.get(f"{self.address}/api/v1/projects/names/annotations?limit=100").json()["data"]
        return {one["external_id"]: self._said(one["external_id"], one["value"]) for one in data}

    def _said(self, name: str, value: dict[str, Any]) -> list[tuple[str, str]]:
        return [(span["label"], self.texts[name][span["start"] : span["end"]]) for span in value["spans"]]

    def exported(self, page: Page) -> dict[str, list[tuple[str, str]]]:
        """Return the same from the export, whose text must be the text of the import."""
        reply = page.request.get(f"{self.address}/api/v1/projects/names/export?format=jsonl")
        found = {}
        for line in reply.text().split("\n"):
            row = json.loads(line) if line else {}
            if row.get("final_value"):
                name = row["external_id"]
                assert row["text"] == self.texts[name]
                found[name] = self._said(name, row["final_value"])
        return found


@pytest.fixture
def workspace(address: str, database: Database, files: FileStore, cast: dict[str, int]) -> Workspace:
    """The whole program, with one text of each script to mark."""
    now = datetime.now(UTC)
    with database.write() as session:
        new = projects.NewProject("names", "text", "spans", [(name, "") for name in CLASSES], votes=1)
        project = projects.create_project(session, new, by=cast["olga"], now=now)
        for name, role in (("olga", "lead"), ("rita", "lead")):
            accounts.set_member(session, project.id, cast[name], role=role, now=now)
        project_id = project.id
    texts = {name: text for name, (text, *_) in SCRIPTS.items()}
    rows = [Row(n, name, text, None, None, {}) for n, (name, text) in enumerate(texts.items(), 1)]
    workflow.import_items(database, files, project_id, rows, workflow.ImportPlan("items.csv", "csv"))
    return Workspace(address, texts)


def sign_in(page: Page, address: str) -> Page:
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill("olga@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{address}/p/names/label")
    expect(page.locator("[data-open]")).to_be_attached()
    page.evaluate("() => { document.querySelector('[data-workspace]').dataset.guard = 0 }")
    return page


@pytest.mark.parametrize("by", ["keyboard", "mouse"])
def test_every_script_is_stored_and_exported_as_it_was_marked(page: Page, workspace: Workspace, by: str) -> None:
    trouble: list[str] = []
    page.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)
    sign_in(page, workspace.address)
    for number in range(1, len(SCRIPTS) + 1):
        expect(page.locator("[data-part=live]")).to_contain_text(f"Item {number}.")
        name = page.locator("[data-part=about]").inner_text()
        text, words, arrow, passed, marked = SCRIPTS[name]
        if by == "keyboard":
            press(page, *[arrow] * passed, *[f"Shift+{arrow}"] * marked, "1", "Enter")
        else:
            drag(page, text, words)
            page.locator("[data-label=ORG]").click()
            page.locator("[data-do=submit]").click()
    expect(page.get_by_text("You have answered everything here.")).to_be_visible()
    until(page, lambda: len(workspace.stored(page)) == len(SCRIPTS))
    wanted = {name: [("ORG", words)] for name, (_, words, *_) in SCRIPTS.items()}
    assert workspace.stored(page) == wanted
    assert workspace.exported(page) == wanted
    assert trouble == []
