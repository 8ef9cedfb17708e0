"""Every page that waits for a job shows how far it is, says what keeps it from knowing, and ends with the result."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from labeler.jobs import actions as jobs
from labeler.messages import Message
from labeler.storage.database import Database, clock
from tests.conftest import PASSWORD, Made

pytestmark = pytest.mark.browser
Make = Callable[..., Made]
PAGES = {"overview": "", "review": "review", "import": "data/jobs/1"}
ENDED = {"overview": "The last label check stopped: No memory.", "review": "No memory.", "import": "No memory."}


@pytest.fixture(params=sorted(PAGES))
def kind(request: pytest.FixtureRequest) -> str:
    """The page that waits."""
    return str(request.param)


@pytest.fixture
def waiting(
    fresh_page: Page, database: Database, cast: dict[str, int], make_project: Make, *, address: str, kind: str
) -> Page:
    """A lead in front of a page whose job is queued; its clock goes on and can be put forward."""
    made = make_project()
    with database.write() as session:
        what, payload = ("import", {"name": "pets.csv", "as": "items"}) if kind == "import" else ("inspect", {})
        job = jobs.enqueue(session, made.id, what, payload=payload, by=cast["olga"], now=clock(session))
    assert job.id == 1
    fresh_page.goto(f"{address}/sign-in")
    fresh_page.locator("input[name=email]").fill("olga@example.org")
    fresh_page.locator("input[name=password]").fill(PASSWORD)
    fresh_page.locator("main button[type=submit]").click()
    fresh_page.clock.install()
    fresh_page.goto(f"{address}/p/{made.slug}/{PAGES[kind]}")
    return fresh_page


def test_a_page_follows_a_job_and_shows_its_end(waiting: Page, database: Database, kind: str) -> None:
    expect(waiting.locator("[data-job-said]")).to_have_text("Waiting for the worker")
    expect(waiting.locator("[data-job-worker]")).to_contain_text("No worker is running")
    with database.write() as session:
        jobs.seen(session, "w", clock(session))
        assert jobs.take(session, "w", clock(session)) is not None
        done = Message("{count:,} rows read", count=1200)
        jobs.report(session, 1, ("w", 1), progress=0.4, message=done, now=clock(session))
    waiting.clock.run_for(1500)
    expect(waiting.locator("[data-job-said]")).to_have_text("1,200 rows read")
    expect(waiting.locator("[data-job] [role=progressbar]")).to_have_attribute("aria-valuenow", "40")
    expect(waiting.locator("[data-job-worker]")).to_be_hidden()
    expect(waiting.locator("[data-job-trouble]")).to_be_hidden()
    with database.write() as session:
        jobs.fail(session, 1, ("w", 1), error="No memory.", now=clock(session))
    waiting.clock.run_for(1500)
    expect(waiting.locator("main")).to_contain_text(ENDED[kind])
    expect(waiting.locator("[data-job]")).to_have_count(0)


TROUBLES: dict[str, tuple[dict[str, Any] | None, str]] = {
    "offline": (None, "No connection to the server."),
    "signed out": ({"status": 401, "json": {}}, "You are signed out."),
    "server error": ({"status": 500, "json": {}}, "The server does not say how far it is"),
    "too many requests": ({"status": 429, "json": {}}, "The server does not say how far it is"),
    "a page of a proxy": ({"status": 200, "body": "<html>"}, "The server does not say how far it is"),
}


@pytest.mark.parametrize("kind", ["import"], indirect=True)
@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_keeps_a_page_from_knowing_is_said_until_it_is_over(waiting: Page, trouble: str) -> None:
    answer, words = TROUBLES[trouble]

    def stand_between(route: Route) -> None:
        if answer is None:
            route.abort("internetdisconnected")
        else:
            route.fulfill(**answer)

    waiting.route("**/api/v1/jobs/*", stand_between)
    waiting.clock.run_for(1500)
    expect(waiting.locator("[data-job-trouble] [data-why]:visible")).to_contain_text(words)
    waiting.unroute("**/api/v1/jobs/*")
    waiting.clock.run_for(6000)
    expect(waiting.locator("[data-job-trouble]")).to_be_hidden()
    expect(waiting.locator("[data-job-said]")).to_have_text("Waiting for the worker")


@pytest.mark.parametrize("kind", ["import"], indirect=True)
@pytest.mark.parametrize("status", [403, 404])
def test_a_job_that_one_may_no_longer_see_is_said_and_not_asked_for_again(waiting: Page, status: int) -> None:
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=status, body=json.dumps({"title": "Not for you"}))

    waiting.route("**/api/v1/jobs/*", refuse)
    waiting.clock.run_for(1500)
    expect(waiting.locator("[data-why=gone]")).to_be_visible()
    waiting.clock.run_for(60_000)
    assert len(asked) == 1


@pytest.mark.parametrize("kind", ["import"], indirect=True)
def test_a_person_who_signs_out_elsewhere_is_told_and_goes_on_after_signing_in(waiting: Page) -> None:
    cookies = waiting.context.cookies()
    waiting.context.clear_cookies()
    waiting.clock.run_for(1500)
    expect(waiting.locator("[data-why=signed-out]")).to_be_visible()
    expect(waiting.get_by_role("link", name="Sign in")).to_have_attribute("target", "labeler-sign-in")
    waiting.context.add_cookies(cookies)  # type: ignore[arg-type]  # they are what it gave
    waiting.clock.run_for(6000)
    expect(waiting.locator("[data-job-trouble]")).to_be_hidden()
