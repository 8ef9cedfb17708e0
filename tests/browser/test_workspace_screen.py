"""The workspace as one: the real templates and modules in Chromium, before a server that can be made to fail.

Note: no test waits for a time to pass. The page says when it is ready (`data-open`), and a
retry that would come later is set off by the `online` event.
"""

import json
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk_server import CLASSES, DeskServer, all_sent, answer, open_desk, run

pytestmark = pytest.mark.browser


@pytest.fixture
def server() -> DeskServer:
    return DeskServer()


def test_one_key_answers_saves_and_shows_the_next_item(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    answer(page, "213")
    expect(page.locator("[data-part=live]")).to_have_text("Item 4. Saved 3 as Metal can.")
    all_sent(page)
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")
    assert server.labels == ["Glass", "Plastic bottle", "Metal can"]
    assert server.assignments == [1, 2, 3]
    assert server.foreign == []


def test_a_second_press_within_the_guard_and_a_held_key_answer_only_once(page: Page, server: DeskServer) -> None:
    open_desk(page, server, guard=60_000)
    page.keyboard.press("1")
    page.evaluate("document.querySelector('[data-workspace]').dataset.guard = 0")
    page.keyboard.down("2")
    page.keyboard.down("2")
    page.keyboard.down("2")
    expect(page.locator("[data-part=live]")).to_contain_text("Item 2.")
    all_sent(page)
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")
    assert server.labels == ["Glass"]


def test_undo_shows_the_earlier_answer_and_a_new_one_replaces_it(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    answer(page, "12")
    expect(page.locator("[data-part=live]")).to_contain_text("Item 3.")
    page.keyboard.press("z")
    expect(page.locator("[data-part=given]")).to_contain_text("Your answer: Glass.")
    expect(page.locator("[data-label=Glass]")).to_have_attribute("aria-pressed", "true")
    answer(page, "4", first=2)
    expect(page.locator("[data-part=live]")).to_have_text("Item 3. Saved 2 as Cardboard.")
    expect(page.locator("[data-part=done]")).to_have_text("2")
    all_sent(page)
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")
    assert server.assignments == [1, 2, 2]
    assert len(server.answers) == 3


def test_undo_reaches_answers_of_an_earlier_visit(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    answer(page, "123")
    expect(page.locator("[data-part=live]")).to_contain_text("Item 4.")
    all_sent(page)
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")
    open_desk(page, server)
    expect(page.locator("[data-place=done]:not(.vacant)")).to_have_count(3)
    page.keyboard.press("z")
    expect(page.locator("[data-part=given]")).to_contain_text("Your answer: Metal can.")
    expect(page.locator("[data-part=number]")).to_have_text("Item 3")


def test_skip_unsure_and_comment_travel_with_the_answer(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    answer(page, "s")
    expect(page.locator("[data-part=reasons]")).to_be_visible()
    page.keyboard.press("Shift+Digit3")
    expect(page.locator("[data-part=reasons]")).to_be_hidden()
    page.keyboard.press("f")
    page.keyboard.press("c")
    page.keyboard.type("cap 1 of 2")
    page.keyboard.press("Control+Enter")
    answer(page, "1", first=2)
    expect(page.locator("[data-part=live]")).to_contain_text("Item 3.")
    all_sent(page)
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")
    skipped, amended, given = server.answers.values()
    assert (skipped["skip"], amended["skip"], amended["value"]) == ("other", "not clear", None)
    assert (given["unsure"], given["comment"]) == (True, "cap 1 of 2")


def test_find_takes_the_first_class_that_fits(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    page.keyboard.press("/")
    page.keyboard.type("card")
    expect(page.locator(".choice:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=live]")).to_have_text("Item 2. Saved 1 as Cardboard.")
    expect(page.locator("[data-choices]")).to_be_focused()


def test_single_keys_can_be_switched_off(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    page.keyboard.press("?")
    page.get_by_label("Single keys act").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    page.keyboard.press("s")
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    page.get_by_role("button", name="Glass").click()
    expect(page.locator("[data-part=live]")).to_have_text("Item 2. Saved 1 as Glass.")


def test_answers_given_offline_survive_a_closed_tab_and_arrive_once(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    server.mode = "offline"
    answer(page, "1234123412")
    expect(page.locator("[data-part=state]")).to_contain_text("10 waiting")
    again = page.context.new_page()
    page.close()
    server.mode = "ok"
    open_desk(again, server)
    all_sent(again)
    expect(again.locator("[data-part=state]")).to_contain_text("All saved")
    expect(again.locator("[data-part=number]")).to_have_text("Item 11")
    assert server.assignments == list(range(1, 11))
    assert server.labels == (CLASSES * 3)[:10]


@pytest.mark.parametrize("mode", ["offline", "broken", "reply-lost"])
def test_nothing_is_lost_or_doubled_while_the_server_fails(page: Page, server: DeskServer, mode: str) -> None:
    open_desk(page, server)
    server.mode = mode
    answer(page, "123")
    expect(page.locator("[data-part=state]")).to_contain_text("waiting")
    server.mode = "ok"
    page.evaluate("window.dispatchEvent(new Event('online'))")
    all_sent(page)
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")
    assert server.assignments == [1, 2, 3]


def test_an_ended_session_keeps_answers_until_the_same_person_signs_in(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    server.mode = "signed-out"
    answer(page, "12")
    expect(page.locator("[data-part=sign-in]")).to_contain_text("Sign in again, 2 kept")
    server.mode, server.user, server.token = "ok", 8, "bobs"
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("[data-part=sign-in]")).to_be_visible()
    assert server.answers == {}
    server.user = 7
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    all_sent(page)
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")
    assert server.assignments == [1, 2]


def test_a_stale_form_token_is_renewed_without_a_word(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    server.mode = "stale"
    answer(page, "1")
    expect(page.locator("[data-part=live]")).to_contain_text("Item 2.")
    all_sent(page)
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")
    assert server.assignments == [1]


def test_refused_answers_are_kept_listed_and_downloadable(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    server.mode = "refusing"
    answer(page, "2")
    page.locator("[data-part=refused]", has_text="Not accepted: 1").click()
    expect(page.locator(".refused li")).to_contain_text("Glass · The item was withdrawn.")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download them").click()
    kept = json.loads(download.value.path().read_text())
    assert [one["value"]["label"] for one in kept] == ["Glass"]
    page.get_by_role("button", name="Put them away").click()
    expect(page.locator("[data-part=refused]")).to_be_hidden()


def test_a_device_that_cannot_keep_answers_stops_taking_them(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    run(page, "IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError') };")
    answer(page, "1")
    expect(page.locator("[data-part=state]")).to_contain_text("Can't save here")
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    page.keyboard.press("2")
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    page.get_by_role("button", name="Save online only").click()
    page.keyboard.press("2")
    expect(page.locator("[data-part=number]")).to_have_text("Item 2")
    assert server.labels == ["Glass"]


def test_two_tabs_send_each_answer_once(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    server.mode = "offline"
    answer(page, "12")
    expect(page.locator("[data-part=state]")).to_contain_text("2 waiting")
    other = page.context.new_page()
    server.mode = "ok"
    open_desk(other, server)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    all_sent(other)
    expect(other.locator("[data-part=state]")).to_contain_text("All saved")
    all_sent(page)
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")
    assert server.assignments == [1, 2]


def test_the_end_is_said_and_more_can_be_looked_for(page: Page) -> None:
    server = DeskServer(media="text", total=2)
    open_desk(page, server)
    answer(page, "12")
    expect(page.locator("[data-part=empty]")).to_be_visible()
    expect(page.locator("[data-part=live]")).to_contain_text("Nothing left to answer.")
    server.total = 3
    page.get_by_role("button", name="Look again", include_hidden=True).dispatch_event("click")
    expect(page.locator("[data-part=reading]")).to_contain_text("Text number 3.")


def test_text_is_text_and_nothing_of_it_stays_in_the_browser(page: Page) -> None:
    server = DeskServer(media="text", task="rating")
    open_desk(page, server)
    expect(page.locator("[data-part=reading] p")).to_contain_text("<b>not bold</b>")
    server.mode = "offline"
    answer(page, "5")
    expect(page.locator("[data-part=state]")).to_contain_text("1 waiting")
    stored = run(
        page,
        """const { openOutbox } = await import("/static/web/shared/sending/outbox.mjs");
        return JSON.stringify(await (await openOutbox("7")).all());""",
    )
    assert "Text number" not in stored
    assert '"label":"5"' in stored


def test_zoom_and_light_change_the_view_and_leave_with_the_item(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    fitting = page.locator("[data-part=percent]").inner_text()
    page.keyboard.press("=")
    assert page.locator("[data-part=percent]").inner_text() != fitting
    page.keyboard.press(",")
    expect(page.locator("[data-part=percent]")).to_have_text("100%")
    page.keyboard.press("[")
    expect(page.locator("[data-part=adjusted]")).to_be_visible()
    page.keyboard.press("\\")
    expect(page.locator("[data-part=adjusted]")).to_be_hidden()
    answer(page, "1")
    expect(page.locator("[data-part=percent]")).to_have_text(fitting)


def test_nobody_answers_an_item_that_is_not_painted(page: Page, server: DeskServer) -> None:
    open_desk(page, server, guard=60_000)
    page.get_by_role("button", name="Glass").click()
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    assert server.answers == {}


def test_a_picture_that_cannot_be_shown_can_be_skipped_but_not_answered(page: Page, server: DeskServer) -> None:
    server.missing = {"/picture/2.svg"}
    open_desk(page, server)
    answer(page, "1")
    expect(page.locator("[data-part=message]")).to_contain_text("This picture cannot be shown.")
    expect(page.locator("[data-part=live]")).to_contain_text("Item 2.")
    page.keyboard.press("1")
    expect(page.locator("[data-part=number]")).to_have_text("Item 2")
    answer(page, "s", first=2)
    expect(page.locator("[data-part=live]")).to_contain_text("Item 3. Skipped 2.")
    expect(page.locator("[data-part=message]")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(("media", "task"), [("image", "classification"), ("text", "rating")])
def test_no_accessibility_violation(chromium: Browser, scheme: Any, width: int, media: str, task: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True)
    page = open_desk(context.new_page(), DeskServer(media=media, task=task))
    answer(page, "12")
    expect(page.locator("[data-part=live]")).to_contain_text("Item 3.")
    results = Axe().run(page)
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()
    assert results.violations_count == 0, results.generate_report()
    assert not wide


def test_a_comment_that_was_only_typed_goes_with_the_answer_and_survives_a_reload(
    page: Page, server: DeskServer
) -> None:
    open_desk(page, server)
    page.keyboard.press("c")
    page.keyboard.type("half a thought")
    page.get_by_role("button", name="Glass").click()
    expect(page.locator("[data-part=number]")).to_have_text("Item 2")
    page.keyboard.press("c")
    page.keyboard.type("another")
    page.reload()
    expect(page.locator("[data-open]")).to_be_attached()
    page.keyboard.press("c")
    expect(page.locator("#comment-field")).to_have_value("another")
    all_sent(page)
    assert [answer.get("comment") for answer in server.answers.values()] == ["half a thought"]


def test_a_skip_is_no_answer_and_there_is_a_way_back_to_it(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    done, skips = page.locator("[data-part=done]"), page.locator("[data-part=skips]")
    expect(skips).to_be_hidden()
    page.keyboard.press("s")
    expect(page.locator("[data-part=number]")).to_have_text("Item 2")
    expect(skips).to_have_text("1 skipped")
    page.keyboard.press("1")
    expect(page.locator("[data-part=number]")).to_have_text("Item 3")
    expect(done).to_have_text("1")
    skips.click()
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    page.keyboard.press("2")
    expect(done).to_have_text("2")
    expect(skips).to_be_hidden()
