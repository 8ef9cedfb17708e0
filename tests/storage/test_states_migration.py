"""What migration 0004 makes of skips, sent-back items and "keep as votes" as they were stored before."""

import importlib
from collections.abc import Callable

import pytest
from sqlalchemy import select, text, update

from labeler import workflow
from labeler.annotations.models import Annotation
from labeler.config import Settings
from labeler.decisions.actions import Decision
from labeler.decisions.models import Review
from labeler.projects.models import Project
from labeler.storage.database import Database
from tests.conftest import Made

Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]
migration = importlib.import_module("labeler.storage.migrations.versions.0004_soft_labels_and_rounds")


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def test_what_was_stored_before_says_what_was_meant(
    database: Database, make_project: Callable[..., Made], answer: Give, cast: dict[str, int]
) -> None:
    made = make_project(items=3)
    answer(made, "ann", ["cat", "cat", "dog"])
    answer(made, "bob", ["dog", "cat", "dog"])
    with database.write() as session:
        project = session.get_one(Project, made.id)
        for number, decision in enumerate(("exclude", "exclude", "send_back")):
            workflow.resolve(
                session, project, Decision(f"review-{number}", made.items[number], decision), by=cast["olga"]
            )
        codes = dict(session.execute(select(Annotation.item_id, Annotation.code)).all())
        kept = update(Review).where(Review.decision == "exclude")
        session.execute(kept.values(decision="keep", code=codes[made.items[0]], reason="ambiguous: both are there"))
        of_first = update(Annotation).where(Annotation.item_id == made.items[1], Annotation.user_id == cast["ann"])
        session.execute(of_first.values(status="skipped", code="", skip="other"))
    answer(made, "bob", ["cat"])
    with database.write() as session:
        session.execute(update(Review).where(Review.decision == "send_back").values(status="current"))
        connection = session.connection()
        for statement in (migration._SUPERSEDE_EARLIER_SKIPS, migration._ANSWERED_ROUNDS):
            connection.execute(text(statement))
        migration._keep_as_votes(connection)
    with database.read() as session:
        found = {review.item_id: review for review in session.scalars(select(Review))}
        first, second, third = (found[item] for item in made.items)
        assert (first.decision, first.code, first.reason) == ("ambiguous", "", "both are there")
        assert first.soft == dict.fromkeys(first.soft or {}, 0.5)
        assert len(first.soft or {}) == 2
        assert second.decision == "keep", "its votes do not differ"
        assert third.status == "answered"
        skips = session.scalars(select(Annotation.status).where(Annotation.skip == "other")).all()
        assert skips == ["skipped"], "the newest statement of a person stands"
