"""Label checks in a real browser: ending one with the button while it runs, and the page of all checks."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from labeler import workflow
from labeler.exchange.rows import Row
from labeler.jobs import actions as jobs
from labeler.jobs.runner import Worker
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from tests.browser.conftest import violations
from tests.conftest import PASSWORD, Made

pytestmark = pytest.mark.browser
SIZES = {"desk": (1440, 900), "phone": (390, 844)}


@pytest.fixture
def made(make_project: Callable[..., Made], database: Database, files: FileStore) -> Made:
    """A project with labels, and a check that was done."""
    project = make_project(items=0)
    kinds = ("dogs bark", "cats purr", "fish swim")
    rows = [
        Row(n, f"e{n}", f"{kinds[n % 3]} number {n}", None, ("cat", "dog", "neither")[n % 3], {}) for n in range(90)
    ]
    workflow.import_items(database, files, project.id, rows, workflow.ImportPlan("items.csv", "csv"))
    workflow.inspect(database, files, project.id)
    return project


def signed_in(page: Page, address: str) -> Page:
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill("olga@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="pets").first).to_be_visible()
    return page


@pytest.fixture
def checking(
    made: Made, database: Database, files: FileStore, monkeypatch: pytest.MonkeyPatch, cast: dict[str, int]
) -> Iterator[threading.Event]:
    """A worker with a check in hand that goes on until somebody ends it; set once it runs."""
    begun = threading.Event()

    def examined(_data: Any, _kept: Any, _settings: Any, report: Any) -> None:
        for _step in range(10**9):
            report(0.4, "Training models.")
            begun.set()

    monkeypatch.setattr("labeler.workflow.inspection._examined", examined)
    monkeypatch.setattr("labeler.jobs.runner.WITHOUT_NEWS", 0.0)
    with database.write() as session:
        jobs.ask_for_inspection(session, made.id, by=cast["olga"], now=clock(session))
    worker = Worker(database, files)
    thread = threading.Thread(target=worker.run_one)
    thread.start()
    yield begun
    worker.stop.set()
    thread.join(20)


def test_a_running_check_ends_when_its_button_is_pressed(
    page: Page, address: str, made: Made, checking: threading.Event
) -> None:
    assert checking.wait(20)
    signed_in(page, address).goto(f"{address}/p/{made.slug}/checks")
    expect(page.get_by_role("heading", name="Labels are being checked")).to_be_visible()
    expect(page.locator("[data-job-said]")).to_have_text("Training models.")
    assert violations(page) == []
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".runs > li").first).to_contain_text("Cancelled")
    expect(page.locator(".runs > li").first).to_contain_text("What the last finished check found stands.")
    expect(page.get_by_role("button", name="Check labels now")).to_be_visible()
    page.goto(f"{address}/p/{made.slug}/")
    expect(page.locator("main")).to_contain_text("The last label check stopped: Cancelled by Olga.")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_checks_can_be_read_by_everybody(
    chromium: Browser, address: str, made: Made, size: str, scheme: Any
) -> None:
    width, height = SIZES[size]
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = signed_in(context.new_page(), address)
    page.goto(f"{address}/p/{made.slug}/checks")
    expect(page.locator(".runs > li")).to_have_count(1)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
