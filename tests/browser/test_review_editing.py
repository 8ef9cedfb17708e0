"""A lead draws, marks or writes the label in review: the task's own widget, saved as a decision, one key from the card.

Against the real server, since what counts is what is stored in the end and which card comes next.
"""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from labeler.decisions.models import Review
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of
from labeler.quality.models import Flag, Inspection
from labeler.storage.database import Database
from labeler.task_types.base import Value
from tests.browser.conftest import violations
from tests.browser.drawing import Canvas, picture
from tests.conftest import NOW, PASSWORD

pytestmark = pytest.mark.browser
Bearer = Callable[[str], dict[str, str]]
CLASSES = ("cat", "dog", "bird")
CAT = {"label": "cat", "x": 120.0, "y": 100.0, "width": 200.0, "height": 160.0}
DOG = {"label": "dog", "x": 400.0, "y": 300.0, "width": 100.0, "height": 100.0}
TEXT = "Ann met Bob in Rome."


def flagged(app: Flask, database: Database, lead: dict[str, str], new: dict[str, Any], items: list[Any]) -> None:
    """Make the project `things` with these items, all flagged: the first with a dog added as the suggestion."""
    client = app.test_client()
    made = client.post("/api/v1/projects", json={"slug": "things", **new}, headers=lead)
    assert made.status_code == 201, made.json
    sent = client.post("/api/v1/projects/things/items", json=items, headers=lead)
    assert sent.status_code in {200, 201}, sent.json
    with database.write() as session:
        project = session.scalars(select(Project)).one()
        summary = {"items": len(items), "labeled": len(items), "notes": []}
        run = Inspection(project_id=project.id, state="done", summary=summary, started_at=NOW, finished_at=NOW)
        session.add(run)
        session.flush()
        for place, item in enumerate(session.scalars(select(Item).order_by(Item.id))):
            flag = Flag(project_id=project.id, inspection_id=run.id, item_id=item.id, kind="label_error")
            flag.score, flag.label_code, flag.confidence, flag.reasons = 0.9 - place / 10, item.given_code, 0.9, []
            flag.suggested_code = ""
            if new["task"] == "boxes" and place == 0:
                flag.suggested_code, flag.suggested_value = classes_of(session, project.id).keep({"boxes": [CAT, DOG]})
            session.add(flag)


def open_review(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill("olga@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="things").first).to_be_visible()
    page.goto(f"{address}/p/things/review")


def opened(page: Page) -> Canvas:
    expect(page.locator("[data-open]")).to_be_attached()
    return Canvas(page)


def decided(database: Database) -> list[tuple[str, Value | None, str]]:
    with database.read() as session:
        project = session.scalars(select(Project)).one()
        classes = classes_of(session, project.id)
        rows = session.scalars(select(Review).where(Review.status == "current").order_by(Review.id))
        return [(one.decision, classes.shown(one.code, one.value), one.reason) for one in rows]


@pytest.fixture
def boxes(app: Flask, database: Database, bearer: Bearer) -> None:
    image = base64.b64encode(picture(640, 480)).decode()
    other = base64.b64encode(picture(640, 470)).decode()
    new = {"media": "image", "task": "boxes", "classes": [{"name": name} for name in CLASSES]}
    items = [{"id": "p1", "image": image, "boxes": [CAT]}, {"id": "p2", "image": other, "boxes": [DOG]}]
    flagged(app, database, bearer("olga"), new, items)


@pytest.mark.usefixtures("boxes")
def test_a_box_is_added_by_keys_saved_and_undone(page: Page, address: str, database: Database) -> None:
    open_review(page, address)
    first = page.locator(".viewbar b").inner_text()
    page.keyboard.press("e")
    canvas = opened(page)
    assert violations(page) == []
    assert len(canvas.draft()) == 1
    canvas.press("2")
    canvas.click((450, 300), (400, 350), (500, 350), (450, 400))
    canvas.press("c")
    page.keyboard.type("the dog was missed")
    canvas.press("Escape", "Enter")
    page.wait_for_url("**/review?**item=**")
    assert page.locator(".viewbar b").inner_text() != first
    [(decision, value, reason)] = decided(database)
    assert (decision, reason) == ("relabel", "the dog was missed")
    assert value == {"boxes": [CAT, DOG]}
    page.keyboard.press("z")
    expect(page.locator(".viewbar b")).to_have_text(first)
    assert decided(database) == []


@pytest.mark.usefixtures("boxes")
def test_cancelling_leaves_everything_and_the_place_in_the_queue(page: Page, address: str, database: Database) -> None:
    open_review(page, address)
    page.keyboard.press("k")
    page.wait_for_url("**item=**")
    second = page.locator(".viewbar b").inner_text()
    page.keyboard.press("e")
    canvas = opened(page)
    canvas.press("Escape", "Escape")
    expect(page.locator(".viewbar b")).to_have_text(second)
    assert decided(database) == []


@pytest.mark.usefixtures("boxes")
def test_one_starts_from_the_suggestion_and_comes_back_to_own_changes(page: Page, address: str) -> None:
    open_review(page, address)
    page.keyboard.press("e")
    canvas = opened(page)
    start = page.get_by_role("group", name="Start from")
    start.get_by_role("button", name="the suggestion").click()
    assert len(canvas.draft()) == 2
    expect(start.get_by_role("button", name="my changes")).to_be_hidden()
    canvas.press("3")
    canvas.click((50, 20), (20, 50), (80, 50), (50, 80))
    assert len(canvas.draft()) == 3
    start.get_by_role("button", name="nothing").click()
    assert canvas.draft() == []
    start.get_by_role("button", name="my changes").click()
    assert len(canvas.draft()) == 3


@pytest.mark.usefixtures("boxes")
def test_what_was_drawn_stays_when_the_server_is_away_or_somebody_else_was_faster(
    page: Page, address: str, app: Flask, database: Database, bearer: Bearer
) -> None:
    open_review(page, address)
    page.keyboard.press("e")
    canvas = opened(page)
    canvas.press("2")
    canvas.click((450, 300), (400, 350), (500, 350), (450, 400))
    page.route("**/review/edit**", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    canvas.press("Enter")
    expect(page.locator("[data-part=trouble]")).to_contain_text("Not saved")
    page.unroute("**/review/edit**")
    item = page.evaluate("JSON.parse(document.querySelector('[data-entry]').dataset.entry).item")
    keep = {"key": "another lead decides", "item": item, "decision": "keep"}
    assert app.test_client().post("/api/v1/projects/things/reviews", json=keep, headers=bearer("olga")).json
    canvas.press("Enter")
    expect(page.locator("[data-part=trouble]")).to_contain_text("Somebody decided this item in the meantime")
    assert len(canvas.draft()) == 2
    assert [decision for decision, _value, _reason in decided(database)] == ["keep"]


def test_a_span_is_marked_in_review(page: Page, address: str, app: Flask, database: Database, bearer: Bearer) -> None:
    new = {"media": "text", "task": "spans", "classes": [{"name": "person"}, {"name": "place"}]}
    ann = {"label": "person", "start": 0, "end": 3}
    flagged(app, database, bearer("olga"), new, [{"id": "t1", "text": TEXT, "spans": [ann]}])
    open_review(page, address)
    page.keyboard.press("e")
    opened(page)
    for key in (*["ArrowRight"] * 3, "Shift+ArrowRight", "2", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="Every flagged item is decided")).to_be_visible()
    [(_decision, value, _reason)] = decided(database)
    assert value is not None
    assert [one["label"] for one in value["spans"]] == ["person", "place"]


@pytest.mark.parametrize(
    ("task", "given", "keys", "after"),
    [
        ("multilabel", {"labels": ["cat"]}, ["2", "Enter"], {"labels": ["cat", "dog"]}),
        ("text", {"label": "hello"}, ["End", "!", "Control+Enter"], {"text": "hello!"}),
    ],
)
def test_several_labels_and_texts_are_edited_by_keys(  # noqa: PLR0917 - fixtures and cases
    page: Page,
    address: str,
    app: Flask,
    database: Database,
    bearer: Bearer,
    task: str,
    given: Value,
    keys: list[str],
    after: Value,
) -> None:
    classes = [] if task == "text" else [{"name": name} for name in CLASSES]
    flagged(
        app,
        database,
        bearer("olga"),
        {"media": "text", "task": task, "classes": classes},
        [{"id": "t1", "text": TEXT, **given}],
    )
    open_review(page, address)
    page.keyboard.press("e")
    opened(page)
    for key in keys:
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="Every flagged item is decided")).to_be_visible()
    assert [value for _decision, value, _reason in decided(database)] == [after]
