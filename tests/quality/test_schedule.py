"""When a check is due by itself: after enough new answers, or at its hour, and never while nothing changed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labeler.quality.schedule import Schedule, Since, due

NIGHT = datetime(2026, 3, 2, 3, 20, tzinfo=UTC)
YESTERDAY = Since(NIGHT - timedelta(days=1), 4, 0)


@pytest.mark.parametrize(
    ("settings", "since", "rule"),
    [
        ({}, Since(None, 900, 900), ""),
        ({"check_every": 0, "check_hour": None}, Since(None, 900, 900), ""),
        ({"check_every": 5}, Since(None, 4, 900), ""),
        ({"check_every": 5}, Since(NIGHT, 5, 0), "answers"),
        ({"check_hour": 3}, YESTERDAY, "daily"),
        ({"check_hour": 0}, YESTERDAY, "daily"),
        ({"check_hour": 4}, YESTERDAY, ""),
        ({"check_hour": 3}, Since(NIGHT - timedelta(minutes=5), 4, 0), ""),
        ({"check_hour": 3}, Since(NIGHT - timedelta(days=1), 0, 0), ""),
        ({"check_hour": 3}, Since(NIGHT - timedelta(days=1), 0, 1), "daily"),
        ({"check_hour": 3}, Since(None, 0, 7), "daily"),
        ({"check_hour": 99}, YESTERDAY, ""),
    ],
)
def test_a_check_is_due_by_a_rule_or_not_at_all(settings: dict[str, Any], since: Since, rule: str) -> None:
    assert due(Schedule.of(settings), since, NIGHT) == rule
