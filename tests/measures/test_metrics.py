"""What the measures say where no published example reaches: undefined cases, symmetries, other implementations."""

import subprocess
import sys
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from labeler.measures import metrics
from labeler.measures.histogram import Histogram, counts
from tests.measures.pairwise import tally

ITEMS = st.lists(st.lists(st.integers(0, 3), max_size=5), min_size=1, max_size=12)


def alpha_by_pairs(items: list[list[int]]) -> float | None:
    """Nominal alpha as it is told in words: unlike pairs within items against unlike pairs in the whole pool."""
    shared = [answers for answers in items if len(answers) > 1]
    pool = [answer for answers in shared for answer in answers]
    within = sum(sum(a != b for a, b in permutations(answers, 2)) / (len(answers) - 1) for answers in shared)
    among = sum(a != b for a, b in permutations(pool, 2))
    return 1 - (len(pool) - 1) * within / among if among else None


@settings(max_examples=60)
@given(ITEMS)
def test_alpha_compares_pairs_within_items_with_pairs_in_the_pool(items: list[list[int]]) -> None:
    value, told = metrics.alpha(counts(tally(items), 4)), alpha_by_pairs(items)
    assert (value is None) == (told is None)
    if value is not None:
        assert value == pytest.approx(told)


@settings(max_examples=30)
@given(ITEMS, st.permutations(range(4)))
def test_names_of_classes_do_not_matter_for_nominal_measures(items: list[list[int]], other: list[int]) -> None:
    renamed = [[other[answer] for answer in answers] for answers in items]
    one, two = counts(tally(items), 4), counts(tally(renamed), 4)
    for measure in (metrics.alpha, metrics.fleiss, metrics.gwet_ac, metrics.brennan_prediger, metrics.percent):
        first: Any = measure(one)
        assert first == (None if first is None else pytest.approx(measure(two)))


@settings(max_examples=30)
@given(ITEMS)
def test_the_order_of_classes_may_be_turned_round_for_ordinal_alpha(items: list[list[int]]) -> None:
    value = metrics.alpha(counts(tally(items), 4), "ordinal")
    assume(value is not None)
    turned = [[3 - answer for answer in answers] for answers in items]
    assert metrics.alpha(counts(tally(turned), 4), "ordinal") == pytest.approx(value)


def test_fleiss_equals_statsmodels() -> None:
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater", reason="statsmodels is not installed")
    table = np.random.default_rng(3).multinomial(5, [0.5, 0.3, 0.2], 40)
    found = counts(tally(np.repeat(np.arange(3), row).tolist() for row in table), 3)
    assert metrics.fleiss(found) == pytest.approx(inter_rater.fleiss_kappa(table))


@pytest.mark.parametrize("histogram", [{}, {(0,): 9}, {(0, 0): 5, (1,): 3}, {(2, 2, 2): 4}])
def test_alpha_is_undefined_and_never_a_number_with_one_class_or_no_pair(histogram: Histogram) -> None:
    assert metrics.alpha(counts(histogram, 3)) is None
    assert metrics.alpha(counts(histogram, 3), "ordinal") is None


def test_a_class_never_used_has_no_agreement() -> None:
    unused = metrics.per_class(counts({(0, 1): 3, (0, 0): 2}, 3))[2]
    assert (unused.answers, unused.specific, unused.alpha) == (0, None, None)


def test_one_against_rest_alpha_is_the_alpha_of_the_question_is_it_this_class() -> None:
    found = counts({(0, 1): 3, (0, 0): 2, (1, 2, 2): 5, (2, 2): 4}, 3)
    for single in metrics.per_class(found):
        assert single.alpha == pytest.approx(metrics.alpha(found.one_against_rest(single.index)))


def test_neighbouring_classes_count_as_within_one_step() -> None:
    found = counts({(0, 1): 1, (0, 2): 1, (2, 2): 2}, 3)
    assert metrics.percent(found) == pytest.approx(0.5)
    assert metrics.within_one(found) == pytest.approx(0.75)


def test_chance_and_percent_give_alpha_when_every_item_has_as_many_answers() -> None:
    found = counts({(0, 1): 30, (0, 0): 200, (1, 1): 100}, 2)
    percent, chance, alpha = metrics.percent(found), metrics.chance(found), metrics.alpha(found)
    assert percent is not None
    assert chance is not None
    assert alpha == pytest.approx((percent - chance) / (1 - chance))


def test_a_project_with_one_class_has_no_chance_corrected_agreement() -> None:
    found = counts({(0, 0): 4}, 1)
    assert metrics.percent(found) == 1
    assert metrics.gwet_ac(found) is metrics.fleiss(found) is metrics.brennan_prediger(found) is None


def test_importing_the_calculations_loads_no_numpy() -> None:
    modules = "summary, metrics, pairs, named, objects, labelsets"
    imports = f"from labeler.measures import {modules}; import labeler.consensus.methods, sys"
    code = f"{imports}; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(ITEMS)
@settings(max_examples=60, deadline=None)
def test_items_on_which_two_classes_meet_are_counted_once_each(items: list[list[int]]) -> None:
    found = metrics.items_together(counts(tally(items), 4))
    for one in range(4):
        for other in range(4):
            meet = [
                answers
                for answers in items
                if (answers.count(one) > 1 if one == other else one in answers and other in answers)
            ]
            assert found[one, other] == len(meet)
