"""What migration 0010 leaves of answers that were stored before: which assignment each was given for."""

import importlib
from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from labeler import workflow
from labeler.annotations.models import Annotation
from labeler.assignment.models import Assignment
from labeler.config import Settings
from labeler.storage import migrations
from labeler.storage.database import Database
from tests.conftest import Made

Give = Callable[[Made, str, list[str]], list[workflow.Receipt]]
migration = importlib.import_module("labeler.storage.migrations.versions.0012_second_opinions")


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def test_every_answer_keeps_its_assignment(database: Database, make_project: Callable[..., Made], answer: Give) -> None:
    answer(make_project(items=3), "ann", ["cat", "cat", "dog"])
    with database.write() as session:
        before = dict(session.execute(select(Annotation.id, Annotation.assignment_id)).all())
        held = session.scalars(select(Assignment.id)).all()
        session.execute(text("DROP INDEX ix_review_asked"))
        session.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": migration.down_revision})
    assert None not in before.values()
    with database.engine.execution_options(labeler_write=True).begin() as connection:
        migrations.migrate(connection, migration.revision)  # those that came later are there already
    with database.read() as session:
        assert dict(session.execute(select(Annotation.id, Annotation.assignment_id)).all()) == before
        assert session.scalars(select(Assignment.id)).all() == held
