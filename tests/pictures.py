"""The pictures of the README, taken from the demo: `python -m tests.pictures` writes them into .github.

Each task type is shown in its workspace with an answer begun, 1440 by 900 pixels, light; and the review. The demo runs
in a folder that is thrown away, on a free port of this machine. Chromium is found as for the browser tests.
"""

import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from labeler import durable

FOLDER = Path(__file__).parent.parent / ".github"
SIZE = (1440, 900)
LARGEST = 150_000  # bytes of a picture
COLOURS = (256, 160, 96, 64, 32)  # of a palette: as many as fit


def _press(*keys: str) -> Callable[[Page], None]:
    def pressed(page: Page) -> None:
        for key in keys:
            page.keyboard.press(key)

    return pressed


def _correct(page: Page) -> None:
    """Put the third line of a card right, so that a change is seen."""
    page.locator("#text-field").focus()
    _press("Control+End", "Backspace")(page)
    page.keyboard.type("6b")


# picture: (project, what an annotator has done when it is taken)
WORKSPACES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "classification": ("digits", _press()),
    "rating": ("reviews", _press("4")),
    "multilabel": ("feedback", _press("1", "3")),
    "boxes": ("bench", lambda page: _drawn(page, ((0.25, 0.3), (0.4, 0.55)))),
    "polygons": ("roofs", lambda page: _clicked(page, (0.3, 0.3), (0.45, 0.32), (0.44, 0.55), (0.28, 0.5))),
    "spans": ("notes", _press("1")),
    "text": ("cards", _correct),
}


def _places(page: Page, *shares: tuple[float, float]) -> Iterator[tuple[float, float]]:
    box = page.locator("[data-part=view]").bounding_box()
    assert box
    for right, down in shares:
        yield box["x"] + right * box["width"], box["y"] + down * box["height"]


def _drawn(page: Page, corners: tuple[tuple[float, float], tuple[float, float]]) -> None:
    page.keyboard.press("1")
    (left, top), (right, bottom) = _places(page, *corners)
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(right, bottom, steps=5)
    page.mouse.up()


def _clicked(page: Page, *corners: tuple[float, float]) -> None:
    page.keyboard.press("1")
    for x, y in _places(page, *corners):
        page.mouse.click(x, y)


@contextmanager
def _demo(folder: Path) -> Iterator[str]:
    """Run the demo; yield what it says once it is ready."""
    command = [sys.executable, "-m", "labeler", "demo", "--port", "0", "--no-browser", "--instance", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        said = ""
        try:
            for line in running.stdout:
                said += line
                if "Ctrl+C" in line:
                    yield said
                    break
        finally:
            running.terminate()


def _signed_in(browser: Browser, said: str, who: str) -> tuple[Page, str]:
    """Return a page of somebody who is signed in, and the address of the demo."""
    link = re.search(rf"  {who} .*?(http\S+?)/link/(\S+)", said, re.DOTALL)
    assert link
    context = browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]}, color_scheme="light")
    page = context.new_page()
    page.goto(f"{link[1]}/link/{link[2]}")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"^(?!.*/link/)"))
    return page, link[1]


def _save(page: Page, name: str) -> None:
    """Write what a page shows as a PNG with a palette, of as many colours as fit into its size."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    for colours in COLOURS:
        file = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        if file.tell() <= LARGEST:
            break
    durable.write(FOLDER / f"{name}.png", file.getvalue())
    print(f"{name}.png: {file.tell():,} bytes, {colours} colours")  # noqa: T201 - a command


def take(said: str) -> None:
    """Take all pictures from a demo that is ready."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page, address = _signed_in(browser, said, "annotator")
        for name, (project, work) in WORKSPACES.items():
            page.goto(f"{address}/p/{project}/label")
            page.locator("[data-open]").wait_for(state="attached")
            work(page)
            _save(page, name)
        page, address = _signed_in(browser, said, "lead")
        for name, project in (("review", "digits/review"), ("disagreements", "cards/disagreements")):
            page.goto(f"{address}/p/{project}")
            _save(page, name)
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as kept, _demo(Path(kept) / "demo") as told:
        take(told)
