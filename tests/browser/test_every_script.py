"""Every screen runs on the bundles and, where somebody works on the scripts, on the sources as they stand."""

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from labeler.config import Settings, read_settings
from labeler.storage.database import Database
from labeler.task_types.registry import TASK_TYPES
from tests.browser.drawing import picture
from tests.conftest import PASSWORD
from tests.web.test_written_once import with_pages

pytestmark = pytest.mark.browser
PICTURES = {"boxes", "polygons"}


@pytest.fixture(params=["bundles", "sources"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of an instance that sends bundles, or the sources themselves."""
    found = read_settings({}, instance=tmp_path / "instance")
    return replace(found, plain_assets=request.param == "sources")


class Watched:
    """What went wrong on a page, and which scripts and styles it fetched."""

    def __init__(self, page: Page) -> None:
        self.wrong: list[str] = []
        self.fetched: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        page.on("response", lambda answer: self._came(answer.url, answer.status))

    def _came(self, url: str, status: int) -> None:
        if "/static/" in url:
            self.fetched.append(url.partition("/static/")[2].partition("/")[2])
            self.wrong += [f"{status} {url}"] if status != 200 else []


def make_pictures(app: Flask, lead: dict[str, str], task: str) -> None:
    """Make a project of one picture with Ann as its annotator, called like its task type."""
    client, where = app.test_client(), f"/api/v1/projects/{task}"
    new = {"slug": task, "media": "image", "task": task, "classes": [{"name": "cat"}, {"name": "dog"}]}
    assert client.post("/api/v1/projects", json=new, headers=lead).status_code == 201
    item = {"id": "p1", "image": base64.b64encode(picture(320, 240)).decode()}
    assert client.post(f"{where}/items", json=[item], headers=lead).status_code in {200, 201}
    client.put(f"{where}/members/ann@example.org", json={"role": "annotator"}, headers=lead)


def test_every_task_type_and_page_runs_on_bundles_and_on_sources(
    page: Page,
    app: Flask,
    address: str,
    settings: Settings,
    *,
    database: Database,
    bearer: Callable[[str], dict[str, str]],
    make_project: Callable[..., object],
) -> None:
    watched, lead = Watched(page), bearer("olga")
    for task in TASK_TYPES:
        if task in PICTURES:
            make_pictures(app, lead, task)
        else:
            make_project(task, task=task)
    sign_in(page, address, "ann")
    for task in TASK_TYPES:
        page.goto(f"{address}/p/{task}/label")
        expect(page.locator("[data-open]")).to_be_attached()
        page.keyboard.press("Escape")  # out of a field that takes letters
        page.keyboard.press("?")
        expect(page.locator("[data-dialog=keys]")).to_be_visible()
    with_pages(database, make_project("pets"))  # type: ignore[arg-type]  # the fixture gives a Made
    page.goto(f"{address}/p/pets/grid")
    expect(page.locator("[data-why=no_pass]").first).to_be_visible()
    page.goto("about:blank")  # what the page frees as it is left goes out with its cookies
    page.context.clear_cookies()
    sign_in(page, address, "olga")
    app.test_client().post("/api/v1/projects/pets/inspections", headers=lead)
    for path in ("", "review", "disagreements", "items", "data", "people", "settings", "exports"):
        page.goto(f"{address}/p/pets/{path}")
        expect(page.locator("main")).to_be_visible()
    assert watched.wrong == []
    assert any(name.startswith("bundles/") for name in watched.fetched) != settings.plain_assets


def sign_in(page: Page, address: str, name: str) -> None:
    """Sign one of the cast in."""
    page.goto(f"{address}/sign-in")
    page.locator("input[name=email]").fill(f"{name}@example.org")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page.locator("input[name=password]")).to_have_count(0)
