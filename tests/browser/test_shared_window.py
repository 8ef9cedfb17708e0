"""A test that uses the window after another one finds nothing of it."""

import pytest
from playwright.sync_api import Page

from tests.browser.desk_server import DeskServer, run
from tests.browser.shared_window import SharedWindow

pytestmark = pytest.mark.browser
WRITE = """localStorage.kept = "yes";
document.cookie = "kept=yes";
const open = indexedDB.open("kept");
await new Promise((done) => { open.onsuccess = done; });
open.result.close();"""
READ = """return [localStorage.kept ?? "", document.cookie, (await indexedDB.databases()).length];"""


def blank(page: Page, server: DeskServer) -> Page:
    server.attach(page)
    page.goto(f"{server.origin}/blank")
    return page


def test_pages_of_one_test_share_what_they_store_and_the_next_test_finds_nothing(shared_window: SharedWindow) -> None:
    server = DeskServer()
    run(blank(shared_window.new_page(), server), WRITE)
    again = blank(shared_window.new_page(), server)
    assert run(again, READ) == ["yes", "kept=yes", 1]
    context = again.context
    shared_window.empty()
    assert again.is_closed()
    later = blank(shared_window.new_page(), server)
    assert later.context is context
    assert run(later, READ) == ["", "", 0]
    shared_window.empty()


def test_every_stand_in_server_has_an_address_of_its_own() -> None:
    assert DeskServer().origin != DeskServer().origin
