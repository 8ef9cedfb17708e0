"""A person's accuracy: how many of how many, the expected share, and a range that holds."""

import pytest
from scipy.stats import beta

from labeler.measures.accuracy import Accuracy
from tests.bench.bench_people import coverage


@pytest.mark.parametrize(("right", "of"), [(8, 10), (16, 20), (40, 50), (80, 100), (0, 12), (10, 10)])
def test_share_and_range_are_those_of_the_beta_distribution(right: int, of: int) -> None:
    found, law = Accuracy(right, of), beta(4 + right, 1 + of - right)
    assert found.mean == pytest.approx(law.mean())
    assert (found.interval.low, found.interval.high) == pytest.approx(law.ppf([0.025, 0.975]))


def test_the_ranges_of_80_percent_are_the_ones_known() -> None:
    found = [Accuracy(4 * n // 5, n).interval for n in (10, 20, 50, 100)]
    assert [(round(one.low, 2), round(one.high, 2)) for one in found] == [
        (0.57, 0.95),
        (0.63, 0.93),
        (0.69, 0.89),
        (0.72, 0.87),
    ]


def test_below_ten_no_share_is_said() -> None:
    assert not Accuracy(4, 9).enough
    assert Accuracy(4, 10).enough


def test_two_sources_are_counted_together() -> None:
    assert Accuracy(3, 4) + Accuracy(5, 9) == Accuracy(8, 13)


@pytest.mark.parametrize("narrow", [False, True])
def test_ranges_hold_the_truth_in_95_of_100_cases(*, narrow: bool) -> None:
    assert coverage(2_500, seed=3, narrow=narrow) == pytest.approx(0.95, abs=0.02)
