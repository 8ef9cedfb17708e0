"""The whole loop in a real browser, against the real command with its real worker: nothing is stubbed.

Olga sets up, makes a project, imports texts, invites three people; they label by keyboard and disagree on some; the
pass runs; she reviews what it flags; the export she downloads says what everybody decided.
"""

import csv
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import violations

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "correct horse battery"
PEOPLE = ("ann", "bob", "cid")
CATS = ("purrs on the sofa", "chases a mouse", "licks its paw and meows", "climbs the curtain", "sleeps in a box")
DOGS = ("barks at the postman", "fetches the stick", "wags its tail", "pulls on the leash", "buries a bone in the yard")
KEYS = {"cat": "1", "dog": "2"}
# who gets what wrong on purpose; where two of three are wrong, the majority is, and the pass should find it
MISTAKES = {
    "pet-04": {"ann", "bob"},
    "pet-27": {"ann", "cid"},
    "pet-10": {"bob"},
    "pet-15": {"bob"},
    "pet-33": {"cid"},
    "pet-41": {"cid"},
    "pet-22": {"ann"},
}
MAJORITY_WRONG = {name for name, who in MISTAKES.items() if len(who) > 1}


def truth() -> dict[str, tuple[str, str]]:
    """Return {id: (text, right class)} of fifty items."""
    rows = {}
    for n in range(50):
        kind, habits = ("cat", CATS) if n % 2 else ("dog", DOGS)
        rows[f"pet-{n:02d}"] = (f"Number {n}: the {kind} {habits[n // 2 % 5]} and {habits[(n // 2 + 2) % 5]}.", kind)
    return rows


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Start `labeler serve` on an empty folder; yield its address and the set-up link it prints."""
    environment = {**os.environ, "LABELER_INSTANCE": str(tmp_path / "instance"), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "labeler", "serve", "--port", "0"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().split()[-1]
    link = process.stdout.readline().split()[-1]
    yield address, link
    process.terminate()
    process.wait(timeout=20)
    process.stdout.close()


def window(chromium: Browser, address: str, trouble: list[str]) -> BrowserContext:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True, base_url=address)
    context.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)
    return context


def set_up(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Name").fill("Olga")
    page.get_by_label("E-mail").fill("olga@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    page.get_by_role("link", name="New project").first.click()
    page.get_by_label("Name", exact=True).fill("Pets")
    page.locator("[name=classes]").fill("cat: meows\ndog: barks")
    page.locator("[name=votes]").fill("3")
    page.get_by_role("button", name="Create project").click()


def bring_in(page: Page, folder: Path) -> None:
    path = folder / "pets.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("id", "text"))
        table.writerows((name, text) for name, (text, _) in truth().items())
        table.writerow(("pet-empty", ""))
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Start the import").click()
    expect(page.get_by_role("heading", name="Import finished")).to_be_attached(timeout=30_000)
    expect(page.get_by_text("50 items added")).to_be_visible()
    expect(page.get_by_text("1 row was left out.")).to_be_visible()


def invite(page: Page, who: str) -> str:
    page.get_by_role("link", name="People").click()
    page.get_by_label("E-mail").fill(f"{who}@example.org")
    page.get_by_role("button", name="Add", exact=True).click()
    shown = re.search(r"https?://\S+?/link/[\w-]+", page.content())
    assert shown is not None
    return shown.group()


def label_everything(page: Page, link: str, who: str) -> None:
    """Join by the link and answer all fifty items with one key each; undo one, and answer it again."""
    page.goto(link)
    page.get_by_label("Name").fill(who.title())
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.get_by_role("link", name=re.compile("^Label( |$)")).first.click()
    expect(page.locator("[data-workspace]")).to_be_attached()
    page.evaluate("() => { document.querySelector('[data-workspace]').dataset.guard = 0 }")
    for number in range(1, 51):
        expect(page.locator("[data-part=live]")).to_contain_text(f"Item {number}.")
        name = item_name(page)
        page.keyboard.press(KEYS[wanted(name, who)])
        if number == 5:
            expect(page.locator("[data-part=live]")).to_contain_text("Item 6.")
            page.keyboard.press("z")
            expect(page.locator("[data-part=live]")).to_contain_text("Item 5. Your answer")
            page.keyboard.press(KEYS[wanted(name, who)])
    expect(page.get_by_text("You have answered everything here.")).to_be_visible()
    until_stored(page, 51)
    expect(page.locator("[data-part=state]")).to_contain_text("All saved")


def until_stored(page: Page, count: int) -> None:
    """Wait until the server has all answers: for a second the page does not mention that some are under way."""
    for _ in range(200):
        found = page.request.get("/api/v1/projects/pets/annotations?limit=100").json()["data"]
        if len(found) == count:
            return
        page.wait_for_timeout(50)
    pytest.fail(f"the server has {len(found)} of {count} answers")


def item_name(page: Page) -> str:
    text = page.locator("[data-part=reading] p").inner_text()
    return next(name for name, (of_item, _) in truth().items() if of_item == text)


def wanted(name: str, who: str) -> str:
    right = truth()[name][1]
    if who not in MISTAKES.get(name, ()):
        return right
    return "dog" if right == "cat" else "cat"


def run_the_pass(page: Page, address: str) -> None:
    page.goto(f"{address}/p/pets/review")
    page.get_by_role("button", name="Check labels now").click()
    expect(page.get_by_role("heading", name="Queue")).to_be_visible(timeout=90_000)


def review_everything(page: Page, address: str) -> dict[str, str]:
    """Decide each flag by one key as somebody would who knows; return {item: decision}."""
    decided: dict[str, str] = {}
    for _ in range(40):
        page.goto(f"{address}/p/pets/review")
        if page.get_by_role("heading", name="Every flagged item is decided").is_visible():
            break
        text = page.locator("main .reading").first.inner_text()
        name = next(name for name, (of_item, _) in truth().items() if of_item in text)
        right = truth()[name][1]
        now = page.locator(".swap .lab").first.inner_text()
        decided[name] = "keep" if right in now else "relabel"
        with page.expect_navigation():
            page.keyboard.press("d" if right in now else KEYS[right])
    return decided


def test_the_whole_loop_in_a_browser(chromium: Browser, serve: tuple[str, str], tmp_path: Path) -> None:
    address, link = serve
    trouble: list[str] = []
    olga = window(chromium, address, trouble).new_page()
    set_up(olga, link)
    bring_in(olga, tmp_path)
    links = {who: invite(olga, who) for who in PEOPLE}
    for who, invitation in links.items():
        context = window(chromium, address, trouble)
        label_everything(context.new_page(), invitation, who)
        context.close()

    olga.goto(f"{address}/p/pets/")
    expect(olga.get_by_text("50 of 50 items done")).to_be_visible()
    assert violations(olga) == []
    olga.get_by_role("link", name=re.compile(f"Disagreements.*{len(MISTAKES)}")).first.click()
    expect(olga.locator("main")).not_to_contain_text("agrees with the consensus")
    assert violations(olga) == []

    run_the_pass(olga, address)
    assert violations(olga) == []
    decided = review_everything(olga, address)
    assert decided.keys() >= MAJORITY_WRONG
    assert {name for name, decision in decided.items() if decision == "relabel"} == MAJORITY_WRONG

    olga.goto(f"{address}/p/pets/exports")
    olga.get_by_role("radio", name=re.compile("^CSV")).check()
    with olga.expect_download() as download:
        olga.get_by_role("button", name="Download").click()
    with Path(download.value.path()).open(newline="", encoding="utf-8") as file:
        rows = {row["external_id"]: row for row in csv.DictReader(file)}
    assert {name: row["final_label"] for name, row in rows.items()} == {n: right for n, (_, right) in truth().items()}
    sources = Counter(row["final_source"] for row in rows.values())
    assert sources["review"] == len(decided)
    assert sources["consensus"] == 50 - len(decided)
    assert trouble == []
