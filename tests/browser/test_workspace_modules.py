"""Twin tests of the workspace's modules: each in a blank page first, then all of them together on the real templates.

What a reader would get wrong: no test waits for a time to pass. Pages say when they are ready (`data-open`), and a held
back retry is set off by the `online` event.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.desk_server import CLASSES, ORIGIN, DeskServer

pytestmark = pytest.mark.browser
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = CHROMIUM if CHROMIUM.exists() else Path(playwright.chromium.executable_path)
        if not path.exists():
            pytest.skip("no Chromium on this machine")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def server() -> DeskServer:
    return DeskServer()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture
def module(page: Page, server: DeskServer) -> Page:
    server.attach(page)
    page.goto(f"{ORIGIN}/blank")
    return page


def open_desk(page: Page, server: DeskServer, *, guard: int = 0) -> Page:
    server.attach(page)
    page.goto(f"{ORIGIN}/label")
    expect(page.locator("[data-open]")).to_be_attached()
    page.evaluate("guard => { document.querySelector('[data-workspace]').dataset.guard = guard }", guard)
    return page


def answer(page: Page, keys: str, first: int = 1) -> None:
    """Press keys one by one, each when its item stands there and is painted."""
    for number, key in enumerate(keys, first):
        expect(page.locator("[data-part=live]")).to_contain_text(f"Item {number}.")
        page.keyboard.press(key)


def state(page: Page) -> str:
    return page.locator("[data-part=state]").inner_text()


def run(page: Page, script: str) -> Any:
    """Run the body of an async function in the page and return what it returns."""
    return page.evaluate(f"async () => {{ {script} }}")


# --- one module at a time


def test_undo_walks_back_in_the_order_of_answers_and_redo_returns(module: Page) -> None:
    steps = run(
        module,
        """const { Timeline } = await import("/static/js/timeline.mjs");
        const line = new Timeline(10);
        const [a, b, c] = line.add([1, 2, 3].map((assignment) => ({ assignment })));
        for (const entry of [a, b]) { line.stand(entry); line.answer(entry, { value: 1 }); }
        line.stand(c);
        const seen = [];
        for (const step of ["undo", "undo", "undo", "redo", "redo", "redo"]) {
          const entry = line[step]();
          if (entry) line.stand(entry);
          seen.push(entry?.number ?? null);
        }
        return seen;""",
    )
    assert steps == [12, 11, None, 12, 13, None]


def test_items_passed_over_come_back_after_the_others(module: Page) -> None:
    order = run(
        module,
        """const { Timeline } = await import("/static/js/timeline.mjs");
        const line = new Timeline(0);
        line.add([1, 2, 3].map((assignment) => ({ assignment })));
        line.stand(line.entries[1]);
        return line.ahead(9).map((entry) => entry.number);""",
    )
    assert order == [3, 1]


def test_only_fifty_answers_are_remembered(module: Page) -> None:
    kept = run(
        module,
        """const { Timeline } = await import("/static/js/timeline.mjs");
        const line = new Timeline(0);
        line.add(Array.from({ length: 70 }, (_, assignment) => ({ assignment })));
        for (const entry of [...line.entries]) { line.stand(entry); line.answer(entry, { value: 1 }); }
        return [line.entries.length, line.last().number];""",
    )
    assert kept == [50, 70]


@pytest.mark.parametrize(
    ("key", "code", "shift", "command"),
    [
        ("z", "KeyZ", False, "undo"),
        ("Z", "KeyZ", True, "redo"),
        ("z", "KeyY", False, "undo"),  # a German keyboard: by letter
        ("я", "KeyZ", False, "undo"),  # a Russian keyboard: by position
        ("?", "Slash", True, "keys"),
        ("/", "Digit7", True, "find"),
        ("x", "KeyX", False, None),
    ],
)
def test_commands_go_by_letter_and_by_position_without_latin_letters(
    module: Page,
    key: str,
    code: str,
    shift: bool,  # noqa: FBT001 - a parameter of the table above
    command: str | None,
) -> None:
    event = json.dumps({"key": key, "code": code, "shiftKey": shift})
    found = run(module, f'return (await import("/static/js/keys.mjs")).command_of({event});')
    assert found == command


def test_answers_go_by_position_of_the_key(module: Page) -> None:
    found = run(
        module,
        """const { position_in, position_of } = await import("/static/js/keys.mjs");
        return [position_of("q") === position_in({ code: "KeyQ", key: "a", shiftKey: false }),
                position_of("1") === position_in({ code: "Numpad1", key: "1", shiftKey: false }),
                position_of("shift+1") === position_in({ code: "Digit1", key: "!", shiftKey: true }),
                position_of("")];""",
    )
    assert found == [True, True, True, ""]


def test_active_time_needs_attention_and_an_input_within_a_minute(module: Page) -> None:
    seconds = run(
        module,
        """const { ActiveTime } = await import("/static/js/active_time.mjs");
        let now = 0, attentive = true;
        const clock = new ActiveTime({ now: () => now, attentive: () => attentive });
        const seen = [];
        now = 5000; seen.push(clock.seconds());
        now = 300000; seen.push(clock.seconds());
        clock.input(); now = 310000; attentive = false; clock.changed(); seen.push(clock.seconds());
        now = 320000; attentive = true; clock.changed(); now = 321000; seen.push(clock.seconds());
        clock.start(); now = 322000; seen.push(clock.seconds());
        return seen;""",
    )
    assert seconds == [5, 60, 70, 71, 1]


def test_finding_a_class_prefers_how_it_begins(module: Page) -> None:
    ranks = run(
        module,
        """const { fit } = await import("/static/js/find_class.mjs");
        return [["Glass", "gl"], ["Broken glass", "gl"], ["Fibreglass", "gl"], ["Garden tool", "gl"], ["Paper", "gl"]]
          .map(([name, typed]) => fit(name, typed));""",
    )
    assert ranks == [0, 1, 2, 3, -1]


def test_no_pace_is_claimed_from_too_few_answers(module: Page) -> None:
    told = run(
        module,
        """const { estimate } = await import("/static/js/progress.mjs");
        return [estimate([2, 2], 100), estimate([2, 2, 2, 2, 2], 90), estimate([2, 2, 2, 2, 2], 0)];""",
    )
    assert told == [None, {"minutes": 3, "pace": 30}, None]


def test_the_outbox_keeps_the_order_and_sets_refused_answers_aside(module: Page) -> None:
    kept = run(
        module,
        """const { openOutbox } = await import("/static/js/outbox.mjs");
        const outbox = await openOutbox("order");
        for (const key of ["a", "b", "c"]) await outbox.put({ key, project: key === "c" ? "other" : "one" });
        const batch = await outbox.oldest(20);
        await outbox.settle([batch[0].order], [{ record: batch[1], reason: "no" }]);
        const refused = await outbox.refused();
        const keys = (list) => list.map((one) => one.key);
        return [keys(batch), keys(await outbox.all()), refused.map((one) => [one.key, one.reason])];""",
    )
    assert kept == [["a", "b"], ["c"], [["b", "no"]]]


def test_another_person_on_this_device_does_not_see_the_outbox(module: Page) -> None:
    counts = run(
        module,
        """const { openOutbox } = await import("/static/js/outbox.mjs");
        const [ann, bob] = [await openOutbox("ann"), await openOutbox("bob")];
        await ann.put({ key: "a", project: "one" });
        return [await ann.waiting(), await bob.waiting()];""",
    )
    assert counts == [1, 0]


def test_a_batch_refused_as_a_whole_is_sent_one_by_one(module: Page) -> None:
    seen = run(
        module,
        """const { openOutbox } = await import("/static/js/outbox.mjs");
        const { startSender } = await import("/static/js/sender.mjs");
        const outbox = await openOutbox("single");
        for (const key of ["a", "bad", "c"]) await outbox.put({ key, project: "one" });
        const sizes = [];
        const post = async (path, list) => {
          sizes.push(list.length);
          if (list.some((one) => one.key === "bad")) return { status: 422, data: { detail: "Unknown class" } };
          return { status: 200, data: list.map(({ key }) => ({ key, status: "created" })) };
        };
        const state = await new Promise((report) => startSender({
          outbox, api: { post }, user: "single", settled() {}, report: (one) => one === "sending" || report(one),
        }).wake());
        return [state, sizes, (await outbox.refused()).map((one) => [one.key, one.reason])];""",
    )
    assert seen == ["saved", [3, 1, 1, 1], [["bad", "Unknown class"]]]


def test_waiting_grows_from_one_to_thirty_seconds_while_the_server_is_away(module: Page) -> None:
    waits = run(
        module,
        """const { startSender } = await import("/static/js/sender.mjs");
        const waits = [];
        const outbox = { oldest: async () => [{ order: 1, key: "a", project: "one" }] };
        await new Promise((done) => startSender({
          outbox, user: "slow", api: { post: async () => ({ status: 0 }) }, report() {}, settled() {},
          later: (again, ms) => { waits.push(ms / 1000); if (waits.length < 7) again(); else done(); },
        }).wake());
        return waits.map(Math.round);""",
    )
    assert [round(wait) for wait in waits[:2]] == [1, 2]
    assert all(27 <= wait <= 33 for wait in waits[-2:])


# --- the whole screen


def test_one_key_answers_saves_and_shows_the_next_item(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    answer(page, "213")
    expect(page.locator("[data-part=live]")).to_have_text("Item 4. Saved 3 as Metal can.")
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
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")
    assert server.assignments == [1, 2, 2]
    assert len(server.answers) == 3


def test_undo_reaches_answers_of_an_earlier_visit(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    answer(page, "123")
    expect(page.locator("[data-part=live]")).to_contain_text("Item 4.")
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
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")
    assert server.assignments == [1, 2]


def test_a_stale_form_token_is_renewed_without_a_word(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    server.mode = "stale"
    answer(page, "1")
    expect(page.locator("[data-part=live]")).to_contain_text("Item 2.")
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
    expect(other.locator("[data-part=state]")).to_contain_text("All saved")
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
        """const { openOutbox } = await import("/static/js/outbox.mjs");
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
