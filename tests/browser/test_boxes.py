"""Boxes in the real workspace: drawn by pointer, by touch and by keys alone, and stored in pixels of the original.

Note: what is asserted is what the interface dumps, so a place must survive the way to the
screen and back. Clicks are at whole pixels of the screen's own grid or not, as they come; results are on a tenth.
"""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import violations
from tests.browser.drawing import (
    Canvas,
    Header,
    PictureDesk,
    handed_in,
    make_project,
    open_desk_to_draw,
    open_workspace,
    ready,
    until_stored,
)

pytestmark = pytest.mark.browser
Bearer = Callable[[str], Header]
Box = dict[str, Any]
AROUND = ((200, 100), (120, 180), (210, 260), (320, 170))  # the outermost points of a thing
CAT = {"label": "cat", "x": 120, "y": 100, "width": 200, "height": 160}


@pytest.fixture
def lead(app: Flask, bearer: Bearer) -> Header:
    """A real project of three pictures of 640 x 480 and the header of its lead."""
    header = bearer("olga")
    make_project(app, header, "boxes", sizes=[(640, 480)] * 3)
    return header


@pytest.fixture
def real(page: Page, address: str, lead: Header) -> Canvas:
    """The real workspace before the real server, with the first class chosen for the next marks."""
    del lead
    canvas = open_workspace(page, address)
    canvas.press("1")
    return canvas


@pytest.fixture
def server() -> PictureDesk:
    return PictureDesk("boxes")


@pytest.fixture
def canvas(page: Page, server: PictureDesk) -> Canvas:
    """The real workspace before the stand-in server, with the first class chosen for the next marks."""
    canvas = open_desk_to_draw(page, server)
    canvas.press("1")
    return canvas


def lines_of(*boxes: Box) -> list[str]:
    return [
        f"Box {n}, {one['label']}, {one['width']:g} x {one['height']:g} at {one['x']:g}, {one['y']:g}"
        for n, one in enumerate(boxes, start=1)
    ]


def test_four_clicks_and_no_key_are_a_box(app: Flask, lead: Header, real: Canvas) -> None:
    real.click(*AROUND[:2])
    assert real.page.locator(".live .line").get_attribute("d") not in {"M0 0", None}
    real.click(*AROUND[2:])
    assert real.draft() == lines_of(CAT)
    real.press("2")
    real.click((400.5, 300), (500, 350.5), (450, 400), (390, 350))
    assert real.draft()[1] == "Box 2, dog, 110 x 100 at 390, 300"
    real.press("Enter")
    dog = {"label": "dog", "x": 390, "y": 300, "width": 110, "height": 100}
    assert until_stored(real.page, app, lead, 1) == [{"boxes": [CAT, dog]}]


def test_a_box_is_drawn_moved_and_submitted_by_keys_alone(app: Flask, lead: Header, real: Canvas) -> None:
    real.press("2", "b", "Shift+ArrowLeft*12", "Enter")
    assert "Point 1 of 4 is set" in real.hint()
    real.press("Shift+ArrowUp*9", "ArrowUp*3", "Enter", "Shift+ArrowRight*25", "Enter", "Shift+ArrowDown*20", "Enter")
    assert real.draft() == ["Box 1, dog, 250 x 200 at 200, 147"]
    real.press("ArrowRight*3", "Shift+ArrowUp", "Alt+ArrowRight*2", "Alt+Shift+ArrowDown", "Enter")
    dog = {"label": "dog", "x": 203, "y": 137, "width": 252, "height": 210}
    assert until_stored(real.page, app, lead, 1) == [{"boxes": [dog]}]


def test_keys_can_draw_from_corner_to_corner_too(canvas: Canvas) -> None:
    canvas.press("b", "b", "Shift+ArrowLeft*10", "Enter", "Shift+ArrowRight*5", "Shift+ArrowDown*5", "Enter")
    assert canvas.draft() == ["Box 1, cat, 50 x 50 at 220, 240"]
    canvas.press("b", "Enter", "Shift+ArrowUp*5", "Shift+ArrowLeft*5", "Enter")
    assert canvas.hint() == "Box 1 is there already: nothing was added."
    canvas.press(
        "b",
        "Shift+ArrowDown*5",
        "Shift+ArrowRight*5",
        "Enter",
        "Shift+ArrowUp*5",
        "Shift+ArrowLeft*5",
        "ArrowRight",
        "Enter",
    )
    assert canvas.draft()[1].endswith(", same as box 1?")


def test_a_drag_draws_from_corner_to_corner_and_a_click_does_not(canvas: Canvas) -> None:
    canvas.point((300, 200))
    canvas.press("b")
    canvas.drag((300, 200), (310, 330), (200.5, 300))
    assert canvas.draft() == ["Box 1, cat, 99.5 x 100 at 200.5, 200"]
    canvas.click((500, 100))
    canvas.drag((500, 100), (501, 101))
    assert len(canvas.draft()) == 1
    assert canvas.hint().startswith("Press on one corner")


def test_handles_resize_within_their_reach_and_turn_over(canvas: Canvas) -> None:
    canvas.click(*AROUND)
    reach = 11 / canvas.scale()
    canvas.drag((320 + reach, 260 - reach), (400 + reach, 300 - reach))
    assert canvas.draft() == ["Box 1, cat, 280 x 200 at 120, 100"]
    canvas.drag((120, 200), (500, 200))
    assert canvas.draft() == ["Box 1, cat, 100 x 200 at 400, 100"]
    canvas.drag((450, 100), (450, 99.5), (450, 60))
    assert canvas.draft() == ["Box 1, cat, 100 x 240 at 400, 60"]


def test_a_click_on_a_handle_starts_the_next_box(canvas: Canvas) -> None:
    canvas.click(*AROUND, (320, 260), (330, 300), (400, 270), (350, 400))
    assert canvas.draft() == [*lines_of(CAT), "Box 2, cat, 80 x 140 at 320, 260"]


def test_selecting_takes_the_smaller_box_inside_and_drags_it(canvas: Canvas) -> None:
    canvas.click(*AROUND, (200, 150), (180, 170), (200, 190), (220, 170))
    canvas.press("v")
    canvas.drag((205, 175), (215, 185))
    assert canvas.draft()[1] == "Box 2, cat, 40 x 40 at 190, 160"
    canvas.drag((150, 230), (0, 230), (-400, 230))
    assert canvas.draft()[0] == "Box 1, cat, 200 x 160 at 0, 100"


def test_boxes_end_at_the_picture_and_take_its_edge_when_near(canvas: Canvas) -> None:
    canvas.point((5, 5))
    canvas.press("b")
    near = 3 / canvas.scale()
    canvas.drag((near, 100), (100, 480 - near))
    assert canvas.draft() == ["Box 1, cat, 100 x 380 at 0, 100"]
    canvas.drag((600, 2), (650, 100))
    assert canvas.draft()[1] == "Box 2, cat, 40 x 100 at 600, 0"
    far = 6 / canvas.scale()
    canvas.drag((300, 300), (200, 480 - far))
    assert canvas.draft()[2].startswith(f"Box 3, cat, 100 x {180 - far:.1f} at 200, 300")


def test_undo_and_redo_go_through_every_step(canvas: Canvas) -> None:
    seen = []
    canvas.click(AROUND[0])
    canvas.click(AROUND[1])
    canvas.press("Backspace")
    canvas.click(*AROUND[1:])
    canvas.drag((320, 260), (400, 300))
    canvas.press("ArrowLeft", "l", "2", "x")
    steps = 10
    for _ in range(steps):
        seen.append((canvas.draft(), canvas.drawn(), canvas.hint()))
        canvas.press("z")
    assert (canvas.draft(), canvas.drawn(), canvas.hint().split(",")[0]) == ([], [], "Click the top")
    back = []
    for _ in range(steps):
        canvas.press("Shift+z")
        back.append((canvas.draft(), canvas.drawn(), canvas.hint()))
    assert [one[:2] for one in back[::-1]] == [one[:2] for one in seen]
    assert seen[1][0] == ["Box 1, dog, 280 x 200 at 119, 100"]


def test_arrows_held_down_are_one_step(canvas: Canvas) -> None:
    canvas.click(*AROUND)
    canvas.page.keyboard.down("ArrowRight")
    canvas.page.keyboard.down("ArrowRight")
    canvas.page.keyboard.down("ArrowRight")
    canvas.page.keyboard.up("ArrowRight")
    assert canvas.draft() == ["Box 1, cat, 200 x 160 at 123, 100"]
    canvas.press("z")
    assert canvas.draft() == lines_of(CAT)


def test_a_class_key_means_the_next_box_until_a_box_is_chosen(canvas: Canvas) -> None:
    canvas.click(*AROUND)
    canvas.press("2")
    assert canvas.draft() == lines_of(CAT)
    canvas.press("l", "3")
    assert canvas.draft() == lines_of(CAT | {"label": "bird"})
    expect(canvas.page.locator("[data-label=bird]")).to_have_attribute("aria-pressed", "true")
    expect(canvas.page.locator("[data-part=now]")).to_have_text("Mark 1 is selected: a class changes it.")
    canvas.press("Escape")
    expect(canvas.page.locator("[data-label=dog]")).to_have_attribute("aria-pressed", "true")
    expect(canvas.page.locator("[data-part=now]")).to_have_text("Next marks are dog. Esc ends it.")


def test_a_drag_draws_a_box_while_points_are_clicked_too(canvas: Canvas) -> None:
    canvas.drag((100, 100), (200, 180))
    assert canvas.draft() == ["Box 1, cat, 100 x 80 at 100, 100"]
    canvas.click(*AROUND)
    assert len(canvas.draft()) == 2  # and the way of drawing is kept
    canvas.press("Escape")
    canvas.drag((100, 100), (200, 180))
    assert len(canvas.draft()) == 2  # the very same box again is no third one


def test_a_box_without_a_class_waits_for_it_and_is_never_dropped(server: PictureDesk, canvas: Canvas) -> None:
    canvas.press("1")  # put down again
    now, submit = canvas.page.locator("[data-part=now]"), canvas.page.locator("[data-do=submit]")
    expect(now).to_have_text("A class key is for the next marks.")
    canvas.drag((100, 100), (200, 180))
    canvas.drag((300, 100), (400, 180))
    expect(now).to_have_text("New mark 2 needs a class (X removes it).")
    expect(submit).to_contain_text("2 marks need a class")
    canvas.press("Escape", "Enter")
    expect(now).to_have_text("New mark 1 needs a class (X removes it).")
    canvas.page.reload()
    ready(canvas.page)
    assert canvas.draft() == [
        "Box 1, needs a class, 100 x 80 at 100, 100",
        "Box 2, needs a class, 100 x 80 at 300, 100",
    ]
    canvas.press("s")
    expect(canvas.page.locator("[data-part=number]")).to_have_text("Item 2")
    canvas.press("z")
    expect(canvas.page.locator("[data-choose]")).to_have_count(2)
    canvas.press("Enter", "3", "Enter", "2", "Enter")
    boxes = handed_in(canvas.page, server, 2)[-1]["boxes"]
    assert [one["label"] for one in boxes] == ["bird", "dog"]


def test_a_class_key_after_a_box_was_finished_never_touches_it(server: PictureDesk, canvas: Canvas) -> None:
    canvas.press("2")
    canvas.drag((100, 100), (200, 180))
    canvas.press("3")
    canvas.drag((300, 100), (400, 180))
    canvas.press("3")  # chosen anew before each mark: it stays
    canvas.drag((100, 300), (200, 380))
    canvas.press("1", "Enter")
    boxes = handed_in(canvas.page, server, 1)[0]["boxes"]
    assert [one["label"] for one in boxes] == ["dog", "bird", "bird"]


def test_the_list_is_the_way_for_who_cannot_point(canvas: Canvas) -> None:
    canvas.click(*AROUND, (400, 300), (500, 350), (450, 400), (390, 350))
    first = canvas.page.locator("[data-choose]").first
    first.focus()
    canvas.press("Enter")
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(canvas.page.locator("[data-part=live]")).to_contain_text("Box 1, cat, 200")
    canvas.press("ArrowDown", "l")
    expect(canvas.page.locator("[data-choose]").nth(1)).to_be_focused()
    canvas.press("Tab", "Enter")
    assert canvas.draft() == ["Box 1, cat, 200 x 160 at 120, 101"]
    expect(canvas.page.locator("[data-part=live]")).to_have_text("Box 2 deleted.")
    expect(canvas.page.locator("[data-remove]")).to_be_focused()
    canvas.press("Enter")
    expect(canvas.page.locator("[data-drawing]")).to_be_focused()


def test_an_unfinished_box_is_not_submitted_and_not_dropped(server: PictureDesk, canvas: Canvas) -> None:
    canvas.click(*AROUND[:3])
    canvas.press("Enter")
    assert canvas.hint() == "This box has 3 of 4 points. Set the others, or drop it with Esc."
    expect(canvas.page.locator("[data-part=live]")).to_have_text(canvas.hint())
    canvas.click(AROUND[3])
    assert canvas.draft() == lines_of(CAT)
    canvas.click((500, 400))
    canvas.press("Escape", "Enter")
    assert handed_in(canvas.page, server, 1) == [{"boxes": [CAT]}]


def test_nothing_here_is_said_and_never_meant_by_an_empty_submit(server: PictureDesk, canvas: Canvas) -> None:
    canvas.press("Enter")
    assert canvas.hint().startswith("Nothing is boxed yet.")
    canvas.click(*AROUND)
    canvas.press("0")
    assert canvas.hint() == "There are boxes here. Delete them first."
    canvas.press("x", "0")
    assert handed_in(canvas.page, server, 1) == [{"boxes": []}]
    expect(canvas.page.locator("[data-part=number]")).to_have_text("Item 2")
    canvas.page.get_by_role("button", name="Nothing here", exact=True).click()
    assert handed_in(canvas.page, server, 2) == [{"boxes": []}] * 2


def test_a_box_without_a_size_is_refused(canvas: Canvas) -> None:
    canvas.press("b", "Enter", "ArrowLeft", "Enter", "ArrowLeft", "Enter", "ArrowLeft", "Enter")
    assert canvas.hint() == "Too small for a box: the last point is left out."
    canvas.press("ArrowDown*2", "Enter")
    assert canvas.draft() == ["Box 1, cat, 3 x 2 at 317, 240"]


def test_submitted_boxes_come_back_and_can_be_changed(server: PictureDesk, canvas: Canvas) -> None:
    canvas.click(*AROUND)
    canvas.press("Enter")
    expect(canvas.page.locator("[data-part=number]")).to_have_text("Item 2")
    canvas.press("z")
    expect(canvas.page.locator("[data-part=number]")).to_have_text("Item 1")
    assert canvas.draft() == lines_of(CAT)
    canvas.press("l", "2", "Enter")
    expect(canvas.page.locator("[data-part=number]")).to_have_text("Item 2")
    assert handed_in(canvas.page, server, 2) == [{"boxes": [CAT]}, {"boxes": [CAT | {"label": "dog"}]}]


def test_what_was_begun_survives_a_reload(canvas: Canvas) -> None:
    canvas.click(*AROUND, (400, 300), (500, 350))
    canvas.page.reload()
    ready(canvas.page)
    assert canvas.draft() == lines_of(CAT)
    assert canvas.hint() == "Point 2 of 4 is set."
    canvas.click((450, 400), (390, 350))
    assert canvas.draft()[1] == "Box 2, cat, 110 x 100 at 390, 300"


def test_holding_a_key_hides_the_boxes(canvas: Canvas) -> None:
    canvas.click(*AROUND)
    canvas.page.keyboard.down("h")
    expect(canvas.page.locator(".overlay .shapes")).to_be_hidden()
    canvas.page.keyboard.up("h")
    expect(canvas.page.locator(".overlay .shapes")).to_be_visible()


def test_a_picture_larger_than_the_screen_is_drawn_on_while_zoomed(
    page: Page, app: Flask, bearer: Bearer, address: str
) -> None:
    lead = bearer("olga")
    make_project(app, lead, "boxes", sizes=[(3001, 2000)])
    canvas = open_workspace(page, address)
    canvas.press("1")
    assert page.locator("[data-part=canvas] img").evaluate("one => one.naturalWidth") == 1600
    canvas.point((2000, 1200))
    for _ in range(4):
        page.mouse.wheel(0, -120)
    assert canvas.scale() % 1 > 0.01
    expect(page.locator("[data-part=canvas] img")).to_have_count(2)
    assert page.locator("[data-part=canvas] img").last.evaluate("one => one.naturalWidth") == 3001
    rectangles = page.locator("[data-part=canvas] img").evaluate_all(
        "all => all.map((one) => JSON.stringify(one.getBoundingClientRect()))"
    )
    assert rectangles[0] == rectangles[1]
    canvas.click((2050.3, 1100.7), (1900.2, 1180.5), (2060, 1250.9), (2150.4, 1190))
    page.keyboard.down("Space")
    canvas.drag((1900, 1300), (2000, 1200))
    page.keyboard.up("Space")
    canvas.press("b")
    canvas.drag((2010.1, 1150.1), (2030.6, 1170.9))
    canvas.press("Enter")
    boxes = [
        {"label": "cat", "x": 1900.2, "y": 1100.7, "width": 250.2, "height": 150.2},
        {"label": "cat", "x": 2010.1, "y": 1150.1, "width": 20.5, "height": 20.8},
    ]
    assert until_stored(page, app, lead, 1) == [{"boxes": boxes}]


def test_one_finger_draws_and_two_look(chromium: Browser, server: PictureDesk) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    canvas = open_desk_to_draw(context.new_page(), server)
    canvas.page.get_by_role("button", name="Drag").tap()
    canvas.page.get_by_role("button", name="cat").tap()
    canvas.touch(
        ("touchStart", [(100, 100)]), ("touchMove", [(200, 150)]), ("touchMove", [(300, 300)]), ("touchEnd", [])
    )
    assert canvas.draft() == ["Box 1, cat, 200 x 200 at 100, 100"]
    before = canvas.scale()
    canvas.touch(
        ("touchStart", [(300, 400)]),
        ("touchMove", [(320, 400)]),
        ("touchStart", [(320, 400), (400, 400)]),
        ("touchMove", [(280, 400), (440, 400)]),
        ("touchEnd", []),
    )
    assert len(canvas.draft()) == 1
    assert canvas.scale() > 1.5 * before
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_accessibility_violation(chromium: Browser, server: PictureDesk, scheme: Any, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True)
    canvas = open_desk_to_draw(context.new_page(), server)
    assert violations(canvas.page) == []
    canvas.click(*AROUND, *AROUND, AROUND[0])
    canvas.press("Enter")
    found = violations(canvas.page)
    wide = canvas.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()
    assert (found, wide) == ([], False)
