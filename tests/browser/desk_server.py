"""A stand-in for the server behind the workspace: answers the page's requests inside Chromium, without a socket.

Note: requests never leave the browser (they are intercepted), so "offline" is an aborted
request here, and the pages live at an https address because locks and UUIDs exist in secure contexts only.
"""

import functools
import itertools
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader
from markupsafe import Markup
from playwright.sync_api import Page, Route, expect

from labeler.task_types.registry import TASK_TYPES, task_type
from labeler.web.assets.static_files import script_file, sheets, static_file
from labeler.web.shared.class_keys import class_keys

SITE = "labeler.test"
PACKAGE = Path(__file__).resolve().parents[2] / "labeler"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240"><rect width="320" height="240" fill="#456"/>'
    b'<circle cx="160" cy="120" r="80" fill="#cb8"/></svg>'
)
NO_CONTENT = {"text": None, "image_url": None, "thumb_url": None}  # as the list of answers names what is not there
CLASSES = ["Plastic bottle", "Glass", "Metal can", "Cardboard"]


class DeskServer:
    """Items 1 to `total`, the answers given to them, and a `mode` that makes things go wrong.

    mode: `ok`, `offline`, `broken` (500), `signed-out` (401), `refusing` (each answer rejected), `late` (stored, not
    counted), `stale` (403 until the page is fetched again), `role-lost` (the project is gone for this person: 404),
    `forbidden` (403 for good) or `reply-lost` (stored, then no reply).
    """

    _numbers = itertools.count(1)

    def __init__(self, *, media: str = "image", task: str = "classification", total: int = 60) -> None:
        """Start with every item unanswered, at an address of its own, for which no browser has kept anything."""
        self.origin = f"https://desk-{next(self._numbers)}.{SITE}"
        self.media, self.task, self.total = media, task, total
        self.mode = "ok"
        self.user = 7
        self.token = "first"
        self.answers: dict[str, dict[str, Any]] = {}
        self.foreign: list[str] = []
        self.theirs: set[int] = set()
        self.free_by = "2030-01-01T15:02:00Z"
        self.renewed: list[dict[str, Any]] = []
        self.released: list[int] = []
        self.claims: list[dict[str, Any]] = []
        self.can_lead = False
        self.missing: set[str] = set()
        self.classes = CLASSES
        self.asks: dict[str, Any] = {}  # what the project's settings add to the widget's config
        self.own_keys: dict[str, Any] = {"keys": {}, "single_keys": True}
        self.guideline, self.rules = 1, "The rules."
        self.suggests = False
        self.lease = 1800

    @property
    def labels(self) -> list[str | None]:
        """The label of each stored answer, in the order they arrived."""
        return [answer["value"]["label"] if answer["value"] else None for answer in self.answers.values()]

    @property
    def values(self) -> list[Any]:
        """The value of each stored answer, in the order they arrived."""
        return [answer["value"] for answer in self.answers.values()]

    @property
    def assignments(self) -> list[int]:
        """The assignment of each stored answer, in the order they arrived."""
        return [answer["assignment"] for answer in self.answers.values()]

    def attach(self, page: Page) -> None:
        """Answer every request of the page from here on."""
        page.route("**/*", self._answer)

    def item(self, number: int) -> dict[str, Any]:
        """One claimed item, shaped as the interface promises."""
        facts: dict[str, Any] = {"assignment": number, "item": 100 + number, "external_id": f"cam-{number}"}
        facts |= {"expires_at": "2030-01-01T00:00:00Z", "purpose": "label", "note": None, "metadata": {}}
        if self.media == "image":
            picture = f"/picture/{number}.svg"
            return facts | {"image_url": picture, "thumb_url": picture, "width": 320, "height": 240}
        return facts | {"text": f"Text number {number}.\n\nSecond paragraph <b>not bold</b>."}

    def _answer(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        if f"{address.scheme}://{address.netloc}" != self.origin:
            self.foreign.append(route.request.url)
            route.abort()
        elif address.path.startswith("/api/"):
            self._api(route, address.path)
        elif address.path.startswith("/static/"):
            self._static(route, address.path.removeprefix("/static/"))
        elif address.path == "/web.save_keys":
            self._save_keys(route)
        elif address.path in self.missing:
            route.fulfill(status=404)
        elif address.path.startswith("/picture/"):
            route.fulfill(body=PICTURE, content_type="image/svg+xml")
        else:
            self._page(route, address.path)

    def _static(self, route: Route, name: str) -> None:
        file = static_file(name)
        route.fulfill(body=file.content, content_type=file.mimetype)

    def _page(self, route: Route, path: str) -> None:
        if self.mode == "offline":
            route.abort("internetdisconnected")
            return
        if self.mode in {"role-lost", "forbidden"}:
            route.fulfill(status=404, body="<!doctype html><title>Not here</title>", content_type="text/html")
            return
        blank = path == "/blank" or self.mode == "signed-out"
        if self.mode == "stale":
            self.mode, self.token = "ok", "second"
        body = "<!doctype html><title>Blank</title>" if blank else self._workspace()
        headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}
        route.fulfill(body=body, headers=headers)

    def _api(self, route: Route, path: str) -> None:
        failures = {"broken": 500, "signed-out": 401, "role-lost": 404, "forbidden": 403}
        if self.mode == "offline":
            route.abort("internetdisconnected")
        elif self.mode in failures:
            route.fulfill(
                status=failures[self.mode], json={"title": "Not for you"}, content_type="application/problem+json"
            )
        elif self.mode == "stale" or route.request.headers.get("x-csrftoken") != self.token:
            route.fulfill(status=403, json={"title": "The form is too old."})
        elif path.endswith(("/renewals", "/releases", "/others")):
            self._hold(route, path)
        elif path.endswith("/annotations"):
            self._store(route)
        else:
            self._assignments(route)

    def _hold(self, route: Route, path: str) -> None:
        if path.endswith("/others"):
            route.fulfill(json={"held": len(self.theirs), "free_by": self.free_by if self.theirs else None})
            return
        body = json.loads(route.request.post_data or "{}")
        if path.endswith("/releases"):
            self.released += [*body["assignments"], *body["ready"]]
            route.fulfill(json={"released": len(self.released)})
            return
        self.renewed.append(body)
        states = ["expired" if one in self.theirs else "held" for one in body["assignments"]]
        rows = zip(body["assignments"], states, strict=True)
        route.fulfill(json=[{"assignment": one, "state": state, "expires_at": self.free_by} for one, state in rows])

    def _save_keys(self, route: Route) -> None:
        if self.mode == "offline":
            route.abort("internetdisconnected")
            return
        self.own_keys = json.loads(route.request.post_data or "{}")
        route.fulfill(json=self.own_keys)

    def _assignments(self, route: Route) -> None:
        if route.request.method == "GET":
            latest = {answer["assignment"]: answer for answer in self.answers.values()}
            done = [NO_CONTENT | self.item(number) | {"value": answer["value"]} for number, answer in latest.items()]
            route.fulfill(json={"data": done[::-1][:50]})
            return
        self.claims.append(json.loads(route.request.post_data or "{}"))
        count = self.claims[-1]["count"]
        gone = {*self.assignments, *self.theirs}
        open_items = [number for number in range(1, self.total + 1) if number not in gone]
        headers = {"X-Guideline-Version": str(self.guideline)}
        route.fulfill(json=[self.item(number) for number in open_items[:count]], headers=headers)

    def _store(self, route: Route) -> None:
        results = []
        for answer in json.loads(route.request.post_data or "[]"):
            refused = self.mode == "refusing"
            taken = "late" if self.mode == "late" else "created"
            status = "rejected" if refused else "replayed" if answer["key"] in self.answers else taken
            if not refused:
                self.answers.setdefault(answer["key"], answer)
            reason = "The item was withdrawn." if refused else None
            results.append({"key": answer["key"], "status": status, "id": 1, "reason": reason})
        if self.mode == "reply-lost":
            route.abort("connectionreset")
        else:
            route.fulfill(json=results)

    def _workspace(self) -> str:
        names = ["1", "2", "3", "4", "5"] if self.task == "rating" else self.classes
        classes = [
            {"position": at, "name": name, "description": f"Rule of {name}" if at == 1 else "", "key": key}
            for at, (name, key) in enumerate(zip(names, class_keys(names), strict=True), 1)
        ]
        config = {
            "task": self.task,
            "submits": not task_type(self.task).one_class,
            "media": self.media,
            "classes": classes,
        }
        project = {"slug": "sorting", "name": "Waste sorting", "media": self.media, "task": self.task}
        context: dict[str, Any] = {"project": project | {"question": "What is it?"}, "classes": classes}
        context |= {"config": config | {"low": "not at all", "high": "very"} | self.asks}
        context |= {"task_type": task_type, "task_types": TASK_TYPES}
        context |= {"guideline_html": Markup("<p>{}</p>").format(self.rules)}
        context |= {
            "own_keys": self.own_keys,
            "guideline_version": self.guideline,
            "done": len(set(self.assignments)),
            "total": self.total,
            "can_lead": self.can_lead,
            "lease": self.lease,
            "suggests": self.suggests,
        }
        context |= {"user": {"id": self.user, "name": "Ann Alm", "email": "ann@example.org"}, "sign_in_url": "/blank"}
        context |= {"request": {"script_root": "", "path": "/label"}, "csrf_token": lambda: self.token}
        page: str = _templates().get_template("workspace/workspace.html").render(context)
        return page


def open_desk(page: Page, server: DeskServer, *, guard: int = 0) -> Page:
    """Open the workspace and wait until it takes keys. guard: ms after a paint in which no answer is taken."""
    server.attach(page)
    page.goto(f"{server.origin}/label")
    return wait_for_keys(page, guard=guard)


def wait_for_keys(page: Page, *, guard: int = 0) -> Page:
    """Wait until the workspace is open, also after a reload, and takes keys. guard: as of open_desk."""
    expect(page.locator("[data-open]")).to_be_attached()
    page.evaluate("guard => { document.querySelector('[data-workspace]').dataset.guard = guard }", guard)
    return page


def answer(page: Page, keys: str, first: int = 1) -> None:
    """Press keys one by one, each when its item stands there and is painted."""
    for number, key in enumerate(keys, first):
        expect(page.locator("[data-part=live]")).to_contain_text(f"Item {number}.")
        page.keyboard.press(key)


def all_sent(page: Page) -> None:
    """Wait until no answer waits on this device. The page itself says "All saved" for its first second of sending."""
    run(
        page,
        """const { openOutbox } = await import("/static/web/shared/sending/outbox.mjs");
        const outbox = await openOutbox(document.querySelector("[data-workspace]").dataset.user);
        while (await outbox.waiting()) await new Promise((again) => setTimeout(again, 10));
        outbox.close();""",
    )


def run(page: Page, script: str) -> Any:
    """Run the body of an async function in the page and return what it returns."""
    return page.evaluate(f"async () => {{ {script} }}")


@functools.cache
def _templates() -> Any:
    types = PrefixLoader({"task_types": FileSystemLoader(PACKAGE / "task_types")})
    pages = ChoiceLoader([FileSystemLoader(PACKAGE / "web"), types])
    environment: Any = Environment(autoescape=True, loader=pages, extensions=["jinja2.ext.i18n"])
    environment.install_null_translations(newstyle=True)
    environment.filters |= {"numberformat": "{:,}".format, "percentformat": "{:.0%}".format}
    environment.globals |= {
        "_": lambda text, **values: text % values if values else text,
        "url_for": lambda endpoint, **values: (
            f"/static/{values['filename']}" if endpoint == "static" else f"/{endpoint}"
        ),
        "script_file": script_file,
        "sheets": sheets,
        "get_flashed_messages": lambda **_: [],
        "languages": {"en": "English"},
    }
    return environment
