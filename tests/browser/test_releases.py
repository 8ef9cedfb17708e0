"""Releases in a real browser: making one, reading it, its changes; on a desk and on a phone, light and dark."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from labeler import workflow
from labeler.decisions.actions import Decision
from labeler.exchange.rows import Row
from labeler.jobs.runner import Worker
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.releases.actions import Asked, make_release
from labeler.releases.verifying import verify_release
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.browser.conftest import violations
from tests.conftest import PASSWORD, Made

pytestmark = pytest.mark.browser
SIZES = {"desk": (1440, 900), "phone": (390, 844)}


@pytest.fixture
def made(
    make_project: Callable[..., Made], answer: Any, database: Database, files: FileStore, cast: dict[str, int]
) -> Made:
    """A project with two releases and changes of several kinds between them; the second one is verified."""
    project = make_project(items=12)
    answer(project, "ann", ["cat", "dog", "cat", "dog", "cat", "cat", "dog", "cat"])
    answer(project, "bob", ["cat", "dog", "dog", "dog", "cat", "cat"])
    make_release(database, files, project.id, Asked("first", name="Before the first training run", by=cast["olga"]))
    with database.write() as session:
        codes = classes_of(session, project.id).by_name
        for number, (decision, label, reason) in enumerate(
            [("relabel", "dog", "It barks at the neighbour's cat."), ("exclude", "", "Twice."), ("relabel", "dog", "")]
        ):
            made = Decision(f"decision-{number}", project.items[number], decision, codes.get(label, ""), reason)
            workflow.resolve(session, session.get_one(Project, project.id), made, by=cast["olga"])
    rows = [Row(1, "new", "A text that came later", None, "neither", {})]
    workflow.import_items(database, files, project.id, rows, workflow.ImportPlan("more.csv", "csv"))
    make_release(database, files, project.id, Asked("second", by=cast["olga"], told={"about": "Texts about pets."}))
    verify_release(database, files, project.id, 2)
    return project


def signed_in(page: Page, address: str) -> Page:
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill("olga@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="pets").first).to_be_visible()
    return page


@pytest.fixture
def opened(chromium: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Return a function that gives a page in which Olga is signed in."""
    contexts = []

    def give(size: str, scheme: Any, locale: str = "en") -> Page:
        width, height = SIZES[size]
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, locale=locale)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{address}/sign-in")
        page.locator("input[type=email]").fill("olga@example.org")
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
        expect(page.locator(".account")).to_be_visible()
        return page

    yield give
    for context in contexts:
        context.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_releases_can_be_read_by_everybody(
    opened: Callable[..., Page], address: str, made: Made, size: str, scheme: str
) -> None:
    page = opened(size, scheme)
    for path in ("releases", "releases/2", "releases/1", "releases/2/changes"):
        page.goto(f"{address}/p/{made.slug}/{path}")
        expect(page.locator("main h2").first).to_be_visible()
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_every_count_of_changes_leads_to_as_many_items(page: Page, address: str, made: Made) -> None:
    signed_in(page, address).goto(f"{address}/p/{made.slug}/releases/2")
    links = page.locator(".sums a, .by a, .flows a")
    found = [(link.get_attribute("href"), link.inner_text()) for link in links.all()]
    counts = dict.fromkeys(href for href, _ in found)
    assert counts
    for href, text in found:
        page.goto(f"{address}{href}")
        rows = page.locator("table.stacked tbody tr").count()
        if text.strip("+\N{MINUS SIGN}").isdigit():
            assert rows == int(text.strip("+\N{MINUS SIGN}")), href


def test_a_lead_makes_a_release_and_watches_it(
    page: Page, address: str, made: Made, database: Database, files: FileStore
) -> None:
    signed_in(page, address).goto(f"{address}/p/{made.slug}/releases")
    page.get_by_label("What it is for").fill("Third")
    page.get_by_role("button", name="Freeze and release").click()
    expect(page.locator("[data-job]")).to_be_visible()
    assert Worker(database, files).run_one()
    expect(page.get_by_role("link", name="Third")).to_be_visible()
    page.get_by_role("link", name="Third").click()
    expect(page.get_by_role("heading", name="Release 3").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("Not verified yet")
    page.get_by_role("button", name="Verify").click()
    expect(page.locator("[data-job]")).to_be_visible()
    assert Worker(database, files).run_one()
    expect(page.locator(".pill.ok")).to_contain_text("Verified")


def test_the_pages_are_german_for_german_readers(opened: Callable[..., Page], address: str, made: Made) -> None:
    page = opened("desk", "light", "de")
    page.goto(f"{address}/p/{made.slug}/releases/2")
    expect(page.locator("main")).to_contain_text("Seit Release 1")
    expect(page.locator("main")).to_contain_text("Entscheidung der Leitung")
