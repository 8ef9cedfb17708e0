"""The bulk grid in Chromium against the real app: pages of look-alikes by keyboard alone and by pointer alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from sqlalchemy import select

from labeler.projects.models import Project
from labeler.quality.models import Inspection
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.browser.conftest import violations
from tests.browser.grid_world import (
    SignIn,
    World,
    confirm,
    expect_page,
    open_grid,
    said,
    tile,
    until_all_sent,
    until_painted,
    until_undone,
    window,
)

pytestmark = pytest.mark.browser


@pytest.fixture
def world(database: Database, files: FileStore, cast: dict[str, int], request: pytest.FixtureRequest) -> World:
    return World(database, files, cast, getattr(request, "param", "image"))


@pytest.fixture
def ann(chromium: Browser, address: str, sign_in: SignIn) -> Iterator[BrowserContext]:
    context = window(chromium, address, sign_in)
    yield context
    context.close()


# -- by keyboard ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("world", ["image", "text"], indirect=True)
def test_one_key_answers_a_whole_page_and_the_next_one_stands_there(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    expect(page.locator(".look")).to_have_count(world.size)
    expect(page.locator("[data-part=counts]")).to_have_text(f"{world.size} yes")
    expect_page(page, "cat", world.size)
    first = page.locator("[data-grid]").get_attribute("data-shown")
    expect(page.locator("[data-part=live]")).to_have_text(f"Next: {world.size} that look like cat.")
    expect(page.locator("[data-grid]")).to_have_attribute("data-ahead", "1")
    confirm(page)
    expect(said(page)).to_contain_text(f"Saved {world.size} as cat. Next: {world.size} that look like cat.")
    assert page.locator("[data-grid]").get_attribute("data-shown") != first
    expect(page.locator("[data-part=done]")).to_have_text(str(world.size))
    until_all_sent(page)
    stored = world.answers()
    assert world.labels() == dict.fromkeys(range(world.size), "cat")
    assert {(one.mode, one.input, one.page) for one in stored} == {("bulk", "key", first)}
    assert len({one.seconds for one in stored}) == 1
    world.check()


@pytest.mark.parametrize("size", [(8, 8), (24, 18)])
def test_small_pictures_are_smooth_and_as_large_as_people_recognise_them(
    database: Database, files: FileStore, cast: dict[str, int], ann: BrowserContext, size: tuple[int, int]
) -> None:
    World(database, files, cast, "image", size)
    page = open_grid(ann)
    page.keyboard.down("h")
    for image in (page.locator(".look img").first, page.locator("[data-part=large] img")):
        box = image.bounding_box()
        assert box is not None
        assert box["width"] == pytest.approx(96, abs=0.5)
        assert image.evaluate("(node) => getComputedStyle(node).imageRendering") == "auto"


def test_the_least_certain_come_first_and_odd_ones_say_so_in_words(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    assert world.media == "image"
    expect(tile(page, 1)).to_contain_text("Odd: 50%, perhaps dog")
    expect(page.locator(".odd")).to_have_count(2)
    expect(tile(page, 1)).to_be_focused()
    expect(tile(page, 1)).to_have_attribute("aria-pressed", "false")


def test_each_odd_one_costs_one_key(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    page.keyboard.press("x")
    page.keyboard.press("2")
    confirm(page)
    expect(said(page)).to_contain_text("Saved 29, 1 of them as another class.")
    until_all_sent(page)
    assert world.labels() == {1: "dog"} | dict.fromkeys(range(2, 30), "cat")
    page.goto("/p/pets/label")
    expect(page.locator("[data-part=about]")).to_contain_text("e0.png")


def test_marks_are_counted_in_words_and_can_be_taken_off(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    assert world.size == 30
    page.keyboard.press("x")
    page.keyboard.press("3")
    expect(page.locator("[data-part=counts]")).to_have_text("28 yes, 1 other, 1 not this")
    expect(page.locator("[data-part=confirm]")).to_have_text("Confirm 29")
    expect(page.locator("[data-part=live]")).to_have_text("2: neither. 28 yes, 1 other, 1 not this.")
    expect(tile(page, 3)).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("x")
    page.keyboard.press("1")
    expect(page.locator("[data-part=counts]")).to_have_text("30 yes")


def test_arrows_move_and_shift_with_arrows_chooses_several(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    assert world.size == 30
    page.keyboard.press("ArrowDown")
    expect(tile(page, 7)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".look.run")).to_have_count(3)
    page.keyboard.press("2")
    expect(page.locator("[data-part=counts]")).to_have_text("27 yes, 3 other")
    expect(tile(page, 11)).to_be_focused()
    page.keyboard.press("End")
    expect(tile(page, 30)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(tile(page, 30)).to_be_focused()
    assert page.locator(".look[tabindex='0']").count() == 1


def test_a_page_is_looked_at_for_two_seconds_before_it_counts(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann, guard=600_000)
    shown = page.locator("[data-grid]").get_attribute("data-shown")
    confirm(page)
    expect(said(page)).to_have_text("Look for two seconds first, then confirm.")
    assert page.locator("[data-grid]").get_attribute("data-shown") == shown
    assert world.answers() == []
    fresh = ann.new_page()
    fresh.goto("/p/pets/grid")
    expect(fresh.locator("[data-grid]")).to_have_attribute("data-guard", "2000")


def test_a_held_key_confirms_one_page_only(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    until_painted(page)
    for _ in range(5):
        page.keyboard.down("Enter")
    expect(said(page)).to_contain_text("Saved 30")
    until_all_sent(page)
    assert len(world.answers()) == 30


def test_one_key_takes_the_page_back_with_its_marks(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    page.keyboard.press("x")
    confirm(page)
    expect(said(page)).to_contain_text("Saved 29")
    until_all_sent(page)
    page.keyboard.press("z")
    expect(said(page)).to_have_text("Page taken back: 29 answers.")
    expect(page.locator("[data-part=counts]")).to_have_text("29 yes, 1 not this")
    expect(tile(page, 1)).to_contain_text("Not this")
    expect(page.locator("[data-part=done]")).to_have_text("0")
    until_undone(page, world, 29)
    page.keyboard.press("x")
    confirm(page)
    expect(said(page)).to_contain_text("Saved 30 as cat.")
    until_all_sent(page)
    assert world.labels() == dict.fromkeys(range(30), "cat")
    world.check()


def test_the_page_comes_back_also_after_a_reload(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    confirm(page)
    expect(said(page)).to_contain_text("Saved 30")
    until_all_sent(page)
    page.reload()
    expect(page.locator("[data-shown]")).to_be_attached()
    page.keyboard.press("z")
    expect(said(page)).to_have_text("Page taken back: 30 answers.")
    expect(tile(page, 1)).to_contain_text("Odd")
    assert len(world.answers("undone")) == 30
    page.evaluate("() => { document.querySelector('[data-grid]').dataset.guard = 0 }")
    confirm(page)
    until_all_sent(page)
    assert world.labels() == dict.fromkeys(range(30), "cat")
    world.check()


def test_there_is_nothing_to_take_back_at_first(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    page.keyboard.press("z")
    expect(said(page)).to_have_text("There is no page to take back.")
    assert world.answers() == []


def test_none_of_a_page_leads_to_labeling_exactly_those(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    confirm(page)
    expect(said(page)).to_contain_text("Saved 30")
    expect(page.locator("[data-shown]")).to_be_attached()
    until_all_sent(page)
    page.keyboard.press("Shift+Enter")
    page.wait_for_url("**/p/pets/label**")
    expect(page.locator("[data-open]")).to_be_attached()
    expect(page.locator("[data-part=about]")).to_contain_text("e30.png")
    page.evaluate("() => { document.querySelector('[data-workspace]').dataset.guard = 0 }")
    for number in range(30):
        expect(page.locator("[data-part=live]")).to_contain_text(f"Item {31 + number}.")  # it is painted
        expect(page.locator("[data-part=about]")).to_contain_text(f"e{30 + number}.png")
        page.keyboard.press("2")
    expect(page.locator("[data-part=about]")).to_contain_text("e60.png")
    assert "#items" not in page.url
    page.goto("/p/pets/grid")
    expect_page(page, "dog", 30)
    assert world.labels() == dict.fromkeys(range(30), "cat") | dict.fromkeys(range(30, 60), "dog")
    world.check()


def test_a_held_key_enlarges_the_item_in_focus(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    assert world.media == "image"
    large = page.locator("[data-part=large]")
    page.keyboard.down("h")
    expect(large.locator("img")).to_have_attribute("src", f"/p/pets/images/{world.items[0]}/display")
    page.keyboard.up("h")
    expect(large).to_be_hidden()
    page.get_by_role("button", name="Enlarge").click()
    expect(large).to_be_visible()
    page.keyboard.press("Escape")
    expect(large).to_be_hidden()


def test_single_keys_can_be_switched_off_and_enter_still_confirms(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    page.keyboard.press("?")
    page.get_by_label("Single keys act").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    page.keyboard.press("2")
    expect(page.locator("[data-part=counts]")).to_have_text("30 yes")
    tile(page, 1).focus()
    confirm(page)
    expect(said(page)).to_contain_text("Saved 30")
    until_all_sent(page)
    assert len(world.answers()) == 30


# -- by pointer -----------------------------------------------------------------------------------------------------


def test_everything_works_by_pointer(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    tile(page, 4).click()
    expect(tile(page, 4)).to_have_attribute("aria-pressed", "true")
    tile(page, 4).click()
    expect(page.locator("[data-part=counts]")).to_have_text("30 yes")
    tile(page, 5).click()
    page.locator("[data-choices]").get_by_role("button", name="dog").click()
    expect(tile(page, 5)).to_contain_text("dog")
    tile(page, 8).click()
    tile(page, 10).click(modifiers=["Shift"])
    page.locator(".acts").get_by_role("button", name="Not this").click()
    expect(page.locator("[data-part=counts]")).to_have_text("26 yes, 1 other, 3 not this")
    page.get_by_role("button", name="Confirm 27").click()
    expect(said(page)).to_contain_text("Saved 27")
    until_all_sent(page)
    assert {one.input for one in world.answers()} == {"pointer"}
    assert world.labels() == {n: "dog" if n == 4 else "cat" for n in range(30) if n not in {7, 8, 9}}
    page.get_by_role("button", name="Page back").click()
    expect(said(page)).to_have_text("Page taken back: 27 answers.")
    until_undone(page, world, 27)


# -- where pages are not offered ------------------------------------------------------------------------------------


def test_pages_are_linked_only_where_a_lead_turned_them_on(ann: BrowserContext, world: World) -> None:
    page = ann.new_page()
    page.goto("/")
    page.get_by_role("link", name="Bulk labeling").click()
    expect(page.locator("[data-shown]")).to_be_attached()
    page.get_by_role("link", name="One by one").click()
    expect(page.get_by_role("link", name="Bulk labeling")).to_be_visible()
    with world.database.write() as session:
        session.get_one(Project, world.id).settings = {}
    page.goto("/p/pets/label")
    expect(page.locator("[data-open]")).to_be_attached()
    expect(page.get_by_role("link", name="Bulk labeling")).to_have_count(0)
    page.goto("/")
    expect(page.get_by_role("link", name="Bulk labeling")).to_have_count(0)
    answer = page.goto("/p/pets/grid")
    assert answer is not None
    assert answer.status == 404


def test_the_end_and_a_missing_pass_are_said_with_what_to_do(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    for number in range(1, 4):
        expect(page.locator("[data-shown]")).to_be_attached()
        confirm(page)
        expect(page.locator("[data-part=done]")).to_have_text(str(30 * number))
    expect(page.get_by_text("No more look-alikes for you.")).to_be_visible()
    until_all_sent(page)
    page.get_by_role("button", name="Last page back").click()
    expect(page.locator("[data-part=counts]")).to_have_text("30 yes")
    with world.database.write() as session:
        for run in session.scalars(select(Inspection)):
            run.state = "failed"
    page.evaluate("sessionStorage.clear()")
    page = open_grid(ann, pages=False)
    expect(page.get_by_text("Nothing is grouped yet.")).to_be_visible()
    expect(page.get_by_role("link", name="Label one by one")).to_be_visible()


# -- looks ----------------------------------------------------------------------------------------------------------


def test_six_by_five_pictures_and_twelve_texts_fit_a_desktop_without_scrolling(
    chromium: Browser, address: str, sign_in: SignIn, world: World
) -> None:
    context = window(chromium, address, sign_in)
    page = open_grid(context)
    assert world.size == 30
    boxes = [page.locator(".look").nth(n).bounding_box() for n in range(30)]
    assert len({round(box["x"]) for box in boxes if box}) == 6
    assert all(box and box["width"] >= 160 for box in boxes)
    assert page.evaluate(
        "(() => { const v = document.querySelector('.scroller'); return v.scrollHeight <= v.clientHeight })()"
    )
    context.close()


@pytest.mark.parametrize("world", ["text"], indirect=True)
def test_words_that_set_a_text_apart_are_emphasised(ann: BrowserContext, world: World) -> None:
    page = open_grid(ann)
    assert world.media == "text"
    pieces = page.evaluate(
        """async () => {
        const version = document.querySelector("script[src*='bundles']").getAttribute("src").split("/bundles/")[0];
        const { differing } = await import(`${version}/web/bulk_labeling/grid/differing.mjs`);
        return differing(["Der Zug nach Köln kommt", "Der Zug nach Bonn kommt", "貓在睡覺", ""]);
        }"""
    )
    strong = [[piece["text"] for piece in one if piece["differs"]] for one in pieces]
    assert strong[0] == ["Köln"]
    assert strong[1] == ["Bonn"]
    assert ["".join(piece["text"] for piece in one) for one in pieces] == [
        "Der Zug nach Köln kommt",
        "Der Zug nach Bonn kommt",
        "貓在睡覺",
        "",
    ]
    expect(page.locator(".words").first).to_contain_text("The animal number")


@pytest.mark.parametrize("world", ["image", "text"], indirect=True)
@pytest.mark.parametrize(
    ("scheme", "width", "direction"),
    [("light", 1440, "ltr"), ("dark", 1440, "rtl"), ("light", 390, "rtl"), ("dark", 390, "ltr")],
)
def test_no_accessibility_violation(  # noqa: PLR0917 - every fixture is a side of the picture
    chromium: Browser, address: str, sign_in: SignIn, world: World, scheme: Any, width: int, direction: str
) -> None:
    context = window(
        chromium, address, sign_in, viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True
    )
    page = open_grid(context)
    assert world.size
    page.evaluate("direction => { document.documentElement.dir = direction }", direction)
    for key in ("x", "2", "Shift+ArrowRight"):
        page.keyboard.press(key)
    found = violations(page)
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()
    assert found == []
    assert not wide
