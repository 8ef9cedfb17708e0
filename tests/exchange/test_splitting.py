"""Splits: shares exact to one item in each stratum, no group on two sides, the same again, few moves as items come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from labeler.exchange.splitting import ALONE, Items, key_of, split

SHARES = (0.8, 0.1, 0.1)


def items(strata: list[int], groups: list[int] | None = None, seed: int = 7, first: int = 0) -> Items:
    """Make items called item 0, item 1 …; groups: numbers from 0."""
    keys = [key_of(seed, f"item {number}") for number in range(first, first + len(strata))]
    of = np.full(len(strata), ALONE) if groups is None else np.asarray(groups)
    group_keys = [key_of(seed, f"group {number}") for number in range(int(of.max(initial=ALONE)) + 1)]
    return Items(
        np.asarray(keys, dtype=np.uint64),
        np.asarray(strata, dtype=np.int64),
        of.astype(np.int64),
        np.asarray(group_keys, dtype=np.uint64),
    )


def counts(strata: list[int], parts: NDArray[np.uint8], shares: tuple[float, ...] = SHARES) -> NDArray[np.int64]:
    """Return how many items of each stratum are in each part."""
    table = np.zeros((max(strata, default=0) + 1, len(shares)), dtype=np.int64)
    np.add.at(table, (np.asarray(strata, dtype=np.int64), parts), 1)
    return table


@given(
    st.lists(st.integers(0, 4), max_size=300),
    st.sampled_from([(0.8, 0.1, 0.1), (0.7, 0.3), (1.0,), (0.34, 0.33, 0.33), (0.98, 0.01, 0.01)]),
    st.integers(0, 2**40),
)
def test_each_part_of_each_stratum_has_its_share_to_one_item(
    strata: list[int], shares: tuple[float, ...], seed: int
) -> None:
    table = counts(strata, split(items(strata, seed=seed), shares), shares)
    wanted = np.outer(table.sum(axis=1), shares)
    assert (np.abs(table - wanted) < 1).all()


def test_many_small_strata_do_not_all_round_the_same_way() -> None:
    strata = [number for number in range(100) for _ in range(4)]
    total = counts(strata, split(items(strata), SHARES)).sum(axis=0)
    assert np.abs(total - np.asarray(SHARES) * 400).max() <= 2


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(ALONE, 12)), min_size=1, max_size=200))
def test_no_group_is_on_two_sides(drawn: list[tuple[int, int]]) -> None:
    strata, groups = [one for one, _ in drawn], [group for _, group in drawn]
    parts = split(items(strata, groups), SHARES)
    for group in set(groups) - {ALONE}:
        assert len({int(part) for part, own in zip(parts, groups, strict=True) if own == group}) == 1


def test_single_items_make_up_for_what_groups_take() -> None:
    random = np.random.default_rng(1)
    strata = random.integers(0, 5, 4000)
    groups = np.where(random.random(4000) < 0.3, random.integers(0, 500, 4000), ALONE)
    _, groups[groups != ALONE] = np.unique(groups[groups != ALONE], return_inverse=True)
    table = counts(strata.tolist(), split(items(strata.tolist(), groups.tolist()), SHARES))
    assert (np.abs(table - np.outer(table.sum(axis=1), SHARES)) < 1).all()


def test_where_everything_is_grouped_the_shares_are_near_in_every_class() -> None:
    random = np.random.default_rng(2)
    groups = random.integers(0, 200, 6000)  # patients with 30 items each
    leaning = random.integers(0, 6, 200)  # each with a class of its own half of the time, the others at random
    strata = np.where(random.random(6000) < 0.5, leaning[groups], random.integers(0, 6, 6000))
    table = counts(strata.tolist(), split(items(strata.tolist(), groups.tolist()), SHARES))
    shares = table / table.sum(axis=1, keepdims=True)
    assert np.abs(shares - SHARES).max() < 0.03
    assert np.abs(table.sum(axis=0) / 6000 - SHARES).max() < 0.005


def test_the_same_seed_gives_the_same_parts_in_any_order_and_another_seed_others() -> None:
    strata = [number % 3 for number in range(500)]
    one = items(strata)
    order = np.random.default_rng(3).permutation(500)
    again = one._replace(keys=one.keys[order], strata=one.strata[order])
    parts = split(one, SHARES)
    assert (split(again, SHARES) == parts[order]).all()
    assert (split(items(strata, seed=8), SHARES) != parts).any()


@pytest.mark.parametrize("more", [1, 50, 500])
def test_items_that_come_later_move_few_that_were_there(more: int) -> None:
    strata = (np.random.default_rng(4).integers(0, 4, 4000 + more)).tolist()
    before = split(items(strata[:4000]), SHARES)
    after = split(items(strata), SHARES)
    assert (after[:4000] != before).mean() < 0.01


def test_groups_stay_where_they_are_as_items_join_them() -> None:
    random = np.random.default_rng(5)
    groups = random.integers(0, 400, 4400).tolist()
    strata = random.integers(0, 3, 4400).tolist()
    before = split(items(strata[:4000], groups[:4000]), SHARES)
    after = split(items(strata, groups), SHARES)
    assert (after[:4000] != before).mean() < 0.2


def test_nothing_is_split_into_nothing() -> None:
    assert len(split(items([]), SHARES)) == 0


def test_a_key_says_who_and_which_seed() -> None:
    assert key_of(1, "a") == key_of(1, "a")
    assert len({key_of(1, "a"), key_of(2, "a"), key_of(1, "b"), key_of(1, "\udc80")}) == 4
