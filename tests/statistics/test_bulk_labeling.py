"""Answers given by page beside single ones: what is counted, and by whom each is judged."""

from collections import Counter

import pytest

from labeler.statistics.bulk_labeling import FEWEST, AnswerWithMode, compare

CAT, DOG = "1", "2"


def single(item: int, user: int, code: str = CAT, seconds: float = 2.0) -> AnswerWithMode:
    return AnswerWithMode(item, user, code, seconds, "single")


def bulk(item: int, user: int, code: str = CAT, seconds: float = 0.3) -> AnswerWithMode:
    return AnswerWithMode(item, user, code, seconds, "bulk")


def test_each_way_has_its_count_and_the_median_of_its_time() -> None:
    times = [single(n, 1, seconds=s) for n, s in enumerate((1.0, 2.0, 9.0, 0.0, 10_000.0))]
    found = compare([*times, bulk(9, 1), bulk(10, 1, seconds=0.5)], {})
    assert (found.single.answers, found.single.seconds) == (5, 2.0)
    assert found.bulk.answers == 2
    assert found.bulk.seconds == pytest.approx(0.4)


def test_imported_answers_are_in_neither_way_but_others_are_judged_by_them() -> None:
    imported = [AnswerWithMode(1, user, CAT, 0.0, "import") for user in (7, 8)]
    found = compare([*imported, bulk(1, 1, DOG)], {})
    assert (found.single.answers, found.bulk.answers) == (0, 1)
    assert (found.bulk.right.count, found.bulk.right.of) == (0, 1)


def test_a_page_is_never_judged_by_pages() -> None:
    found = compare([bulk(1, 1), bulk(1, 2), bulk(1, 3), single(1, 4, DOG), single(1, 5, DOG)], {})
    assert (found.bulk.right.count, found.bulk.right.of) == (0, 3)
    assert found.single.right.of == 0  # each of the two has only one other who answered one by one


def test_a_leads_decision_comes_before_the_others_and_not_for_the_lead_who_made_it() -> None:
    answers = [bulk(1, 1), single(1, 2, DOG), single(1, 3, DOG), single(1, 9)]
    found = compare(answers, {1: (CAT, 9)})
    assert (found.bulk.right.count, found.bulk.right.of) == (1, 1)
    assert (found.single.right.count, found.single.right.of) == (0, 3)


def test_what_was_taken_out_is_in_no_count() -> None:
    found = compare([bulk(1, 1), single(1, 2), single(2, 2)], {1: (None, 9)})
    assert (found.bulk.answers, found.single.answers) == (0, 1)


def test_patterns_are_counted_with_and_without_pages() -> None:
    found = compare([single(1, 1), bulk(1, 2, DOG), single(2, 1), single(2, 2), bulk(3, 1)], {})
    assert found.patterns == Counter({(CAT, DOG): 1, (CAT, CAT): 1, (CAT,): 1})
    assert found.patterns_without == Counter({(CAT,): 1, (CAT, CAT): 1})


def test_the_two_are_compared_when_enough_were_judged_and_the_difference_has_a_range() -> None:
    decided = dict.fromkeys(range(200), (CAT, 99))
    answers = [single(n, 1, CAT if n % 10 else DOG) for n in range(100)]
    answers += [bulk(100 + n, 1, CAT if n % 2 else DOG) for n in range(FEWEST - 1)]
    assert compare(answers, decided).missing == 1
    assert compare(answers, decided).difference is None
    found = compare([*answers, bulk(199, 1)], decided)
    assert found.missing == 0
    assert found.difference is not None
    assert found.difference.value == pytest.approx(0.5 - 0.9)
    assert found.difference.low < found.difference.value < found.difference.high < 0
