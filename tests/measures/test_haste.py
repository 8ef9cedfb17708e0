"""Signs of haste or pattern: each says what it is made for, and seldom anything of honest people."""

import numpy as np
import pytest

from labeler.measures import haste
from tests.bench.bench_people import honest_crowd, signs_of_the_honest


def test_many_answers_under_half_the_others_time_are_a_sign() -> None:
    others = np.full(100, 4.0)
    assert haste.fast(np.array([1.0] * 11 + [4.0] * 39), others) is not None
    assert haste.fast(np.array([1.0] * 10 + [4.0] * 40), others) is None  # a fifth is not more than a fifth
    assert haste.fast(np.array([1.0] * 19), others) is None  # too few


def test_where_the_others_are_often_as_fast_it_is_no_sign() -> None:
    own = np.array([1.0] * 15 + [4.0] * 35)
    assert haste.fast(own, np.array([1.0] * 20 + [4.0] * 80)) is None


def test_the_spammer_score_is_one_of_the_always_right_and_zero_of_the_never_looking() -> None:
    right, blind = 10_000 * np.eye(4, dtype=np.int64), np.full((4, 4), 10_000)
    assert haste.spammer_score(right, right) == pytest.approx(1, abs=0.01)
    assert haste.spammer_score(blind, right + blind) == pytest.approx(0, abs=0.01)


def test_the_spammer_score_is_the_sum_over_pairs_of_classes() -> None:
    chance = np.random.default_rng(4)
    counts = chance.integers(0, 30, (5, 5))
    pooled = counts * 3 + 0.2
    table = counts + 10 * pooled / pooled.sum(axis=1, keepdims=True)
    table /= table.sum(axis=1, keepdims=True)
    pairs = sum(((table[i] - table[j]) ** 2).sum() for i in range(5) for j in range(i))
    assert haste.spammer_score(counts, counts * 3) == pytest.approx(pairs / (5 * 4))


def test_a_low_score_is_a_sign_only_beside_others_with_a_high_one() -> None:
    assert haste.spammer(0.05, 60, [0.6, 0.7, 0.2]) is not None
    assert haste.spammer(0.05, 60, [0.2, 0.3]) is None  # the items are hard for everybody
    assert haste.spammer(0.05, 49, [0.6]) is None
    assert haste.spammer(0.05, 60, []) is None


def test_a_long_run_the_others_do_not_confirm_is_a_sign() -> None:
    label = np.array([0, 1] * 50 + [2] * 20)
    shares = np.array([0.4, 0.4, 0.2])
    found = haste.run(label, np.zeros(120, np.bool_), shares)
    assert found is not None
    assert (found.value, found.label) == (20, 2)
    confirmed = np.zeros(120, np.bool_)
    confirmed[-15:] = True
    assert haste.run(label, confirmed, shares) is None  # a sorted file holds runs of one class


def test_a_run_of_what_nearly_everything_is_says_nothing() -> None:
    label = np.zeros(100, np.int64)
    assert haste.run(label, np.zeros(100, np.bool_), np.array([0.97, 0.03])) is None


def test_answers_that_vary_far_less_than_the_items_are_a_sign() -> None:
    others = np.array([0, 1, 2, 3] * 20)
    assert haste.entropy(np.zeros(80, np.int64), others) is not None
    assert haste.entropy(others, others) is None
    assert haste.entropy(np.zeros(49, np.int64), others[:49]) is None


def test_honest_people_seldom_have_two_signs() -> None:
    one, two = signs_of_the_honest(10, seed=2)
    assert one < 0.25  # who works faster than the others has one, and nothing follows from it
    assert two < 0.02


def test_the_honest_crowd_of_the_benchmark_is_mostly_right() -> None:
    crowd = honest_crowd(6, 400, seed=1)
    assert 0.8 < (crowd.label == crowd.truth).mean() < 0.97
