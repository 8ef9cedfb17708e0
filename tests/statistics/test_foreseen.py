"""What was foreseen each Friday, and what came."""

from datetime import date, timedelta

import pytest

from labeler.statistics.counts import ProjectCounts
from labeler.statistics.foreseen import outlook, widening

MONDAY = date(2026, 3, 2)


def counts(by_day: list[int], items: int) -> ProjectCounts:
    """Return the counts of a project in which so many items were done on each day from a Monday on."""
    done, days = 0, []
    for at, count in enumerate(by_day):
        done += count
        if count:
            days.append(((MONDAY + timedelta(days=at)).toordinal(), done))
    return ProjectCounts(items, done, 0, (), (), 0, 0, 0, 0, 0, 0.0, None, tuple(days), ())


def test_each_friday_is_compared_with_the_next() -> None:
    found = outlook(counts([10, 10, 10, 10, 10, 0, 0] * 3, 1000), MONDAY + timedelta(days=21))
    assert [(one.made.day, one.done, one.likely, one.happened) for one in found.fridays] == [
        (6, 50, 100, 100),
        (13, 100, 150, 150),
        (20, 150, 200, None),
    ]
    assert (found.hits, len(found.known), found.wider) == (2, 2, 1.0)
    assert found.ahead is not None
    assert (found.ahead.early, found.ahead.likely, found.ahead.late) == (119, 119, 119)


def test_a_forecast_is_the_same_whatever_came_later() -> None:
    early = outlook(counts([12, 7, 0, 9, 14, 0, 0, 5], 1000), MONDAY + timedelta(days=8))
    late = outlook(counts([12, 7, 0, 9, 14, 0, 0, 5, 60, 70, 80, 90], 1000), MONDAY + timedelta(days=13))
    assert (early.fridays[0].low, early.fridays[0].likely, early.fridays[0].high) == (
        late.fridays[0].low,
        late.fridays[0].likely,
        late.fridays[0].high,
    )
    assert (early.fridays[0].happened, late.fridays[0].hit) == (None, False)


def test_weeks_that_were_far_off_widen_what_is_foreseen_next() -> None:
    assert widening([]) == pytest.approx(1.0, abs=0.05)
    assert widening([0.1] * 10) == 1.0
    assert 1.0 < widening([3.0, 2.0]) < widening([3.0, 2.0, 4.0, 5.0])


def test_nothing_is_foreseen_before_two_days_of_work_or_when_all_is_done() -> None:
    assert outlook(counts([5], 50), MONDAY + timedelta(days=1)).ahead is None
    assert outlook(counts([0, 0, 0, 0, 5], 50), MONDAY + timedelta(days=5)).fridays == ()
    done = outlook(counts([5, 5], 10), MONDAY + timedelta(days=2))
    assert (done.ahead, done.fridays) == (None, ())
    assert outlook(counts([], 0), MONDAY).fridays == ()
