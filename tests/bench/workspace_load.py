"""T3: what the first visit costs (requests, bytes, script) and when the item can be seen, for each task type.

Compared in the same run: the same page with every module and stylesheet as a request of its own, and a slower
processor and line. "Bytes" are what came over the wire with headers; pictures and the list of items are left out,
because they are the item and not the page.
"""

import re
import statistics
from typing import Any

from playwright.sync_api import Route

from tests.bench.workspace_browser import SLOW_LINE, Bench, Desk, load, open_desk

LIMITS = {"bytes": 60_000, "requests": 12, "script bytes without headers": 30_000}
SHOWN = {"1x": 1000, "4x": 2000, "slow line": 3000}  # ms


def bench_load(bench: Bench) -> None:
    """Measure every project's first load."""
    for slug in bench.seeded.projects:
        visits = [first_load(bench, slug, email=bench.seeded.next_person()) for _ in range(1 if bench.short else 3)]
        for name, limit in LIMITS.items():
            bench.report(
                "T3", f"first load: {name}", max(one[name] for one in visits), limit, project=slug, n=len(visits)
            )
    for slug in ("image-classification", "text-classification")[: 1 if bench.short else 2]:
        for speed, limit in SHOWN.items():
            for joined in (True, False):
                _report_shown(bench, slug, speed, limit, joined=joined)


def _report_shown(bench: Bench, slug: str, speed: str, limit: int, *, joined: bool) -> None:
    email = bench.seeded.next_person()
    visits = [first_load(bench, slug, speed, email=email, joined=joined) for _ in range(1 if bench.short else 7)]
    shown, open_at = ([one[name] for one in visits] for name in ("shown", "open"))
    bench.report(
        "T3" if joined else "T3 compared",
        f"item visible, {speed}" + ("" if joined else ", modules and styles apart"),
        statistics.median(shown),
        limit,
        project=slug,
        n=len(visits),
        worst_ms=max(shown),
        takes_keys_ms=statistics.median(open_at),
        requests=visits[0]["requests"],
    )


def first_load(
    bench: Bench, slug: str, speed: str = "1x", *, email: str, joined: bool | None = None
) -> dict[str, float]:
    """Visit the workspace with an empty cache. joined: None leaves the page alone, else it passes through our hands."""
    desk = open_desk(bench, slug, email=email, load_now=False)
    try:
        if joined is not None:
            desk.page.route("**/label", lambda route: _hand_on(route, joined=joined))
        if speed == "4x":
            desk.slow_down(4)
        traffic = _Traffic(desk)
        if speed == "slow line":
            desk.tools.send("Network.emulateNetworkConditions", {"offline": False, **SLOW_LINE})
        load(desk)
        desk.page.wait_for_timeout(300)  # the list of earlier answers comes last
        return {**traffic.sums(), "shown": desk.note("shown"), "open": desk.note("open")}
    finally:
        desk.close()


def _hand_on(route: Route, *, joined: bool) -> None:
    """Give the page as it is, or with a request for each module and stylesheet as its sources stand."""
    answer = route.fetch()
    html = answer.text()
    if not joined:
        folder = re.search(r"/static/\w+/", html)
        base = folder[0] if folder else ""
        sheet = f'<link rel="stylesheet" href="{base}web/workspace/workspace.css">'
        html = re.sub(r'<link rel="stylesheet"[^>]*bundles/[^>]*>', sheet, html)
        html = re.sub(r'(<script[^>]*src="[^"]*)bundles/workspace\.\w+\.mjs', r"\1web/workspace/workspace.mjs", html)
    headers = {
        name: value for name, value in answer.headers.items() if name not in {"content-encoding", "content-length"}
    }
    route.fulfill(status=answer.status, headers=headers, body=html)


class _Traffic:
    """Every request of a page with its kind and its size on the wire."""

    def __init__(self, desk: Desk) -> None:
        self._kinds: dict[str, tuple[str, str]] = {}
        self._bytes: dict[str, float] = {}
        self._bodies: dict[str, float] = {}
        desk.tools.send("Network.enable")
        desk.tools.on("Network.requestWillBeSent", self._asked)
        desk.tools.on("Network.responseReceived", self._began)
        desk.tools.on("Network.loadingFinished", self._came)

    def _asked(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            self._kinds[event["requestId"]] = (event.get("type", ""), event["request"]["url"])

    def _began(self, event: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        self._bodies[event["requestId"]] = int(headers.get("content-length", 0))

    def _came(self, event: dict[str, Any]) -> None:
        self._bytes[event["requestId"]] = event["encodedDataLength"]

    def sums(self) -> dict[str, float]:
        pages = {name: kind for name, (kind, url) in self._kinds.items() if "/images/" not in url}
        items = [name for name in pages if self._kinds[name][1].endswith("/assignments")]
        return {
            "requests": len(pages),
            "bytes": sum(self._bytes.get(name, 0) for name in pages if name not in items),
            "script bytes without headers": sum(
                self._bodies.get(name, 0) for name, kind in pages.items() if kind == "Script"
            ),
        }
