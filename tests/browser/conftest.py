"""A real server and a real Chromium. Where there is no browser, tests skip and say so; CI sets a variable and fails."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from waitress import create_server

from tests.browser.shared_window import DESKTOP, PROCESSES, SharedWindow

expect.set_options(timeout=20_000)  # milliseconds; no expectation is about speed, and machines are busy at times
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, else Playwright's own."""
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser") or playwright.chromium.executable_path
        if not Path(path).exists():
            if os.environ.get("LABELER_REQUIRE_BROWSER"):
                pytest.fail("LABELER_REQUIRE_BROWSER is set and there is no Chromium")
            pytest.skip("no Chromium: install the system's, or run `playwright install chromium`")
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, PROCESSES])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared_window(chromium: Browser) -> Iterator[SharedWindow]:
    """A desktop window that the tests of this process use one after the other."""
    window = SharedWindow(chromium)
    yield window
    window.close()


@pytest.fixture
def page(shared_window: SharedWindow) -> Iterator[Page]:
    """A page in a desktop window that holds nothing yet."""
    yield shared_window.new_page()
    shared_window.empty()


@pytest.fixture
def fresh_page(chromium: Browser) -> Iterator[Page]:
    """A page in a desktop window of its own, whose clock may be stopped."""
    context = chromium.new_context(viewport=DESKTOP)
    yield context.new_page()
    context.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The address of the app, served by the same server as in production, with CSRF protection on."""
    app.config.update(WTF_CSRF_ENABLED=True)
    server = create_server(app, host="127.0.0.1", port=0, threads=8)

    def run() -> None:
        with suppress(OSError):  # its socket is closed under it at the end
            server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    for channel in list(server._map.values()):  # what a browser keeps open would keep the loop going, and busy
        with suppress(OSError):
            channel.close()
    server.task_dispatcher.shutdown(timeout=1)
    thread.join(timeout=5)
    assert not thread.is_alive()


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with a page, one line each."""
    found = Axe().run(page)
    return [f"{one['id']}: {node['html'][:120]}" for one in found.response["violations"] for node in one["nodes"]]
