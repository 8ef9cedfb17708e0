"""Predictions in, suggestions out, their effect counted: the same on SQLite and on PostgreSQL."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from labeler import workflow
from labeler.config import Settings
from labeler.exchange.rows import Row
from labeler.projects import actions as projects
from labeler.projects.examples import Example, from_json
from labeler.projects.models import Project
from labeler.projects.queries import classes_of, guideline_of
from labeler.quality.models import Prediction
from labeler.quality.suggestions import Rules, effects
from labeler.statistics.suggestion_effects import suggested_answers
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.api.conftest import Api
from tests.conftest import NOW, Made

PLAN = workflow.ImportPlan("said.csv", "csv")


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def test_what_is_predicted_is_suggested_and_measured(
    api: Callable[[str], Api], make_project: Callable[..., Made], database: Database, files: FileStore
) -> None:
    made = make_project(items=12, votes=3)
    for label in ("cat", "dog"):  # the second time they are there already
        rows = [
            Row(n + 1, f"e{n}", f"Text number {n} about {'cats' if n % 2 else 'dogs'}.", None, None, {})._replace(
                prediction={"label": label}, prediction_score=0.5
            )
            for n in (*range(12), 0)  # one of them twice in the file
        ]
        workflow.import_items(database, files, made.id, rows, PLAN)
    workflow.import_predictions(database, made.id, rows[:3], PLAN)
    with database.write() as session:
        names = classes_of(session, made.id).by_code
        assert {names[one.code] for one in session.scalars(select(Prediction))} == {"dog"}
        rules = Rules(on=True, source="imported", hidden_share=0.5)
        projects.change_project(session, session.get_one(Project, made.id), {"settings": rules.as_settings()})
    for name, label in (("ann", "cat"), ("bob", "cat"), ("olga", "dog")):
        for held in api(name).claim(made, 12):
            assert held["suggestion"] in (None, {"value": {"label": "dog"}, "score": 0.5})
            api(name).answer(made, held["assignment"], label, key=f"{name}-{held['assignment']:08d}")
    with database.read() as session:
        every, people = effects(suggested_answers(session, session.get_one(Project, made.id)))
    assert every.shown.answers + every.hidden.answers == 36
    assert len(people) == 3
    followed = [one.shown.followed.count + one.hidden.followed.count for one in people.values()]
    assert sorted(followed) == [0, 0, 12]  # Olga: Ann and Bob agree on cat; to each of them the two others tie


def test_versions_of_the_guidelines_follow_each_other(
    make_project: Callable[..., Made], database: Database, cast: dict[str, int]
) -> None:
    made = make_project(items=2)
    examples = [Example(made.items[0], "tricky", None, "Both at once: take the larger.")]
    with database.write() as session:
        assert projects.add_guideline(session, made.id, "# Two", examples=examples, by=cast["olga"], now=NOW) == 2
        assert projects.add_guideline(session, made.id, "# Two", by=cast["rita"], now=NOW) == 2
        assert projects.restore_guideline(session, made.id, 1, by=cast["olga"], now=NOW) == 3
        assert projects.restore_guideline(session, made.id, 2, by=cast["olga"], now=NOW) == 4
    with database.read() as session:
        newest = guideline_of(session, made.id)
        assert newest is not None
        assert (newest.text, list(from_json(newest.examples))) == ("# Two", examples)
