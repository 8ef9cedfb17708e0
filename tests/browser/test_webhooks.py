"""The pages of webhooks in a real browser: by keyboard and pointer, without a fault for screen readers."""

import threading
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network

import pytest
from playwright.sync_api import Browser, Page, expect

from labeler.config import Settings
from labeler.jobs.deliveries import Sender
from labeler.storage.database import Database
from tests.browser.conftest import violations
from tests.browser.test_checks import SIZES, signed_in
from tests.conftest import Made
from tests.webhooks.receiver import receiving

pytestmark = pytest.mark.browser


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, webhook_networks=(ip_network("127.0.0.1"),))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_a_webhook_is_added_and_watched(
    chromium: Browser, address: str, make_project: Callable[..., Made], database: Database, *, size: str, scheme: str
) -> None:
    make_project()
    width, height = SIZES[size]
    context = chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page: Page = signed_in(context.new_page(), address)
    with receiving() as receiver:
        page.goto(f"{address}/p/pets/webhooks")
        assert violations(page) == []
        page.get_by_label("Address", exact=True).fill(receiver.url)
        page.get_by_label("An item was sent back").check()
        page.get_by_role("button", name="Add the address").click()
        expect(page.get_by_role("heading", name="Calls")).to_be_visible()
        assert page.get_by_label("The secret that signs what is sent").input_value().startswith("whsec_")
        assert violations(page) == []
        page.get_by_role("button", name="Send a test").click()
        expect(page.get_by_text("A test is on its way.")).to_be_visible()
        receiver.status = 503
        Sender(database, threading.Event()).send_one()
        page.get_by_role("link", name="Reload").click()
        expect(page.get_by_text("The server answered 503.")).to_be_visible()
        page.get_by_text("What is sent", exact=True).click()
        assert violations(page) == []
        receiver.status = 200
        page.get_by_role("button", name="Send again").click()
        Sender(database, threading.Event()).send_one()
        page.get_by_role("link", name="Reload").click()
        expect(page.get_by_text("Delivered")).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "nothing sticks out"
        page.get_by_role("link", name="All webhooks").click()
        expect(page.get_by_role("link", name=receiver.url)).to_be_visible()
        assert violations(page) == []
    context.close()
