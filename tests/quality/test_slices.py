"""Groups of items with more hits than the others: found when there are any, and not by chance."""

import numpy as np

from labeler.quality import slices


def test_a_group_with_more_hits_stands_out_and_its_share_is_said_beside_the_others() -> None:
    camera = ["A"] * 300 + ["B"] * 300 + ["C"] * 100
    hits = np.zeros(700, dtype=bool)
    hits[:5] = hits[300:305] = hits[600:615] = True
    found = slices.compare({"camera": camera}, hits)
    assert (found[0].value, found[0].items, found[0].hits) == ("C", 100, 15)
    assert [one.value for one in found if one.stands_out] == ["C"]
    assert found[0].share == 0.15
    assert abs(found[0].others - 10 / 600) < 1e-12


def test_the_chance_is_the_exact_one_adjusted_for_the_number_of_groups() -> None:
    hits = np.zeros(40, dtype=bool)
    hits[:2] = True
    low, high = slices.compare({"half": ["a"] * 20 + ["b"] * 20}, hits)
    assert (low.value, high.value) == ("a", "b")
    assert abs(low.chance - 2 * (20 * 19) / (40 * 39)) < 1e-12  # both of two fall into one half, and two are compared
    assert high.chance == 1.0


def test_a_sure_but_small_difference_does_not_stand_out() -> None:
    hits = np.zeros(40_000, dtype=bool)
    hits[:2_000] = hits[20_000:21_600] = True
    (first, _) = slices.compare({"half": ["a"] * 20_000 + ["b"] * 20_000}, hits)
    assert first.chance < 0.001
    assert not first.stands_out


def test_groups_are_neither_small_nor_many_nor_one() -> None:
    columns = {"one": ["a"] * 100, "many": [str(n % 13) for n in range(100)], "few": ["a"] * 19 + ["b"] * 81}
    found = slices.compare(columns, np.ones(100, dtype=bool))
    assert list(slices.groupings(columns)) == ["few"]
    assert [one.value for one in found] == ["b"]


def test_where_hits_fall_by_chance_few_sets_have_a_group_that_stands_out() -> None:
    rng = np.random.default_rng(0)
    said = 0
    for _ in range(200):
        columns = {name: [str(value) for value in rng.integers(0, 4, 400)] for name in "abc"}
        said += any(one.stands_out for one in slices.compare(columns, rng.random(400) < 0.05))
    assert said <= 0.08 * 200
