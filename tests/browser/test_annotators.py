"""The pages about annotators in a browser: readable for everybody, on a phone and in the dark."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from labeler.storage.database import Database
from tests.browser.conftest import violations
from tests.conftest import PASSWORD, Made
from tests.statistics.test_annotators import give

pytestmark = pytest.mark.browser


def signed_in(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in")
    page.locator("input[type=email]").fill("olga@example.org")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator(".account")).to_be_visible()


def test_both_pages_have_no_barriers_and_fit_a_phone(
    page: Page,
    address: str,
    database: Database,
    cast: dict[str, int],
    make_project: Callable[..., Made],
) -> None:
    made = make_project("look", items=80, votes=3)
    right = ["cat", "dog", "neither", "cat"] * 20
    for name in ("olga", "bob"):
        give(database, made, cast[name], right, [4.0] * 80)
    give(database, made, cast["ann"], right[:50] + ["dog"] * 30, [4.0] * 50 + [1.0] * 30)
    signed_in(page, address)
    for path in ("annotators", f"annotators/{cast['ann']}"):
        for width, scheme in ((1440, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.goto(f"{address}/p/{made.slug}/{path}")
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
