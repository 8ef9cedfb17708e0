"""Threads and "My answers" in a real browser, as an annotator and a lead meet them, without a fault for readers."""

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from labeler.annotations.queries import counted_of
from labeler.projects.queries import classes_of
from labeler.storage.database import Database
from tests.browser.conftest import violations
from tests.browser.desk_server import wait_for_keys
from tests.browser.test_checks import SIZES
from tests.conftest import PASSWORD, Made
from tests.threads.talk import Talk

pytestmark = pytest.mark.browser


def signed_in(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()


def is_clean(page: Page) -> None:
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def answers_the_question(page: Page, address: str, item: int) -> None:
    """As Olga: see what waits, and reply on the item's page."""
    signed_in(page, address, "olga")
    page.goto(f"{address}/p/pets/threads")
    is_clean(page)
    page.goto(f"{address}/p/pets/items/{item}")
    page.get_by_label("Reply to Ann").fill("A dog: it barks.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("A dog: it barks.")).to_be_visible()
    is_clean(page)


def reads_the_reply(page: Page, address: str) -> None:
    """As Ann: from the bell to the thread."""
    signed_in(page, address, "ann")
    page.get_by_role("link", name="My answers: 2 notices").click()
    expect(page.get_by_role("heading", name="My answers", exact=True)).to_be_visible()
    is_clean(page)
    page.get_by_role("link", name="Open the thread").click()
    expect(page.get_by_text("A dog: it barks.")).to_be_visible()
    is_clean(page)


def changes_the_answer(page: Page, address: str) -> None:
    """As Ann: open an answer again and give another one."""
    page.goto(f"{address}/mine")
    page.get_by_role("link", name="Change e0").click()
    wait_for_keys(page)
    expect(page.locator("[data-part=given]")).to_contain_text("Your answer: cat")
    expect(page.locator("[data-part=about]")).to_contain_text("e0")
    page.locator("[data-choices] button", has_text="dog").click()


def answers_again(page: Page) -> None:
    """As Ann: read what was said about the item that came back, and reply with the answer."""
    expect(page.locator("[data-part=note]")).to_contain_text("Look at the ears.")
    said = page.locator("[data-part=said]")
    expect(said.get_by_text("And this one?")).to_be_visible()
    expect(said.get_by_text("Look at the ears.")).to_be_visible()
    assert violations(page) == []
    page.locator("[data-do=comment]").click()
    page.get_by_label("Reply to the lead, with your answer").fill("Now I see them.")
    page.locator("[data-choices] button", has_text="dog").click()
    expect(said).to_be_hidden()
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_a_question_is_answered_and_the_answer_changed(
    chromium: Browser,
    address: str,
    make_project: Callable[..., Made],
    database: Database,
    cast: dict[str, int],
    *,
    size: str,
    scheme: Literal["light", "dark"],
) -> None:
    talk = Talk(database, make_project(), cast)
    first, second = talk.made.items[:2]
    talk.answers("ann", "cat", "Cat or dog?", item=first)
    talk.answers("ann", "cat", "And this one?", item=second)
    width, height = SIZES[size]
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    answers_the_question(page, address, first)
    context.clear_cookies()
    talk.decides("send_back", reason="Look at the ears.", item=second)
    reads_the_reply(page, address)
    changes_the_answer(page, address)
    answers_again(page)
    page.goto(f"{address}/mine")
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    expect(page.locator(".ans .given").first).to_contain_text("dog")
    context.close()
    with database.read() as session:
        dog = classes_of(session, talk.made.id).by_name["dog"]
        answers = [counted_of(session, item, cast["ann"]) for item in (first, second)]
    assert [one.code if one else "" for one in answers] == [dog, dog]
    standing = talk.standing("ann", item=second)
    assert standing is not None
    assert standing.state == "open"
