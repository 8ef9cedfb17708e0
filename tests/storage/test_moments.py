"""Moments as the database writes them."""

from datetime import datetime, timedelta, timezone

from sqlalchemy import select

from labeler.accounts.models import User
from labeler.config import Settings
from labeler.storage.database import Database
from labeler.storage.moments import in_iso


def test_a_moment_is_written_in_utc_to_the_second_on_both_databases(any_settings: Settings) -> None:
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    at = datetime(2026, 3, 2, 2, 0, 59, 999_999, tzinfo=kathmandu)
    database = Database(any_settings)
    with database.write() as session:
        session.add(User(email="ann@example.org", name="Ann", role="annotator", created_at=at))
    with database.read() as session:
        assert session.scalar(select(in_iso(User.created_at))) == "2026-03-01T20:15:59+00:00"
    database.close()
