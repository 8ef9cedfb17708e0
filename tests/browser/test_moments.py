"""Times on a page are those of the reader: the browser knows the zone, and pointing at a time says it."""

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.browser.drawing import Header, make_project
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("zone", "language", "ours"),
    [("Asia/Kolkata", "en", 330), ("America/New_York", "de", None), ("Europe/Berlin", "de", None)],
)
def test_times_are_written_in_the_zone_of_the_reader(
    chromium: Browser, app: Flask, bearer: object, address: str, *, zone: str, language: str, ours: int | None
) -> None:
    lead: Header = bearer("olga")  # type: ignore[operator]  # the fixture is a function
    make_project(app, lead, "boxes", sizes=[(64, 48)])
    context = chromium.new_context(timezone_id=zone)
    context.add_cookies([{"name": "language", "value": language, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.locator("input[name=email]").fill("olga@example.org")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.goto(f"{address}/p/things")
    time = page.locator("time[data-moment=time]").first
    expect(time).not_to_contain_text("UTC")
    found = time.evaluate(
        """(time) => [time.textContent, new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" })
        .format(new Date(time.dateTime)), time.title, -new Date(time.dateTime).getTimezoneOffset()]"""
    )
    assert found[0] == found[1]
    assert found[2]
    assert ours in {None, found[3]}
    context.close()
