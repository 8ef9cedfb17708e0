"""What happens around answering: earlier visits, leaving, lost roles, new guidelines, breaks.

Note: nobody waits an hour here for a break; the page's clock is moved on instead.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk_server import DeskServer, all_sent, answer, open_desk, run

pytestmark = pytest.mark.browser


@pytest.fixture
def server() -> DeskServer:
    return DeskServer()


def stays(page: Page) -> bool:
    """Whether the browser would ask before it leaves the page."""
    found = page.evaluate(
        """() => { const leaving = new Event("beforeunload", { cancelable: true });
                   window.dispatchEvent(leaving);
                   return leaving.defaultPrevented; }"""
    )
    return bool(found)


def test_answers_of_an_earlier_visit_are_named_when_they_are_sent(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    server.mode = "offline"
    answer(page, "123")
    expect(page.locator("[data-part=state]")).to_contain_text("3 waiting")
    again = page.context.new_page()
    page.close()
    server.mode = "ok"
    open_desk(again, server)
    expect(again.locator("[data-part=state]")).to_contain_text("3 from an earlier visit")
    answer(again, "1", first=4)
    expect(again.locator("[data-part=state]")).not_to_contain_text("earlier visit")
    all_sent(again)
    assert server.assignments == [1, 2, 3, 4]


@pytest.mark.parametrize("mode", ["offline", "signed-out"])
def test_leaving_warns_while_answers_wait_and_not_otherwise(page: Page, server: DeskServer, mode: str) -> None:
    open_desk(page, server)
    assert not stays(page)
    server.mode = mode
    answer(page, "1")
    told = page.locator("[data-part=state], [data-part=sign-in]").locator("visible=true")
    expect(told).to_contain_text(re.compile("1 waiting|Sign in again, 1 kept"))
    assert stays(page)
    server.mode = "ok"
    page.evaluate("window.dispatchEvent(new Event('focus')); window.dispatchEvent(new Event('online'))")
    all_sent(page)
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")
    assert not stays(page)


@pytest.mark.parametrize("mode", ["role-lost", "forbidden"])
def test_answers_of_somebody_who_lost_their_role_are_kept_and_shown(page: Page, server: DeskServer, mode: str) -> None:
    open_desk(page, server)
    server.mode = mode
    answer(page, "21")
    page.locator("[data-part=refused]", has_text="Not accepted: 2").click()
    expect(page.locator(".refused li")).to_have_count(2)
    expect(page.locator(".refused li").first).to_contain_text("Glass · Not for you")
    expect(page.locator("[data-part=sign-in]")).to_be_hidden()
    assert server.answers == {}


def test_an_answer_that_comes_too_late_is_stored_and_asks_nothing(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    server.mode = "late"
    answer(page, "2")
    expect(page.locator("[data-part=live]")).to_contain_text("Item 2.")
    all_sent(page)
    expect(page.locator("[data-part=refused]")).to_be_hidden()
    assert server.labels == ["Glass"]


def test_new_guidelines_are_one_line_until_they_are_opened(page: Page) -> None:
    server = DeskServer(media="text", total=100)
    open_desk(page, server)
    line = page.locator("[data-part=guide-changed]")
    expect(line).to_be_hidden()
    server.guideline, server.rules = 2, "Bottles in bags are bags now."
    answer(page, "1" * 26)  # enough that more items are asked for
    expect(line).to_contain_text("The guidelines changed.")
    server.mode = "offline"
    line.get_by_role("button", name="Read them").click()
    expect(line).to_contain_text("when the connection is back")
    server.mode = "ok"
    line.get_by_role("button", name="Read them").click()
    expect(page.locator("[data-part=full-guide]")).to_contain_text("Bottles in bags are bags now.")
    expect(line).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("[data-part=full-guide]")).to_be_hidden()
    answer(page, "2", first=27)
    expect(page.locator("[data-part=live]")).to_contain_text("Item 28.")
    all_sent(page)
    assert [one["guideline"] for one in server.answers.values()] == [1] * 26 + [2]


def test_a_break_is_offered_after_fifty_minutes_of_work(fresh_page: Page, server: DeskServer) -> None:
    fresh_page.clock.install()
    open_desk(fresh_page, server)
    line = fresh_page.locator("[data-part=rest]")
    answer(fresh_page, "1")
    expect(fresh_page.locator("[data-part=live]")).to_contain_text("Item 2.")
    expect(line).to_be_hidden()
    for _ in range(52):
        fresh_page.clock.fast_forward(59_000)
        fresh_page.keyboard.press("Shift")
    answer(fresh_page, "1", first=2)
    expect(line).to_contain_text("time for a break?")
    line.get_by_role("button", name="Put this away").click()
    expect(line).to_be_hidden()
    expect(fresh_page.locator("[data-choices]")).to_be_focused()
    answer(fresh_page, "1", first=3)
    expect(fresh_page.locator("[data-part=live]")).to_contain_text("Item 4.")
    expect(line).to_be_hidden()


def test_five_minutes_without_input_are_a_break(page: Page) -> None:
    server = DeskServer()
    server.attach(page)
    page.goto(f"{server.origin}/blank")
    worked = run(
        page,
        """const { ActiveTime } = await import("/static/web/shared/sending/active_time.mjs");
        let time = 0;
        const clock = new ActiveTime({ now: () => time, attentive: () => true });
        const seen = [];
        for (const minutes of [1, 1, 6, 1]) { time += minutes * 60_000; clock.input(); seen.push(clock.worked() / 60); }
        return seen;""",
    )
    assert worked == [1, 2, 0, 1]


def test_drawing_counts_as_input_even_where_its_events_go_no_further(fresh_page: Page) -> None:
    server = DeskServer(task="multilabel")
    fresh_page.clock.install()
    open_desk(fresh_page, server)
    fresh_page.evaluate(
        """() => { for (const name of ["pointerdown", "pointermove"])
          document.querySelector("[data-part=view]").addEventListener(name, (event) => event.stopPropagation()); }"""
    )
    fresh_page.keyboard.press("1")
    for step in range(5):
        fresh_page.clock.fast_forward(50_000)
        fresh_page.mouse.move(200 + step, 300)
    fresh_page.keyboard.press("Enter")
    expect(fresh_page.locator("[data-part=live]")).to_contain_text("Item 2.")
    all_sent(fresh_page)
    seconds = next(iter(server.answers.values()))["seconds"]
    assert 245 <= seconds <= 300  # without the moves it would be 60 and a little
