"""Small pictures are shown at a size at which people recognise them, and what was chosen of tools survives a reload."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, Route, expect

from tests.browser.desk_server import DeskServer, open_desk
from tests.browser.drawing import Canvas, PictureDesk, handed_in
from tests.browser.spans_desk import SpansServer, drag, listed

pytestmark = pytest.mark.browser
# The scale at which the picture is painted (CSS px per px of the original), how far its middle is from that of the
# stage, and how it is enlarged.
SHOWN = """() => {
  const image = document.querySelector("[data-part=canvas] img");
  const [box, view] = [image, document.querySelector("[data-part=view]")].map((one) => one.getBoundingClientRect());
  return {
    scale: Math.min(box.width / image.naturalWidth, box.height / image.naturalHeight),
    off: Math.hypot(box.x + box.width / 2 - view.x - view.width / 2, box.y + box.height / 2 - view.y - view.height / 2),
    fits: Math.min(view.width / image.naturalWidth, view.height / image.naturalHeight),
    rendering: getComputedStyle(image).imageRendering,
  };
}"""


class SmallPictures(DeskServer):
    """Pictures of one digit, as large as is asked for, all of one size or each of its own."""

    def __init__(self, *sizes: tuple[int, int], task: str = "classification") -> None:
        super().__init__(task=task)
        self.sizes = sizes

    def size(self, number: int) -> tuple[int, int]:
        return self.sizes[(number - 1) % len(self.sizes)]

    def item(self, number: int) -> dict[str, Any]:
        width, height = self.size(number)
        return super().item(number) | {"width": width, "height": height}

    def _answer(self, route: Route) -> None:
        if "/picture/" not in route.request.url:
            super()._answer(route)
            return
        width, height = self.size(int(route.request.url.rpartition("/")[2].partition(".")[0]))
        image = Image.new("L", (width, height))
        ImageDraw.Draw(image).ellipse([width * 0.3, height * 0.2, width * 0.7, height * 0.8], outline=255)
        file = BytesIO()
        image.save(file, "PNG")
        route.fulfill(body=file.getvalue(), content_type="image/png")


def shown(page: Page) -> Any:
    return page.evaluate(SHOWN)


def percent(page: Page) -> str:
    return page.locator("[data-part=percent]").inner_text().replace(",", "")


@pytest.mark.parametrize(
    ("size", "scale"),
    [((8, 8), 12), ((16, 12), 6), ((24, 24), 4), ((28, 28), 4), ((64, 64), 4), ((100, 60), 4)],
)
def test_a_small_picture_is_as_large_as_people_recognise_it_and_smooth(
    page: Page, size: tuple[int, int], scale: float
) -> None:
    open_desk(page, SmallPictures(size))
    found = shown(page)
    assert found["scale"] == pytest.approx(scale, rel=0.01)
    assert found["off"] < 1
    assert found["rendering"] == "auto"
    assert max(size) * found["scale"] >= 96
    expect(page.locator("[data-part=percent]")).to_have_text(f"{scale:.0%}" if scale < 10 else f"{scale * 100:,}%")


def test_a_large_picture_is_as_large_as_fits(page: Page) -> None:
    open_desk(page, SmallPictures((640, 480)))
    found = shown(page)
    assert found["scale"] == pytest.approx(found["fits"], rel=0.01)
    page.keyboard.press(",")
    assert percent(page) == "100%"
    page.keyboard.press(".")
    assert shown(page)["scale"] == pytest.approx(found["fits"], rel=0.01)


@pytest.mark.parametrize("task", ["classification", "boxes"])
def test_keys_show_the_actual_size_and_what_fits_which_stays_until_the_same_key_comes_again(
    page: Page, task: str
) -> None:
    server = SmallPictures((28, 28), (32, 20), task=task)
    open_desk(page, server)
    page.keyboard.press(",")
    assert shown(page)["scale"] == pytest.approx(1)
    page.keyboard.press(".")
    found = shown(page)
    assert found["scale"] == pytest.approx(found["fits"], rel=0.01)
    assert found["scale"] > 20
    assert found["rendering"] == "auto"  # smooth, never blocks of that size
    page.keyboard.press("0" if task == "boxes" else "1")
    expect(page.locator("[data-part=number]")).to_have_text("Item 2")
    found = shown(page)
    assert found["scale"] == pytest.approx(found["fits"], rel=0.01)
    page.reload()
    expect(page.locator("[data-open]")).to_be_attached()
    assert shown(page)["scale"] == pytest.approx(shown(page)["fits"], rel=0.01)
    page.get_by_role("button", name="Actual size").click()
    assert shown(page)["scale"] == pytest.approx(1)
    page.keyboard.press(".")
    assert shown(page)["scale"] == pytest.approx(shown(page)["fits"], rel=0.01)
    page.get_by_role("button", name="Fit", exact=True).click()
    assert shown(page)["scale"] == pytest.approx(4)  # the usual size again


def test_zooming_further_shows_pixels_as_squares_only_beyond_what_fits(page: Page) -> None:
    open_desk(page, SmallPictures((28, 28)))
    page.keyboard.press("=")
    assert shown(page)["scale"] == pytest.approx(5, rel=0.01)
    while shown(page)["scale"] <= shown(page)["fits"]:
        assert shown(page)["rendering"] == "auto"
        page.keyboard.press("=")
    assert shown(page)["rendering"] == "pixelated"


def test_marks_on_a_small_picture_lie_where_they_were_drawn(page: Page) -> None:
    server = SmallPictures((40, 30), task="boxes")
    server.classes = ["cat", "dog"]
    canvas = Canvas(open_desk(page, server))
    assert canvas.scale() == pytest.approx(4)
    canvas.drag((10, 5), (30, 25))
    canvas.press("1", "Enter")
    assert handed_in(page, server, 1) == [{"boxes": [{"label": "cat", "x": 10, "y": 5, "width": 20, "height": 20}]}]


def test_a_small_picture_has_its_size_in_the_first_frame(page: Page) -> None:
    open_desk(page, SmallPictures((28, 28), (64, 64)))
    page.evaluate(
        """() => { window.seen = []; new MutationObserver(() => requestAnimationFrame(() => {
          const image = document.querySelector("[data-part=canvas] img");
          if (image) seen.push(image.getBoundingClientRect().width);
        })).observe(document.querySelector("[data-part=canvas]"), { childList: true }); }"""
    )
    page.keyboard.press("1")
    expect(page.locator("[data-part=number]")).to_have_text("Item 2")
    page.wait_for_function("seen.length")
    assert page.evaluate("seen[0]") == pytest.approx(256)


@pytest.mark.parametrize("tool", ["Drag", "Select"])
def test_the_tool_that_was_chosen_is_on_after_a_reload(page: Page, tool: str) -> None:
    open_desk(page, PictureDesk("boxes"))
    page.get_by_role("button", name=tool, exact=True).click()
    page.reload()
    expect(page.get_by_role("button", name=tool, exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-tool][aria-pressed=true]")).to_have_count(1)


def test_select_and_hide_stay_on_for_polygons_after_a_reload_and_holding_a_key_changes_neither(page: Page) -> None:
    canvas = Canvas(open_desk(page, PictureDesk("polygons")))
    canvas.click((100, 100), (200, 100), (200, 200))
    canvas.press("Enter", "1", "v")
    hide = page.get_by_role("button", name="Hide", exact=True)
    page.keyboard.down("h")
    expect(page.locator(".overlay .shapes")).to_be_hidden()
    page.keyboard.up("h")
    expect(page.locator(".overlay .shapes")).to_be_visible()
    hide.click()
    page.reload()
    expect(hide).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".overlay .shapes")).to_be_hidden()
    expect(page.locator("[data-tool=select]")).to_have_attribute("aria-pressed", "true")
    canvas.press("h")
    expect(page.locator(".overlay .shapes")).to_be_hidden()
    hide.click()
    page.reload()
    expect(page.locator("[data-open]")).to_be_attached()
    expect(page.locator(".overlay .shapes")).to_be_visible()


def test_marking_by_letters_stays_chosen_after_a_reload(page: Page) -> None:
    server = SpansServer()
    open_desk(page, server)
    page.get_by_label("Whole words").uncheck()
    page.reload()
    expect(page.locator("[data-open]")).to_be_attached()
    expect(page.get_by_label("Whole words")).not_to_be_checked()
    drag(page, server.text, "cme Cor")
    assert "“cme Cor”" in listed(page)[0]
