"""T8 and T9: what becomes of answers when everything goes wrong that can. Each line says lost, doubled and reordered.

*Given* is what the browser reported as on disk (its transaction was complete), with its key, before the tab or the
browser went; *stored* is what the server's database holds in the end. Lost: given and not stored. Doubled: an item
with two answers that count, or more rows than keys. Reordered: keys whose order in the database is not the order they
were given in. Note: an answer the page did not accept (the next item not painted yet, no
room on the disk) was never given; those cases are counted apart.
"""

import os
import re
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Route, expect

from tests.bench.workspace_browser import Bench, Desk, chromium_path, open_desk, wait_for
from tests.browser.conftest import ARGUMENTS

A_DAY_AGO = """(() => { const day = 86_400_000, Now = Date;
  globalThis.Date = class extends Now { constructor(...all) {
    if (all.length) super(...all); else super(Now.now() - day); }
    static now() { return Now.now() - day; } }; })();"""
Trouble = Callable[[Bench], Desk]


def bench_ceiling(bench: Bench) -> None:
    """T8: ten answers a second for twenty seconds, and a key that is held down."""
    count = 30 if bench.short else 200
    desk = open_desk(bench, bench.slug)
    desk.until_ready_ahead(40)
    begun = time.perf_counter()
    for number in range(count):
        desk.page.wait_for_timeout(max(0.0, 1000 * (begun + number / 10 - time.perf_counter())))
        desk.answer(number)
    pace = count / (time.perf_counter() - begun)
    desk.page.wait_for_timeout(500)
    taken = len(desk.given)
    settle(bench, "T8", "robot: answers at 10 a second", desk, pace=pace)
    # a press before the next item is painted answers nothing: where the machine stands still at times there are some
    bench.report("T8", "robot: presses not taken", count - taken, 0, n=count, pace=pace)

    held = open_desk(bench, bench.slug, guard=150)
    held.page.wait_for_timeout(200)
    for _ in range(20):
        held.page.keyboard.down("1")
    held.page.keyboard.up("1")
    rows = held.until_stored(1)
    held.page.wait_for_timeout(300)
    rows = bench.seeded.stored(held.email)
    bench.report("T8", "answers too many from a held key", abs(len(rows) - 1), 0, n=20)
    held.close()


def bench_trouble(bench: Bench) -> None:
    """T9: every trouble by itself, each with a new annotator."""
    for name, trouble in TROUBLES.items():
        settle(bench, "T9", name, trouble(bench))
    browser_killed(bench)


def settle(bench: Bench, target: str, what: str, desk: Desk, **more: Any) -> dict[str, int]:
    """Wait for the server to have everything, then compare by key and report."""
    rows = desk.until_stored(len({record["key"] for record in desk.given}))
    desk.page.wait_for_timeout(200)  # a double would come now
    rows = bench.seeded.stored(desk.email)
    keys = [record["key"] for record in desk.given]
    order = {row.key: place for place, row in enumerate(rows)}
    places = [order[key] for key in keys if key in order]
    counted = Counter(row.item for row in rows if row.status == "counted")
    found = {
        "lost": sum(key not in order for key in keys),
        "doubled": sum(count - 1 for count in counted.values()) + len(rows) - len({row.key for row in rows}),
        "reordered": sum(a > b for a, b in pairwise(places)),
    }
    bench.report(target, what, sum(found.values()), 0, n=len(keys), stored=len(rows), **found, **more)
    desk.close()
    return found


def give(desk: Desk, count: int, seconds: float = 0.0, first: int = 0) -> None:
    """Give `count` answers over so many seconds."""
    for number in range(first, first + count):
        desk.answer_and_wait(number)
        desk.page.wait_for_timeout(1000 * seconds / count)


def says(desk: Desk, part: str, words: str) -> None:
    """Wait until a part of the page says something."""
    expect(desk.page.locator(f"[data-part={part}]")).to_contain_text(words, timeout=30_000)


def offline(bench: Bench) -> Desk:
    """No network for a minute, the tab closed meanwhile, opened again with a network."""
    desk = open_desk(bench, bench.slug)
    desk.until_ready_ahead(46)
    desk.context.set_offline(offline=True)
    give(desk, *((12, 3.0) if bench.short else (42, 60.0)))
    says(desk, "state", "waiting")
    desk.page.close()
    desk.context.set_offline(offline=False)
    desk.reopen()
    return desk


def server_errors(bench: Bench) -> Desk:
    """Every answer comes back with status 500 for a while."""
    desk = open_desk(bench, bench.slug)
    desk.page.route("**/annotations", lambda route: route.fulfill(status=500, body="no"))
    give(desk, *((8, 1.5) if bench.short else (30, 30.0)))
    desk.page.unroute("**/annotations")
    give(desk, 2, first=30)
    _network_is_back(desk)
    return desk


def reply_lost(bench: Bench) -> Desk:
    """The server stores, and its reply never comes; the same keys go again."""
    desk = open_desk(bench, bench.slug)

    losing = [True]

    def lose(route: Route) -> None:
        if not losing:
            route.continue_()
            return
        route.fetch()
        route.abort("connectionreset")

    desk.page.route("**/annotations", lose)
    give(desk, 8 if bench.short else 30, 0.5)
    desk.until_stored(1)
    losing.clear()
    _network_is_back(desk)
    give(desk, 2, first=50)
    return desk


def sign_in_expired(bench: Bench) -> Desk:
    """The sign-in ends (401); the person signs in again in the small window and goes on."""
    desk = open_desk(bench, bench.slug)
    give(desk, 3)
    desk.until_stored(3)
    password = bench.seeded.expire(desk.email)
    give(desk, 5, first=3)
    says(desk, "sign-in", "Sign in again")
    with desk.page.expect_popup() as opened:
        desk.page.locator("[data-part=sign-in]").click()
    window = opened.value
    window.locator("[name=email]").fill(desk.email)
    window.locator("[name=password]").fill(password)
    window.locator("main button[type=submit]").click()
    desk.page.bring_to_front()
    desk.page.evaluate("() => dispatchEvent(new Event('focus'))")
    says(desk, "state", "All saved")
    give(desk, 2, first=8)
    return desk


def two_tabs(bench: Bench) -> Desk:
    """Two tabs of one person answer in turn; the second is opened while the first has answers that wait."""
    desk = open_desk(bench, bench.slug)
    desk.until_ready_ahead(20)
    desk.context.set_offline(offline=True)
    give(desk, 5)
    first = desk.page
    desk.context.set_offline(offline=False)
    page = desk.context.new_page()
    desk.page = page
    page.goto(f"{bench.url}/p/{bench.slug}/label")
    wait_for(page, "__note.open && __note.shown")
    for turn in range(4):
        desk.page = first if turn % 2 else page
        desk.page.bring_to_front()
        give(desk, 3, first=5 + 3 * turn)
    return desk


def clock_wrong(bench: Bench) -> Desk:
    """This device's clock is a day behind."""
    desk = open_desk(bench, bench.slug, before=A_DAY_AGO)
    give(desk, 8)
    return desk


def no_room(bench: Bench) -> Desk:
    """The disk is full: the answer is not accepted and stays on the screen; saving online only goes on."""
    desk = open_desk(bench, bench.slug)
    give(desk, 3)
    desk.until_stored(3)
    desk.page.evaluate("() => { __note.full = true; }")
    number = desk.text("number")
    desk.answer(3)
    says(desk, "state", "Can't save here")
    stays = desk.text("number") == number and len(bench.seeded.stored(desk.email)) == 3
    bench.report("T9", "no room on this device: the answer is refused and its item stays", float(not stays), 0, n=1)
    desk.page.locator("[data-do=online-only]").click()
    wait_for(desk.page, "document.querySelector('[data-part=trouble]').hidden")
    for turn in range(3):
        desk.page.wait_for_timeout(200)
        desk.answer(turn)
        desk.until_stored(4 + turn, patience=5)
    missing = 6 - len(bench.seeded.stored(desk.email))
    bench.report("T9", "no room on this device: online-only answers missing", abs(missing), 0, n=3)
    return desk


TROUBLES: dict[str, Trouble] = {
    "offline, tab closed, opened again, online": offline,
    "server errors (500)": server_errors,
    "reply lost after the server stored": reply_lost,
    "sign-in expired, signed in again in place": sign_in_expired,
    "two tabs in turn": two_tabs,
    "clock a day behind": clock_wrong,
    "no room on this device (quota)": no_room,
}


def _network_is_back(desk: Desk) -> None:
    """Tell the page what a browser tells it, so that nobody waits for the next try."""
    desk.page.evaluate("() => dispatchEvent(new Event('online'))")


def browser_killed(bench: Bench) -> None:
    """Kill the browser's processes (SIGKILL) with answers waiting, and open the same profile again.

    The last two answers may not be on disk yet: their items had moved on, but nobody was told that they are saved.
    """
    email = bench.seeded.next_person()
    with tempfile.TemporaryDirectory(prefix="labeler-profile-", ignore_cleanup_errors=True) as profile:
        with own_browser(bench, Path(profile)) as (process, context):
            desk = open_desk(bench, bench.slug, context=context, email=email)
            desk.page.route("**/annotations", lambda route: route.abort("internetdisconnected"))
            give(desk, 10)
            desk.until_kept(10)
            give(desk, 2, first=10)
            given = list(desk.given)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        before = len(bench.seeded.stored(email))
        with own_browser(bench, Path(profile)) as (_, context):
            again = open_desk(bench, bench.slug, context=context, email=email)
            again.given[:0] = given
            settle(bench, "T9", "browser killed (SIGKILL), opened again", again, shown=12, stored_before=before)


@contextmanager
def own_browser(bench: Bench, profile: Path) -> Iterator[tuple[subprocess.Popen[str], BrowserContext]]:
    """Run a browser as a process group of our own on a profile that stays, so that it can be killed by its number."""
    command = [chromium_path(bench.browser.browser_type), *ARGUMENTS, "--headless=new", "--no-first-run"]
    command += ["--remote-debugging-port=0", f"--user-data-dir={profile}"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    browser = bench.browser.browser_type.connect_over_cdp(_address(process))
    try:
        yield process, browser.contexts[0]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _address(process: subprocess.Popen[str]) -> str:
    for line in process.stderr or ():
        if found := re.search(r"DevTools listening on (\S+)", line):
            return found[1]
    raise SystemExit("the browser did not say where it listens")
