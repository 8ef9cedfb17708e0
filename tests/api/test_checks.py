"""Cancelling, schedules and the list of checks over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

from labeler import workflow
from labeler.jobs import actions as jobs
from labeler.jobs.runner import Worker
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from tests.api.conftest import Api
from tests.conftest import Made

Cast = Callable[[str], Api]
Make = Callable[..., Made]


def test_a_job_that_waits_is_cancelled_by_whoever_leads_its_project(api: Cast, make_project: Make) -> None:
    make_project()
    job = api("olga").post("/projects/pets/inspections").json
    assert (job["state"], job["cancelled"]) == ("queued", False)
    tried = {name: api(name).post(f"/jobs/{job['id']}/cancel").status_code for name in ("", "ann", "zed", "rita")}
    assert tried == {"": 401, "ann": 404, "zed": 404, "rita": 404}
    ended = api("olga").post(f"/jobs/{job['id']}/cancel")
    assert ended.status_code == 200
    told = {name: ended.json[name] for name in ("state", "cancelled", "error")}
    assert told == {"state": "failed", "cancelled": True, "error": "Cancelled by Olga."}
    assert api("olga").post(f"/jobs/{job['id']}/cancel").json == ended.json, "asking again changes nothing"
    assert api("olga").post("/jobs/999/cancel").status_code == 404


def test_a_job_that_runs_is_about_to_stop_and_one_that_has_ended_cannot(
    api: Cast, make_project: Make, database: Database
) -> None:
    make_project()
    number = api("olga").post("/projects/pets/inspections").json["id"]
    with database.write() as session:
        jobs.take(session, "w", clock(session))
    told = api("olga").post(f"/jobs/{number}/cancel").json
    assert (told["state"], told["cancelled"], told["message"]) == ("running", True, "Stopping")
    with database.write() as session:
        jobs.finish(session, number, ("w", 1), result={}, now=clock(session))
    late = api("olga").post(f"/jobs/{number}/cancel")
    assert late.status_code == 409
    assert api("olga").get(f"/jobs/{number}").json["cancelled"] is False, "it was done before it could stop"


def test_the_list_of_checks_says_who_asked_what_it_cost_and_what_changed(
    api: Cast, make_project: Make, database: Database, files: FileStore, cast: dict[str, int]
) -> None:
    made = make_project(items=30, given="cat")
    workflow.inspect(database, files, made.id, by=cast["olga"])
    workflow.inspect(database, files, made.id, schedule="daily")
    cancelled = api("olga").post("/projects/pets/inspections").json["id"]
    api("olga").post(f"/jobs/{cancelled}/cancel")
    assert not Worker(database, files).run_one(), "what was cancelled while it waited never ran"
    second, first = api("olga").pages("/projects/pets/inspections")
    assert (first["asked_by"], first["schedule"], first["cancelled"]) == ("olga@example.org", "", False)
    assert (second["asked_by"], second["schedule"]) == (None, "daily")
    assert first["summary"]["changes"] is None
    assert second["summary"]["changes"] == {"since": first["id"], "new": {}, "gone": {}, "why": {}}
    cost = second["summary"]["cost"]
    assert cost["watt_hours"] == pytest.approx(cost["cpu_seconds"] * cost["watts_a_core"] / 3600, abs=1e-3)
    assert cost["energy_is"] == "an estimate"


def test_a_schedule_is_off_and_can_be_set_part_by_part(api: Cast, make_project: Make) -> None:
    make_project()
    olga = api("olga")

    def change(checks: dict[str, Any]) -> Any:
        return olga("PATCH", "/projects/pets", {"checks": checks})

    assert olga.get("/projects/pets").json["checks"] == {"after_answers": 0, "daily_at": None}
    assert change({"after_answers": 200}).json["checks"] == {"after_answers": 200, "daily_at": None}
    assert change({"daily_at": 3}).json["checks"] == {"after_answers": 200, "daily_at": 3}
    assert change({"daily_at": None, "after_answers": 0}).json["checks"] == {"after_answers": 0, "daily_at": None}
    for wrong in ({"daily_at": 24}, {"after_answers": -1}, {"every": 3}):
        assert change(wrong).status_code == 422
