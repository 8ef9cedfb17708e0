"""A number key stores the number it shows, in every task type that has classes."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.drawing import Header, make_project, open_workspace, until_stored

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("task", "classes", "keys", "labels"),
    [
        ("rating", [str(n) for n in range(11)], "50q", ["5", "0", "10"]),
        ("rating", ["0 none", "1 mild", "2 moderate", "3 severe"], "032", ["0 none", "3 severe", "2 moderate"]),
        ("classification", ["3 three", "1 one", "other"], "13q", ["1 one", "3 three", "other"]),
    ],
)
def test_each_printed_key_stores_its_number(
    page: Page, app: Flask, bearer: Callable[[str], Header], address: str, *,
    task: str, classes: list[str], keys: str, labels: list[str],
) -> None:  # fmt: skip
    lead = bearer("olga")
    make_project(app, lead, task, sizes=[(64, 48), (60, 40), (50, 50)], classes=classes)
    open_workspace(page, address)
    for number, key in enumerate(keys, start=1):
        expect(page.locator("[data-part=live]")).to_contain_text(f"Item {number}.")
        page.keyboard.press(key)
    assert [value["label"] for value in until_stored(page, app, lead, len(keys))] == labels


def test_boxes_and_several_labels_take_the_number_too(
    page: Page, app: Flask, bearer: Callable[[str], Header], address: str
) -> None:
    lead = bearer("olga")
    make_project(app, lead, "boxes", sizes=[(640, 480)], classes=["0 fine", "1 torn", "2 lost"])
    canvas = open_workspace(page, address)
    canvas.press("0")
    canvas.drag((100, 100), (200, 180))
    canvas.press("2")
    canvas.drag((300, 100), (400, 180))
    canvas.press("Enter")
    (value,) = until_stored(page, app, lead, 1)
    assert [box["label"] for box in value["boxes"]] == ["0 fine", "2 lost"]
    page.keyboard.press("?")
    names = page.locator("[data-dialog=keys] tr:not([hidden])[data-action^=answer-] th").all_inner_texts()
    assert {"0 fine", "1 torn", "2 lost"} <= set(names)
