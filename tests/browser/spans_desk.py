"""A desk of texts to mark, and the hands that mark them: mouse and keyboard.

Note: the page counts UTF-16 and the server code points. So words are compared: Python's
`text[start:end]` of the stored value with what stood marked on the screen.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from labeler.task_types.base import Content, TaskConfig
from labeler.task_types.spans.task import Spans
from tests.browser.desk_server import DeskServer

CLASSES = ["ORG", "PER", "LOC"]
TEXT = "Acme Corp hired Ada Lovelace in Turin.\nAda Lovelace left Acme Corp in 2020 for Rome."
# Where on the screen a stretch begins and ends, a quarter inside its first and last letter. A number after Hebrew words
# lies left of them and reads from left to right, so a mouse that comes from the words reaches its first digit last.
ENDS = r"""([start, end]) => {
  const walker = document.createTreeWalker(document.querySelector("[data-part=reading] p"), NodeFilter.SHOW_TEXT);
  const nodes = [];
  for (let at = 0, node; (node = walker.nextNode()); at += node.length) nodes.push([at, node]);
  const text = nodes.map(([, node]) => node.data).join("");
  const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text);
  const place = (index, share) => {
    const { segment, index: from } = letters.containing(index);
    const [at, node] = nodes.findLast(([at]) => at <= from);
    const range = new Range();
    range.setStart(node, from - at);
    range.setEnd(node, from - at + segment.length);
    const box = range.getBoundingClientRect();
    const along = /[\u0590-\u08FF]/.test(segment) ? 1 - share : share;
    return [box.x + along * box.width, box.y + box.height / 2];
  };
  const number = /[\u0590-\u08FF].*?(\d+)$/.exec(text.slice(start, end));
  return [...place(start, 0.25), ...(number ? place(end - number[1].length, 0.25) : place(end - 1, 0.75))];
}"""


class SpansServer(DeskServer):
    """A desk of texts to mark; every item has the same text."""

    def __init__(self, text: str = TEXT, classes: list[str] | None = None) -> None:
        super().__init__(media="text", task="spans")
        self.text, self.classes = text, classes or CLASSES

    def item(self, number: int) -> dict[str, Any]:
        return super().item(number) | {"text": self.text}

    def marked(self, page: Page) -> list[tuple[str, str]]:
        """Submit, and return the class and the words of each span that was stored, after the server's own check."""
        before = len(self.answers)
        page.keyboard.press("Enter")
        until(page, lambda: len(self.answers) > before)
        value = self.values[-1]
        Spans().check_value(value, TaskConfig(tuple(self.classes)), Content(text=self.text))
        return [(span["label"], self.text[span["start"] : span["end"]]) for span in value["spans"]]


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait until the answer that is under way has arrived."""
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(50)
    pytest.fail("the answer did not arrive")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def ends(page: Page, text: str, words: str) -> tuple[float, float, float, float]:
    """Return where on the screen the first and the last letter of some words lie: x, y, x, y."""
    start = len(text[: text.index(words)].encode("utf-16-le")) // 2
    place = page.evaluate(ENDS, [start, start + len(words.encode("utf-16-le")) // 2])
    return place[0], place[1], place[2], place[3]


def drag(page: Page, text: str, words: str) -> None:
    x, y, to_x, to_y = ends(page, text, words)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + to_x) / 2, (y + to_y) / 2)
    page.mouse.move(to_x, to_y)
    page.mouse.up()


def click(page: Page, text: str, words: str, *, times: int = 1) -> None:
    x, y, to_x, _ = ends(page, text, words)
    page.mouse.click((x + to_x) / 2, y, click_count=times)


def listed(page: Page) -> list[str]:
    return [row.get_attribute("aria-label") or "" for row in page.locator(".span-pick").all()]
