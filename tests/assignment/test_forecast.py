"""When the last item will be done."""

from datetime import date, timedelta

import pytest

from labeler.assignment.forecast import Ahead, days_ahead, week_ahead

SUNDAY, MONDAY, WEDNESDAY = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 4)


def test_an_even_pace_ends_on_the_day_it_must() -> None:
    found = days_ahead([10] * 14, 95, MONDAY)
    assert found is not None
    assert (found.early, found.likely, found.late) == (10, 10, 10)


def test_days_without_work_widen_the_band() -> None:
    found = days_ahead([20, 0] * 7, 100, MONDAY)
    assert found is not None
    assert found.late is not None
    assert found.early < found.likely < found.late
    assert 8 <= found.likely <= 12


def test_weekends_are_foreseen_apart_from_the_other_days() -> None:
    week = week_ahead([10, 10, 10, 10, 10, 0, 0] * 2, SUNDAY)
    assert week is not None
    assert (week.low, week.likely, week.high) == pytest.approx((50, 50, 50))
    found = days_ahead([10, 10, 10, 10, 10, 0, 0] * 2, 45, MONDAY)
    assert found == Ahead(7, 7, 7)  # four days of this week, none of the weekend, the next Monday
    assert days_ahead([10, 10, 10], 45, MONDAY + timedelta(days=3)) == Ahead(7, 7, 7)  # no weekend was seen yet


def test_few_days_say_less_than_many() -> None:
    few, many = week_ahead([8, 12], WEDNESDAY), week_ahead([8, 12] * 7, WEDNESDAY)
    assert few is not None
    assert many is not None
    assert few.high - few.low > 1.5 * (many.high - many.low)


def test_only_the_last_fourteen_days_count() -> None:
    assert days_ahead([1000] * 30 + [1] * 14, 14, MONDAY) == days_ahead([1] * 14, 14, MONDAY)


def test_nothing_is_said_from_one_day_of_work_or_when_all_is_done() -> None:
    assert days_ahead([], 5, MONDAY) is None
    assert days_ahead([5], 5, MONDAY) is None
    assert days_ahead([0, 0, 5], 5, MONDAY) is None
    assert days_ahead([5, 5], 0, MONDAY) is None
    assert week_ahead([0, 0, 5], MONDAY) is None


def test_a_pace_that_takes_years_says_nothing() -> None:
    assert days_ahead([1, 1] + [0] * 12, 10_000, MONDAY) is None


def test_the_same_days_give_the_same_forecast() -> None:
    assert days_ahead([3, 9, 0, 4], 60, MONDAY) == days_ahead([3, 9, 0, 4], 60, MONDAY)


def test_a_band_is_widened_around_its_middle_and_never_begins_before_tomorrow() -> None:
    assert Ahead(4, 6, 10).widened(1.5) == Ahead(3, 6, 12)
    assert Ahead(1, 3, None).widened(2) == Ahead(1, 3, None)
