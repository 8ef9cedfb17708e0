"""One rule in every task type: filled is chosen, a ring is focus, nothing is filled before there is an answer.

Note: tools that are on (4 points, Drag) are filled too, since they are chosen. So the tests name what is filled on the
panel and compare all of it.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk_server import DeskServer, open_desk
from tests.browser.drawing import Canvas, PictureDesk, handed_in
from tests.browser.spans_desk import SpansServer, drag

pytestmark = pytest.mark.browser
TASKS = ["classification", "rating", "multilabel", "boxes", "polygons", "spans"]
MARKS = ["boxes", "polygons", "spans"]
TOOLS = {"boxes": ["points"], "polygons": ["corners"]}  # on from the start
# What on the panel has the fill of a choice, by its name.
FILLED = """() => {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = "var(--accent)";
  const accent = getComputedStyle(probe).color;
  probe.remove();
  const name = ({ dataset }) => dataset.label ?? dataset.tool ?? dataset.do ?? ("none" in dataset ? "nothing" : "?");
  const filled = (node) => node.checkVisibility() && getComputedStyle(node).backgroundColor === accent;
  return [...document.querySelectorAll(".panel *")].filter(filled).map(name);
}"""
LOOKS = """() => [...document.querySelectorAll(".choice[data-label], .point")].map((node) => {
  const { backgroundColor, color, borderColor, boxShadow, fontWeight } = getComputedStyle(node);
  return [backgroundColor, color, borderColor, boxShadow, fontWeight].join();
})"""
EARLIER: dict[str, Any] = {
    "classification": {"label": "Glass"},
    "rating": {"label": "4"},
    "multilabel": {"labels": ["Plastic bottle", "Metal can"]},
    "boxes": {"boxes": [{"label": "dog", "x": 100, "y": 100, "width": 80, "height": 60}]},
    "polygons": {"polygons": [{"label": "dog", "points": [[100, 100], [200, 100], [200, 200]]}]},
    "spans": {"spans": [{"label": "PER", "start": 16, "end": 28}]},
}
# What is filled once such an answer is loaded, beside the tools; with parts it is handed in again by the filled button.
FILLED_BY = {
    "classification": ["Glass"],
    "rating": ["4"],
    "multilabel": ["Plastic bottle", "Metal can", "submit"],
    "boxes": ["submit"],
    "polygons": ["submit"],
    "spans": ["submit"],
}


def server_for(task: str) -> DeskServer:
    if task == "spans":
        return SpansServer()
    if task in {"boxes", "polygons"}:
        return PictureDesk(task)
    return DeskServer(media="text", task=task)


def returning(task: str, value: Any) -> DeskServer:
    """A desk whose items were all sent back to this person, who had answered them."""
    server = server_for(task)
    plain = server.item

    def item(number: int) -> dict[str, Any]:
        note = {"purpose": "review", "note": "Please look once more."}
        return plain(number) | note | {"earlier": {"value": value, "unsure": True, "comment": "hard to see"}}

    server.item = item  # type: ignore[method-assign]
    return server


def opened(page: Page, server: DeskServer) -> Page:
    """Open the workspace without transitions, so that a colour is what it will be at once."""
    page.emulate_media(reduced_motion="reduce")
    return open_desk(page, server)


def filled(page: Page) -> list[str]:
    return list(page.evaluate(FILLED))


def stands(page: Page, number: int) -> None:
    expect(page.locator("[data-part=live]")).to_contain_text(f"Item {number}.")


def draw(page: Page, server: DeskServer, place: int = 0) -> None:
    """Draw one mark, the first or the second of an item, with whatever class stands."""
    if isinstance(server, SpansServer):
        drag(page, server.text, ["Acme Corp", "Turin"][place])
        return
    canvas, left = Canvas(page), 100 + 200 * place
    if server.task == "boxes":
        canvas.drag((left, 100), (left + 80, 160))
    else:
        canvas.click((left, 100), (left + 100, 100), (left + 100, 200))
        page.keyboard.press("Enter")


def marks(page: Page) -> list[str]:
    """Return what the list says of each mark: its class, or that it needs one."""
    found = page.locator("[data-part=shapes] [data-name], [data-spans=list] [data-name]")
    return found.all_inner_texts()


def list_line(page: Page, number: int) -> Any:
    return page.locator("[data-part=shapes] > li, [data-spans=list] > li").nth(number - 1)


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A phone: a finger that touches, and no pointer that hovers."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_nothing_is_filled_before_there_is_an_answer(task: str, device: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue("page" if device == "desktop" else "phone")
    opened(page, server_for(task))
    assert filled(page) == TOOLS.get(task, [])
    assert page.locator("[data-choices] [aria-pressed=true]").count() == 0
    assert len({*page.evaluate(LOOKS)}) == 1  # no answer looks other than the rest


@pytest.mark.parametrize("task", ["classification", "rating", "multilabel"])
def test_arrows_move_a_ring_and_fill_nothing(page: Page, task: str) -> None:
    opened(page, server_for(task))
    ring = "(node) => getComputedStyle(node).borderColor"
    group = page.locator("[data-choices]")
    with_focus = group.evaluate(ring)
    page.keyboard.press("ArrowDown")
    second = page.locator("[data-choices] button").first
    expect(second).to_be_focused()
    assert second.evaluate("(node) => getComputedStyle(node).outlineStyle") == "solid"
    assert filled(page) == []
    assert group.evaluate(ring) != with_focus  # the ring is round one of them now, not round all


@pytest.mark.parametrize("task", ["classification", "rating", "multilabel"])
def test_a_finger_leaves_nothing_behind(phone: Page, task: str) -> None:
    opened(phone, server_for(task))
    assert phone.evaluate("matchMedia('(hover: none)').matches")
    fresh = phone.evaluate(LOOKS)
    phone.locator("[data-choices] button").nth(1).tap()
    if task == "multilabel":
        assert filled(phone) == ["Glass", "submit"]
        phone.locator("[data-do=submit]").tap()
    stands(phone, 2)
    assert phone.evaluate(LOOKS) == fresh
    assert filled(phone) == []


def test_no_rule_for_a_pointer_above_something_holds_where_none_hovers(phone: Page) -> None:
    opened(phone, server_for("classification"))
    loose = phone.evaluate(
        """() => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
        .filter((rule) => rule.selectorText?.includes(":hover")).map((rule) => rule.selectorText)"""
    )
    assert loose == []


@pytest.mark.parametrize("task", TASKS)
def test_after_undo_the_earlier_answer_is_loaded_and_is_all_that_is_filled(page: Page, task: str) -> None:
    server = server_for(task)
    opened(page, server)
    if task in MARKS:
        draw(page, server)
        page.keyboard.press("2")
    else:
        page.keyboard.press({"rating": "4", "multilabel": "1"}.get(task, "2"))
    if task == "multilabel":
        page.keyboard.press("3")
    if task in {*MARKS, "multilabel"}:
        page.keyboard.press("Enter")
    stands(page, 2)
    page.keyboard.press("z")
    stands(page, 1)
    assert filled(page) == [*TOOLS.get(task, []), *FILLED_BY[task]]
    assert marks(page) == ([server.classes[1]] if task in MARKS else [])
    expect(page.locator("[data-part=given]")).to_contain_text("Your answer:")


@pytest.mark.parametrize("device", ["desktop", "phone"])
@pytest.mark.parametrize("task", TASKS)
def test_a_returned_item_has_the_earlier_answer_loaded_and_it_can_be_kept(
    task: str, device: str, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue("page" if device == "desktop" else "phone")
    server = returning(task, EARLIER[task])
    opened(page, server)
    expect(page.locator("[data-part=note]")).to_contain_text("Please look once more.")
    assert filled(page) == [*TOOLS.get(task, []), *FILLED_BY[task], "unsure", "comment"]
    if device == "phone":
        page.locator("[data-part=keep], [data-do=submit]").first.tap()
    else:
        page.keyboard.press("Enter")
    stands(page, 2)
    assert handed_in(page, server, 1) == [EARLIER[task]]
    (stored,) = server.answers.values()
    assert (stored["unsure"], stored["comment"]) == (True, "hard to see")


@pytest.mark.parametrize("task", ["boxes", "polygons", "spans", "multilabel"])
def test_that_nothing_is_here_is_an_answer_that_can_be_seen_and_kept(page: Page, task: str) -> None:
    server = returning(task, {"labels": []} if task == "multilabel" else {task: []})
    opened(page, server)
    none = page.locator("[data-none]")
    expect(none).to_have_attribute("aria-pressed", "true")
    assert "nothing" in filled(page)
    if task in MARKS:
        draw(page, server)
        expect(none).to_have_attribute("aria-pressed", "false")
        page.keyboard.press("x")
        page.keyboard.press("Enter")
        expect(none).to_have_attribute("aria-pressed", "false")  # what was cleared is no answer yet
        page.keyboard.press("0")
    else:
        page.keyboard.press("Enter")
    stands(page, 2)
    assert handed_in(page, server, 1) == [{"labels": []} if task == "multilabel" else {task: []}]


@pytest.mark.parametrize("task", ["classification", "rating"])
def test_the_earlier_answer_is_replaced_by_a_key_and_stays_under_a_ring_that_moves(page: Page, task: str) -> None:
    server = returning(task, EARLIER[task])
    opened(page, server)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert filled(page)[:1] == FILLED_BY[task]
    page.keyboard.press("1")
    stands(page, 2)
    assert handed_in(page, server, 1) == [{"label": server.classes[0] if task == "classification" else "1"}]


@pytest.mark.parametrize("task", MARKS)
def test_a_mark_without_a_class_is_kept_amber_and_asked_for(page: Page, task: str) -> None:
    server = server_for(task)
    opened(page, server)
    draw(page, server)
    draw(page, server, 1)
    now = page.locator("[data-part=now], [data-spans=now]")
    expect(now).to_have_attribute("data-state", "waits")
    expect(page.locator("[data-do=submit]")).to_contain_text("2 marks need a class")
    amber = page.evaluate("() => getComputedStyle(document.querySelector('.submit.needs')).backgroundColor")
    for number in (1, 2):
        assert list_line(page, number).evaluate("(node) => getComputedStyle(node).backgroundColor") == amber
    page.keyboard.press("Enter")
    assert server.answers == {}
    page.keyboard.press("3")  # Enter went to the first of them
    assert marks(page) == [server.classes[2], "needs a class"]
    page.reload()
    expect(page.locator("[data-open]")).to_be_attached()
    expect(page.locator("[data-do=submit]")).to_contain_text("1 mark needs a class")
    assert filled(page) == TOOLS.get(task, [])
    assert marks(page) == [server.classes[2], "needs a class"]


@pytest.mark.parametrize("task", MARKS)
def test_a_class_key_may_come_before_or_after_the_mark_and_never_changes_a_finished_one(page: Page, task: str) -> None:
    server = server_for(task)
    opened(page, server)
    draw(page, server)
    page.keyboard.press("2")
    assert filled(page) == [*TOOLS.get(task, []), "submit"]  # it has its class and is let go
    page.keyboard.press("3")
    assert server.classes[2] in filled(page)
    draw(page, server, 1)
    page.keyboard.press("1")
    assert marks(page) == [server.classes[1], server.classes[2]]
    page.keyboard.press("Enter")
    stands(page, 2)
    assert filled(page) == TOOLS.get(task, [])  # the class was for the marks of that item
    draw(page, server)
    assert marks(page) == ["needs a class"]


@pytest.mark.parametrize("task", MARKS)
def test_a_single_class_is_chosen_from_the_start(page: Page, task: str) -> None:
    server = server_for(task)
    server.classes = ["only"]
    opened(page, server)
    for number in (1, 2):
        stands(page, number)
        assert filled(page) == [*TOOLS.get(task, []), "only"]
        draw(page, server)
        assert marks(page) == ["only"]
        page.keyboard.press("Enter")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("task", TASKS)
def test_a_loaded_answer_has_no_accessibility_fault(page: Page, phone: Page, task: str, theme: Any) -> None:
    for window in (page, phone):
        window.emulate_media(color_scheme=theme)
        opened(window, returning(task, EARLIER[task]))
        if task in MARKS:
            window.keyboard.press("l")
        found = Axe().run(window).response["violations"]
        assert [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]] == []
