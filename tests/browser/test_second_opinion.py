"""A second opinion from end to end: Olga asks by a key, Ann meets the item among her others, Olga sees both answers."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from labeler import workflow
from labeler.annotations.models import Annotation
from labeler.storage.database import Database
from tests.browser.conftest import violations
from tests.browser.desk_server import answer, wait_for_keys
from tests.conftest import PASSWORD, Made
from tests.review.suspects import Suspect, add_pass

pytestmark = pytest.mark.browser
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]


def signed_in(chromium: Browser, address: str, name: str, *, phone: bool = False) -> Page:
    size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
    page = chromium.new_context(viewport=size, base_url=address).new_page()  # type: ignore[arg-type]
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="Pets").first).to_be_visible()
    return page


@pytest.fixture
def made(database: Database, make_project: Callable[..., Made], answer: Give) -> Made:
    made = make_project(items=3, votes=1)
    answer(made, "bob", ["cat", "cat"])
    add_pass(database, made, [Suspect(0, label="cat", suggested="dog"), Suspect(1, score=0.8, label="cat")])
    return made


def until_answered(page: Page, database: Database) -> None:
    for _ in range(100):
        with database.read() as session:
            if session.scalars(select(Annotation.id).where(Annotation.purpose == "second_opinion")).first():
                return
        page.wait_for_timeout(50)
    pytest.fail("the answer did not arrive")


def test_a_second_opinion_from_the_question_to_both_answers(
    chromium: Browser, address: str, database: Database, made: Made
) -> None:
    olga = signed_in(chromium, address, "olga")
    olga.goto("/p/pets/review")
    expect(olga.locator(".viewbar b")).to_have_text(f"Item {made.items[0]}")
    olga.keyboard.press("f")
    expect(olga.get_by_role("link", name="1 waits for a second opinion")).to_be_visible()
    expect(olga.locator(".viewbar b")).to_have_text(f"Item {made.items[1]}")

    ann = signed_in(chromium, address, "ann", phone=True)
    ann.goto("/p/pets/label")
    wait_for_keys(ann)
    assert not any(word in ann.content().lower() for word in ("second opinion", "second_opinion"))
    answer(ann, "22")
    expect(ann.get_by_text("You have answered everything here.")).to_be_visible()
    until_answered(ann, database)

    olga.get_by_role("link", name="Plan a review").click()
    expect(olga.get_by_text("Came back different, and waits for you:")).to_be_visible()
    assert violations(olga) == []
    olga.get_by_role("link", name=f"Item {made.items[0]}", exact=True).click()
    expect(olga.get_by_text("second opinion, no vote")).to_be_visible()
    assert violations(olga) == []
    olga.keyboard.press("2")
    expect(olga.locator(".saved")).to_contain_text(f"Item {made.items[0]} is now dog")


def test_a_question_is_taken_back_on_a_phone(chromium: Browser, address: str, made: Made) -> None:
    olga = signed_in(chromium, address, "olga", phone=True)
    olga.goto("/p/pets/review")
    olga.get_by_role("button", name="Ask somebody else").click()
    olga.goto(f"/p/pets/review?item={made.items[0]}")
    expect(olga.get_by_text("waits for a second opinion", exact=True)).to_be_visible()
    assert violations(olga) == []
    assert olga.evaluate("document.documentElement.scrollWidth <= innerWidth")
    olga.get_by_role("button", name="Take the question back").click()
    expect(olga.get_by_role("button", name="Ask somebody else")).to_be_visible()
