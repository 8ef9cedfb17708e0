"""Intervals: what is resampled, that they repeat, and when there is none."""

from collections import Counter
from typing import Any, Literal

import numpy as np
import pytest

from labeler.measures import metrics
from labeler.measures.histogram import Counts, counts
from labeler.measures.intervals import (
    REPLICATES,
    _draws,
    _measure,
    _same,
    alpha_standard_error,
    bootstrap,
    interval,
    ratios,
    resampled,
    standard_error,
)

MIXED = {(0, 0): 70, (0, 1): 12, (1, 1): 40, (1, 2, 2): 20, (2, 2, 2): 30, (0, 2): 5, (1,): 9}


@pytest.mark.parametrize("scale", ["nominal", "ordinal"])
def test_a_replicate_is_the_measure_of_the_resampled_items(scale: Literal["nominal", "ordinal"]) -> None:
    pairable = counts(MIXED, 3).pairable()
    drawn = next(_draws(pairable, 5))[:20]
    alphas, percents, specifics = _measure(pairable, _same(pairable), drawn, scale)
    for row, alpha, percent, specific in zip(drawn, alphas, percents, specifics, strict=True):
        resampled = Counts(pairable.table, row, pairable.answers)
        assert alpha == pytest.approx(metrics.alpha(resampled, scale))
        assert percent == pytest.approx(metrics.percent(resampled))
        assert specific == pytest.approx([single.specific for single in metrics.per_class(resampled)])


def test_the_same_answers_give_the_same_interval_in_any_order_of_rows() -> None:
    found = counts(MIXED, 3)
    turned = counts(dict(reversed(MIXED.items())), 3)
    assert interval(bootstrap(found).alpha) == interval(bootstrap(turned).alpha)
    assert interval(bootstrap(found, seed=1).alpha) != interval(bootstrap(found, seed=2).alpha)


def test_the_bootstrap_agrees_with_the_linearised_error_in_a_large_sample() -> None:
    found = counts({row: items * 30 for row, items in MIXED.items()}, 3)
    error = alpha_standard_error(found, 1 - np.eye(3))
    assert bootstrap(found).alpha.std() == pytest.approx(error, rel=0.1)


def test_single_answers_do_not_move_the_interval() -> None:
    without = {row: items for row, items in MIXED.items() if len(row) > 1}
    assert interval(bootstrap(counts(MIXED, 3)).alpha) == interval(bootstrap(counts(without, 3)).alpha)


def test_there_is_no_interval_when_too_many_replicates_are_undefined() -> None:
    lonely = counts({(0, 0): 60, (1,) * 12: 1}, 2)  # over a third of the samples miss the one item
    assert interval(bootstrap(lonely).alpha) is None


def test_sums_are_resampled_as_the_rest() -> None:
    pairable = counts(MIXED, 3).pairable()
    over, under = resampled(pairable, _same(pairable)), resampled(pairable, pairable.table)
    assert ratios(over, under) == pytest.approx(bootstrap(pairable).specific)


def test_nothing_to_resample_gives_no_replicates() -> None:
    lonely = counts({(0,): 5}, 2).pairable()
    assert resampled(lonely, lonely.table).shape == (0, 2)


def test_a_ratio_over_nothing_is_not_a_number() -> None:
    assert np.isnan(ratios(np.array([0.0, 1.0]), np.array([0.0, 2.0]))).tolist() == [True, False]


def test_there_is_no_interval_without_pairs() -> None:
    assert interval(bootstrap(counts({(0,): 5}, 2)).alpha) is None


def test_very_many_patterns_get_fewer_replicates_and_a_normal_interval() -> None:
    random = np.random.default_rng(0)
    rows = Counter(tuple(sorted(random.integers(0, 40, 5).tolist())) for _ in range(20_000))
    found = counts(rows, 40)
    spread = bootstrap(found)
    assert 100 <= len(spread.alpha) < REPLICATES
    limits, alpha = interval(spread.alpha), metrics.alpha(found)
    assert limits is not None
    assert alpha is not None
    assert limits.low < alpha < limits.high


@pytest.mark.parametrize("histogram", [{}, {(0, 0): 1}, {(0,): 8}])
def test_an_error_needs_two_items_and_two_classes(histogram: dict[tuple[int, ...], int]) -> None:
    found: Any = counts(histogram, 2)
    assert alpha_standard_error(found, 1 - np.eye(2)) is None


def test_a_standard_error_needs_a_pairable_item() -> None:
    assert standard_error(counts({(0,): 8, (1,): 3}, 2), metrics.expected_gwet) is None


@pytest.mark.parametrize("scale", ["nominal", "ordinal"])
def test_of_many_items_the_normal_limit_is_what_resampling_gives(
    scale: Literal["nominal", "ordinal"], monkeypatch: pytest.MonkeyPatch
) -> None:
    histogram = {(0, 0, 0): 14_000, (1, 1, 1): 5_000, (2, 2, 2): 900, (0, 0, 1): 3_000, (0, 1, 2): 400, (1, 2): 700}
    found = counts(histogram, 4)
    limit = bootstrap(found, scale)
    monkeypatch.setattr("labeler.measures.intervals.LARGE", 10**9)
    drawn = bootstrap(found, scale)
    for name in ("alpha", "percent"):
        one, two = interval(getattr(limit, name)), interval(getattr(drawn, name))
        assert one
        assert two
        width = two.high - two.low
        assert abs(one.low - two.low) < 0.15 * width
        assert abs(one.high - two.high) < 0.15 * width
    assert limit.specific[:, :3].std(axis=0) == pytest.approx(drawn.specific[:, :3].std(axis=0), rel=0.15)
    assert interval(limit.specific[:, 3]) is None, "a class that nobody chose"
