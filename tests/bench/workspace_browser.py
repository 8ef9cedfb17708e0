"""One annotator's open workspace in Chromium, as the measurements use it: press, answer, wait, read what was noted.

Note: nothing here looks into the product's modules. What is known comes from the screen, from
the browser (workspace_probe.js) and from the database of the server.
"""

import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, BrowserType, CDPSession, Page, sync_playwright

from tests.bench.report import emit
from tests.bench.workspace_instance import SEED, Seeded, Stored
from tests.browser.conftest import ARGUMENTS

PROBE = Path(__file__).with_name("workspace_probe.js").read_text(encoding="utf-8")
DESKTOP = {"width": 1440, "height": 900}
PATIENCE = 30_000  # ms
SLOW_LINE = {"latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 200_000}  # 1.6 Mbit/s, 150 ms RTT
# what a person does for one answer of each task type, after which the next item comes
GESTURES: dict[str, Callable[["Desk", int], None]] = {}


@dataclass
class Bench:
    """What every measurement gets. slug: the project of those to which the task type is all the same."""

    seeded: Seeded
    url: str
    browser: Browser
    short: bool
    slug: str = "image-classification"
    reported: list[dict[str, Any]] = field(default_factory=list)

    def report(self, target: str, what: str, value: float | None, limit: float, **more: Any) -> None:
        """Print one line of the table. met: whether value ≤ limit; None where nothing was measured."""
        met = None if value is None else value <= limit
        fields = {"seed": SEED, "load": os.getloadavg()[0], "value": value, "limit": limit, "met": met}
        self.reported.append({"target": target, "what": what} | fields | more)
        emit(bench="workspace", **self.reported[-1])

    def skip(self, target: str, what: str, why: str) -> None:
        """Print that a line of the table was not measured here, and why."""
        emit(bench="workspace", target=target, what=what, skipped=why)


def chromium_path(kind: BrowserType) -> str:
    """Return the system's Chromium, else Playwright's own."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or kind.executable_path


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(playwright.chromium), args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Desk:
    """One person's workspace. given: answers this device has kept, in order, each {key, assignment, value}."""

    bench: Bench
    slug: str
    email: str
    context: BrowserContext
    page: Page
    given: list[dict[str, Any]]
    tools: CDPSession
    screen: str = "label"
    presses: int = 0
    hosts: set[str] = field(default_factory=set)

    @property
    def task(self) -> str:
        return self.bench.seeded.projects[self.slug][0]

    def press(self, key: str) -> None:
        """Press and release one key."""
        self.page.keyboard.press(key)
        self.presses += 1

    def answer(self, number: int) -> None:
        """Answer the item in front; `number` chooses the class, so that the order can be checked."""
        GESTURES[self.task](self, number)

    def answer_and_wait(self, number: int) -> None:
        """Answer and wait until the next item is painted."""
        painted = self.count("paints")
        self.answer(number)
        wait_for(self.page, "__note.paints.length > n", painted)

    def note(self, name: str) -> Any:
        """Return what the probe noted under a name."""
        return self.page.evaluate("name => __note[name]?.values ? [...__note[name].values()] : __note[name]", name)

    def count(self, name: str) -> int:
        """Return how many the probe noted under a name."""
        return int(self.page.evaluate("name => __note[name].length", name))

    def text(self, part: str) -> str:
        """Return the text of a part of the page."""
        return self.page.locator(f"[data-part={part}]").inner_text()

    def slow_down(self, times: float) -> None:
        """Make the processor this many times slower for the page."""
        self.tools.send("Emulation.setCPUThrottlingRate", {"rate": times})

    def until_ready_ahead(self, count: int) -> None:
        """Wait until this many pictures are on this device (texts come with their items)."""
        if self.bench.seeded.projects[self.slug][1] == "image":
            wait_for(self.page, "__note.alive >= n", count)

    def until_kept(self, count: int) -> None:
        """Wait until the browser has reported this many answers as on its disk."""
        until = time.monotonic() + PATIENCE / 1000
        while len(self.given) < count and time.monotonic() < until:
            self.page.wait_for_timeout(20)

    def until_stored(self, count: int, *, patience: float = 60.0) -> list[Stored]:
        """Wait until the server has this many answers and return all it has, also when they are fewer in the end."""
        until = time.monotonic() + patience
        while len(found := self.bench.seeded.stored(self.email)) < count and time.monotonic() < until:
            self.page.wait_for_timeout(50)
        return found

    def reopen(self) -> None:
        """Open the workspace again in a new tab of the same browser; the tab before is closed."""
        page = self.context.new_page()
        if not self.page.is_closed():
            self.page.close()
        self.page, self.tools = page, self.context.new_cdp_session(page)
        load(self)

    def close(self) -> None:
        """Forget the browser's profile of this person."""
        self.context.close()


def open_desk(
    bench: Bench,
    slug: str,
    *,
    guard: int = 0,
    before: str = "",
    context: BrowserContext | None = None,
    email: str = "",
    load_now: bool = True,
    screen: str = "label",
    **options: Any,
) -> Desk:
    """Open the workspace of a project for a new annotator.

    guard: ms after a paint in which no answer is taken; before: a script that runs before the page's own; context: a
    browser profile that is there already; options: of a new one, such as viewport.
    """
    email = email or bench.seeded.next_person()
    found = context or bench.browser.new_context(**({"viewport": DESKTOP} | options))
    found.add_cookies([{"name": "session", "value": bench.seeded.cookie(email), "url": bench.url}])
    given: list[dict[str, Any]] = []
    found.expose_binding("__kept", lambda _, record: given.append(record))
    found.add_init_script(f"{PROBE}\n{before}\n" + _set_guard(guard))
    page = found.new_page()
    desk = Desk(bench, slug, email, found, page, given, found.new_cdp_session(page), screen)
    found.on("request", lambda request: desk.hosts.add(request.url.split("/")[2]) if "://" in request.url else None)
    if load_now:
        load(desk)
    return desk


def load(desk: Desk) -> None:
    """Go to the workspace and wait until it takes keys."""
    desk.page.goto(f"{desk.bench.url}/p/{desk.slug}/{desk.screen}")
    wait_for(desk.page, "__note.open && __note.shown")


def wait_for(page: Page, condition: str, n: int = 0) -> None:
    """Wait until an expression over n is true in the page (Playwright's own way evaluates text: forbidden here)."""
    script = f"""async (n) => {{ const until = performance.now() + {PATIENCE};
      while (!({condition})) {{
        if (performance.now() > until) return false;
        await new Promise((go) => setTimeout(go, 5));
      }}
      return true; }}"""
    if not page.evaluate(script, n):
        raise SystemExit(f"waited in vain for: {condition} (n = {n})")


def _set_guard(guard: int) -> str:
    script = (
        "document.addEventListener('DOMContentLoaded', () => { const root = document.querySelector('[data-workspace]');"
    )
    return f"{script} if (root) root.dataset.guard = {guard}; }});"


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return p50, p95, p98 and p99."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {"p50": cuts[49], "p95": cuts[94], "p98": cuts[97], "p99": cuts[98]}


def gesture(*tasks: str) -> Callable[[Callable[[Desk, int], None]], Callable[[Desk, int], None]]:
    """Register what a person does for one answer."""

    def register(do: Callable[[Desk, int], None]) -> Callable[[Desk, int], None]:
        GESTURES.update(dict.fromkeys(tasks, do))
        return do

    return register


@gesture("classification", "rating")
def _one_key(desk: Desk, number: int) -> None:
    desk.press(f"{number % 4 + 1}")


@gesture("multilabel")
def _key_and_enter(desk: Desk, number: int) -> None:
    desk.press(f"{number % 4 + 1}")
    desk.press("Enter")


def _at(desk: Desk, across: float, down: float) -> tuple[float, float]:
    """Return the place on the screen at these shares of the picture or text in front."""
    shown = desk.page.locator("[data-part=canvas] img, [data-part=reading] p").first.bounding_box()
    if shown is None:
        raise SystemExit("nothing stands in front")
    return shown["x"] + across * shown["width"], shown["y"] + down * shown["height"]


@gesture("boxes")
def _four_points(desk: Desk, number: int) -> None:
    desk.press(f"{number % 4 + 1}")
    for across, down in ((0.5, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.5)):
        desk.page.mouse.click(*_at(desk, across, down))
    desk.press("Enter")


@gesture("polygons")
def _corners(desk: Desk, number: int) -> None:
    desk.press(f"{number % 4 + 1}")
    for across, down in ((0.5, 0.3), (0.3, 0.7), (0.7, 0.7), (0.5, 0.3)):
        desk.page.mouse.click(*_at(desk, across, down))
    desk.press("Enter")


@gesture("text")
def _typed(desk: Desk, number: int) -> None:
    desk.page.keyboard.type(f"text {number}")
    desk.press("Control+Enter")


@gesture("spans")
def _drag_over_words(desk: Desk, number: int) -> None:
    desk.press(f"{number % 4 + 1}")
    edge = desk.page.evaluate(
        """() => { const text = document.querySelector("[data-part=reading] p"), range = document.createRange();
        const nodes = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
        for (let node = nodes.nextNode(), left = 4; node; left -= node.length, node = nodes.nextNode()) {
          if (node.length <= left + 6) continue;
          range.setStart(node, Math.max(left, 0)); range.setEnd(node, Math.max(left, 0) + 6);
          break;
        }
        const { left, right, top, height } = range.getClientRects()[0];
        return [left + 2, right - 2, top + height / 2]; }"""
    )
    desk.page.mouse.move(edge[0], edge[2])
    desk.page.mouse.down()
    desk.page.mouse.move(edge[1], edge[2], steps=3)
    desk.page.mouse.up()
    desk.press("Enter")
