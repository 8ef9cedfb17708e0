"""A workshop in a browser: readable for everybody, decided by keys, saved."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.storage.database import Database
from tests.browser.conftest import violations
from tests.browser.test_annotators import signed_in
from tests.conftest import NOW, Made

pytestmark = pytest.mark.browser


@pytest.fixture
def confused(
    database: Database,
    cast: dict[str, int],
    make_project: Callable[..., Made],
    answer: Callable[[Made, str, list[str]], list[workflow.Receipt]],
) -> Made:
    """Return a project of six items that were called both cat and dog, of which Rita has seen none."""
    made = make_project(items=6)
    with database.write() as session:
        accounts.set_member(session, made.id, cast["rita"], role="annotator", now=NOW)
    answer(made, "ann", ["cat"] * 6)
    answer(made, "bob", ["dog"] * 6)
    return made


def test_a_pair_is_looked_at_decided_by_keys_and_its_rule_saved(page: Page, address: str, confused: Made) -> None:
    signed_in(page, address)
    for width, scheme in ((1440, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.goto(f"{address}/p/{confused.slug}/workshop")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("[data-case] .segments button").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("2")
    second, third = (page.locator("[data-case]").nth(place) for place in (1, 2))
    expect(second.locator("[data-key='2']")).to_have_attribute("aria-pressed", "true")
    expect(third).to_be_focused()
    second.get_by_label("Show with the rule").check()
    page.get_by_label("New rule for both classes").fill("Look at the ears.")
    page.get_by_role("button", name="Save and ask about 5 items again").click()
    expect(page.get_by_text("5 items are asked about again")).to_be_visible()
    expect(page.get_by_text("1 of 6 decided")).to_be_visible()
    page.goto(f"{address}/p/{confused.slug}/guidelines")
    expect(page.get_by_role("heading", name="cat / dog")).to_be_visible()
