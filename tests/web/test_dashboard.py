"""The lead's dashboard, the annotators page and the button that starts an inspection."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from labeler import workflow
from labeler.assignment.forecast import Ahead
from labeler.jobs import actions as jobs
from labeler.projects.models import Item, Project
from labeler.quality import actions as quality
from labeler.quality.models import Flag
from labeler.statistics.counts import ProjectCounts
from labeler.storage.database import Database, clock
from labeler.task_types.registry import TASK_TYPES
from labeler.web.dashboard.progress import forecast_words
from tests.conftest import Made

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]
Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]
PAGES = ("", "annotators")


def page(client: FlaskClient, made: Made, path: str = "") -> str:
    answered = client.get(f"/p/{made.slug}/{path}")
    assert answered.status_code == 200
    return " ".join(answered.text.split())


def inspected(database: Database, made: Made, flags: int, *, model: bool = True) -> int:
    """Store an inspection with label_error flags on the first items; returns its id."""
    with database.write() as session:
        run = quality.start_inspection(session, made.id, by=None, now=clock(session))
        summary = {"labeled": len(made.items), "model": {"accuracy": 0.9} if model else None, "notes": ["Too few."]}
        quality.finish_inspection(session, run, state="done", summary=summary, now=clock(session))
        rows: list[dict[str, Any]] = [
            {"project_id": made.id, "inspection_id": run, "item_id": item, "kind": "label_error", "score": 0.9}
            for item in made.items[:flags]
        ]
        labels = [session.get_one(Item, row["item_id"]).given_code for row in rows]
        session.add_all(Flag(**row, label_code=label, confidence=0.9) for row, label in zip(rows, labels, strict=True))
    return run


@pytest.mark.parametrize("path", PAGES)
def test_only_leads_of_the_project_see_its_numbers(sign_in: SignIn, make_project: Make, path: str) -> None:
    made = make_project()
    assert sign_in("zed").get(f"/p/{made.slug}/{path}").status_code == 404
    # an annotator who follows the short address lands at their work
    assert sign_in("ann").get(f"/p/{made.slug}/{path}").status_code == (403 if path else 302)
    assert sign_in("olga").get(f"/p/{made.slug}/{path}").status_code == 200


@pytest.mark.parametrize("name", ["zed", "ann"])
def test_only_a_lead_starts_an_inspection(sign_in: SignIn, make_project: Make, name: str) -> None:
    made = make_project()
    assert sign_in(name).post(f"/p/{made.slug}/inspections").status_code == {"zed": 404, "ann": 403}[name]


def test_a_new_project_shows_its_first_steps_and_no_numbers(sign_in: SignIn, make_project: Make) -> None:
    shown = page(sign_in("olga"), make_project(items=0))
    assert "First steps" in shown
    assert "Needs you" not in shown


def test_the_first_steps_go_when_the_work_has_begun(sign_in: SignIn, make_project: Make, answer: Give) -> None:
    made = make_project()
    assert "First steps" in page(sign_in("olga"), made)
    answer(made, "ann", ["cat"])
    shown = page(sign_in("olga"), made)
    assert "First steps" not in shown
    assert "No item has two answers yet." in shown


def test_numbers_are_those_of_this_moment(sign_in: SignIn, make_project: Make, answer: Give) -> None:
    made, olga = make_project(items=4), sign_in("olga")
    answer(made, "ann", ["cat", "cat"])
    assert ">0</a> <small>of 4 items done" in page(olga, made)
    answer(made, "bob", ["cat", "dog"])
    shown = page(olga, made)
    assert ">2</a> <small>of 4 items done" in shown
    assert "Too few double-labelled items (2 of 50)" in shown
    assert "Ties between annotators" in shown
    assert "Running · 2 people" in shown


def test_every_count_links_to_its_items(sign_in: SignIn, make_project: Make, answer: Give) -> None:
    made, olga = make_project(items=3, votes=3), sign_in("olga")
    answer(made, "ann", ["cat", "cat"])
    answer(made, "bob", ["cat", "dog"])
    answer(made, "olga", ["cat", "cat"])
    shown = page(olga, made).replace("&amp;", "&")
    link = re.search(r'href="/p/pets/(items[?]final=[0-9]+&vote=[0-9]+)" title="cat answered as dog', shown)
    assert link is not None
    assert "1 item<" in page(olga, made, link[1])


def test_annotators_show_pace_and_agreement_with_the_others(sign_in: SignIn, make_project: Make, answer: Give) -> None:
    made = make_project(items=12, votes=2)
    answer(made, "ann", ["cat"] * 12)
    answer(made, "bob", ["cat"] * 9 + ["dog"] * 3)
    shown = page(sign_in("olga"), made, "annotators")
    assert "Ann" in shown
    assert "75%" in shown
    assert "30.0" in shown  # an answer every two seconds


def test_the_details_of_agreement_name_the_measures_people_know(
    sign_in: SignIn, make_project: Make, answer: Give
) -> None:
    made = make_project(items=60, votes=2)
    answer(made, "ann", ["cat"] * 40 + ["dog"] * 20)
    answer(made, "bob", ["cat"] * 36 + ["dog"] * 24)
    shown = page(sign_in("olga"), made)
    others = shown.split("Other measures of the same answers: ")[1].split("</p>")[0].replace("&#39;", "'")
    found = dict(re.findall(r"([A-Z][^<>]*?) <b class=\"num\">([0-9.]+)</b>", others))
    assert found == {"Gwet's AC1": "0.91", "Fleiss' kappa": "0.86", "Brennan and Prediger's kappa": "0.90"}


def test_without_an_audit_the_remaining_error_is_not_measured_whatever_is_flagged(
    database: Database, cast: dict[str, int], sign_in: SignIn, make_project: Make
) -> None:
    made, olga = make_project(items=40, given="cat"), sign_in("olga")
    assert "Can be measured from 50 labeled items; 40 so far." in page(olga, made)
    made = make_project("more", items=60, given="cat")
    inspected(database, made, 30)
    shown = page(olga, made)
    assert "Not measured" in shown
    assert "30 labels wait in review; what has no flag nobody has looked at." in shown
    assert "Measure it, from 17 minutes" in shown
    assert "likely wrong. Check" not in shown
    assert cast


def test_an_inspection_without_a_model_says_why(database: Database, sign_in: SignIn, make_project: Make) -> None:
    made = make_project(given="cat")
    inspected(database, made, 0, model=False)
    assert "Too few." in page(sign_in("olga"), made)


def test_the_button_asks_for_one_inspection_and_its_progress_is_told(
    database: Database, sign_in: SignIn, make_project: Make
) -> None:
    made, olga = make_project(), sign_in("olga")
    where = f"/p/{made.slug}/inspections"
    for _ in range(2):
        assert olga.post(where).headers["Location"].endswith("/p/pets/#pass-title")
    waits = page(olga, made)
    assert "Waiting for the worker" in waits
    assert "<div data-job-worker> <p" in waits.replace("worker><p", "worker> <p"), "nobody runs it"
    with database.write() as session:
        job = jobs.take(session, "w", clock(session))
        assert job is not None
        jobs.seen(session, "w", clock(session))
        jobs.report(session, job.id, ("w", 1), progress=0.4, message="Training", now=clock(session))
    shown = page(olga, made)
    assert "data-job-worker hidden" in shown
    assert "<span data-job-share>40%</span>" in shown
    assert "Training" in shown
    assert "Check labels now" not in shown
    assert f'data-job="/api/v1/jobs/{job.id}"' in shown
    with database.write() as session:
        jobs.fail(session, job.id, ("w", 1), error="No memory.", now=clock(session))
    assert "The last label check stopped: No memory." in page(olga, made)


def test_the_forecast_is_said_with_its_band(app: Any) -> None:
    today = date(2026, 12, 20)
    tally = ProjectCounts(9, 5, 0, (), (), 0, 0, 0, 0, 0, 0.0, None, (), ())
    with app.test_request_context():
        assert forecast_words(None, today, tally) is None
        words = forecast_words(Ahead(2, 4, 9), today, tally)
        assert words == "Done on 24 Dec, likely 22 to 29 Dec (80%)"
        words = forecast_words(Ahead(8, 15, 40), today, tally)
        assert words == "Done on 4 Jan 2027, likely 28 Dec to 29 Jan 2027 (80%)"
        words = forecast_words(Ahead(8, 15, None), today, tally)
        assert words == "Done on 4 Jan 2027 at this pace, or much later"


def test_a_project_of_the_same_id_starts_with_new_books(
    database: Database, sign_in: SignIn, make_project: Make, answer: Give
) -> None:
    made, olga = make_project(items=3, votes=1), sign_in("olga")
    answer(made, "ann", ["cat", "cat"])
    assert ">2</a> <small>of 3 items done" in page(olga, made)
    with database.write() as session:
        session.get_one(Project, made.id).created_at = datetime.now(UTC)
    assert ">2</a> <small>of 3 items done" in page(olga, made)


@pytest.mark.parametrize("task", TASK_TYPES)
def test_the_page_of_annotators_says_what_is_compared_where_that_is_not_plain(
    sign_in: SignIn, make_project: Make, answer: Give, task: str, database: Database
) -> None:
    made = make_project()
    answer(made, "ann", ["cat"])
    with database.write() as session:
        session.get_one(Project, made.id).task = task
    shown = " ".join(sign_in("olga").get("/p/pets/annotators").text.split())
    notes = {str(kind.words.compared) for kind in TASK_TYPES.values()} - {""}
    assert {note for note in notes if note in shown} == {str(TASK_TYPES[task].words.compared)} - {""}
