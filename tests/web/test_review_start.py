"""The plan of a review: what a time would bring, which reasons wait, whether the probability can be believed."""

import re
import time
import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.decisions.actions import Decision
from labeler.projects.models import Project
from labeler.projects.queries import classes_of
from labeler.storage.database import Database
from tests.conftest import Made
from tests.review.suspects import Suspect, add_pass
from tests.web.pages import inspect

Make = Callable[..., Made]
SignIn = Callable[[str], FlaskClient]


def show(client: FlaskClient, address: str) -> str:
    response = client.get(address, follow_redirects=True)
    assert response.status_code == 200, response.text[:500]
    inspect(response.text)
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


def decide(database: Database, made: Made, by: int, places: range, *, kept: int) -> None:
    with database.write() as session:
        dog, project = classes_of(session, made.id).by_name["dog"], session.get_one(Project, made.id)
        for place in places:
            keeps = place < places.start + kept
            one = Decision(str(uuid.uuid4()), made.items[place], "keep" if keeps else "relabel", "" if keeps else dog)
            workflow.resolve(session, project, one, by=by)


@pytest.mark.parametrize(("name", "status"), [("zed", 404), ("ann", 403), ("", 302)])
def test_only_leads_plan_a_review(make_project: Make, sign_in: SignIn, name: str, status: int) -> None:
    make_project()
    assert sign_in(name).get("/p/pets/review/start").status_code == status
    if name:
        assert sign_in(name).post("/p/pets/review/start").status_code == status


def test_before_anything_is_known_a_plan_says_how_many_items_fit_and_promises_nothing(
    database: Database, make_project: Make, sign_in: SignIn
) -> None:
    made, olga = make_project(items=60, given="cat"), sign_in("olga")
    assert "Nothing was inspected yet" in show(olga, "/p/pets/review/start")
    add_pass(database, made, [])
    assert "Nothing waits for a review." in show(olga, "/p/pets/review/start")
    add_pass(database, made, [Suspect(n, "label_error", 0.9, "cat", "dog", 0.9) for n in range(60)])
    text = show(olga, "/p/pets/review/start")
    assert "10 minutes 30 items fit" in text
    assert "All: 20 minutes 60 items fit" in text
    assert "No pace of yours yet: 20 s an item are assumed." in text
    assert "corrections expected" not in text
    assert "Likely wrong 60" in text
    assert "none checked yet" in text
    assert "Too few checked (0 of 50)." in text


def test_a_plan_says_what_each_time_brings_and_how_often_flags_were_right(
    database: Database, make_project: Make, sign_in: SignIn, cast: dict[str, int]
) -> None:
    made, olga = make_project(items=120, given="cat"), sign_in("olga")
    add_pass(database, made, [Suspect(n, "label_error", 0.9, "cat", "dog", 0.9) for n in range(120)])
    decide(database, made, cast["olga"], range(60), kept=12)
    text = show(olga, "/p/pets/review/start")
    found = re.search(r"10 minutes (\d+) corrections expected (\d+) to (\d+), from 30 items", text)
    assert found, text
    expected, low, high = map(int, found.groups())
    assert low <= expected <= high <= 30
    assert abs(expected - 24) <= 1
    assert "80% 68 to 88%, 48 of 60" in text
    assert "60 labels checked" in text
    assert "12 of 60" not in text
    assert "75 to 90% 48 of 60" in text
    assert "Yes: in every group that was checked" in text
    assert "48 changed · 12 kept" in text


def test_a_time_that_was_started_runs_beside_the_review_and_ends_nothing(
    database: Database, make_project: Make, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, cast: dict[str, int]
) -> None:
    made, olga = make_project(items=30, given="cat"), sign_in("olga")
    errors = [Suspect(n, "label_error", 0.9, "cat", "dog", 0.9) for n in range(20)]
    add_pass(database, made, [*errors, Suspect(29, "outlier", 0.9, "cat")])
    response = olga.post("/p/pets/review/start", data={"minutes": "10"})
    assert response.headers["Location"] == "/p/pets/review?order=time"
    text = show(olga, "/p/pets/review?order=time")
    assert "10 of 10 min left" in text
    assert "Most corrections a minute first." in text
    decide(database, made, cast["olga"], range(2), kept=0)
    begun = time.time()
    now = [begun + 3600]
    monkeypatch.setattr("labeler.web.review.running.time.time", lambda: now[0])
    assert "9 of 10 min left" in show(olga, "/p/pets/review?order=time")  # after an hour's break
    for _ in range(2):
        now[0] += 30
        text = show(olga, "/p/pets/review?order=time")
    assert "8 of 10 min left" in text
    for _ in range(8):
        now[0] += 60
        text = show(olga, "/p/pets/review?order=time")
    assert "Time is up: 2 decided" in text
    assert "Keep cat" in text
    olga.post("/p/pets/review/start", data={"minutes": "0"})
    assert "min left" not in show(olga, "/p/pets/review")


def test_the_limits_of_suggesting_and_accepting_are_settings_of_the_project(
    database: Database, make_project: Make, sign_in: SignIn
) -> None:
    made, olga = make_project(items=6, given="cat"), sign_in("olga")
    add_pass(database, made, [Suspect(0, "label_error", 0.9, "cat", "dog", 0.85)])
    assert "Change to dog" in show(olga, "/p/pets/review")
    rules = {"name": "Pets", "votes": "2", "order": "in_order", "target_alpha": "0.8", "error_limit": "5"}
    answer = olga.post("/p/pets/settings", data=rules | {"suggest_from": "90", "accept_from": "95"})
    assert answer.status_code == 302
    with database.read() as session:
        kept = session.get_one(Project, made.id).settings
    assert (kept["suggest_from"], kept["accept_from"]) == (0.9, 0.95)
    page = olga.get("/p/pets/review").text
    assert "Change to" not in page
    assert "primary" not in page[page.index('data-part="decision"') :]
    assert olga.post("/p/pets/settings", data=rules | {"suggest_from": "120"}).status_code == 422
