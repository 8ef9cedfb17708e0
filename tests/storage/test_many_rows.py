"""Many rows of a table at once: stored as SQLAlchemy would store them, on both databases."""

from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

import pytest
from sqlalchemy import Table, delete, insert, select
from sqlalchemy.exc import IntegrityError

from labeler.accounts.models import User
from labeler.config import Settings
from labeler.projects.models import Item, Project
from labeler.storage.database import Database
from labeler.storage.many_rows import add_rows
from labeler.storage.migrations import upgrade
from tests.conftest import NOW

ROME = timezone(timedelta(hours=2))


def item(number: int, **more: Any) -> dict[str, Any]:
    row = {
        "project_id": 1,
        "external_id": f"i{number}" if number % 2 else None,
        "content_hash": f"{number:064}",
        "text": f"100 % of „{number}“, a 'quote' and {{a}} %s ? :name",
        "meta": {"source": number},
        "given_value": {"spans": [number]} if number % 3 else None,
        "open_slots": number,
        "priority": number / 7,
        "created_at": datetime(2026, 1, 1, 12, number, tzinfo=ROME if number % 2 else UTC),
    }
    return row | more


def stored(database: Database) -> list[tuple[Any, ...]]:
    with database.read() as session:
        columns = [column for column in Item.__table__.c if column.name not in {"id", "content_hash"}]
        return [tuple(row) for row in session.execute(select(*columns).order_by(Item.id))]


def test_rows_are_stored_as_by_an_insert_of_each(any_settings: Settings) -> None:
    with closing(Database(any_settings)) as database:
        upgrade(database)
        with database.write() as session:
            session.add(Project(slug="p", name="P", media="text", task="classification", votes=1, created_at=NOW))
            session.flush()
            session.execute(insert(cast("Table", Item.__table__)), [item(number) for number in range(20)])
        plain = stored(database)
        with database.write() as session:
            session.execute(delete(Item))
            add_rows(session, Item, [item(number) for number in range(20)])
        assert stored(database) == plain
        assert len(plain) == 20


def test_nothing_is_stored_of_no_rows_and_of_rows_of_which_one_may_not_be(any_settings: Settings) -> None:
    person = {"email": "a@example.org", "name": "A", "role": "annotator", "preferences": {}, "created_at": NOW}
    with closing(Database(any_settings)) as database:
        upgrade(database)
        with database.write() as session:
            add_rows(session, User, [])
        with pytest.raises(IntegrityError), database.write() as session:
            add_rows(session, User, [person, person])
        with database.read() as session:
            assert session.scalars(select(User)).all() == []


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="without a time zone"), database.write() as session:
        add_rows(session, Item, [item(1, created_at=datetime(2026, 1, 1))])  # noqa: DTZ001 - it is to be refused


def test_a_column_that_is_worked_out_for_each_row_has_to_be_given(database: Database) -> None:
    row = item(1)
    del row["meta"]
    with pytest.raises(ValueError, match=r"item\.meta"), database.write() as session:
        add_rows(session, Item, [row])
