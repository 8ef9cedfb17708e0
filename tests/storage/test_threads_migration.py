"""What migration 0017 makes of comments and decisions that were there before."""

import importlib
from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from labeler.config import Settings
from labeler.notices.models import NoticeSeen
from labeler.notices.queries import waiting
from labeler.storage import migrations
from labeler.storage.database import Database
from tests.conftest import Made
from tests.threads.talk import Talk

migration = importlib.import_module("labeler.storage.migrations.versions.0017_threads_and_notices")


@pytest.fixture
def settings(any_settings: Settings) -> Settings:
    return any_settings


def test_comments_start_their_threads_and_old_decisions_are_no_news(
    database: Database, make_project: Callable[..., Made], cast: dict[str, int]
) -> None:
    talk = Talk(database, make_project(), cast)
    talk.answers("ann", "cat", "Cat or dog?")
    talk.answers("ann", "cat", item=talk.made.items[1])
    talk.decides("relabel", label="dog", item=talk.made.items[1])
    with database.write() as session:
        for table in ("thread_message", "thread", "notice_seen", "digest"):
            session.execute(text(f"DROP TABLE {table}"))
        for index in ("ix_annotation_commented", "ix_review_sent_back"):
            session.execute(text(f"DROP INDEX {index}"))
        session.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": migration.down_revision})
    with database.engine.execution_options(labeler_write=True).begin() as connection:
        migrations.migrate(connection, migration.revision)
    assert talk.state() == ("open", "")
    assert [word.text for word in talk.words()] == ["Cat or dog?"]
    with database.read() as session:
        assert waiting(session, cast["ann"]) == []
        assert set(session.scalars(select(NoticeSeen.user_id))) == {cast["ann"], cast["bob"], cast["olga"]}
    talk.answers("ann", "cat", item=talk.made.items[2])
    talk.decides("relabel", label="dog", item=talk.made.items[2])
    with database.read() as session:
        assert [one.kind for one in waiting(session, cast["ann"])] == ["decided"]
