"""An audit from its start to the tile of the overview, in a real browser against the real server.

Olga starts one; Ann meets its items among nothing else, without a sign; Olga decides by keyboard what differs, not
knowing which is the label; the result and the tile say what was found.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.projects.models import Project
from labeler.projects.queries import Question
from labeler.storage.database import Database
from tests.browser.conftest import violations
from tests.conftest import LEASE, PASSWORD, Made

pytestmark = pytest.mark.browser
WRONG = 3
SIZE = 50


def signed_in(chromium: Browser, address: str, name: str) -> BrowserContext:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=address)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="Many").first).to_be_visible()
    return context


def waiting(database: Database) -> Callable[[int], bool]:
    def stored(count: int) -> bool:
        with database.read() as session:
            return len(answers(session)) == count

    return stored


def answers(session: Session) -> list[Annotation]:
    return list(session.scalars(select(Annotation).where(Annotation.status == "audit")))


def answer_everything(page: Page, database: Database) -> None:
    page.goto("/p/many/label")
    expect(page.locator("[data-workspace]")).to_be_attached()
    page.evaluate("() => { document.querySelector('[data-workspace]').dataset.guard = 0 }")
    for number in range(1, SIZE + 1):
        expect(page.locator("[data-part=live]")).to_contain_text(f"Item {number}.")
        page.keyboard.press("2" if number <= WRONG else "1")
    assert "audit" not in page.content().lower()
    expect(page.get_by_text("You have answered everything here.")).to_be_visible()
    stored = waiting(database)
    for _ in range(200):
        if stored(SIZE):
            return
        page.wait_for_timeout(50)
    pytest.fail("the server does not have every answer")


def test_an_audit_from_start_to_tile(
    chromium: Browser, address: str, database: Database, cast: dict[str, int], make_project: Callable[..., Made]
) -> None:
    made = make_project("many", items=60, votes=1)
    voted(database, cast, made)
    olga = signed_in(chromium, address, "olga").new_page()
    olga.goto("/p/many/")
    olga.get_by_role("link", name="Measure it").click()
    assert violations(olga) == []
    olga.get_by_role("radio", name="50").check()
    olga.get_by_label("At most wrong, in percent").fill("10")
    olga.get_by_role("button", name="Start the audit").click()
    expect(olga.get_by_role("heading", name="0 of 50 answered")).to_be_visible()
    assert violations(olga) == []

    ann = signed_in(chromium, address, "ann").new_page()
    answer_everything(ann, database)

    olga.goto("/p/many/audits/1")
    olga.get_by_role("link", name=f"Decide {WRONG}").click()
    for number in range(WRONG):
        expect(olga.get_by_text(f"{number} of {WRONG}")).to_be_visible()
        assert number or violations(olga) == []
        with olga.expect_navigation():
            olga.keyboard.press("2" if number else "m")
    olga.get_by_role("button", name="Show the result").click()
    expect(olga.get_by_text("2 of 50 checked labels were wrong")).to_be_visible()
    assert violations(olga) == []
    olga.goto("/p/many/")
    expect(olga.get_by_role("link", name="4.0%")).to_be_visible()
    assert violations(olga) == []


def voted(database: Database, cast: dict[str, int], made: Made) -> None:
    """Bob answers every item, so that nothing but an audit is left for Ann."""
    with database.write() as session:
        held = workflow.serve(session, made.id, cast["bob"], count=100, lease=LEASE)
        question = Question.of(session, session.get_one(Project, made.id))
        given = [Answer(f"bob-{one.assignment.id:08d}", one.assignment.id, {"label": "cat"}) for one in held]
        workflow.submit(session, question, cast["bob"], given)
