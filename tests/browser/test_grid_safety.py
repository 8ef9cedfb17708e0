"""The bulk grid while the network or the device fails: no page is lost or doubled, and one taken back stays so."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.browser.desk_server import wait_for_keys
from tests.browser.grid_world import SignIn, World, confirm, expect_page, open_grid, said, until_all_sent, window

pytestmark = pytest.mark.browser


@pytest.fixture
def world(database: Database, files: FileStore, cast: dict[str, int], request: pytest.FixtureRequest) -> World:
    return World(database, files, cast, getattr(request, "param", "image"))


@pytest.fixture
def ann(chromium: Browser, address: str, sign_in: SignIn) -> Iterator[BrowserContext]:
    context = window(chromium, address, sign_in)
    yield context
    context.close()


def test_a_page_confirmed_offline_is_sent_once_when_the_connection_is_back(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    expect(page.locator("[data-grid]")).to_have_attribute("data-ahead", "1")
    ann.set_offline(True)
    page.keyboard.press("x")
    confirm(page)
    expect(said(page)).to_contain_text("Saved 29")
    confirm(page)
    expect(page.locator("[data-part=state]")).to_contain_text("59 waiting")
    expect(page.locator("[data-part=message]")).to_contain_text("No connection to the server.")
    assert world.answers() == []
    ann.set_offline(False)
    until_all_sent(page)
    assert world.labels() == dict.fromkeys(range(1, 60), "cat")
    expect_page(page, "dog", 30)
    world.check()


def test_pages_confirmed_offline_survive_a_closed_tab(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    ann.set_offline(True)
    confirm(page)
    expect(page.locator("[data-part=state]")).to_contain_text("30 waiting")
    page.close()
    ann.set_offline(False)
    page = open_grid(ann)
    expect(page.locator(".odd")).to_have_count(0)  # what was answered here does not come again
    until_all_sent(page)
    assert world.labels() == dict.fromkeys(range(30), "cat")
    world.check()


def test_a_page_taken_back_offline_is_never_sent(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    ann.set_offline(True)
    confirm(page)
    expect(page.locator("[data-part=state]")).to_contain_text("30 waiting")
    page.keyboard.press("z")
    expect(page.locator("[data-part=counts]")).to_have_text("30 yes")
    expect(said(page)).to_contain_text("the server hears of it when the connection is back")
    page.keyboard.press("3")
    confirm(page)
    ann.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    until_all_sent(page)
    assert world.labels() == {0: "neither"} | dict.fromkeys(range(1, 30), "cat")
    assert world.answers("superseded") == world.answers("undone") == []
    world.check()


def test_taking_back_reaches_the_server_later_when_it_had_the_answers(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    confirm(page)
    until_all_sent(page)
    ann.set_offline(True)
    page.keyboard.press("z")
    expect(said(page)).to_contain_text("the server hears of it when the connection is back")
    assert len(world.answers()) == 30
    page.keyboard.press("x")
    confirm(page)
    expect(page.locator("[data-part=state]")).to_contain_text("29 waiting")
    ann.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    until_all_sent(page)
    for _ in range(200):
        if len(world.answers()) == 29:
            break
        page.wait_for_timeout(25)
    assert world.labels() == dict.fromkeys(range(1, 30), "cat")
    world.check()


def test_a_device_that_cannot_keep_a_page_brings_it_back_and_stops(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    page.evaluate("() => { IDBObjectStore.prototype.add = () => { throw new DOMException('full') } }")
    page.keyboard.press("x")
    confirm(page)
    expect(page.locator("[data-part=trouble]")).to_be_visible()
    expect(page.locator("[data-part=counts]")).to_have_text("29 yes, 1 not this")
    expect(page.locator("[data-part=state]")).to_contain_text("Can't save here")
    confirm(page)
    assert world.answers() == []
    page.get_by_role("button", name="Save online only").click()
    confirm(page)
    expect(said(page)).to_contain_text("Saved 29")
    expect(page.locator("[data-part=trouble]")).to_be_hidden()
    for _ in range(200):
        if len(world.answers()) == 29:
            break
        page.wait_for_timeout(25)
    assert len(world.answers()) == 29


def test_an_item_answered_in_another_tab_leaves_the_page(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    other = ann.new_page()
    other.goto("/p/pets/label")
    wait_for_keys(other)
    expect(other.locator("[data-part=about]")).to_contain_text("e0.png")
    other.keyboard.press("2")
    expect(other.locator("[data-part=about]")).to_contain_text("e1.png")
    expect(page.locator(".look")).to_have_count(29)
    page.bring_to_front()
    confirm(page)
    expect(said(page)).to_contain_text("Saved 29")
    until_all_sent(page)
    assert world.labels() == {0: "dog"} | dict.fromkeys(range(1, 30), "cat")
    world.check()


def test_a_picture_that_cannot_be_shown_does_not_count_as_yes(ann: BrowserContext, world: World) -> None:
    ann.route(f"**/images/{world.items[3]}/**", lambda route: route.abort())
    page = open_grid(ann)
    expect(page.locator("[data-part=counts]")).to_have_text("29 yes, 1 not this")
    expect(page.locator(".look[aria-pressed=true]")).to_contain_text("Cannot be shown")
