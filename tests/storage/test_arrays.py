"""Whole columns of numbers as arrays, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from labeler.accounts import actions as accounts
from labeler.accounts.models import User
from labeler.config import Settings
from labeler.projects.models import Project
from labeler.statistics.counts import tally
from labeler.statistics.snapshot import read_snapshot
from labeler.storage.arrays import day_number, number, read_arrays
from labeler.storage.database import Database
from labeler.storage.migrations import upgrade


@pytest.fixture
def either(any_settings: Settings) -> Iterator[Database]:
    found = Database(any_settings)
    upgrade(found)
    yield found
    found.close()


def test_columns_come_back_side_by_side(either: Database) -> None:
    east = timezone(timedelta(hours=5))
    moments = [datetime(2026, 1, 2, 23, 59, tzinfo=UTC), datetime(2026, 1, 3, 2, 0, tzinfo=east)]
    with either.write() as session:
        for place, at in enumerate(moments):
            accounts.add_user(session, f"u{place}@example.org", role="lead", name=str(place) * place, now=at)
    with either.read() as session:
        query = select(User.id, number(User.name), day_number(session, User.created_at))
        ids, names, days = read_arrays(session, query)
        right = {user.id: int(user.name or 0) for user in session.scalars(select(User))}
    assert dict(zip(ids.tolist(), names.tolist(), strict=True)) == right
    assert days.tolist() == [20260102, 20260102]


def test_no_rows_are_empty_columns(either: Database) -> None:
    with either.read() as session:
        assert [len(column) for column in read_arrays(session, select(User.id, number(User.name)))] == [0, 0]


def test_an_empty_project_can_be_counted(either: Database) -> None:
    with either.write() as session:
        now = datetime(2026, 1, 2, tzinfo=UTC)
        project = Project(slug="p", name="P", media="text", task="classification", votes=1, settings={}, created_at=now)
        session.add(project)
        session.flush()
        assert tally(read_snapshot(session, project), ["1", "2"]).items == 0
