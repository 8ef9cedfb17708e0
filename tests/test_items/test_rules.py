"""Where tests stand among a person's own items, and what their answers say."""

import pytest

from labeler.test_items.rules import FIRST_SHARE, SHARE, TestRules, distances, first_round, placed, places, trust


def _mean(share: float) -> float:
    found = [next(distances(share, str(seed))) for seed in range(2000)]
    return sum(found) / len(found)


@pytest.mark.parametrize("share", [SHARE, FIRST_SHARE])
def test_tests_come_as_often_as_the_share_says_and_not_at_a_fixed_distance(share: float) -> None:
    assert _mean(share) == pytest.approx(1 / share - 1, rel=0.06)
    assert len({next(distances(share, str(seed))) for seed in range(50)}) > 1


def test_a_test_stays_where_it_is_while_its_person_goes_on() -> None:
    before = places(40, 0, SHARE, "somebody")
    assert places(40, 3, SHARE, "somebody")[0] == before[0] - 3


def test_each_test_stands_before_its_own_item_and_the_rest_at_the_end() -> None:
    assert placed("abcd", "12", [1, 3]) == ["a", "1", "b", "c", "2", "d"]
    assert placed("ab", "12", [0]) == ["1", "a", "b", "2"]


def test_ten_of_ten_is_ready_and_three_of_ten_is_doubtful() -> None:
    assert trust(10, 10).ready
    assert not trust(9, 10).ready
    assert trust(3, 10).doubtful
    assert not trust(0, 9).doubtful  # too few
    assert trust(80, 100).mean == pytest.approx(84 / 105)


def test_a_first_round_is_judged_by_its_own_answers_only() -> None:
    rules = TestRules(first_round=5, pass_mark=0.8)
    four_of_five = [True, True, False, True, True]

    def state(answers: list[bool], tries: int = 1, available: int = 20) -> str:
        return first_round(rules, answers, tries=tries, let_in=False, available=available).state

    assert state([]) == "open"
    assert state(four_of_five[:4]) == "open"
    assert state(four_of_five) == "passed"
    assert state([*four_of_five, False, False, False]) == "passed"
    assert state([False, False, True, True, True]) == "failed"
    assert state([False, False, True, True, True], tries=2) == "open"
    assert state([False, False, True, True, True, *four_of_five], tries=2) == "passed"
    assert state([], available=0) == "none"  # nobody is kept waiting for test items that are not there
    assert state([True, True], available=0) == "passed"


def test_who_is_let_in_needs_no_round() -> None:
    rules = TestRules(first_round=5)
    assert first_round(rules, [False] * 5, tries=1, let_in=True, available=9).state == "none"
