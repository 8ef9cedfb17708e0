"""The report of an audit as a colleague opens it: under the strictest policy, in both themes, on a desk and a phone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route

from labeler.cli.audit_file import page as report
from labeler.cli.audit_file.reading import Kept, Table
from tests.browser.conftest import violations
from tests.quality.worlds import pictures

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
ADDRESS = "http://report.test/"
pytestmark = pytest.mark.browser


def flag(number: int, media: str, **more: Any) -> dict[str, Any]:
    told = {"item": number, "external_id": None, "given_label": "cat", "suggested_label": "dog", "band": "strong"}
    return told | {"why": ["A model holds dog for likelier than cat."], "beside": None, media: "what is said"} | more


def told(media: str, classes: int) -> dict[str, Any]:
    """Everything a report can say, all sections filled."""
    names = ["cat", "dog", *(f"a class with a rather long name {number}" for number in range(classes - 2))]
    share = {"share": 0.04, "low": 0.01, "high": 0.09, "flagged": 2}
    rows = [
        {"class": name, "labels": 50, "judged": place < 3, "flagged_share": 0.04, "model_agrees": 0.9} | share
        for place, name in enumerate(names)
    ]
    sides = {"other_side": "train"}
    twins = [flag(1, media, beside=flag(2, media), side="test", **sides)]
    twins.append(flag(2, media, beside=flag(1, media), side="dev", **sides))
    kind = {"kind": "any", "title": "Any", "waiting": "Items of any kind", "explanation": "It is of any kind."}
    pair = {"label": "cat", "model": "dog", "items": 4, "share": 0.08}
    slices = [
        {"column": "source", "value": "web", "items": 50, "others": 0.01, "stands_out": n == 0} | share for n in (0, 1)
    ]
    return {
        "labeler": "1.0",
        "file": "pets.csv",
        "media": media,
        "columns": {"content": media, "label": "label"},
        "encoding": "cp1252",
        "rows": 101,
        "items": 100,
        "left_out": {"rows": 1, "reasons": {"there is no label": 1}},
        "classes": rows,
        "spelled_alike": [["cat", "Cat"]],
        "judged": True,
        "notes": ["A note."],
        "model": {"open": True, "right": 0.9, "guessing": 0.5, "most_common": "cat", "labels": 100},
        "flagged": {"labels": 4, "share": 0.04, "minutes": 1, "bands": {"strong": 2, "likely": 1, "worth a sample": 1}},
        "kinds": [kind | {"about_labels": False, "items": 2, "examples": twins}],
        "worst": [flag(1, media), flag(2, media, band="likely", suggested_label=None)],
        "confusion": {"differ": 4, "counts": [[5] * classes] * classes if classes <= 12 else None, "pairs": [pair]},
        "leak": {"column": "split", "training": "train", "compared": 20, "items": 2, "examples": twins},
        "slices": {"columns": ["source"], "compared": 2, "stand_out": 1, "shown": slices},
        "learning_curve": {"labels": [25, 50, 100, 160], "right": [0.6, 0.7, 0.8, 0.82], "gain": 0.03, "low": 0.01,
                           "high": 0.05, "others_before": 0.9, "others_after": 0.92},
        "check": {"planted": 10, "found": 8, "share": 0.8, "low": 0.5, "high": 0.9, "restored": 7},
        "cleanlab": {"issues": 5, "same": 3, "of": 4},
        "blocks": ["words"],
        "versions": {"numpy": "2"},
        "headline": "4 of 100 labels are worth a look.",
        "stands_out": ["Nothing."],
        "next": [{"what": "Look at them", "how": "soon"}],
        "files": {"sample": "pets.sample.csv", "flags_csv": "a.csv", "flags_json": "a.json", "rejected": "r.csv"},
        "repeat": "labeler audit pets.csv --label label --seed 0",
        "sha256": "0" * 64,
        "run": {"at": "1 Jan 2026, 10:00 UTC", "seconds": 1, "cpu_seconds": 1, "peak_megabytes": 200, "watt_hours": 1},
    }  # fmt: skip


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("pictures")
    paths, _ = pictures(folder, (2, 0, 0))
    paths[1].write_bytes(b"gone bad")  # since it was read
    contents: dict[str, list[Any]] = {"text": ["a text", "a text"], "image": list(paths)}
    found = {}
    for media, classes in (("text", 14), ("image", 8)):
        rows = [Kept(number + 1, "", one, "cat", {}) for number, one in enumerate(contents[media])]
        table = Table("pets.csv", "text" if media == "text" else "image", media, "label", "", rows)
        found[media] = report.render(json.loads(json.dumps(told(media, classes))), table)
    return found


@pytest.fixture(params=[(1440, "light"), (390, "dark")], ids=["desk, light", "phone, dark"])
def strict(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[tuple[Page, list[str]]]:
    """A page that notes every error and every request but the first."""
    width, theme = request.param
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page, noted = context.new_page(), []
    page.on("console", lambda message: noted.append(message.text))
    page.on("request", lambda asked: None if asked.url.startswith(("data:", ADDRESS)) else noted.append(asked.url))
    yield page, noted
    context.close()


@pytest.mark.parametrize("media", ["text", "image"])
def test_a_report_opens_under_the_strictest_policy_with_nothing_for_axe_to_say(
    strict: tuple[Page, list[str]], reports: dict[str, bytes], media: str
) -> None:
    page, noted = strict

    def answer(route: Route) -> None:
        headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html"}
        route.fulfill(body=reports[media], headers=headers)

    page.route(f"{ADDRESS}**", answer)
    page.goto(ADDRESS)
    assert noted == []
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).borderRadius") == "12px"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("h2").all_inner_texts()[1:] == [
        "What to do next", "Worst labels", "Classes", "Also found", "Split", "Slices", "Learning curve",
        "How it was counted",
    ]  # fmt: skip
    if media == "image":
        assert page.locator("#worst img").evaluate_all("all => all.map(one => one.naturalWidth)") == [48]
        assert page.locator("#worst .none").inner_text() == "Cannot be shown"
    page.route(f"{ADDRESS}**", lambda route: route.fulfill(body=reports[media], content_type="text/html"))
    page.goto(ADDRESS)  # axe is a script, which the policy does not let in
    assert violations(page) == []


def test_two_hundred_pictures_make_no_large_report(reports: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "noise.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (800, 1000, 3), dtype=np.uint8)).save(path)
    rows = [Kept(number + 1, "", path, "cat", {}) for number in range(200)]
    most = told("image", 8)
    most["worst"] = [flag(number + 1, "image") for number in range(24)]
    most["kinds"] = [most["kinds"][0] | {"examples": [flag(9, "image", beside=flag(8, "image"))] * 6} for _ in range(8)]
    page = report.render(most, Table("pets", "image", "", "", "", rows))
    assert len(reports["image"]) < len(page) < 5_000_000
