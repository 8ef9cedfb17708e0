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
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from labeler import durable
from labeler.cli import demo_scenes as scenes
from labeler.cli.demo import samples_of
from tests.browser.drawing import Canvas
from tests.browser.spans_desk import drag

FOLDER = Path(__file__).parent.parent / ".github"
SIZE = (1440, 900)
LARGEST = 150_000  # bytes of a picture
COLOURS = (256, 160, 96, 64, 32)  # of a palette: as many as fit
WORTH, TRIES = 3, 4  # parts of an answer worth a picture; items looked at for one
MANY = 12  # points of an outline that is round
Value = dict[str, Any]


def _boxes(page: Page, right: Value) -> None:
    """Drag a box around each thing."""
    canvas = Canvas(page)
    page.keyboard.press("b")  # drag instead of four points
    for box in right["boxes"]:
        page.keyboard.press(str([name for name, _ in scenes.THINGS].index(box["label"]) + 1))
        x, y, wide, high = (box[name] for name in ("x", "y", "width", "height"))
        canvas.drag((x, y), (x + wide, y + high))


def _polygons(page: Page, right: Value) -> None:
    """Outline each roof by its corners; every third point of a pool will do."""
    canvas = Canvas(page)
    for shape in right["polygons"]:
        page.keyboard.press(str([name for name, _ in scenes.ROOFS].index(shape["label"]) + 1))
        points = shape["points"]
        canvas.click(*(tuple(point) for point in (points if len(points) < MANY else points[::3])))
        page.keyboard.press("Enter")


def _spans(page: Page, right: Value) -> None:
    """Drag over each mention."""
    text = page.locator("[data-part=reading] p").first.inner_text()
    for span in right["spans"]:
        page.keyboard.press(str([name for name, _ in scenes.MENTIONS].index(span["label"]) + 1))
        drag(page, text, text[span["start"] : span["end"]])


def _text(page: Page, right: Value) -> None:
    page.locator("#text-field").fill(right["text"])


def _several(page: Page, right: Value) -> None:
    for name in right["labels"]:
        page.keyboard.press(str([aspect for aspect, _ in scenes.ASPECTS].index(name) + 1))


# picture: (project, what is done at an item of it)
WORKSPACES: dict[str, tuple[str, Callable[[Page, Value], None]]] = {
    "classification": ("digits", lambda *_: None),
    "rating": ("reviews", lambda *_: None),
    "multilabel": ("feedback", _several),
    "boxes": ("bench", _boxes),
    "polygons": ("roofs", _polygons),
    "spans": ("notes", _spans),
    "text": ("cards", _text),
}


def _truths(folder: Path) -> dict[str, tuple[Value, int]]:
    """Return of every drawn or written item what is right, and how much there is to do, for one worth a picture."""
    found = {}
    for scene in (scene for sample in samples_of(folder) for scene in sample.scenes):
        (parts,) = scene.value.values()
        read = dict(scene.columns).get("ocr")
        found[scene.id] = scene.value, (int(parts != read) * WORTH if read else len(parts))
    return found


def _at_something(page: Page, truths: dict[str, tuple[Value, int]]) -> Value:
    """Go to the next item with something to do; return what is right about it."""
    for _ in range(TRIES):
        name = re.split(r" [\u00b7]", page.locator(".viewbar .about").inner_text())[0].strip()
        right, much = truths.get(name, ({}, WORTH))
        if much >= WORTH:
            return right
        page.keyboard.press("Escape")
        number = page.locator("[data-part=number]").inner_text()
        page.keyboard.press("k")
        expect(page.locator("[data-part=number]")).not_to_have_text(number)
    return right


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
        picture.quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        if file.tell() <= LARGEST:
            break
    durable.write(FOLDER / f"{name}.png", file.getvalue(), mode=0o644)
    print(f"{name}.png: {file.tell():,} bytes, {colours} colours")  # noqa: T201 - a command


def take(said: str, truths: dict[str, tuple[Value, int]]) -> None:
    """Take all pictures from a demo that is ready."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page, address = _signed_in(browser, said, "annotator")
        for name, (project, work) in WORKSPACES.items():
            page.goto(f"{address}/p/{project}/label")
            page.locator("[data-open]").wait_for(state="attached")
            work(page, _at_something(page, truths))
            _save(page, name)
        page, address = _signed_in(browser, said, "lead")
        for name, project in (("review", "digits/review"), ("disagreements", "cards/disagreements")):
            page.goto(f"{address}/p/{project}")
            _save(page, name)
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as kept, _demo(Path(kept) / "demo") as told:
        take(told, _truths(Path(kept) / "drawn"))
