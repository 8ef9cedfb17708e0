"""Where disagreement comes from: shares that add up, items that can be counted by hand, alpha with a pair as one."""

import pytest

from labeler.measures.class_pairs import class_items, class_pairs, items_differing
from labeler.measures.histogram import counts
from labeler.measures.metrics import alpha

CAT, DOG, FOX = range(3)
HISTOGRAM = {(CAT, CAT): 40, (DOG, DOG): 20, (CAT, DOG): 6, (CAT, CAT, DOG): 4, (DOG, FOX): 2, (FOX, FOX): 5, (CAT,): 9}


def test_shares_are_of_all_disagreement_and_the_largest_comes_first() -> None:
    found, total = class_pairs(counts(HISTOGRAM, 3))
    assert [(pair.first, pair.second, pair.items) for pair in found] == [(CAT, DOG, 10), (DOG, FOX, 2)]
    # an item of three weighs each of its pairs by a half: 6 + 4 * 2 / 2 against 2
    assert [pair.share for pair in found] == pytest.approx([10 / 12, 2 / 12])
    assert total == 2


def test_a_settled_pair_is_alpha_with_the_two_as_one_class() -> None:
    found, _ = class_pairs(counts(HISTOGRAM, 3))
    as_one = {
        (0, 0): 40 + 20 + 6, (0, 0, 0): 4, (0, 1): 2, (1, 1): 5, (0,): 9
    }  # fmt: skip
    assert found[0].settled == pytest.approx(alpha(counts(as_one, 2)))


def test_items_of_a_class_and_those_of_them_that_differ() -> None:
    found = class_items(counts(HISTOGRAM, 3))
    assert [(one.items, one.differ) for one in found] == [(50, 10), (32, 12), (7, 2)]
    assert items_differing(counts(HISTOGRAM, 3)) == 12


def test_nothing_is_taken_for_another_where_all_agree() -> None:
    assert class_pairs(counts({(CAT, CAT): 5}, 3)) == ([], 0)
    assert class_pairs(counts({}, 3)) == ([], 0)
    assert items_differing(counts({}, 3)) == 0
