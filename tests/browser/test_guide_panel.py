"""The guideline of the class in focus with its examples, in the real app: what stands there, and how it is reached."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from labeler import workflow
from labeler.accounts import actions as accounts
from labeler.exchange.rows import Row
from labeler.projects import actions as projects
from labeler.projects.examples import Example
from labeler.projects.models import Item
from labeler.projects.queries import classes_of
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.browser.conftest import violations
from tests.conftest import NOW, PASSWORD

pytestmark = pytest.mark.browser
TEXT = "# Signs\n\nLook at the *shape* first.\n\n## stop\n\nEight corners.\n\n## go\n\nA green circle.\n"


@pytest.fixture
def signs(database: Database, files: FileStore, cast: dict[str, int]) -> None:
    """A picture project that Olga leads and Ann works in, with examples in its guidelines."""
    rows = []
    for n, colour in enumerate(("red", "green", "olive", "navy", "gray", "teal")):
        buffer = BytesIO()
        Image.new("RGB", (160 + 20 * n, 120), colour).save(buffer, "PNG")
        rows.append(Row(n + 1, f"sign-{n}", None, buffer.getvalue, None, {}))
    with database.write() as session:
        new = projects.NewProject("signs", "image", "classification", [("stop", ""), ("go", ""), ("other", "")])
        project = projects.create_project(session, new, by=cast["olga"], now=NOW)
        for name, role in (("olga", "lead"), ("ann", "annotator")):
            accounts.set_member(session, project.id, cast[name], role=role, now=NOW)
    workflow.import_items(database, files, project.id, rows, workflow.ImportPlan("signs.zip", "zip"))
    with database.write() as session:
        items = [item.id for item in session.query(Item).order_by(Item.id)]
        stop, go, _ = (row.id for row in classes_of(session, project.id).rows)
        examples = [
            Example(items[0], "yes", stop),
            Example(items[1], "no", stop),
            Example(items[2], "tricky", stop, "Faded red still counts."),
            Example(items[1], "yes", go),
            Example(items[3], "tricky", None, "Two signs: take the nearer one."),
        ]
        projects.add_guideline(session, project.id, TEXT, examples=examples, by=cast["olga"], now=NOW)


def open_signs(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill("ann@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{address}/p/signs/label")
    expect(page.locator("[data-open]")).to_be_attached()


@pytest.mark.usefixtures("signs")
def test_the_panel_shows_rule_and_examples_of_the_class_in_focus(page: Page, address: str) -> None:
    open_signs(page, address)
    page.locator("[data-label=stop]").focus()
    panel = page.locator("[data-part=guide]")
    expect(panel).to_contain_text("Eight corners.")
    pictures = panel.locator("article:not([hidden]) img")
    expect(pictures).to_have_count(3)
    assert pictures.evaluate_all("all => all.map((one) => one.alt)") == ["Example of stop", "Not stop", "Tricky case"]
    assert panel.locator("article:not([hidden]) .pill").all_inner_texts() == ["Yes", "No", "Tricky"]
    expect(panel).to_contain_text("Faded red still counts.")
    for n in range(3):
        pictures.nth(n).scroll_into_view_if_needed()
        expect(pictures.nth(n)).to_have_js_property("complete", value=True)
        assert pictures.nth(n).evaluate("one => one.naturalWidth") > 0
    page.keyboard.press("ArrowDown")
    expect(panel).to_contain_text("A green circle.")
    expect(panel).not_to_contain_text("Faded red still counts.", use_inner_text=True)
    page.keyboard.press("ArrowDown")
    expect(panel).to_contain_text("No rule of its own.")


@pytest.mark.usefixtures("signs")
def test_g_opens_the_whole_guide_over_the_panel_and_escape_closes_it(page: Page, address: str) -> None:
    open_signs(page, address)
    full = page.locator("[data-part=full-guide]")
    expect(full).to_be_hidden()
    page.keyboard.press("g")
    expect(full).to_contain_text("version 1")
    expect(full).to_contain_text("Two signs: take the nearer one.")
    expect(full).to_contain_text("Faded red still counts.")
    stage, guide = page.locator(".stage").bounding_box(), full.bounding_box()
    assert stage
    assert guide
    assert guide["x"] >= stage["x"] + stage["width"] - 1
    page.keyboard.press("Escape")
    expect(full).to_be_hidden()


@pytest.mark.usefixtures("signs")
def test_no_example_is_fetched_before_the_first_item_is_there(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
    open_signs(page, address)
    page.locator("[data-label=stop]").focus()
    expect(page.locator("[data-part=guide] article:not([hidden]) img").first).to_have_js_property(
        "complete", value=True
    )
    display = next(n for n, one in enumerate(asked) if one.endswith("/display"))
    thumbs = [n for n, one in enumerate(asked) if one.endswith("/thumb")]
    assert thumbs
    assert min(thumbs) > display


@pytest.mark.usefixtures("signs")
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_guide_and_full_guide_are_accessible(page: Page, address: str, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    open_signs(page, address)
    page.locator("[data-label=stop]").focus()
    assert violations(page) == []
    page.keyboard.press("g")
    expect(page.locator("[data-part=full-guide]")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.usefixtures("signs")
@pytest.mark.parametrize("path", ["guidelines", "guidelines/edit", "suggestions", "settings"])
def test_the_leads_pages_are_accessible(page: Page, address: str, path: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill("olga@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    for width, scheme in ((1440, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.goto(f"{address}/p/signs/{path}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
