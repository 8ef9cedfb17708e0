"""What the tests of the bulk grid share: a project of three pages, and a window on it.

Note: nothing here trains a model. An inspection is written down as one would leave it, so
which items are on a page, in which order and which of them is odd are known.
"""

import struct
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.annotations.models import Annotation
from labeler.assignment.queries import recount as recount_slots
from labeler.exchange.rows import Row
from labeler.projects.actions import NewProject, create_project
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of
from labeler.quality.models import Inspection, ItemScore
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.conftest import NOW

CLASSES = ("cat", "dog", "neither")
CAT, DOG, UNSURE = (0.9, 0.06, 0.04), (0.05, 0.92, 0.03), (0.5, 0.4, 0.1)
SIZE = {"image": 30, "text": 12}
SignIn = Callable[[str], FlaskClient]


class World:
    """A project of three pages: the first two cats, of which the first begins with two odd ones, the third dogs."""

    def __init__(
        self, database: Database, files: FileStore, cast: dict[str, int], media: str, size: tuple[int, int] = (96, 72)
    ) -> None:
        """Make it. size: of each picture, px."""
        self.database, self.media, self.size = database, media, SIZE[media]
        with database.write() as session:
            new = NewProject("pets", media, "classification", [(name, "") for name in CLASSES], settings={"bulk": True})
            self.id = create_project(session, new, by=cast["olga"], now=NOW).id
            for name, role in (("olga", "lead"), ("ann", "annotator")):
                accounts.set_member(session, self.id, cast[name], role=role, now=NOW)
        rows = [_row(n, media, size) for n in range(3 * self.size)]
        workflow.import_items(database, files, self.id, rows, workflow.ImportPlan("pets", "csv"))
        with database.read() as session:
            self.items = list(session.scalars(select(Item.id).where(Item.project_id == self.id).order_by(Item.id)))
            self.codes = dict(zip(classes_of(session, self.id).codes, CLASSES, strict=True))
        said: dict[int, tuple[float, float, float]] = {0: UNSURE, 1: UNSURE} | dict.fromkeys(
            range(2 * self.size, 3 * self.size), DOG
        )
        with database.write() as session:
            run = Inspection(project_id=self.id, state="done", started_at=NOW, summary={})
            session.add(run)
            session.flush()
            for n, item in enumerate(self.items):
                score = ItemScore(inspection_id=run.id, item_id=item, label_code="", cluster=n // self.size)
                score.probabilities = struct.pack("<3f", *said.get(n, CAT))
                session.add(score)

    def answers(self, status: str = "counted") -> list[Annotation]:
        """What is stored with this status."""
        with self.database.read() as session:
            return list(session.scalars(select(Annotation).where(Annotation.status == status).order_by(Annotation.id)))

    def labels(self) -> dict[int, str]:
        """The counted label of each item, by its place in the project."""
        return {self.items.index(one.item_id): self.codes[one.code] for one in self.answers()}

    def check(self) -> None:
        """Nothing is stored twice, and every item has the slots it should have."""
        given = Counter((one.item_id, one.user_id) for one in self.answers())
        assert set(given.values()) <= {1}
        with self.database.read() as session:
            assert recount_slots(session, session.get_one(Project, self.id), []) == {}


def _row(number: int, media: str, size: tuple[int, int]) -> Row:
    if media == "text":
        text = f"The animal number {number} sleeps on the sofa and dreams of milk" + " again" * (number % 3)
        return Row(number + 1, f"e{number}", text, None, None, {})
    picture = BytesIO()
    Image.new("RGB", size, ((37 * number) % 256, 90, (53 * number) % 256)).save(picture, "PNG")
    return Row(number + 1, f"e{number}.png", None, picture.getvalue, None, {})


def window(chromium: Browser, address: str, sign_in: SignIn, name: str = "ann", **options: Any) -> BrowserContext:
    """A window in which one of the cast is signed in."""
    cookie = sign_in(name).get_cookie("session")
    assert cookie is not None
    context = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, "base_url": address} | options)
    context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    return context


def open_grid(context: BrowserContext, *, guard: int = 0, pages: bool = True) -> Page:
    """Open the grid and wait for its first page, and for the next one to be ready behind it."""
    page = context.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto("/p/pets/grid")
    expect(page.locator("[data-open]")).to_be_attached()
    page.evaluate("guard => { document.querySelector('[data-grid]').dataset.guard = guard }", guard)
    if pages:
        expect(page.locator("[data-shown]")).to_be_attached()
    assert trouble == []
    return page


def until_painted(page: Page) -> None:
    """Wait until a page stands there; before it is painted no key confirms it."""
    expect(page.locator("[data-shown]")).to_be_attached()
    shown = page.locator("[data-grid]").get_attribute("data-shown") or ""
    expect(page.locator("[data-grid]")).to_have_attribute("data-painted", shown)


def confirm(page: Page) -> None:
    until_painted(page)
    page.keyboard.press("Enter")


def tile(page: Page, number: int) -> Any:
    return page.locator(".look").nth(number - 1)


def until_all_sent(page: Page) -> None:
    page.evaluate(
        """async () => {
        const version = document.querySelector("script[src*='bundles']").getAttribute("src").split("/bundles/")[0];
        const { openOutbox } = await import(`${version}/web/shared/sending/outbox.mjs`);
        const outbox = await openOutbox(document.querySelector("[data-grid]").dataset.user);
        while (await outbox.waiting()) await new Promise((again) => setTimeout(again, 10));
        outbox.close();
        }"""
    )
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")


def expect_page(page: Page, label: str, count: int) -> None:
    expect(page.locator(".viewbar [data-class-name]")).to_have_text(label)
    expect(page.locator("[data-part=about]")).to_have_text(f"{count} items that look like this")


def said(page: Page) -> Any:
    return page.locator("[data-part=said]")


def until_undone(page: Page, world: World, count: int) -> None:
    """Wait until the server has taken so many answers back."""
    for _ in range(200):
        if len(world.answers("undone")) == count:
            assert world.answers() == []
            return
        page.wait_for_timeout(25)
    pytest.fail(f"{len(world.answers('undone'))} of {count} answers were taken back")
