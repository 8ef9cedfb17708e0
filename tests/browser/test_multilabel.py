"""Any number of classes for one item: by keyboard alone, by pointer, by touch, with undo, drafts and refusals.

Note: to choose nothing and to choose "None apply" are two things; the second is an answer.
"""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk_server import CLASSES, DeskServer, all_sent, open_desk, run

pytestmark = pytest.mark.browser


@pytest.fixture
def server() -> DeskServer:
    return DeskServer(media="text", task="multilabel")


def choose(page: Page, keys: str) -> None:
    """Press the keys of classes one by one, all on the item that stands there."""
    for key in keys:
        page.keyboard.press(key)


def standing_on(page: Page, number: int) -> None:
    """Wait until an item is painted."""
    expect(page.locator("[data-part=live]")).to_contain_text(f"Item {number}.")


def chosen(page: Page) -> list[str]:
    """Return the names of the pressed buttons."""
    return page.locator("[data-choices] [aria-pressed=true] > span").all_inner_texts()


def test_k_labels_take_k_plus_one_keys_in_any_order(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    choose(page, "31")
    page.keyboard.press("Enter")
    standing_on(page, 2)
    choose(page, "0")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=live]")).to_have_text("Item 3. Saved 2 as None apply.")
    all_sent(page)
    assert server.values == [{"labels": ["Plastic bottle", "Metal can"]}, {"labels": []}]
    assert [one["input"] for one in server.answers.values()] == ["key", "key"]
    assert [one["guideline"] for one in server.answers.values()] == [1, 1]


def test_none_apply_excludes_the_classes_and_they_exclude_it(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    choose(page, "12")
    assert chosen(page) == CLASSES[:2]
    choose(page, "0")
    assert chosen(page) == ["None apply"]
    choose(page, "4")
    assert chosen(page) == ["Cardboard"]
    choose(page, "4")
    assert chosen(page) == []


def test_nothing_chosen_is_refused_in_words_and_nothing_is_stored(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=refusal]")).to_contain_text("Nothing is chosen yet.")
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    choose(page, "1")
    expect(page.locator("[data-part=refusal]")).to_be_hidden()
    assert server.answers == {}


def test_a_held_or_doubled_enter_submits_one_item(page: Page, server: DeskServer) -> None:
    open_desk(page, server, guard=60_000)
    choose(page, "1")
    page.keyboard.press("Enter")  # within the guard of the first paint
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    page.evaluate("document.querySelector('[data-workspace]').dataset.guard = 0")
    page.keyboard.down("Enter")
    page.keyboard.down("Enter")
    standing_on(page, 2)
    all_sent(page)
    assert len(server.answers) == 1


def test_by_pointer_and_by_touch(chromium: Browser, server: DeskServer) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = open_desk(context.new_page(), server)
    page.get_by_role("button", name="Glass").click()
    expect(page.locator("[data-part=submitted]")).to_have_text("Glass")
    page.get_by_role("button", name="Submit").click()
    standing_on(page, 2)
    page.get_by_role("button", name="Metal can").tap()
    page.get_by_role("button", name="Submit").tap()
    standing_on(page, 3)
    all_sent(page)
    assert server.values == [{"labels": ["Glass"]}, {"labels": ["Metal can"]}]
    assert [one["input"] for one in server.answers.values()] == ["pointer", "touch"]
    context.close()


def test_arrows_reach_every_answer_space_switches_and_enter_submits(page: Page) -> None:
    server = DeskServer(media="text", task="multilabel")
    server.classes = [f"class {at:02}" for at in range(1, 13)]  # "None apply" has no key of its own here
    open_desk(page, server)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-none]")).to_be_focused()
    page.keyboard.press("Space")
    assert chosen(page) == ["None apply"]
    page.keyboard.press("Enter")
    standing_on(page, 2)
    expect(page.locator("[data-choices]")).to_be_focused()
    all_sent(page)
    assert server.values == [{"labels": []}]


def test_find_switches_the_first_class_that_fits(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    page.keyboard.press("/")
    page.keyboard.type("met")
    page.keyboard.press("Enter")
    assert chosen(page) == ["Metal can"]
    page.keyboard.press("Enter")
    standing_on(page, 2)


def test_undo_goes_back_over_the_choices_then_to_the_answer_before(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    choose(page, "2")
    page.keyboard.press("Enter")
    standing_on(page, 2)
    choose(page, "13")
    page.keyboard.press("z")
    assert chosen(page) == ["Plastic bottle"]
    page.keyboard.press("Shift+Z")
    assert chosen(page) == ["Plastic bottle", "Metal can"]
    choose(page, "zz")
    assert chosen(page) == []
    page.keyboard.press("z")
    expect(page.locator("[data-part=given]")).to_contain_text("Your answer: Glass.")
    assert chosen(page) == ["Glass"]
    choose(page, "4")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=live]")).to_contain_text("Saved 1 as Glass, Cardboard.")
    all_sent(page)
    assert server.assignments == [1, 1]
    assert server.values[-1] == {"labels": ["Glass", "Cardboard"]}


def test_submitted_answers_can_be_undone_after_a_reload(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    for number, keys in enumerate(["12", "0"], 1):
        standing_on(page, number)
        choose(page, keys)
        page.keyboard.press("Enter")
    standing_on(page, 3)
    all_sent(page)
    open_desk(page, server)
    expect(page.locator("[data-place=done]:not(.vacant)")).to_have_count(2)
    page.keyboard.press("z")
    expect(page.locator("[data-part=given]")).to_contain_text("Your answer: None apply.")
    assert chosen(page) == ["None apply"]
    page.keyboard.press("z")
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    assert chosen(page) == CLASSES[:2]


def test_a_draft_survives_browsing_and_ends_with_the_answer(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    choose(page, "14")
    page.keyboard.press("f")
    page.keyboard.press("k")
    standing_on(page, 2)
    assert chosen(page) == []
    page.keyboard.press("j")
    standing_on(page, 1)
    assert chosen(page) == ["Plastic bottle", "Cardboard"]
    expect(page.locator("[data-do=unsure]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Enter")
    standing_on(page, 2)
    all_sent(page)
    assert server.values == [{"labels": ["Plastic bottle", "Cardboard"]}]
    assert next(iter(server.answers.values()))["unsure"] is True
    assert drafts(page) == []


def test_a_draft_survives_a_reload_right_after_the_last_change(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    choose(page, "13")
    page.reload()
    expect(page.locator("[data-open]")).to_be_attached()
    assert chosen(page) == ["Plastic bottle", "Metal can"]
    expect(page.locator("[data-part=submitted]")).to_have_text("Plastic bottle, Metal can")
    assert server.answers == {}


def test_a_draft_holds_labels_and_ids_and_nothing_of_the_item(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    choose(page, "2")
    page.evaluate("window.dispatchEvent(new Event('pagehide'))")
    for _ in range(100):  # the write was begun by the event; reading waits for it only from the next transaction on
        if found := drafts(page):
            break
    assert [set(one) for one in found] == [{"assignment", "project", "at", "value", "unsure", "comment"}]
    assert found[0]["value"] == {"labels": ["Glass"]}


def test_a_skip_keeps_what_was_chosen_for_when_the_item_comes_back(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    choose(page, "2")
    page.keyboard.press("s")
    standing_on(page, 2)
    all_sent(page)
    assert server.values == [None]
    page.wait_for_function(
        """async () => {
          const { openOutbox } = await import("/static/web/shared/sending/outbox.mjs");
          return (await (await openOutbox("7")).drafts("sorting")).length === 1;
        }"""
    )
    page.keyboard.press("j")
    standing_on(page, 1)
    assert chosen(page) == CLASSES[1:2]


def test_an_answer_that_cannot_be_kept_comes_back_with_its_choices(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    run(page, "IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError') };")
    choose(page, "12")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=state]")).to_contain_text("Can't save here")
    expect(page.locator("[data-part=number]")).to_have_text("Item 1")
    assert chosen(page) == CLASSES[:2]
    page.get_by_role("button", name="Save online only").click()
    page.keyboard.press("Enter")
    standing_on(page, 2)
    assert server.values == [{"labels": CLASSES[:2]}]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("media", ["image", "text"])
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_no_accessibility_violation(chromium: Browser, scheme: Any, width: int, media: str, direction: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True)
    page = open_desk(context.new_page(), DeskServer(media=media, task="multilabel"))
    page.evaluate("direction => { document.documentElement.dir = direction }", direction)
    choose(page, "12")
    page.keyboard.press("Enter")
    standing_on(page, 2)
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=refusal]")).to_be_visible()
    results = Axe().run(page)
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()
    assert results.violations_count == 0, results.generate_report()
    assert not wide


def drafts(page: Page) -> list[dict[str, Any]]:
    """Return the drafts on this device."""
    found: list[dict[str, Any]] = run(
        page,
        """const { openOutbox } = await import("/static/web/shared/sending/outbox.mjs");
        return (await openOutbox("7")).drafts("sorting");""",
    )
    return found


def test_nobody_sees_the_draft_of_another_person_on_the_same_device(page: Page, server: DeskServer) -> None:
    open_desk(page, server)
    choose(page, "1")
    page.evaluate("window.dispatchEvent(new Event('pagehide'))")
    server.user = 8
    open_desk(page, server)
    assert chosen(page) == []
