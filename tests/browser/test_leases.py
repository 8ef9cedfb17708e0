"""What the workspace says of its leases: signs of life while somebody works, what was passed on, what came too late.

Note: nobody waits for a lease here; the page's clock is moved on instead.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk_server import DeskServer, all_sent, answer, open_desk

pytestmark = pytest.mark.browser


@pytest.fixture
def server() -> DeskServer:
    return DeskServer(media="text", total=9)


def until(page: Page, condition: str, server: DeskServer) -> None:
    """Let the page go on until something is so on the server's side."""
    for _ in range(200):
        if eval(condition, {"server": server}):  # noqa: S307 - conditions of this file
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"never: {condition}")


def leave(page: Page) -> None:
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide'))")


def test_an_answer_that_comes_too_late_is_told_at_once_and_in_every_place(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    server.mode = "late"
    answer(page, "2")
    band = page.locator("[data-part=band]")
    expect(band).to_contain_text("Your answer to cam-1 came too late to count.")
    expect(page.locator("[data-part=state]")).to_contain_text("Saved · 1 late")
    expect(page.locator("[data-place=done]:not(.vacant)")).to_contain_text("Glass, late")
    expect(page.locator("[data-part=last]")).to_contain_text("1: kept, not counted")
    band.get_by_role("button", name="Show it").click()
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    expect(band).to_be_hidden()
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")


def test_several_late_answers_are_counted_until_the_person_has_seen_them(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    server.mode = "late"
    answer(page, "21")
    expect(page.locator("[data-part=band]")).to_contain_text("2 of your answers came too late to count.")
    server.mode = "ok"
    answer(page, "1", first=3)
    all_sent(page)
    expect(page.locator("[data-part=state]")).to_contain_text("Saved · 2 late")
    page.get_by_role("button", name="Hide this notice").click()
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")


def test_what_is_held_is_renewed_while_somebody_works_and_not_while_nobody_does(fresh_page: Page) -> None:
    server = DeskServer(media="text", total=9)
    server.lease = 12
    fresh_page.clock.install()
    open_desk(fresh_page, server)
    for _ in range(4):
        fresh_page.mouse.wheel(0, 10)
        told = len(server.renewed)
        fresh_page.clock.fast_forward(6_500)
        until(fresh_page, f"len(server.renewed) > {told}", server)
    assert server.renewed[-1]["open"] == [1]
    assert server.renewed[-1]["assignments"] == list(range(1, 10))
    fresh_page.clock.fast_forward(13_000)
    quiet = len(server.renewed)
    for _ in range(4):
        fresh_page.clock.fast_forward(6_500)
    fresh_page.wait_for_timeout(50)
    assert len(server.renewed) <= quiet + 1


def test_who_comes_back_is_told_before_a_key_what_was_passed_on(fresh_page: Page, server: DeskServer) -> None:
    fresh_page.clock.install()
    open_desk(fresh_page, server)
    server.theirs = {1, 2}
    fresh_page.clock.fast_forward(42 * 60_000)
    fresh_page.mouse.move(300, 300)
    band = fresh_page.locator("[data-part=band]")
    expect(band).to_contain_text("cam-1 was passed on to somebody else.")
    expect(fresh_page.locator("[data-part=number]")).to_have_text("Item 1")
    band.get_by_role("button", name="Next item").click()
    expect(fresh_page.locator("[data-part=number]")).to_have_text("Item 3")
    expect(fresh_page.locator("[data-part=total]")).to_have_text("of 7")


def test_a_page_that_goes_gives_back_what_was_neither_answered_nor_begun(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    answer(page, "1")
    expect(page.locator("[data-part=live]")).to_contain_text("Item 2.")
    page.keyboard.press("f")
    answer(page, "")
    leave(page)
    until(page, "server.released", server)
    assert sorted(server.released) == [3, 4, 5, 6, 7, 8, 9]


def test_of_two_pages_of_one_person_only_the_last_gives_back(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    other = page.context.new_page()
    open_desk(other, server)
    leave(page)
    other.wait_for_timeout(100)
    assert server.released == []
    leave(other)
    until(other, "server.released", server)
    assert sorted(server.released) == list(range(1, 10))


def test_a_leads_look_holds_nothing_until_they_answer(page: Page, server: DeskServer) -> None:
    server.can_lead = True
    open_desk(page, server)
    page.mouse.move(200, 200)
    assert server.claims[0]["hold"] == "none"
    leave(page)
    answer(page, "1")
    until(page, "server.claims[-1]['hold'] == 'share'", server)
    assert (server.renewed, server.released) == ([], [])


@pytest.mark.parametrize(
    ("total", "theirs", "words"),
    [
        (0, set(), "There is nothing to answer here yet."),
        (3, {1, 2, 3}, "Nothing free right now. Others are answering the last 3 items."),
        (1, {1}, "Nothing free right now. Somebody else is answering the last item."),
    ],
)
def test_the_sentence_on_an_empty_desk_is_true(page: Page, total: int, theirs: set[int], words: str) -> None:
    server = DeskServer(media="text", total=total)
    server.theirs = theirs
    open_desk(page, server)
    expect(page.locator("[data-part=empty]")).to_contain_text(words)
    expect(page.locator("[data-part=empty]")).not_to_contain_text("answered everything")


def test_who_has_answered_everything_is_told_so(page: Page) -> None:
    server = DeskServer(media="text", total=2)
    open_desk(page, server)
    answer(page, "12")
    expect(page.locator("[data-part=empty]")).to_contain_text("You have answered everything here.")
    expect(page.locator("[data-part=done]")).to_have_text("2")


def test_an_item_that_comes_free_opens_by_itself(fresh_page: Page) -> None:
    server = DeskServer(media="text", total=1)
    server.theirs = {1}
    fresh_page.clock.install()
    open_desk(fresh_page, server)
    expect(fresh_page.locator("[data-part=empty]")).to_contain_text("opens here by itself")
    server.theirs = set()
    fresh_page.clock.fast_forward(21_000)
    expect(fresh_page.locator("[data-part=number]")).to_have_text("Item 1")
