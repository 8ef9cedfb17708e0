"""Every place that would show what the project's own model says is silent while it is no better than guessing."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from labeler import workflow
from labeler.exchange.queries import rows
from labeler.exchange.rows import Row
from labeler.projects.models import Item, Project
from labeler.quality import queries
from labeler.quality.flag_rows import all_scores
from labeler.quality.models import Flag
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from tests.conftest import Made
from tests.web.pages import inspect

SENTENCE = "is not clearly better than guessing, so it accuses nobody and suggests nothing"


@dataclass(frozen=True)
class Guessing:
    """A project of 15 texts whose labels have nothing to do with them, after its pass."""

    made: Made
    inspection: int


@pytest.fixture
def guessing(make_project: Callable[..., Made], database: Database, files: FileStore) -> Guessing:
    made, rng = make_project(items=0, votes=1), random.Random(5)
    words = [f"w{number}" for number in range(40)]
    texts = [
        Row(n + 1, f"g{n}", " ".join(rng.sample(words, 8)), None, ("cat", "dog", "neither")[n % 3], {})
        for n in range(15)
    ]
    workflow.import_items(database, files, made.id, texts, workflow.ImportPlan("texts", "csv"))
    return Guessing(made, workflow.inspect(database, files, made.id))


def test_nothing_is_accused_scored_or_suggested(guessing: Guessing, database: Database) -> None:
    with database.read() as session:
        flags = session.scalars(select(Flag).where(Flag.inspection_id == guessing.inspection)).all()
        assert all(flag.kind != "label_error" and not flag.suggested_code for flag in flags)
        assert not list(all_scores(session, guessing.made.id, guessing.inspection))
        items = session.scalars(select(Item.id).where(Item.project_id == guessing.made.id)).all()
        assert queries.suggestions_for(session, guessing.made.id, "model", items) == {}
        assert not queries.has_clusters(session, guessing.inspection)
        assert {row.label_score for row in rows(session, session.get_one(Project, guessing.made.id))} == {None}
        scores = queries.scores_of(session, guessing.inspection, items)
        assert all(score.cleanlab_score is not None for score in scores.values())


@pytest.mark.parametrize("page", ["review", ""])
def test_a_sentence_says_why(page: str, guessing: Guessing, sign_in: Callable[[str], FlaskClient]) -> None:
    html = sign_in("olga").get(f"/p/{guessing.made.slug}/{page}", follow_redirects=True).text
    inspect(html)
    assert SENTENCE in html
    if page == "review":
        assert "No label is called wrong yet" in html or 'data-part="decision"' in html
        assert "Change to" not in html
