"""The line under the question that says what a model suggests: taken by key or pointer, never by itself."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.desk_server import DeskServer, all_sent, open_desk

pytestmark = pytest.mark.browser
LINE = "[data-part=suggestion]"


class SuggestingServer(DeskServer):
    """Suggests the same for each item but every third, where it would stay hidden."""

    def __init__(self, value: Any, score: float | None = 0.83, **kind: Any) -> None:
        super().__init__(**kind)
        self.value, self.score = value, score

    def item(self, number: int) -> dict[str, Any]:
        """One claimed item, with what is suggested for it."""
        suggestion = None if number % 3 == 0 else {"value": self.value, "score": self.score}
        return super().item(number) | {"suggestion": suggestion}


def stands(page: Page, number: int) -> None:
    expect(page.locator("[data-part=live]")).to_contain_text(f"Item {number}.")


def test_enter_on_the_question_takes_what_is_suggested_and_nothing_where_nothing_is(page: Page) -> None:
    server = SuggestingServer({"label": "Glass"})
    open_desk(page, server)
    expect(page.locator(LINE)).to_contain_text("Suggested: Glass (83%)")
    expect(page.locator("[data-part=live]")).to_have_text("Item 1. Suggested: Glass.")
    assert page.locator("[aria-pressed=true][data-label]").count() == 0
    page.keyboard.press("Enter")
    stands(page, 2)
    page.keyboard.press("a")
    stands(page, 3)
    expect(page.locator(LINE)).to_be_hidden()
    assert "Suggested" not in (page.locator("[data-part=live]").text_content() or "")
    page.keyboard.press("Enter")
    page.keyboard.press("a")
    page.keyboard.press("3")
    stands(page, 4)
    all_sent(page)
    assert server.labels == ["Glass", "Glass", "Metal can"]
    assert [one["input"] for one in server.answers.values()] == ["key", "key", "key"]


def test_a_held_enter_takes_one_suggestion_and_a_button_in_focus_is_its_own_answer(page: Page) -> None:
    server = SuggestingServer({"label": "Glass"})
    open_desk(page, server)
    for _ in range(3):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    stands(page, 2)
    page.locator("[data-label=Cardboard]").focus()
    page.keyboard.press("Enter")
    stands(page, 3)
    all_sent(page)
    assert server.labels == ["Glass", "Cardboard"]


def test_a_pointer_takes_it_and_an_answer_given_before_hides_it(page: Page) -> None:
    server = SuggestingServer({"label": "Glass"}, score=None)
    open_desk(page, server)
    expect(page.locator(LINE)).not_to_contain_text("%")
    page.get_by_role("button", name="Take").click()
    stands(page, 2)
    page.keyboard.press("z")
    stands(page, 1)
    expect(page.locator(LINE)).to_be_hidden()
    expect(page.locator("[data-part=given]")).to_contain_text("Your answer: Glass.")
    all_sent(page)
    assert [one["input"] for one in server.answers.values()] == ["pointer"]


def test_the_line_keeps_its_place_where_suggestions_are_on(page: Page) -> None:
    server = SuggestingServer({"label": "Glass"})
    server.suggests = True
    open_desk(page, server)
    before = page.locator("[data-choices]").bounding_box()
    for number, key in enumerate("aa", 2):
        page.keyboard.press(key)
        stands(page, number)
    assert page.locator(LINE).evaluate("line => getComputedStyle(line).visibility") == "hidden"
    assert page.locator("[data-choices]").bounding_box() == before


def test_an_answer_with_parts_begins_as_what_is_suggested_and_says_when_it_was_changed(page: Page) -> None:
    server = SuggestingServer({"labels": ["Glass", "Cardboard"]}, task="multilabel")
    open_desk(page, server)
    expect(page.locator(LINE)).to_contain_text("Suggested: Glass, Cardboard (83%)")
    expect(page.locator("[data-untouched]")).to_be_visible()
    expect(page.locator("[data-label=Glass]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Enter")
    stands(page, 2)
    page.keyboard.press("2")
    expect(page.locator("[data-touched]")).to_be_visible()
    page.keyboard.press("Enter")
    stands(page, 3)
    expect(page.locator("[data-label=Glass]")).to_have_attribute("aria-pressed", "false")
    all_sent(page)
    assert server.values == [{"labels": ["Glass", "Cardboard"]}, {"labels": ["Cardboard"]}]


def test_what_somebody_changed_comes_back_after_a_reload_and_not_the_suggestion(page: Page) -> None:
    server = SuggestingServer({"labels": ["Glass"]}, task="multilabel")
    open_desk(page, server)
    page.keyboard.press("4")
    expect(page.locator("[data-touched]")).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('pagehide'))")
    open_desk(page, server)
    expect(page.locator("[data-label=Cardboard]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-touched]")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_line_is_accessible_and_fits(page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for value, task in (({"label": "Glass"}, "classification"), ({"labels": ["Glass"]}, "multilabel")):
        open_desk(page, SuggestingServer(value, task=task))
        expect(page.locator(LINE)).to_be_visible()
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
