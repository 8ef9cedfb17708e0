"""What may be said of a person: only what is clear."""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import beta

from labeler.measures.persons import consensus_of_the_others, others_clearly_differ, with_the_others


@pytest.mark.parametrize(
    ("agreed", "of", "said"),
    [
        (3, 10, True),
        (5, 10, False),  # half, but ten answers prove little
        (0, 9, False),  # nothing before ten
        (50, 80, False),
        (48, 80, True),
        (690, 1000, False),  # below 70 %, but not surely
        (1000, 1000, False),
    ],
)
def test_it_is_said_only_when_the_whole_range_is_low(agreed: int, of: int, *, said: bool) -> None:
    assert bool(others_clearly_differ(agreed, of)) is said


def test_the_bound_is_that_of_the_beta_distribution() -> None:
    of = np.repeat([10.0, 25.0, 60.0], 50)
    agreed = np.tile(np.linspace(0, 1, 50), 3) * of
    assert (others_clearly_differ(agreed, of) == (beta.ppf(0.95, agreed + 1, of - agreed + 1) < 0.7)).all()


def test_a_sum_of_probabilities_above_the_count_by_rounding_is_all_of_it() -> None:
    assert not others_clearly_differ(12.000000001, 12)


@pytest.mark.parametrize(
    ("answers", "compared", "same"),
    [
        ([0], [False], [False]),  # nobody else
        ([0, 0], [True, True], [True, True]),
        ([0, 1], [True, True], [False, False]),  # a tie of two: each is unlike the other
        ([0, 0, 1], [False, False, True], [False, False, False]),  # without a 0 the others are one 0 and one 1
        ([0, 0, 0, 1], [True] * 4, [True, True, True, False]),
        ([0, 1, 2], [False] * 3, [False] * 3),  # the others tie, whoever is asked
        ([0, 0, 1, 1], [True] * 4, [False] * 4),  # a tie of all, in which the others of each have the other label
    ],
)
def test_an_answer_is_compared_with_what_leads_among_the_others(
    answers: list[int], compared: list[bool], same: list[bool]
) -> None:
    found = with_the_others(np.full(len(answers), 7), np.array(answers))
    assert [column.tolist() for column in found] == [compared, same]


def test_agreement_with_the_others_is_what_counting_by_hand_says() -> None:
    rng = np.random.default_rng(4)
    unit, label = rng.integers(0, 60, 300), rng.integers(0, 4, 300)
    compared, same = with_the_others(unit, label)
    for one in range(len(unit)):
        others = Counter(label[(unit == unit[one]) & (np.arange(300) != one)].tolist()).most_common(2)
        leads = bool(others) and (len(others) == 1 or others[0][1] > others[1][1])
        assert (compared[one], same[one]) == (leads, leads and others[0][0] == label[one])
    assert 0 < same.sum() < compared.sum() < len(unit)


def test_nobody_is_compared_where_nobody_answered() -> None:
    nothing = np.empty(0, np.int64)
    assert [len(column) for column in with_the_others(nothing, nothing)] == [0, 0]


def test_the_consensus_of_the_others_is_what_counting_without_the_person_says() -> None:
    chance = np.random.default_rng(11)
    unit, label = chance.integers(0, 60, 300), chance.integers(0, 3, 300)
    found = consensus_of_the_others(unit, label)
    for n in range(300):
        others = Counter(label[(unit == unit[n]) & (np.arange(300) != n)].tolist()).most_common(2)
        leads = bool(others) and (len(others) == 1 or others[0][1] > others[1][1])
        assert found[n] == (others[0][0] if leads else -1)
