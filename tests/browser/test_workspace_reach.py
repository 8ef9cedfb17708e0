"""The workspace for everybody: what is announced, where focus goes, how small it can get, how large its targets are.

Note: 400 % zoom of a 1280 pixel window is a window of 320 by 256 CSS pixels; there is no other
way to see it from here.
"""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk_server import DeskServer, answer, open_desk

pytestmark = pytest.mark.browser

KINDS = [("image", "classification"), ("text", "rating"), ("text", "multilabel"), ("image", "multilabel")]
HEARD = """
window.heard = [];
addEventListener("DOMContentLoaded", () => {
  const live = document.querySelector("[data-part=live]");
  const options = { childList: true, characterData: true, subtree: true };
  if (live) new MutationObserver(() => window.heard.push(live.textContent)).observe(live, options);
});
"""


def submit(page: Page, task: str) -> None:
    """Give the first answer."""
    page.keyboard.press("1")
    if task == "multilabel":
        page.keyboard.press("Enter")


@pytest.mark.parametrize("task", ["classification", "multilabel"])
def test_each_item_is_announced_once_in_at_most_eighty_characters(page: Page, task: str) -> None:
    server = DeskServer(media="text", task=task)
    server.classes = ["A class with a name that is longer than anybody would say aloud", "Glass"]
    page.add_init_script(HEARD)
    open_desk(page, server)
    for number in range(1, 4):
        expect(page.locator("[data-part=live]")).to_contain_text(f"Item {number}.")
        submit(page, task)
    expect(page.locator("[data-part=live]")).to_contain_text("Item 4.")
    page.keyboard.press("s")
    expect(page.locator("[data-part=live]")).to_contain_text("Item 5.")
    page.keyboard.press("z")
    expect(page.locator("[data-part=live]")).to_contain_text("Item 4.")
    heard = page.evaluate("window.heard")
    assert [one.split(".")[0] for one in heard] == [f"Item {number}" for number in (1, 2, 3, 4, 5, 4)]
    assert max(map(len, heard)) <= 80


@pytest.mark.parametrize(("media", "task"), KINDS)
def test_focus_walks_from_the_answers_to_the_top_bar_and_returns_after_an_answer(
    page: Page, media: str, task: str
) -> None:
    open_desk(page, DeskServer(media=media, task=task))
    expect(page.locator("[data-choices]")).to_be_focused()
    walked: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        place = page.evaluate(
            """() => { const at = document.activeElement;
              const places = { answers: "[data-choices]", find: ".find", guideline: ".guide", actions: ".acts",
                view: ".viewbar, .view", strip: ".strip", top: ".topbar, .skip" };
              return Object.keys(places).find((name) => at.closest(places[name])) ?? ""; }"""
        )
        if place and place not in walked:
            walked.append(place)
    wanted = ["answers", "find", "guideline", "actions", "view", "strip", "top"]
    assert walked == [one for one in wanted if one not in {"find", "strip"} or one in walked]
    page.locator("[data-choices]").focus()
    submit(page, task)
    expect(page.locator("[data-part=live]")).to_contain_text("Item 2.")
    expect(page.locator("[data-choices]")).to_be_focused()


@pytest.mark.parametrize("size", [(320, 256), (320, 640)])
@pytest.mark.parametrize(("media", "task"), KINDS)
def test_nothing_scrolls_sideways_at_320_pixels_or_four_hundred_percent(
    chromium: Browser, size: tuple[int, int], media: str, task: str
) -> None:
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]})
    server = DeskServer(media=media, task=task)
    server.classes = [
        "Plastic bottle",
        "A class with forty letters in its name..",
        "Metal",
        "Donaudampfschifffahrtsgesellschaft",
    ]
    page = open_desk(context.new_page(), server)
    submit(page, task)
    expect(page.locator("[data-part=live]")).to_contain_text("Item 2.")
    page.keyboard.press("s")
    expect(page.locator("[data-part=live]")).to_contain_text("Item 3.")
    page.keyboard.press("c")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


SMALL = """least => [...document.querySelectorAll("a[href], button, input, textarea, select, [tabindex='0']")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.matches(".skip"))
  .map((one) => { const target = one.type === "checkbox" ? one.closest("label") ?? one : one;
                  const { width, height } = target.getBoundingClientRect();
                  return [Math.round(width), Math.round(height), one.outerHTML.slice(0, 90)]; })
  .filter(([width, height]) => width < least || height < least)"""


@pytest.mark.parametrize("size", [(1440, 900), (390, 844), (320, 256)])
@pytest.mark.parametrize(("media", "task"), KINDS)
def test_every_target_is_at_least_24_pixels(chromium: Browser, size: tuple[int, int], media: str, task: str) -> None:
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]})
    page = open_desk(context.new_page(), DeskServer(media=media, task=task))
    page.keyboard.press("s")
    expect(page.locator("[data-part=live]")).to_contain_text("Item 2.")
    assert page.evaluate(SMALL, 24) == []
    page.evaluate("document.querySelector('[data-do=keys]').click()")
    assert page.evaluate(SMALL, 24) == []
    context.close()


@pytest.mark.parametrize(("media", "task"), KINDS)
def test_answers_and_actions_are_at_least_44_pixels_for_fingers(chromium: Browser, media: str, task: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = open_desk(context.new_page(), DeskServer(media=media, task=task))
    small = page.evaluate(SMALL, 44)
    context.close()
    assert [one for one in small if "data-label" in one[2] or "data-none" in one[2] or 'data-do="' in one[2]] == []


@pytest.mark.parametrize("task", ["classification", "multilabel"])
def test_in_forced_colours_what_is_chosen_is_outlined(page: Page, task: str) -> None:
    page.emulate_media(forced_colors="active")
    open_desk(page, DeskServer(task=task))
    answer(page, "2")
    if task == "classification":
        expect(page.locator("[data-part=live]")).to_contain_text("Item 2.")
        page.keyboard.press("z")
    chosen = page.locator("[data-label=Glass]")
    expect(chosen).to_have_attribute("aria-pressed", "true")
    assert chosen.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    assert Axe().run(page, options={"rules": {"color-contrast": {"enabled": False}}}).violations_count == 0


def test_with_reduced_motion_nothing_moves(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_desk(page, DeskServer(task="multilabel"))
    page.keyboard.press("1")
    moving: list[Any] = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((one) => {
          const { transitionDuration, animationDuration, animationName } = getComputedStyle(one);
          const long = (text) => text.split(",").some((part) => parseFloat(part) > 0.001);
          return long(transitionDuration) || (animationName !== "none" && long(animationDuration));
        }).map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert moving == []
