"""Twins in a real browser: from the card by a key, one decision for all that are ticked by a key, one undo by a key."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from labeler import workflow
from labeler.decisions.final import standings
from labeler.projects.queries import classes_of
from labeler.storage.database import Database
from tests.browser.conftest import violations
from tests.browser.test_second_opinion import signed_in
from tests.conftest import Made
from tests.review.suspects import Suspect, add_pass

pytestmark = pytest.mark.browser
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]


@pytest.fixture
def made(database: Database, make_project: Callable[..., Made], answer: Give) -> Made:
    """Four texts called cat, cat, dog, dog, of which the first three are twins."""
    made = make_project(items=4, votes=1)
    answer(made, "ann", ["cat", "cat", "dog", "dog"])
    why = {"kind": "duplicate", "item": made.items[0], "similarity": 1.0, "class": 0, "twins": made.items[:3]}
    add_pass(database, made, [Suspect(2, kind="contradiction", label="dog", suggested="cat", reasons=(why,))])
    return made


def labels(database: Database, made: Made) -> list[str | None]:
    with database.read() as session:
        names = classes_of(session, made.id)
        return [names.name_of(one.final) for one in standings(session, made.id)]


@pytest.mark.parametrize("phone", [False, True])
def test_a_group_is_decided_and_taken_back(
    chromium: Browser, address: str, database: Database, made: Made, *, phone: bool
) -> None:
    olga = signed_in(chromium, address, "olga", phone=phone)
    olga.goto("/p/pets/review")
    olga.keyboard.press("g")
    expect(olga.get_by_role("heading", name="One decision for all that are ticked")).to_be_visible()
    assert violations(olga) == []
    assert olga.evaluate("document.documentElement.scrollWidth <= innerWidth")
    olga.keyboard.press("1")
    expect(olga.locator(".saved")).to_contain_text("3 items decided in one step")
    assert labels(database, made) == ["cat", "cat", "cat", "dog"]
    olga.keyboard.press("z")
    expect(olga.locator(".saved")).to_contain_text("3 decisions are undone")
    assert labels(database, made) == ["cat", "cat", "dog", "dog"]
