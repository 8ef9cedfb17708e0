"""A lead meets an item with a problem, excludes it by one key, and reads what is said of the set, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from labeler import workflow
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.browser.conftest import violations
from tests.browser.test_audit import signed_in
from tests.conftest import Made
from tests.workflow.test_set_findings import rows

pytestmark = pytest.mark.browser


def test_an_item_with_a_problem_is_excluded_by_one_key_and_the_set_is_spoken_of(
    database: Database, files: FileStore, make_project: Callable[..., Made], chromium: Browser, address: str
) -> None:
    made = make_project("many", items=0)
    workflow.import_items(database, files, made.id, rows(), workflow.ImportPlan("more.csv", "csv"))
    workflow.inspect(database, files, made.id)
    with signed_in(chromium, address, "olga") as context:
        page = context.pages[0]
        page.goto("/p/many/review?kind=text_problem")
        expect(page.get_by_text("It holds no letter and no digit, only signs.")).to_be_visible()
        assert violations(page) == []
        buttons = page.locator("form.act button[name=decision]:visible")
        assert [one.get_attribute("value") for one in buttons.all()][:2] == ["exclude", "keep"]
        page.keyboard.press("x")
        expect(page.get_by_text("Nothing is left under this reason")).to_be_visible()
        for path in ("/p/many/", "/p/many/review/start"):
            page.goto(path)
            expect(page.get_by_text("gives the class away").first).to_be_visible()
            assert violations(page) == []
