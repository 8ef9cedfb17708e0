"""When the last item will be done."""

from labeler.assignment.forecast import days_ahead


def test_an_even_pace_ends_on_the_day_it_must() -> None:
    found = days_ahead([10] * 14, 95)
    assert found is not None
    assert (found.early, found.likely, found.late) == (10, 10, 10)


def test_days_without_work_widen_the_band() -> None:
    found = days_ahead([20, 0] * 7, 100)
    assert found is not None
    assert found.late is not None
    assert found.early < found.likely < found.late
    assert 8 <= found.likely <= 12


def test_only_the_last_fourteen_days_count() -> None:
    assert days_ahead([1000] * 30 + [1] * 14, 14) == days_ahead([1] * 14, 14)


def test_nothing_is_said_from_one_day_of_work_or_when_all_is_done() -> None:
    assert days_ahead([], 5) is None
    assert days_ahead([5], 5) is None
    assert days_ahead([0, 0, 5], 5) is None
    assert days_ahead([5, 5], 0) is None


def test_a_pace_that_takes_years_says_nothing() -> None:
    assert days_ahead([1, 1] + [0] * 12, 10_000) is None


def test_the_same_days_give_the_same_forecast() -> None:
    assert days_ahead([3, 9, 0, 4], 60) == days_ahead([3, 9, 0, 4], 60)
