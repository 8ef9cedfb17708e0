"""T13: the bulk grid. One key answers a page; how soon the next one stands there, and whether one key takes all back.

Compared in the same run: pages of pictures with pages of texts, and the processor as it is with four times slower.
"""

import statistics
from typing import Any

from tests.bench.workspace_browser import Bench, Desk, open_desk, wait_for
from tests.bench.workspace_instance import ON_A_PAGE

NEXT_IS_READY = "Number(document.querySelector('[data-grid]').dataset.ahead) > 0"


def bench_pages(bench: Bench) -> None:
    """Confirm page after page; take one back; compare with what the server has."""
    for slug in ("image-classification", "text-classification")[: 1 if bench.short else 2]:
        pages = min(bench.seeded.sizes[slug] // ON_A_PAGE - 1, 20)
        if pages < 1:
            bench.skip("T13", "grid", f"{slug} has fewer than two pages")
            continue
        for times in (1,) if bench.short else (1, 4):
            _confirm(bench, slug, pages, times)
        _take_back(bench, slug)


def _confirm(bench: Bench, slug: str, pages: int, times: int) -> None:
    desk = open_desk(bench, slug, screen="grid")
    desk.slow_down(times)
    sizes = []
    for _ in range(pages):
        wait_for(desk.page, NEXT_IS_READY)
        sizes.append(desk.page.locator("[data-grid] .look").count())
        _page_key(desk, "Enter")
    painted = [one["ms"] for one in desk.note("paints")]
    common: dict[str, Any] = {"project": slug, "cpu": f"{times}x", "n": pages, "worst_ms": max(painted)}
    middle = statistics.median(painted)
    bench.report("T13" if times == 1 else "T13 compared", "key → next page painted p50, ms", middle, 100, **common)
    if times == 1:
        stored = len(desk.until_stored(sum(sizes)))
        bench.report("T13", "answers of a page missing", sum(sizes) - stored, 0, **common, answers=stored)
        bench.report("T13", "keys per page without odd ones", desk.presses / pages, 1, **common)
    desk.close()


def _take_back(bench: Bench, slug: str) -> None:
    desk = open_desk(bench, slug, screen="grid")
    wait_for(desk.page, NEXT_IS_READY)
    first = desk.page.locator("[data-grid] .look").count()
    _page_key(desk, "Enter")
    desk.until_stored(first)
    _page_key(desk, "z")
    back = desk.note("paints")[-1]["ms"]
    until_taken = 0
    while (left := _standing(desk)) and until_taken < 200:
        desk.page.wait_for_timeout(50)
        until_taken += 1
    bench.report("T13", "page back → painted, ms", back, 100, project=slug, n=1)
    bench.report("T13", "answers of the page that still count", left, 0, project=slug, n=first)
    desk.close()


def _standing(desk: Desk) -> int:
    return sum(row.status == "counted" for row in desk.bench.seeded.stored(desk.email))


def _page_key(desk: Desk, key: str) -> None:
    painted = desk.count("paints")
    desk.press(key)
    wait_for(desk.page, "__note.paints.length > n", painted)
