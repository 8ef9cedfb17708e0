"""Polygons in the real workspace: drawn by pointer, touch and keys alone, and stored in pixels of the original."""

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
ROOF = ((100, 300), (200, 100), (300, 300), (200, 240))
OUTLINE = "M100 300L200 100L300 300L200 240Z"
LINE = "Polygon 1, cat, 4 corners, 200 x 200 at 100, 100"
CROSSES = "The outline crosses or touches itself here. Move or take back a corner."


@pytest.fixture
def lead(app: Flask, bearer: Bearer) -> Header:
    """A real project of three pictures of 640 x 480 and the header of its lead."""
    header = bearer("olga")
    make_project(app, header, "polygons", sizes=[(640, 480)] * 3)
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
    return PictureDesk("polygons")


@pytest.fixture
def canvas(page: Page, server: PictureDesk) -> Canvas:
    """The real workspace before the stand-in server, with the first class chosen for the next marks."""
    canvas = open_desk_to_draw(page, server)
    canvas.press("1")
    return canvas


def polygon(*points: tuple[float, float], label: str = "cat") -> dict[str, Any]:
    return {"label": label, "points": [list(point) for point in points]}


def corners(canvas: Canvas, index: int = 0) -> list[list[float]]:
    """Return the corners of a polygon as it is drawn."""
    return [[float(number) for number in corner.split()] for corner in canvas.drawn()[index].strip("MZ").split("L")]


def test_corners_are_clicked_and_the_first_closes(app: Flask, lead: Header, real: Canvas) -> None:
    real.press("2")
    real.click(*ROOF)
    real.click((103, 297))
    real.press("1")
    real.click((400.5, 100), (500, 100), (450, 200.5))
    real.press("Enter")
    assert real.draft()[1] == "Polygon 2, cat, 3 corners, 99.5 x 100.5 at 400.5, 100"
    real.press("Enter")
    drawn = [polygon(*ROOF, label="dog"), polygon((400.5, 100), (500, 100), (450, 200.5))]
    assert until_stored(real.page, app, lead, 1) == [{"polygons": drawn}]


def test_a_polygon_is_drawn_and_changed_by_keys_alone(app: Flask, lead: Header, real: Canvas) -> None:
    real.press("n", "Shift+ArrowLeft*10", "Enter", "Shift+ArrowRight*20", "Enter", "Shift+ArrowUp*10", "Enter")
    assert real.hint().startswith("3 corners.")
    real.press("Shift+ArrowLeft*5", "Shift+ArrowUp", "Enter", "Enter")
    assert corners(real) == [[220, 240], [420, 240], [420, 140], [370, 130]]
    real.press("ArrowRight", "v", "v", "Shift+ArrowUp", "v", "v", "v", "x")
    assert corners(real) == [[221, 230], [421, 240], [421, 140]]
    real.press("v", "n", "ArrowDown*5", "Escape", "Alt+ArrowRight*10", "Enter")
    drawn = polygon((221, 230), (326, 240), (431, 240), (431, 140))
    assert until_stored(real.page, app, lead, 1) == [{"polygons": [drawn]}]


def test_backspace_takes_one_back_and_escape_all(canvas: Canvas) -> None:
    canvas.click(*ROOF, (350, 100))
    canvas.press("Backspace", "Enter")
    assert canvas.drawn() == [OUTLINE]
    canvas.click((400, 100), (500, 100))
    canvas.press("Enter")
    assert canvas.hint() == "A polygon needs three corners."
    canvas.press("Escape")
    assert canvas.page.locator(".dot").count() == 0
    canvas.press("z")
    assert canvas.page.locator(".dot").count() == 2


def test_an_outline_that_crosses_itself_is_not_closed(canvas: Canvas) -> None:
    canvas.click((100, 100), (300, 300), (300, 100), (100, 300))
    canvas.press("Enter")
    assert canvas.hint() == CROSSES
    expect(canvas.page.locator("[data-part=live]")).to_have_text(CROSSES)
    assert canvas.page.locator(".marks > g").get_attribute("transform") == "translate(200 200)"
    assert canvas.drawn() == []
    canvas.press("Backspace")
    assert canvas.page.locator(".marks > g").count() == 0
    canvas.press("Enter")
    assert canvas.drawn() == ["M100 100L300 300L300 100Z"]


def test_an_edge_click_adds_a_corner_and_a_drag_pulls_one_out(canvas: Canvas) -> None:
    canvas.click(*ROOF)
    canvas.press("Enter", "v")
    canvas.click((150, 200))
    assert corners(canvas) == [[100, 300], [150, 200], [200, 100], [300, 300], [200, 240]]
    canvas.drag((250, 200), (300, 190))
    assert corners(canvas)[2:5] == [[200, 100], [300, 190], [300, 300]]
    canvas.press("z", "z")
    assert canvas.drawn() == [OUTLINE]


def test_corners_are_dragged_and_a_drag_into_a_crossing_goes_back(canvas: Canvas) -> None:
    canvas.click(*ROOF)
    canvas.press("Enter")
    canvas.drag((300, 300), (350, 320.5))
    assert corners(canvas)[2] == [350, 320.5]
    canvas.point((200, 240))
    canvas.page.mouse.down()
    canvas.page.mouse.move(*canvas.at((150, 40)), steps=4)
    assert canvas.hint() == CROSSES
    assert canvas.page.locator(".marks > g").count() == 1
    canvas.page.mouse.up()
    assert canvas.hint() == CROSSES
    assert corners(canvas)[3] == [200, 240]
    canvas.press("z")
    assert canvas.drawn() == [OUTLINE]
    assert canvas.page.locator(".marks > g").count() == 0


def test_corners_are_deleted_as_long_as_three_stay(canvas: Canvas) -> None:
    canvas.click(*ROOF)
    canvas.press("Enter", "v")
    canvas.click((200, 240))
    expect(canvas.page.locator(".handle.chosen")).to_have_count(1)
    canvas.press("x")
    assert canvas.drawn() == ["M100 300L200 100L300 300Z"]
    canvas.click((200, 100))
    canvas.press("x")
    assert canvas.hint().startswith("Three corners must stay.")
    canvas.press("Escape", "x")
    assert canvas.drawn() == []


def test_corners_snap_to_those_of_others_but_not_with_alt(canvas: Canvas) -> None:
    canvas.click(*ROOF)
    canvas.press("Enter")
    near = 4 / canvas.scale()
    canvas.click((300 + near, 300 - near), (400, 250), (400, 400))
    canvas.press("Enter")
    assert corners(canvas, 1)[0] == [300, 300]
    canvas.page.keyboard.down("Alt")
    canvas.click((300 + near, 300 - near))
    canvas.page.keyboard.up("Alt")
    canvas.click((500, 100), (500, 200))
    canvas.press("Enter")
    assert corners(canvas, 2)[0] == pytest.approx([300 + near, 300 - near], abs=0.06)


def test_undo_and_redo_go_through_every_step(canvas: Canvas) -> None:
    canvas.click(*ROOF)
    canvas.press("Backspace")
    canvas.click(ROOF[3])
    canvas.press("Enter", "v", "v", "ArrowUp", "n", "ArrowLeft", "x", "2", "Alt+ArrowUp", "x")
    steps, seen = 14, []
    for _ in range(steps):
        seen.append((canvas.draft(), canvas.drawn(), canvas.page.locator(".dot").count()))
        canvas.press("z")
    assert (canvas.draft(), canvas.page.locator(".dot").count()) == ([], 0)
    back = []
    for _ in range(steps):
        canvas.press("Shift+z")
        back.append((canvas.draft(), canvas.drawn(), canvas.page.locator(".dot").count()))
    assert back[::-1] == seen


def test_an_open_polygon_is_not_submitted_and_survives_a_reload(server: PictureDesk, canvas: Canvas) -> None:
    canvas.click(*ROOF)
    canvas.page.get_by_role("button", name="Submit").click()
    assert canvas.hint() == "This polygon is not closed. Close it with Enter, or drop it with Esc."
    canvas.page.reload()
    ready(canvas.page)
    assert canvas.page.locator(".dot").count() == 4
    canvas.page.get_by_role("button", name="Close", exact=True).click()
    canvas.page.get_by_role("button", name="Submit").click()
    assert handed_in(canvas.page, server, 1) == [{"polygons": [polygon(*ROOF)]}]


def test_a_picture_larger_than_the_screen_is_outlined_while_zoomed(
    page: Page, app: Flask, bearer: Bearer, address: str
) -> None:
    lead = bearer("olga")
    make_project(app, lead, "polygons", sizes=[(2003, 2400)])
    canvas = open_workspace(page, address)
    canvas.press("1")
    canvas.point((500, 2000))
    for _ in range(5):
        page.mouse.wheel(0, -120)
    assert canvas.scale() % 1 > 0.01
    points = ((480.3, 1950.1), (600.2, 1990.7), (510.9, 2080.4))
    canvas.click(*points)
    canvas.press("Enter", "Enter")
    assert until_stored(page, app, lead, 1) == [{"polygons": [polygon(*points)]}]


def test_a_finger_closes_at_the_first_corner(chromium: Browser, server: PictureDesk) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    canvas = open_desk_to_draw(context.new_page(), server)
    canvas.page.get_by_role("button", name="cat").tap()
    for place in (*ROOF, (90, 310)):
        canvas.touch(("touchStart", [place]), ("touchEnd", []))
    assert canvas.draft() == [LINE]
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_accessibility_violation(chromium: Browser, server: PictureDesk, scheme: Any, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True)
    canvas = open_desk_to_draw(context.new_page(), server)
    canvas.click(*ROOF)
    canvas.press("Enter")
    canvas.click((400, 100), (500, 200), (500, 100), (400, 200))
    canvas.press("Enter")
    found = violations(canvas.page)
    wide = canvas.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()
    assert (found, wide) == ([], False)
