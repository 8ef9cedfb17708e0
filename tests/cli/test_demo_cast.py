"""The simulated annotators do what their habits say, the same way each time."""

from statistics import median

import pytest

from labeler.cli.demo_cast import (
    DIGITS_CAST,
    JONAS,
    MIRA,
    NOT_CLEAR,
    REVIEWS_CAST,
    RUI,
    SOFIA,
    TICKETS_CAST,
    Habits,
    SimulatedAnswer,
    answers,
    slips_anywhere,
    slips_to_neighbours,
)
from labeler.cli.demo_samples import read_classes, read_truth, sample_folder

CLASSES = ("Billing", "Delivery", "Account access", "Praise", "Product defect")
TRUTH = {f"item-{n}": CLASSES[n % 5] for n in range(240)}
HARD = {"item-0": ("Billing", "Delivery"), "item-1": ()}
SLIPS = slips_anywhere(CLASSES)
SCALE = {f"review-{n}": str(n % 5 + 1) for n in range(120)}


def clear(given: list[SimulatedAnswer]) -> list[SimulatedAnswer]:
    return [answer for answer in given if answer.label is not None and answer.item not in HARD]


def share_right(given: list[SimulatedAnswer], truth: dict[str, str]) -> float:
    return sum(answer.label == truth[answer.item] for answer in clear(given)) / len(clear(given))


@pytest.mark.parametrize("habits", TICKETS_CAST, ids=lambda habits: habits.name)
def test_each_person_reaches_their_accuracy_on_clear_items(habits: Habits) -> None:
    given = answers(TRUTH, HARD, SLIPS, habits, seed=1)
    assert share_right(given, TRUTH) == pytest.approx(habits.accuracy, abs=0.005)


@pytest.mark.parametrize("habits", TICKETS_CAST, ids=lambda habits: habits.name)
def test_every_item_is_met_once(habits: Habits) -> None:
    given = answers(TRUTH, HARD, SLIPS, habits, seed=1)
    assert sorted(answer.item for answer in given) == sorted(TRUTH)
    assert {answer.annotator for answer in given} == {habits.name}


def test_an_entry_is_an_answer_or_a_skip_with_a_reason() -> None:
    for habits in TICKETS_CAST:
        for answer in answers(TRUTH, HARD, SLIPS, habits, seed=1):
            assert (answer.label is None) == bool(answer.skip)
            assert answer.label is None or answer.label in CLASSES


def test_the_same_seed_gives_the_same_answers_and_another_seed_others() -> None:
    first = answers(TRUTH, HARD, SLIPS, RUI, seed=1)
    assert first == answers(TRUTH, HARD, SLIPS, RUI, seed=1)
    assert first != answers(TRUTH, HARD, SLIPS, RUI, seed=2)


def test_people_with_the_same_seed_make_different_mistakes() -> None:
    orders = [[answer.item for answer in answers(TRUTH, HARD, SLIPS, habits, seed=1)] for habits in TICKETS_CAST]
    assert orders[0] != orders[1] != orders[2]


def test_most_mistakes_of_one_who_mixes_swap_the_pair() -> None:
    rui = TICKETS_CAST[1]
    assert rui.mixes is not None
    wrong = [answer for answer in clear(answers(TRUTH, HARD, SLIPS, rui, seed=1)) if answer.label != TRUTH[answer.item]]
    swapped = [answer for answer in wrong if {answer.label, TRUTH[answer.item]} == set(rui.mixes)]
    assert len(swapped) / len(wrong) == pytest.approx(0.8, abs=0.03)


def test_the_kind_one_rates_one_step_up_and_never_beyond_the_top() -> None:
    slips = slips_to_neighbours("12345")
    given = answers(SCALE, {}, slips, SOFIA, seed=1)
    steps = [int(answer.label) - int(SCALE[answer.item]) for answer in given if answer.label]
    assert set(steps) <= {-1, 0, 1}
    assert steps.count(1) > 8 * steps.count(-1)
    below = [answer for answer in given if answer.label and SCALE[answer.item] != "5"]
    assert sum(int(answer.label or 0) > int(SCALE[answer.item]) for answer in below) / len(below) > 0.6


def test_mistakes_on_a_scale_are_next_to_the_truth() -> None:
    for answer in answers(SCALE, {}, slips_to_neighbours("12345"), JONAS, seed=1):
        assert answer.label is None or abs(int(answer.label) - int(SCALE[answer.item])) <= 1


def test_the_ends_of_a_scale_have_one_neighbour() -> None:
    assert slips_to_neighbours("123") == {"1": ["2"], "2": ["1", "3"], "3": ["2"]}


def test_the_sloppy_one_is_much_faster_than_the_careful_one() -> None:
    def typical(habits: Habits) -> float:
        return median(answer.seconds for answer in answers(TRUTH, HARD, SLIPS, habits, seed=1))

    assert typical(JONAS) == pytest.approx(2.1, rel=0.2)
    assert typical(MIRA) == pytest.approx(6.5, rel=0.2)


def test_times_are_positive_and_shrink_after_the_first_items() -> None:
    times = [answer.seconds for answer in answers(TRUTH, {}, SLIPS, MIRA, seed=1)]
    assert min(times) >= 0.4
    assert median(times[:12]) > median(times[60:])


def test_what_fits_no_class_is_mostly_skipped_by_a_careful_person() -> None:
    off_topic: dict[str, tuple[str, ...]] = dict.fromkeys(TRUTH, ())
    given = answers(TRUTH, off_topic, SLIPS, MIRA, seed=1)
    assert sum(answer.skip == NOT_CLEAR for answer in given) / len(given) > 0.9


def test_ambiguous_items_divide_people_between_the_defensible_classes() -> None:
    hard = dict.fromkeys(TRUTH, ("Billing", "Delivery"))
    given = [answer for answer in answers(TRUTH, hard, SLIPS, MIRA, seed=1) if answer.label]
    assert {answer.label for answer in given} == {"Billing", "Delivery"}
    assert sum(answer.label == "Billing" for answer in given) / len(given) == pytest.approx(0.5, abs=0.1)
    assert any(answer.comment == "Could also be Delivery." for answer in given)


def test_there_are_a_few_comments_and_skips_to_show() -> None:
    folder = sample_folder("support_tickets")
    truth = read_truth(folder)
    slips = slips_anywhere([name for name, _ in read_classes(folder)])
    given = [a for habits in TICKETS_CAST for a in answers(truth.labels, truth.hard, slips, habits, seed=0)]
    assert 5 <= sum(answer.comment is not None for answer in given) <= 60
    assert 5 <= sum(answer.skip is not None for answer in given) <= 40


def test_the_pairs_that_people_mix_are_classes_of_their_sample() -> None:
    casts = {"support_tickets": TICKETS_CAST, "digits": DIGITS_CAST, "reviews_rating": REVIEWS_CAST}
    for name, cast in casts.items():
        classes = {name for name, _ in read_classes(sample_folder(name))}
        assert all(set(habits.mixes or ()) <= classes for habits in cast)
        assert len({habits.name for habits in cast}) == len(cast)
