"""What asking others again would do: which items keep their label, which are asked, and that the numbers add up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from labeler.errors import Invalid
from labeler.rechecks.plan import Answered, Window, keeps_label, plan
from tests.conftest import NOW

WINDOW = Window(7, NOW, NOW + timedelta(days=1))
ANSWER = Answered(1, 1, ("a", "a"), "a", decided=False, open_round=True, seconds=2.0, askable=True)


@pytest.mark.parametrize(
    ("others", "final", "keeps"),
    [
        (("a", "a"), "a", True),
        (("a", "a", "b"), "a", True),
        (("a",), "a", False),  # one other is not enough
        (("a", "a", "b", "b"), "a", False),  # a tie
        (("b", "b"), "a", False),  # they agree on something else
        ((), "", False),
        (("", ""), "", False),
    ],
)
def test_an_item_keeps_its_label_where_two_others_say_it(others: tuple[str, ...], final: str, *, keeps: bool) -> None:
    assert keeps_label(others, final) is keeps


def test_the_numbers_add_up_and_each_item_is_in_one_of_them() -> None:
    answers = [
        ANSWER,
        replace(ANSWER, annotation_id=2, item_id=2, others=("b",)),
        replace(ANSWER, annotation_id=3, item_id=3, others=(), askable=False),
        replace(ANSWER, annotation_id=4, item_id=4, others=(), decided=True),
        replace(ANSWER, annotation_id=5, item_id=5, others=(), open_round=False),
    ]
    found = plan(WINDOW, answers, [])
    assert found.numbers == (5, 3, 1, 1)
    assert (found.kept, found.nobody, found.asked) == ((1, 4, 5), (3,), {2: 2})
    assert set(found.set_aside) == {1, 2, 3, 4, 5}
    assert plan(replace(WINDOW, set_aside=False), answers, []).set_aside == {}


def test_all_of_a_window_asks_about_what_would_keep_its_label_too() -> None:
    answers = [ANSWER, replace(ANSWER, annotation_id=2, item_id=2, decided=True)]
    assert plan(replace(WINDOW, which="all"), answers, []).numbers == (2, 1, 0, 1)


def test_only_fast_answers_are_in_question_where_a_lead_says_so() -> None:
    answers = [ANSWER, replace(ANSWER, annotation_id=2, item_id=2, seconds=0.9)]
    found = plan(replace(WINDOW, which="fast"), answers, [2.0, 2.0, 3.0])
    assert found.numbers == (2, 1, 0, 1)
    assert found.asked == found.set_aside == {2: 2}
    assert plan(replace(WINDOW, which="fast"), answers, []).asked == {}


def test_a_window_that_makes_no_sense_says_so() -> None:
    with pytest.raises(Invalid, match="ends before it begins"):
        replace(WINDOW, until=NOW - timedelta(seconds=1)).check()
    with pytest.raises(Invalid, match="Choose one of"):
        replace(WINDOW, which="some").check()
