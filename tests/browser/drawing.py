"""Pictures in which something is drawn: a real project opened by Ann, and the stand-in server for all that needs none.

Pictures are found by their size. Places are given in pixels of the original picture; `Canvas` knows where they are on
the screen, by the layer that covers the picture.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask
from PIL import Image, ImageDraw
from playwright.sync_api import Page

from tests.browser.desk_server import DeskServer, open_desk, wait_for_keys
from tests.conftest import PASSWORD
from tests.storage.pictures import encoded

CLASSES = ("cat", "dog", "bird")
Place = tuple[float, float]
Header = dict[str, str]


def picture(width: int, height: int) -> bytes:
    """A picture with a grid, so that somebody who looks at it sees where things are."""
    image = Image.new("RGB", (width, height), (96, 120, 110))
    pen = ImageDraw.Draw(image)
    for x in range(0, width, 100):
        pen.line([(x, 0), (x, height)], fill=(130, 150, 140), width=max(width // 800, 1))
    for y in range(0, height, 100):
        pen.line([(0, y), (width, y)], fill=(130, 150, 140), width=max(width // 800, 1))
    pen.ellipse([width * 0.3, height * 0.3, width * 0.7, height * 0.8], fill=(214, 180, 120))
    return encoded(image, "JPEG", quality=85)


def make_project(
    app: Flask, lead: Header, task: str, *, sizes: Sequence[tuple[int, int]], classes: Sequence[str] = CLASSES
) -> None:
    """Make the project `things` with one item a size and Ann as its annotator."""
    client = app.test_client()
    new = {"slug": "things", "media": "image", "task": task, "classes": [{"name": name} for name in classes]}
    made = client.post("/api/v1/projects", json=new, headers=lead)
    assert made.status_code == 201, made.json
    items = [
        {"id": f"p{n}", "image": base64.b64encode(picture(*size)).decode()} for n, size in enumerate(sizes, start=1)
    ]
    sent: Any = client.post("/api/v1/projects/things/items", json=items, headers=lead).json
    assert sent["added"] == len(sizes)
    member = client.put("/api/v1/projects/things/members/ann@example.org", json={"role": "annotator"}, headers=lead)
    assert member.status_code in {200, 201}, member.json


def stored(app: Flask, lead: Header) -> list[Any]:
    """Return the values of all answers that count, as the interface dumps them, in the order they were given."""
    answered: Any = app.test_client().get("/api/v1/projects/things/annotations", headers=lead).json
    data = sorted(answered["data"], key=lambda one: one["id"])
    return [one["value"] for one in data if one["status"] == "counted"]


def until_stored(page: Page, app: Flask, lead: Header, count: int) -> list[Any]:
    """Wait until the server has so many answers."""
    for _ in range(100):
        values = stored(app, lead)
        if len(values) >= count:
            return values
        page.wait_for_timeout(20)
    raise AssertionError(f"{len(values)} of {count} answers arrived")


def open_workspace(page: Page, address: str) -> "Canvas":
    """Sign Ann in and wait until the workspace takes keys."""
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill("ann@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{address}/p/things/label")
    return ready(page)


class PictureDesk(DeskServer):
    """The stand-in server with pictures of 640 x 480 pixels."""

    def __init__(self, task: str) -> None:
        """Start with three items."""
        super().__init__(task=task, total=3)
        self.classes = list(CLASSES)

    def item(self, number: int) -> dict[str, Any]:
        """One claimed item."""
        return super().item(number) | {"width": 640, "height": 480}


def handed_in(page: Page, server: DeskServer, count: int) -> list[Any]:
    """Wait until the stand-in server has so many answers and return their values."""
    for _ in range(100):
        if len(server.values) >= count:
            return server.values
        page.wait_for_timeout(20)
    raise AssertionError(f"{len(server.values)} of {count} answers arrived")


def open_desk_to_draw(page: Page, server: PictureDesk) -> "Canvas":
    """Open the workspace before the stand-in server."""
    return Canvas(open_desk(page, server))


def ready(page: Page) -> "Canvas":
    """Wait until the workspace takes keys and answers at once."""
    return Canvas(wait_for_keys(page))


@dataclass(frozen=True)
class Canvas:
    """The picture on the screen, addressed in pixels of the original."""

    page: Page

    def at(self, place: Place) -> Place:
        """Return where on the screen a place of the picture is."""
        x, y, scale = self.page.evaluate(
            """() => { const svg = document.querySelector(".overlay"), { x, y, width } = svg.getBoundingClientRect();
            return [x, y, width / svg.viewBox.baseVal.width]; }"""
        )
        return x + place[0] * scale, y + place[1] * scale

    def scale(self) -> float:
        """Return screen pixels per pixel of the picture."""
        return self.at((1, 0))[0] - self.at((0, 0))[0]

    def point(self, place: Place) -> None:
        """Move the pointer."""
        self.page.mouse.move(*self.at(place))

    def click(self, *places: Place) -> None:
        """Click on places, one after the other."""
        for place in places:
            self.page.mouse.click(*self.at(place))

    def drag(self, start: Place, *ways: Place) -> None:
        """Press at a place, move over others and release at the last."""
        self.point(start)
        self.page.mouse.down()
        for way in ways:
            self.page.mouse.move(*self.at(way), steps=3)
        self.page.mouse.up()

    def press(self, *keys: str) -> None:
        """Press keys, as "ArrowRight*30" many times."""
        for key in keys:
            name, _, times = key.partition("*")
            for _ in range(int(times or 1)):
                self.page.keyboard.press(name)

    def draft(self) -> list[str]:
        """Return the lines of the list, as a screen reader says them; sizes are written "2 x 3"."""
        lines = self.page.locator("[data-part=shapes] [data-choose]").all()
        return [(line.get_attribute("aria-label") or "").replace("\N{MULTIPLICATION SIGN}", "x") for line in lines]

    def hint(self) -> str:
        """Return the sentence under the tools."""
        return self.page.locator("[data-part=hint] [data-text]").inner_text()

    def drawn(self) -> list[str]:
        """Return the outlines that are drawn, without the one in progress."""
        return [line.get_attribute("d") or "" for line in self.page.locator(".shapes .line").all()]

    def touch(self, *steps: tuple[str, list[Place]]) -> None:
        """Send touch events: ("touchStart" | "touchMove" | "touchEnd", places of all fingers)."""
        session = self.page.context.new_cdp_session(self.page)
        for kind, places in steps:
            points = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(map(self.at, places))]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        session.detach()
