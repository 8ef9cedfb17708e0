"""Files on the import page: dropped, chosen, taken out by keyboard; and the page at every size, in both themes."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import violations
from tests.conftest import PASSWORD, Made

pytestmark = pytest.mark.browser
Make = Callable[..., Made]
GERMAN = "Text;Kategorie\nMüller sagt „ja“ \u2013 5 €;cat\nplain;dog\n".encode("cp1252")
DROP = """([name, content]) => {
    const data = new DataTransfer();
    data.items.add(new File([content], name, {lastModified: 1}));
    const at = (kind) => document.body.dispatchEvent(
        new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
    at("dragover");
    const lit = document.querySelector(".dropping") !== null;
    at("drop");
    return lit;
}"""


@pytest.fixture
def lead(fresh_page: Page, make_project: Make, address: str) -> Page:
    """A lead in front of the import page."""
    make_project()
    fresh_page.goto(f"{address}/sign-in")
    fresh_page.locator("input[name=email]").fill("olga@example.org")
    fresh_page.locator("input[name=password]").fill(PASSWORD)
    fresh_page.locator("main button[type=submit]").click()
    fresh_page.goto(f"{address}/p/pets/data")
    return fresh_page


def names(page: Page) -> list[str]:
    return page.locator("[data-drop] .chosen li .grow").all_inner_texts()


def test_dropped_files_are_named_taken_out_by_keyboard_and_sent(lead: Page) -> None:
    for name in ("1.csv", "2.csv", "1.csv"):
        assert lead.evaluate(DROP, [name, "text\none\n"])
    assert names(lead) == ["1.csv", "2.csv"]
    expect(lead.locator("[data-drop] [role=status]")).to_have_text("2 files")
    assert violations(lead) == []
    lead.locator("input[type=file]").focus()
    lead.keyboard.press("Tab")
    expect(lead.get_by_role("button", name="Remove 1.csv")).to_be_focused()
    lead.keyboard.press("Enter")
    assert names(lead) == ["2.csv"]
    expect(lead.get_by_role("button", name="Remove 2.csv")).to_be_focused()
    lead.get_by_role("button", name="Preview").click()
    expect(lead.locator("h2").first).to_have_text("2.csv")


def test_chosen_files_join_those_that_were_dropped(lead: Page, tmp_path: Path) -> None:
    lead.evaluate(DROP, ["1.csv", "text\none\n"])
    path = tmp_path / "2.csv"
    path.write_text("text\ntwo\n")
    lead.locator("input[type=file]").set_input_files(path)
    assert names(lead) == ["1.csv", "2.csv"]
    lead.get_by_role("button", name="Preview").click()
    expect(lead.get_by_role("heading", name="Sent, not imported yet")).to_be_visible()
    assert violations(lead) == []
    lead.get_by_role("link", name="Preview 1.csv").click()
    expect(lead.locator("table.data")).to_contain_text("one")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_proposed_encoding_is_seen_with_a_line_in_both_readings(
    lead: Page, tmp_path: Path, scheme: str, width: int
) -> None:
    lead.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    lead.set_viewport_size({"width": width, "height": 900})
    path = tmp_path / "excel.csv"
    path.write_bytes(GERMAN)
    lead.locator("input[type=file]").set_input_files(path)
    assert violations(lead) == []
    lead.get_by_role("button", name="Preview").click()
    shown = lead.locator(".readings")
    expect(shown).to_contain_text("Müller sagt „ja“ \u2013 5 €")
    expect(shown).to_contain_text("M\ufffdller")
    expect(lead.locator("select[name=encoding]")).to_have_value("cp1252")
    expect(lead.locator("table.data")).to_contain_text("Müller sagt")
    assert violations(lead) == []
    assert lead.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_the_rows_are_is_said_before_their_import(lead: Page, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("id,label\ne0,cat\ne1,dog\nzz,dog\n")
    lead.locator("input[type=file]").set_input_files(path)
    lead.get_by_role("button", name="Preview").click()
    lead.locator("select[name=wants]").select_option("labels")
    lead.get_by_role("button", name="Update preview").click()
    expect(lead.locator("form .flash.info")).to_contain_text("2 of 3 rows are about items that are here.")
    expect(lead.locator("main form")).to_contain_text(re.compile("No item of this project has this id"))
    expect(lead.locator("table.data")).to_contain_text("e0")
    assert violations(lead) == []
