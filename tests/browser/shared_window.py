"""One desktop window for many tests: each gets a new page in it, and nothing of what others stored.

Note: a new browser profile needs new processes, which cost a second of processor time, more than most tests do with
them. So the profile stays, and an empty page of either kind of address (the stand-in server's, a real server's) keeps
the process of its site alive (`PROCESSES` has a site's pages share one). What a page writes while it is closed may come
after all was forgotten; so each server has an address of its own, a name or a port, and meets nothing of another.
Time that stands still (`page.clock`) cannot be taken out of a profile again: who needs it takes `fresh_page`.
"""

from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, CDPSession, Error, Frame, Page

from tests.browser.desk_server import SITE

PROCESSES = "--process-per-site"
DESKTOP: Any = {"width": 1440, "height": 900}
SITES = (f"https://{SITE}", "http://127.0.0.1")
EMPTY = "<!doctype html><title>Empty</title>"


class SharedWindow:
    """A browser profile that is emptied after each test."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._context: BrowserContext | None = None
        self._kept: list[Page] = []
        self._visited: set[str] = set()

    def new_page(self) -> Page:
        """Open a page in an empty profile."""
        self._context = self._context or self._make()
        return self._context.new_page()

    def empty(self) -> None:
        """Close all pages and forget what they stored; a window in which that fails is given up."""
        if self._context is None:
            return
        try:
            self._forget(self._context)
        except Error:
            self.close()

    def close(self) -> None:
        """Give the window up; the next page comes in a new one."""
        if self._context is not None:
            with suppress(Error):
                self._context.close()
        self._context, self._kept = None, []

    def _make(self) -> BrowserContext:
        context = self._browser.new_context(viewport=DESKTOP)
        for site in SITES:
            self._kept.append(context.new_page())
            self._kept[-1].route("**/*", lambda route: route.fulfill(body=EMPTY, content_type="text/html"))
            self._kept[-1].goto(f"{site}/empty")
        context.on("page", lambda page: page.on("framenavigated", self._note))
        return context

    def _note(self, frame: Frame) -> None:
        address = urlsplit(frame.url)
        if address.netloc:
            self._visited.add(f"{address.scheme}://{address.netloc}")

    def _forget(self, context: BrowserContext) -> None:
        for page in context.pages:
            if page not in self._kept:
                page.close()
        context.clear_cookies()
        context.clear_permissions()
        tools: CDPSession = context.new_cdp_session(self._kept[0])
        for origin in self._visited:
            tools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        tools.detach()
        self._visited.clear()
