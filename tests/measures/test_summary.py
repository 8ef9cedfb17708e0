"""What a lead is told, and what is kept from them with a reason."""

import pytest

from labeler.measures.histogram import Histogram
from labeler.measures.intervals import Interval
from labeler.measures.summary import Reason, summary, verdict

GOOD: Histogram = {(0, 0): 90, (1, 1): 80, (0, 1): 6}


def test_a_healthy_project_gets_the_number_its_interval_and_a_verdict() -> None:
    told = summary(GOOD, 2)
    assert told.alpha is not None
    assert told.interval is not None
    assert told.interval.low < told.alpha < told.interval.high
    assert (told.reason, told.reason_sentence, told.verdict) == (None, "", "strong")
    assert (told.items, told.pairable_items, told.answers) == (176, 176, 352)
    assert told.percent == pytest.approx(170 / 176)
    assert told.percent_interval is not None


def test_nothing_is_said_without_two_answers_to_an_item() -> None:
    told = summary({(0,): 10}, 3)
    assert (told.alpha, told.percent, told.chance, told.top_class, told.details) == (None, None, None, None, ())
    assert told.reason is Reason.NO_PAIRS


def test_an_empty_project_has_a_summary() -> None:
    assert summary({}, 3, "ordinal").reason is Reason.NO_PAIRS


def test_one_class_only_is_undefined_and_not_perfect() -> None:
    told = summary({(1, 1): 500}, 3)
    assert (told.alpha, told.interval, told.verdict, told.percent) == (None, None, None, 1.0)
    assert told.reason is Reason.ONE_CLASS
    assert "cannot be judged" in told.reason_sentence


def test_few_double_labelled_items_show_alpha_without_an_interval() -> None:
    told = summary({(0, 0): 20, (1, 1): 15, (0, 1): 3, (0,): 900}, 2)
    assert told.alpha is not None
    assert (told.interval, told.reason) == (None, Reason.FEW_ITEMS)
    assert told.reason_sentence == "Too few double-labelled items (38 of 50)."


def test_few_answers_outside_the_top_class_show_no_interval() -> None:
    told = summary({(0, 0): 200, (0, 1): 9}, 2)
    assert (told.interval, told.reason, told.others) == (None, Reason.FEW_OTHERS, 9)
    assert told.reason_sentence == "Too few answers outside the most used class (9 of 10)."


def test_a_rare_class_on_one_item_is_too_unstable_for_an_interval() -> None:
    assert summary({(0, 0): 60, (1,) * 12: 1}, 2).reason is Reason.UNSTABLE


def test_the_paradox_is_explained_and_nothing_is_swapped() -> None:
    told = summary({(0, 0): 800, (0, 1): 80, (1, 1): 20}, 2)
    assert told.paradox
    assert told.alpha is not None
    assert told.alpha < 0.5


def test_high_agreement_on_balanced_classes_is_no_paradox() -> None:
    assert not summary(GOOD, 2).paradox


def test_ordered_classes_get_their_own_figures() -> None:
    told = summary({(0, 0): 40, (0, 1): 20, (1, 1): 40, (2, 2): 40, (1, 2): 10}, 3, "ordinal")
    assert told.within_one == 1.0
    assert None not in (told.alpha_interval_scale, told.interval)
    assert "gwet_ac2_quadratic" in {one.measure for one in told.details}
    assert summary(GOOD, 2).within_one is None


def test_classes_nobody_used_are_listed_without_a_number() -> None:
    told = summary(GOOD, 4)
    assert [single.specific is None for single in told.per_class] == [False, False, True, True]
    assert [found is None for found in told.specific_intervals] == [False, False, True, True]


@pytest.mark.parametrize(("low", "word"), [(0.9, "strong"), (0.8, "strong"), (0.7, "usable"), (0.5, "needs_work")])
def test_the_verdict_looks_at_the_lower_end(low: float, word: str) -> None:
    assert verdict(Interval(low, 0.95)) == word


def test_a_project_may_set_its_own_bands() -> None:
    assert verdict(Interval(0.5, 0.6), strong=0.7, usable=0.4) == "usable"
    assert verdict(None) is None
