"""The page of exports in a real browser: choosing, what is in it, leaving out by one click, the file, the code."""

import csv
import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from labeler import workflow
from labeler.exchange.rows import Row
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.browser.conftest import violations
from tests.browser.test_checks import signed_in
from tests.conftest import Made

pytestmark = pytest.mark.browser
SIZES = {"desk": (1440, 900), "phone": (390, 844)}


@pytest.fixture
def made(
    make_project: Callable[..., Made],
    answer: Callable[[Made, str, list[str]], Any],
    database: Database,
    files: FileStore,
) -> Made:
    """A project with answers, a tie and labels that nobody saw."""
    made = make_project(items=10, votes=2)
    rows = [
        Row(n, f"g{n}", f"Given {n}", None, ("cat", "dog")[n % 2], {"camera": f"north {n % 5}"}) for n in range(1, 41)
    ]
    workflow.import_items(database, files, made.id, rows, workflow.ImportPlan("given.csv", "csv"))
    answer(made, "ann", ["cat"] * 8)
    answer(made, "bob", ["cat"] * 7 + ["dog"])
    return made


def test_a_lead_chooses_sees_what_is_in_it_and_takes_exactly_that(made: Made, page: Page, address: str) -> None:
    del made
    page.set_viewport_size({"width": 1440, "height": 900})
    signed_in(page, address).goto(f"{address}/p/pets/exports?format=csv")
    expect(page.get_by_text("47 of 50 items")).to_be_visible()
    unseen = page.get_by_role("listitem").filter(has_text="existing labels nobody has seen")
    expect(unseen).to_contain_text("40")
    page.get_by_text("Into train, val and test").click()
    page.get_by_text("How", exact=True).click()
    page.get_by_label("camera").check()
    page.get_by_label("Seed").fill("7")
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_role("table")).to_contain_text("train")
    expect(page.get_by_role("row").filter(has_text="train")).to_contain_text("%")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download").click()
    with taken.value.path().open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 47
    cameras = {(json.loads(row["metadata"] or "{}").get("camera"), row["split"]) for row in rows}
    assert len([camera for camera, _ in cameras if camera]) == 5
    unseen.get_by_role("link", name="Leave out").click()
    expect(page.get_by_text("7 of 50 items")).to_be_visible()
    page.get_by_role("link", name="40 by the filters").click()
    expect(page.get_by_role("heading", name="40 items")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Code").click()
    expect(page.get_by_role("textbox", name="Command")).to_have_value(
        "labeler export pets --out pets.csv \\\n  --format csv --min-votes 1 --split train=0.8,val=0.1,test=0.1"
        " --seed 7 --group-by camera"
    )


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_are_usable_at_every_size(made: Made, page: Page, address: str, size: str) -> None:
    del made
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    signed_in(page, address)
    for place in ("exports?format=jsonl&min_votes=1&split=80/10/10&group_by=camera", "exports/code?format=jsonl"):
        page.goto(f"{address}/p/pets/{place}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
