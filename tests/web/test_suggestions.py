"""Suggestions: turned on by the lead, fixed when an item is handed out, hidden where they are to be, and measured."""

import json
import re
import struct
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from labeler import workflow
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.assignment.models import Assignment
from labeler.exchange.rows import RejectedRow, Row
from labeler.jobs.models import Job
from labeler.jobs.runner import Worker
from labeler.projects import actions as projects
from labeler.projects.models import Project
from labeler.projects.queries import Question, classes_of
from labeler.quality.models import Inspection, ItemScore, Prediction
from labeler.quality.suggestions import Rules, is_hidden
from labeler.statistics.suggestion_effects import suggested_answers
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.conftest import LEASE, NOW, Made
from tests.web.pages import inspect

SignIn = Callable[[str], FlaskClient]
Make = Callable[..., Made]
Answers = Callable[[Made, str, list[str]], object]
Bearer = Callable[[str], dict[str, str]]


@pytest.fixture
def made(make_project: Make) -> Made:
    return make_project(items=60, votes=3)


def predict(database: Database, made: Made, labels: list[str], score: float | None = 0.83) -> workflow.ImportPlan:
    """Import predictions for the first items."""
    rows = [
        Row(n + 1, f"e{n}", None, None, None, {}, prediction={"label": label}, prediction_score=score)
        for n, label in enumerate(labels)
    ]
    plan = workflow.ImportPlan("said.csv", "csv")
    workflow.import_predictions(database, made.id, rows, plan)
    return plan


def turn(database: Database, made: Made, rules: Rules) -> None:
    with database.write() as session:
        projects.change_project(session, session.get_one(Project, made.id), {"settings": rules.as_settings()})


@pytest.fixture
def suggesting(made: Made, database: Database) -> Made:
    """The project with suggestions on; half of them hidden; the model of the import says dog for everything."""
    predict(database, made, ["dog"] * 60)
    turn(database, made, Rules(on=True, source="imported", hidden_share=0.5))
    return made


def claim(sign_in: SignIn, name: str, count: int = 60) -> list[dict[str, object]]:
    answer = sign_in(name).post("/api/v1/projects/pets/assignments", json={"count": count})
    assert answer.status_code == 200
    found: list[dict[str, object]] = answer.json or []
    return found


def held(database: Database, made: Made, user: int) -> dict[int, Assignment]:
    with database.read() as session:
        rows = session.scalars(
            select(Assignment).where(Assignment.project_id == made.id, Assignment.user_id == user)
        ).all()
    return {row.item_id: row for row in rows}


# -- handing out ----------------------------------------------------------------------------------------------------


def test_nothing_is_suggested_until_the_lead_turns_it_on(
    made: Made, database: Database, sign_in: SignIn, cast: dict[str, int]
) -> None:
    predict(database, made, ["dog"] * 60)
    assert all(not one.get("suggestion") for one in claim(sign_in, "ann"))
    assert {row.suggestion_shown for row in held(database, made, cast["ann"]).values()} == {None}


def test_a_share_of_items_drawn_for_each_person_keeps_its_suggestion_hidden(
    suggesting: Made, database: Database, sign_in: SignIn, cast: dict[str, int]
) -> None:
    seen = {}
    for name in ("ann", "bob"):
        for one in claim(sign_in, name):
            seen[name, one["item"]] = one.get("suggestion")
        kept = held(database, suggesting, cast[name])
        assert {row.suggested_code for row in kept.values()} == {kept[suggesting.items[0]].suggested_code} != {""}
        for item in suggesting.items:
            hidden = is_hidden(suggesting.id, item, cast[name], 0.5)
            assert kept[item].suggestion_shown is not hidden
            assert seen[name, item] == (None if hidden else {"value": {"label": "dog"}, "score": 0.83})
    shown = [{item for item in suggesting.items if seen[name, item]} for name in ("ann", "bob")]
    assert shown[0] != shown[1]


def test_loading_the_page_again_draws_nothing_again(suggesting: Made, sign_in: SignIn) -> None:
    del suggesting
    assert without_times(claim(sign_in, "ann")) == without_times(claim(sign_in, "ann"))


def without_times(held: list[dict[str, object]]) -> list[dict[str, object]]:
    """What was handed out but for the end of its lease, which each look moves on."""
    return [{name: value for name, value in one.items() if name != "expires_at"} for one in held]


def test_what_was_handed_out_stays_when_the_prediction_or_the_rules_change(
    suggesting: Made, database: Database, sign_in: SignIn
) -> None:
    before = [one.get("suggestion") for one in claim(sign_in, "ann")]
    predict(database, suggesting, ["cat"] * 60)
    turn(database, suggesting, Rules(on=False, source="imported", hidden_share=0.05))
    assert [one.get("suggestion") for one in claim(sign_in, "ann")] == before
    assert all(not one.get("suggestion") for one in claim(sign_in, "bob"))


def test_an_item_taken_up_again_after_its_lease_gets_what_holds_now(
    suggesting: Made, database: Database, cast: dict[str, int]
) -> None:
    for minutes, rules in ((0, None), (60, Rules(on=False))):
        if rules:
            turn(database, suggesting, rules)
        with database.write() as session:
            at = NOW + timedelta(minutes=minutes)
            only = suggesting.items[:1]
            workflow.serve(session, suggesting.id, cast["ann"], count=1, only=only, lease=LEASE, now=at)
    assert [row.suggestion_shown for row in held(database, suggesting, cast["ann"]).values()] == [None]


def test_whoever_looks_again_is_not_led(suggesting: Made, database: Database, cast: dict[str, int]) -> None:
    from labeler.projects.models import Item

    with database.write() as session:
        session.execute(update(Item).where(Item.id == suggesting.items[0]).values(round=1, open_slots=1, priority=-1.0))
        first = workflow.serve(session, suggesting.id, cast["ann"], count=1, lease=LEASE, now=NOW)[0]
        assert (first.assignment.purpose, first.assignment.suggestion_shown) == ("review", None)


def test_the_projects_own_model_suggests_its_likeliest_class(
    made: Made, database: Database, sign_in: SignIn, cast: dict[str, int]
) -> None:
    with database.write() as session:
        run = Inspection(project_id=made.id, state="done", summary={"model": {}}, started_at=NOW, finished_at=NOW)
        session.add(run)
        session.flush()
        for item, shares in zip(made.items, ((0.1, 0.7, 0.2), (0.5, 0.5), (0.2, 0.2, 0.6)), strict=False):
            data = struct.pack(f"<{len(shares)}f", *shares)
            session.add(ItemScore(inspection_id=run.id, item_id=item, label_code="", probabilities=data))
    turn(database, made, Rules(on=True, source="model", hidden_share=0.05))
    claim(sign_in, "ann")
    kept = held(database, made, cast["ann"])
    with database.read() as session:
        names = classes_of(session, made.id).by_code
    said = [
        (names.get(kept[item].suggested_code), (kept[item].suggested_value or {}).get("score")) for item in made.items
    ]
    assert said[:4] == [("dog", 0.7), (None, None), ("neither", 0.6), (None, None)]  # the second knew two classes


def test_a_hidden_suggestion_is_in_no_answer_of_the_server(
    suggesting: Made, database: Database, sign_in: SignIn, bearer: Bearer
) -> None:
    ann = sign_in("ann")
    claimed = claim(sign_in, "ann")
    hidden = [one for one in claimed if not one.get("suggestion")]
    answers = [
        {"key": f"key-{one['assignment']:08d}", "assignment": one["assignment"], "value": {"label": "cat"}}
        for one in hidden[:20]
    ]
    assert ann.post("/api/v1/projects/pets/annotations", json=answers).status_code == 200
    assert len(hidden) > 20
    seen = [
        ann.get("/p/pets/label").text,
        ann.get("/p/pets/guidelines").text,
        ann.get("/api/v1/projects/pets/assignments?state=done&limit=200").text,
        ann.get("/api/v1/projects/pets/annotations?limit=100").text,
        ann.get("/api/v1/projects/pets/annotations", headers=bearer("ann")).text,
        json.dumps(hidden),
        json.dumps([one for one in claim(sign_in, "ann") if one["item"] in {other["item"] for other in hidden}]),
    ]
    with database.read() as session:
        code = classes_of(session, suggesting.id).by_name["dog"]
    for text in seen[2:]:
        assert '"dog"' not in text
        assert "suggested" not in text
        assert "0.83" not in text
        assert not re.search(rf'"(?:suggested_code|code)":\s*"{code}"', text)
    for text in seen[:2]:
        assert "0.83" not in text
        assert "suggestion_shown" not in text
    for address in ("suggestions", "items/1", "annotators"):
        assert ann.get(f"/p/pets/{address}").status_code == 403
    for address in ("items", "flags", "consensus", "annotators", "export?format=jsonl"):
        assert ann.get(f"/api/v1/projects/pets/{address}").status_code == 403


def test_the_answer_keeps_what_was_suggested_and_whether_it_was_seen(
    suggesting: Made, database: Database, answer: Answers, cast: dict[str, int]
) -> None:
    answer(suggesting, "ann", ["cat"] * 10)
    with database.read() as session:
        given = session.scalars(select(Annotation).where(Annotation.user_id == cast["ann"])).all()
    kept = held(database, suggesting, cast["ann"])
    assert len(given) == 10
    assert [(one.suggested_code, one.suggestion_shown) for one in given] == [
        (kept[one.item_id].suggested_code, kept[one.item_id].suggestion_shown) for one in given
    ]


def test_leads_are_told_what_each_answer_was_given_with(
    suggesting: Made, app: Flask, sign_in: SignIn, answer: Answers, bearer: Bearer, *, cast: dict[str, int]
) -> None:
    answer(suggesting, "ann", ["cat", "dog"] * 10)
    told = app.test_client().get("/api/v1/projects/pets/annotations", headers=bearer("olga")).get_json()["data"]
    assert {one["took_suggestion"] for one in told if one["value"] == {"label": "dog"}} == {True}
    assert {one["took_suggestion"] for one in told if one["value"] == {"label": "cat"}} == {False}
    assert [one["suggestion_shown"] for one in told] == [
        not is_hidden(suggesting.id, one["item"], cast["ann"], 0.5) for one in told
    ]
    assert {one["guideline"] for one in told} == {1}
    own = app.test_client().get("/api/v1/projects/pets/annotations", headers=bearer("ann")).get_json()["data"]
    assert {(one["suggestion_shown"], one["took_suggestion"]) for one in own} == {(None, None)}
    page = sign_in("olga").get(f"/p/pets/items/{suggesting.items[0]}").text
    assert re.search(r"unlike the suggestion, (shown|hidden)", page)


# -- predictions ----------------------------------------------------------------------------------------------------


def test_predictions_are_matched_checked_and_counted_and_the_newest_stands(made: Made, database: Database) -> None:
    rows: list[Row | RejectedRow] = [
        Row(1, "e0", None, None, None, {}, prediction={"label": "dog"}, prediction_score=0.9),
        Row(2, None, "Text number 1 about cats.", None, None, {}, prediction={"label": "cat"}),
        Row(3, "nobody", None, None, None, {}, prediction={"label": "cat"}),
        Row(4, "e3", None, None, None, {}, prediction={"label": "horse"}),
        Row(5, "e4", None, None, None, {}),
        RejectedRow(6, "id", "no id", ""),
    ]
    plan = workflow.ImportPlan("said.csv", "csv")
    first = workflow.import_predictions(database, made.id, rows, plan)
    assert (first.added, first.changed, first.unchanged, first.rejected) == (2, 0, 0, 4)
    assert [(row.number, row.column) for row in first.problems] == [
        (3, "id"),
        (4, "label"),
        (5, "prediction"),
        (6, "id"),
    ]
    newer = [Row(1, "e0", None, None, None, {}, prediction={"label": "cat"}, prediction_score=0.6), rows[1]]
    again = workflow.import_predictions(database, made.id, newer, plan)
    assert (again.added, again.changed, again.unchanged) == (0, 1, 1)
    with database.read() as session:
        stands = session.get_one(Prediction, made.items[0])
        assert (classes_of(session, made.id).by_code[stands.code], stands.score) == ("cat", 0.6)


# -- the lead's pages -----------------------------------------------------------------------------------------------


def test_the_lead_turns_suggestions_on_and_off(made: Made, database: Database, sign_in: SignIn) -> None:
    olga = sign_in("olga")
    predict(database, made, ["dog"] * 3)
    page = olga.get("/p/pets/settings").text
    inspect(page)
    assert "Imported predictions (3 items)" in page
    on = olga.post("/p/pets/suggestions", data={"on": "y", "source": "imported", "hidden": "25"})
    assert on.location == "/p/pets/settings#suggestions"
    with database.read() as session:
        rules = Rules.of(session.get_one(Project, made.id).settings)
    assert rules == Rules(on=True, source="imported", hidden_share=0.25)
    page = olga.get("/p/pets/suggestions").text
    inspect(page)
    assert "Suggestions are on" in page
    assert "appears here after the first answers" in page
    assert olga.post("/p/pets/suggestions/off").status_code == 303
    assert "Suggestions are off" in olga.get("/p/pets/suggestions").text


@pytest.mark.parametrize(
    "wrong", [{"hidden": "4"}, {"hidden": "51"}, {"hidden": "x"}, {"source": "magic"}, {"hidden": ""}]
)
def test_rules_that_cannot_be_are_refused(
    made: Made, database: Database, sign_in: SignIn, wrong: dict[str, str]
) -> None:
    olga = sign_in("olga")
    data = {"on": "y", "source": "imported", "hidden": "20"} | wrong
    page = olga.post("/p/pets/suggestions", data=data, follow_redirects=True)
    assert "flash bad" in page.text
    with database.read() as session:
        assert "suggestions" not in session.get_one(Project, made.id).settings


def simulate(database: Database, made: Made, cast: dict[str, int], followers: tuple[str, ...]) -> None:
    """Everybody answers; the truth is cat; followers take what they are shown, which is always wrong."""
    for name in ("ann", "bob", "rita"):
        with database.write() as session:
            held = workflow.serve(session, made.id, cast[name], count=60, lease=LEASE)
            question = Question.of(session, session.get_one(Project, made.id))
            answers = [
                Answer(
                    f"{name}-key-{one.assignment.id}",
                    one.assignment.id,
                    {"label": "dog" if name in followers and one.assignment.suggestion_shown else "cat"},
                    seconds=1.5 if one.assignment.suggestion_shown else 3.0,
                )
                for one in held
            ]
            workflow.submit(session, question, cast[name], answers)


def test_harm_is_said_with_its_numbers_and_one_button_ends_it(
    suggesting: Made, database: Database, sign_in: SignIn, cast: dict[str, int]
) -> None:
    simulate(database, suggesting, cast, followers=("ann",))
    olga = sign_in("olga")
    page = olga.get("/p/pets/suggestions").text
    inspect(page)
    assert re.search(r"Suggestions mislead: when one was wrong, \d+% accepted it shown, 0% chose it hidden", page)
    assert "An answer takes 1.5 s less with a suggestion (1.5 to 1.5)." in page
    rows = dict(re.findall(r'<span dir="auto">(\w+)</span></span></th>(.*?)</tr>', page, re.DOTALL))
    assert set(rows) == {"Ann", "Bob", "Rita"}
    assert ["Takes suggestions that others reject" in rows[name] for name in ("Ann", "Bob", "Rita")] == [
        True,
        False,
        False,
    ]
    assert "100%" in rows["Ann"]
    assert re.search(r'class="btn primary" type="submit">Turn suggestions off', page)


def test_what_was_wrong_is_never_decided_by_the_person_it_is_about(
    suggesting: Made, database: Database, cast: dict[str, int]
) -> None:
    simulate(database, suggesting, cast, followers=("ann", "bob"))
    with database.read() as session:
        project = session.get_one(Project, suggesting.id)
        answers = list(suggested_answers(session, project))
        names = classes_of(session, project.id).by_code
    mine = [one for one in answers if one.user == cast["ann"] and one.truth]
    assert mine
    # Bob and Rita agree on cat where Bob saw nothing; where he did they tie, whatever Ann said
    assert {names[one.truth] for one in mine} == {"cat"}
    assert len(mine) == sum(is_hidden(suggesting.id, item, cast["bob"], 0.5) for item in suggesting.items)


def test_few_answers_say_how_many_more_it_takes(suggesting: Made, sign_in: SignIn, answer: Answers) -> None:
    answer(suggesting, "ann", ["cat"] * 5)
    page = sign_in("olga").get("/p/pets/suggestions").text
    assert "needs 30 more answers to items whose suggestion was wrong" in page
    assert "not enough yet: needs 30 more" in page


def test_the_page_of_the_effect_is_linked_from_settings_and_annotators(
    suggesting: Made, sign_in: SignIn, answer: Answers
) -> None:
    answer(suggesting, "ann", ["cat"])
    olga = sign_in("olga")
    for page in ("settings", "annotators"):
        assert "/p/pets/suggestions" in inspect(olga.get(f"/p/pets/{page}").text).links


# -- predictions as files -------------------------------------------------------------------------------------------

SAID = "id,prediction,prediction_score\ne0,dog,0.9\ne1,cat,\nnobody,cat,0.5\ne2,horse,0.4\ne3,,0.4\n"


def run_jobs(database: Database, files: FileStore) -> Job:
    """Run what waits, and return the newest job."""
    worker = Worker(database, files)
    while worker.run_one():
        pass
    with database.read() as session:
        return session.scalars(select(Job).order_by(Job.id.desc())).all()[0]


def test_a_file_of_predictions_is_uploaded_with_the_api(
    app: Flask, made: Made, database: Database, files: FileStore, bearer: Bearer
) -> None:
    client, headers = app.test_client(), bearer("olga")
    for wanted, status in (("magic", 422), ("predictions", 202)):
        data = {"file": (BytesIO(SAID.encode()), "said.csv"), "as": wanted}
        answer = client.post("/api/v1/projects/pets/imports", data=data, headers=headers)
        assert answer.status_code == status
    result = run_jobs(database, files).result or {}
    assert (result["added"], result["rejected"]) == (2, 3)
    with database.read() as session:
        assert session.get_one(Prediction, made.items[0]).score == 0.9
        assert session.get_one(Prediction, made.items[1]).score is None


def test_a_file_of_predictions_goes_through_the_import_page(
    made: Made, database: Database, files: FileStore, sign_in: SignIn
) -> None:
    del made
    olga = sign_in("olga")
    kept = olga.post("/p/pets/data", data={"file": (BytesIO(SAID.encode()), "said.csv")}).location
    look = {"wants": "predictions", "wants_before": "items", "columns": "1", "content": "", "id": "id", "label": ""}
    page = olga.post(kept, data=look).text
    inspect(page)
    assert "What the model says" in page
    assert '<option selected value="prediction">prediction</option>' in page
    started = olga.post(kept, data=look | {"wants_before": "predictions", "label": "prediction", "start": "1"})
    assert started.status_code == 303
    run_jobs(database, files)
    done = olga.get(started.location).text
    inspect(done)
    assert "2 predictions added" in done
    assert "3 rows were left out" in done


def test_predictions_that_come_with_items_are_kept_and_no_metadata(
    database: Database, files: FileStore, made: Made
) -> None:
    rows = [
        Row(1, "e0", "Text number 0 about dogs.", None, None, {}, prediction={"label": "cat"}, prediction_score=0.4),
        Row(2, "new", "A new text.", None, None, {}, prediction={"label": "dog"}),
        Row(3, None, "One without an id.", None, None, {}, prediction={"label": "dog"}),
        Row(4, "wrong", "Predicted to be a horse.", None, None, {}, prediction={"label": "horse"}),
    ]
    result = workflow.import_items(database, files, made.id, rows, workflow.ImportPlan("items.csv", "csv"))
    assert (result.added, result.unchanged, result.rejected) == (3, 1, 1)
    assert [(one.number, one.column) for one in result.problems] == [(4, "label")]
    with database.read() as session:
        said = session.scalars(select(Prediction).order_by(Prediction.item_id)).all()
        names = classes_of(session, made.id).by_code
        assert [(names[one.code], one.score) for one in said] == [("cat", 0.4), ("dog", None), ("dog", None)]
