"""Agreement on objects: by hand, and as the pairwise measures count it."""

import random
from collections import Counter
from typing import Any

import pytest

from labeler.errors import Invalid
from labeler.measures.histogram import Histogram, counts
from labeler.measures.metrics import alpha
from labeler.measures.objects import object_agreement
from labeler.measures.summary import Reason
from labeler.task_types.base import ABSENT, Content, TaskConfig, Units
from labeler.task_types.boxes.task import Boxes
from labeler.task_types.spans.task import Spans
from tests.measures.pairwise import Overlap, exact, match

CONFIG = TaskConfig(classes=("cat", "dog"))
NONE = 2  # the label of what was not marked, for two classes


def tallied(units: Units, histogram: Counter[tuple[int, ...]]) -> None:
    for labels in units.values():
        histogram[tuple(sorted(NONE if label == ABSENT else label for label in labels.values()))] += 1


def test_two_annotators_by_hand() -> None:
    # 6 cats both, 1 dog both, 1 cat/dog, 2 cats of one only, 1 dog of one only: 16 + 3 marks, 7 pairs the same, 8 found
    told = object_agreement({(0, 0): 6, (1, 1): 1, (0, 1): 1, (0, NONE): 2, (1, NONE): 1}, 2)
    assert (told.objects, told.marks) == (11, 19)
    assert told.f1 == pytest.approx(14 / 19)
    assert told.found == pytest.approx(16 / 19)
    assert told.class_agreement == pytest.approx(7 / 8)
    assert [one.specific for one in told.per_class] == pytest.approx([12 / 15, 2 / 4])
    assert (told.f1_interval, told.reason) == (None, Reason.FEW_ITEMS)
    assert told.reason_sentence == "Too few objects on double-labelled items (11 of 50)."


def test_three_annotators_weigh_pairs_as_the_coincidence_matrix_does() -> None:
    # cat, cat, absent: 2 ordered pairs / (3 - 1) = 1 of 2 marks; cat, dog, dog: 1 of 3 the same, 3 of 3 found
    told = object_agreement({(0, 0, NONE): 1, (0, 1, 1): 1}, 2)
    assert told.f1 == pytest.approx((1 + 1) / 5)
    assert told.found == pytest.approx((1 + 3) / 5)
    assert told.class_agreement == pytest.approx(2 / 4)


def test_boxes_count_as_the_pairwise_measure_counts_them() -> None:
    draw, task = random.Random(11), Boxes()
    histogram: Counter[tuple[int, ...]] = Counter()
    total = Overlap()
    for _ in range(40):
        answers = {
            who: [
                {
                    "label": draw.choice(CONFIG.classes),
                    "x": draw.uniform(0, 25),
                    "y": draw.uniform(0, 9),
                    "width": draw.uniform(8, 15),
                    "height": 12,
                }
                for _ in range(draw.randrange(6))
            ]
            for who in ("ann", "bob")
        }
        tallied(task.units({who: {"boxes": parts} for who, parts in answers.items()}, CONFIG, Content()), histogram)
        total += match(*([placed(part) for part in parts] for parts in answers.values()))
    told = object_agreement(histogram, 2)
    assert total.matched > total.same_class > 0
    assert told.marks == total.first + total.second
    assert told.found == pytest.approx(total.f1)
    assert told.class_agreement == pytest.approx(total.class_agreement)
    assert told.f1 == pytest.approx(2 * total.same_class / told.marks)


def placed(part: dict[str, Any]) -> tuple[tuple[float, float, float, float], str]:
    return (part["x"], part["y"], part["width"], part["height"]), part["label"]


def test_spans_count_as_the_exact_pairwise_measure_counts_them() -> None:
    draw, task = random.Random(2), Spans()
    histogram: Counter[tuple[int, ...]] = Counter()
    total = Overlap()
    for _ in range(60):
        marked = {
            who: {
                (start, start + draw.randrange(1, 3), draw.choice(CONFIG.classes))
                for start in draw.sample(range(6), draw.randrange(4))
            }
            for who in ("ann", "bob")
        }
        answers = {
            who: {"spans": [{"label": label, "start": start, "end": end} for start, end, label in own]}
            for who, own in marked.items()
        }
        tallied(task.units(answers, CONFIG, Content()), histogram)
        total += exact(sorted(marked["ann"]), sorted(marked["bob"]))
    assert object_agreement(histogram, 2).f1 == pytest.approx(total.f1)


def test_f1_is_what_was_found_times_what_was_named_alike() -> None:
    told = object_agreement({(0, 0, 1): 4, (0, NONE, NONE): 5, (1, 1): 9, (0, 1): 2, (1, NONE): 3}, 2)
    assert told.found is not None
    assert told.class_agreement is not None
    assert told.f1 == pytest.approx(told.found * told.class_agreement)


def test_enough_objects_have_intervals_around_their_numbers_that_repeat() -> None:
    histogram: Histogram = {(0, 0): 40, (1, 1): 30, (0, 1): 4, (0, NONE): 9, (1, NONE): 5}
    told = object_agreement(histogram, 2)
    for value, limits in (
        (told.f1, told.f1_interval),
        (told.found, told.found_interval),
        (told.class_agreement, told.class_interval),
        (told.alpha, told.alpha_interval),
    ):
        assert value is not None
        assert limits is not None
        assert limits.low < value < limits.high
    assert told.alpha == alpha(counts(histogram, 3))
    assert (told.reason, told.alpha_reason, told.reason_sentence) == (None, None, "")
    assert None not in told.specific_intervals
    assert object_agreement(dict(sorted(histogram.items(), reverse=True)), 2) == told


def test_perfect_agreement_on_one_class_has_f1_and_no_alpha() -> None:
    told = object_agreement({(0, 0): 60}, 1)
    assert (told.f1, told.alpha, told.reason, told.alpha_reason) == (1.0, None, None, Reason.ONE_CLASS)
    assert told.f1_interval is not None
    assert told.f1_interval.low == 1


def test_objects_of_one_annotator_say_nothing() -> None:
    empty: Histogram = {}
    lonely: Histogram = {(0,): 90}
    for histogram in (empty, lonely):
        told = object_agreement(histogram, 2)
        assert (told.objects, told.f1, told.found, told.alpha) == (0, None, None, None)
        assert told.reason is told.alpha_reason is Reason.NO_PAIRS


def test_objects_nobody_else_marked_agree_never() -> None:
    told = object_agreement({(0, NONE): 70}, 2)
    assert (told.f1, told.found, told.class_agreement, told.class_interval) == (0.0, 0.0, None, None)


def test_a_label_outside_is_refused() -> None:
    with pytest.raises(Invalid):
        object_agreement({(0, 3): 1}, 2)
