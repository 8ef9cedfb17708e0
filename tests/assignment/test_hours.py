"""How long an item is held."""

from datetime import UTC, datetime, timedelta

from labeler.assignment.hours import lease_of

USUAL = timedelta(minutes=30)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC)


def test_a_project_says_how_long_an_item_is_held() -> None:
    assert lease_of({}, USUAL, at(9)) == USUAL
    assert lease_of({"lease_minutes": 240}, USUAL, at(9)) == timedelta(hours=4)


def test_no_lease_goes_past_the_end_of_the_day_but_who_works_on_keeps_what_is_in_front() -> None:
    rules = {"lease_minutes": 240, "work_until": 17}
    assert lease_of(rules, USUAL, at(15)) == timedelta(hours=2)
    assert lease_of(rules, USUAL, at(16, 58)) == timedelta(minutes=5)
    assert lease_of(rules, USUAL, at(18)) == timedelta(hours=4)
