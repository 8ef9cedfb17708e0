"""The page of label checks, the button that ends a job, and the rules by which labels are checked again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient

from labeler.jobs import actions as jobs
from labeler.jobs import queries
from labeler.projects.models import Project
from labeler.quality.models import Inspection
from labeler.storage.database import Database, clock
from tests.conftest import Made
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]
BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OUTLOOK = {
    "labels": [40, 80, 512],
    "right": [0.7, 0.8, 0.9],
    "more": 200,
    "gain": 0.015,
    "low": 0.01,
    "high": 0.02,
    "learnt": 0.97,
}
RELIABILITY = [{"said": 0.6, "right": 0.5, "labels": 500}, {"said": 0.9, "right": 0.84, "labels": 300}]
COST = {"seconds": 180.4, "cpu_seconds": 175.2, "watts_a_core": 10, "watt_hours": 0.4867, "energy_is": "an estimate"}
CHANGES = {
    "since": 1,
    "new": {"label_error": 12},
    "gone": {"label_error": 28, "outlier": 2},
    "why": {"decided": 25, "label_changed": 2, "not_suspected": 3},
}


def ran(database: Database, made: Made, state: str = "done", *, by: int | None = None, **summary: Any) -> int:
    with database.write() as session:
        run = Inspection(project_id=made.id, state=state, summary=summary, started_at=BEGAN, created_by=by)
        run.finished_at = BEGAN + timedelta(minutes=3)
        session.add(run)
        session.flush()
        return run.id


def asked(database: Database, made: Made) -> int:
    with database.write() as session:
        return jobs.ask_for_inspection(session, made.id, by=None, now=clock(session)).id


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    inspect(answer.text)
    return " ".join(answer.text.split())


def test_a_project_without_checks_says_what_will_be_here(sign_in: SignIn, make_project: Make) -> None:
    make_project()
    page = text_of(sign_in("olga"), "/p/pets/checks")
    assert "Every check appears here" in page
    assert "Check labels now" in page
    assert "Not checked by itself." in page


def test_a_run_says_who_asked_what_it_found_what_it_cost_and_what_changed(
    sign_in: SignIn, make_project: Make, database: Database, cast: dict[str, int]
) -> None:
    made = make_project()
    ran(database, made, by=cast["olga"])
    summary: dict[str, Any] = {
        "items": 5000,
        "labeled": 4800,
        "findings": {"label_error": 80, "outlier": 0},
        "notes": ["Said."],
    }
    ran(database, made, **summary, cost=COST, changes=CHANGES, outlook=None, wrong_of_flagged=None)
    page = text_of(sign_in("olga"), "/p/pets/checks")
    for words in (
        "Asked for by Olga",
        "Asked for on the server",
        "5,000",
        "4,800 labeled",
        "0.49 Wh",
        "at 10 W a core",
        "12 new flags",
        "30 gone",
        "25 decided, 2 have another label, 3 not suspected any more",
        "Said.",
    ):
        assert words in page


def test_what_the_model_learned_is_said_in_words(sign_in: SignIn, make_project: Make, database: Database) -> None:
    made = make_project()
    model = {"accuracy": 0.9, "reliability": RELIABILITY}
    ran(database, made, items=640, labeled=640, model=model, outlook=OUTLOOK, notes=[])
    page = text_of(sign_in("olga"), "/p/pets/checks")
    assert "200 more labels: about +1.5 points" in page
    assert "1.0 to 2.0, 95%" in page
    assert "Of 80 labels that it learned from it gives 97%, of others 80%" in page
    assert "It is too sure: where it says 90%, it is right in 84%." in page
    assert 'role="img" aria-label="Labels that the model gives as people did' in page


def test_a_run_of_an_earlier_version_is_shown_with_what_it_kept(
    sign_in: SignIn, make_project: Make, database: Database
) -> None:
    ran(database, make_project(), findings={"label_error": 3}, items=10, labeled=9, model={"accuracy": 0.8})
    page = text_of(sign_in("olga"), "/p/pets/checks")
    assert "3 min" in page
    assert "Processor time" not in page


def test_cancelled_and_stopped_runs_are_told_apart(sign_in: SignIn, make_project: Make, database: Database) -> None:
    made = make_project()
    ran(database, made, "failed", notes=["It broke."])
    ran(database, made, "failed", cancelled=True, notes=["As it was."])
    page = text_of(sign_in("olga"), "/p/pets/checks")
    assert page.index("Cancelled") < page.index("Stopped")


def test_older_runs_are_on_the_next_page(sign_in: SignIn, make_project: Make, database: Database) -> None:
    made = make_project()
    first = ran(database, made, notes=["The very first."])
    for _ in range(20):
        last = ran(database, made)
    page = text_of(sign_in("olga"), "/p/pets/checks")
    assert "The very first." not in page
    assert f"before={first + 1}" in page
    assert last > first
    assert "The very first." in text_of(sign_in("olga"), f"/p/pets/checks?before={first + 1}")
    assert sign_in("olga").get(f"/p/pets/checks?before={10**30}").status_code == 200


def test_the_button_ends_what_waits_and_goes_back_to_where_it_was_pressed(
    sign_in: SignIn, make_project: Make, database: Database
) -> None:
    made, olga = make_project(), sign_in("olga")
    job = asked(database, made)
    for path in ("/p/pets/", "/p/pets/review", "/p/pets/checks"):
        assert f"/p/pets/jobs/{job}/cancel" in text_of(olga, path)
    answer = olga.post(f"/p/pets/jobs/{job}/cancel", data={"back": "review"})
    assert answer.location == "/p/pets/review"
    assert "Cancelled by Olga." in text_of(olga, "/p/pets/")
    with database.read() as session:
        assert queries.job_in(session, job).was_cancelled
    again = olga.post(f"/p/pets/jobs/{job}/cancel", data={"back": "https://elsewhere.example"}, follow_redirects=False)
    assert again.location == "/p/pets/checks"


def test_a_job_that_stops_has_no_button_any_more(sign_in: SignIn, make_project: Make, database: Database) -> None:
    made, olga = make_project(), sign_in("olga")
    job = asked(database, made)
    with database.write() as session:
        jobs.take(session, "w", clock(session))
    olga.post(f"/p/pets/jobs/{job}/cancel", data={"back": "checks"})
    page = text_of(olga, "/p/pets/checks")
    assert "Stopping" in page
    assert "/cancel" not in page


def test_a_cancelled_import_says_which_rows_are_in(sign_in: SignIn, make_project: Make, database: Database) -> None:
    made, olga = make_project(), sign_in("olga")
    with database.write() as session:
        payload = {"name": "more.csv", "as": "items"}
        job = jobs.enqueue(session, made.id, "import", payload=payload, by=None, now=clock(session)).id
    assert f"/p/pets/jobs/{job}/cancel" in text_of(olga, f"/p/pets/data/jobs/{job}")
    assert olga.post(f"/p/pets/jobs/{job}/cancel").location == f"/p/pets/data/jobs/{job}"
    page = text_of(olga, f"/p/pets/data/jobs/{job}")
    assert "Import cancelled" in page
    assert "Cancelled by Olga." in page


def test_nobody_ends_the_work_of_another_project(sign_in: SignIn, make_project: Make, database: Database) -> None:
    made = make_project()
    make_project("birds")
    job = asked(database, made)
    assert sign_in("olga").post(f"/p/birds/jobs/{job}/cancel").status_code == 404
    assert sign_in("ann").post(f"/p/pets/jobs/{job}/cancel").status_code == 403
    assert sign_in("zed").post(f"/p/pets/jobs/{job}/cancel").status_code == 404


def test_the_rules_are_set_in_the_settings_and_told_on_the_page(
    sign_in: SignIn, make_project: Make, database: Database
) -> None:
    made, olga = make_project(), sign_in("olga")
    rules = {"name": "Pets", "votes": "2", "order": "in_order", "target_alpha": "0.8", "error_limit": "5"}
    for every, hour, words in (
        ("200", "", "Checked by itself after 200 new answers."),
        ("200", "3", "Checked by itself after 200 new answers, and every day at 03:00 UTC."),
        ("", "14", "Checked by itself every day at 14:00 UTC."),
    ):
        data = {**rules, "check_every": every, "check_hour": hour}
        assert olga.post("/p/pets/settings", data=data).status_code == 302
        assert words in text_of(olga, "/p/pets/checks")
    with database.read() as session:
        kept = session.get_one(Project, made.id).settings
        assert (kept["check_every"], kept["check_hour"]) == (0, 14)
    refused = olga.post("/p/pets/settings", data={**rules, "check_every": "-1", "check_hour": "99"})
    assert refused.status_code == 422
