"""Agreement on sets of classes: from codes alone, as counted pair by pair."""

import random
from collections import Counter

import numpy as np
import pytest

from labeler.errors import Invalid
from labeler.measures import labelsets
from labeler.measures.histogram import counts
from labeler.measures.labelsets import common, label_set_agreement
from labeler.measures.metrics import per_class
from labeler.measures.summary import Reason
from tests.measures.pairwise import distance_table, jaccard, masi, mean_jaccard, set_alpha, tally

CLASSES = 4


def drawn(items: int, seed: int = 1) -> list[list[frozenset[int]]]:
    draw = random.Random(seed)
    found = []
    for _ in range(items):
        truth = {index for index in range(CLASSES) if draw.random() < 0.4}
        found.append(
            [
                frozenset(truth ^ {index for index in range(CLASSES) if draw.random() < 0.1})
                for _ in range(draw.randrange(1, 4))
            ]
        )
    return found


def coded(items: list[list[frozenset[int]]]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(f"m{sum(1 << index for index in labels):x}" for labels in answers) for answers in items)


def test_sets_from_codes_measure_as_sets_do() -> None:
    items = drawn(200)
    told = label_set_agreement(coded(items), CLASSES)
    pairable = [answers for answers in items if len(answers) > 1]
    assert told.items == len(pairable)
    assert told.answers == sum(map(len, pairable))
    assert told.alpha == pytest.approx(set_alpha(items))
    assert told.jaccard == pytest.approx(mean_jaccard(items))
    assert told.interval is not None
    assert told.alpha is not None
    assert told.interval.low < told.alpha < told.interval.high
    assert told.jaccard_interval is not None
    assert told.jaccard is not None
    assert told.jaccard_interval.low < told.jaccard < told.jaccard_interval.high
    assert told.reason is None


def test_the_interval_is_that_of_resampled_items() -> None:
    items = [answers for answers in drawn(150, seed=4) if len(answers) > 1]
    draw = random.Random(6)
    alphas = [set_alpha(draw.choices(items, k=len(items))) for _ in range(300)]
    told = label_set_agreement(coded(items), CLASSES)
    assert told.interval is not None
    assert told.interval.low == pytest.approx(np.percentile(np.array(alphas, float), 2.5), abs=0.02)
    assert told.interval.high == pytest.approx(np.percentile(np.array(alphas, float), 97.5), abs=0.02)


def test_very_many_sets_are_judged_by_a_sample_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    histogram = coded(drawn(300, seed=5))
    exact = label_set_agreement(histogram, CLASSES)
    monkeypatch.setattr(labelsets, "TABLE", 200)
    monkeypatch.setattr(labelsets, "BLOCK", 7)
    sampled = label_set_agreement(histogram, CLASSES)
    assert exact.alpha is not None
    assert sampled.alpha != exact.alpha
    assert sampled.alpha == pytest.approx(exact.alpha, abs=0.1)
    assert sampled.jaccard == exact.jaccard


def test_each_class_is_measured_as_chosen_or_not() -> None:
    items = drawn(120, seed=2)
    told = label_set_agreement(coded(items), CLASSES)
    for index, one in enumerate(told.per_class):
        binary = counts(tally([int(index not in labels) for labels in answers] for answers in items), 2)
        expected = per_class(binary)[0]
        assert (one.index, one.answers) == (index, expected.answers)
        assert one.specific == pytest.approx(expected.specific)
        assert one.alpha == pytest.approx(expected.alpha)
        limits = told.specific_intervals[index]
        assert limits is not None
        assert one.specific is not None
        assert limits.low < one.specific < limits.high


def test_two_items_by_hand() -> None:
    # {0, 1} and {0}: half in common; {} and {}: all in common
    told = label_set_agreement({("m3", "m1"): 1, ("m0", "m0"): 1}, 2)
    assert told.jaccard == pytest.approx(0.75)
    assert told.exact == pytest.approx(0.5)
    # observed 2 * (2/3) of 4 answers; expected over pairs: {0,1}-{0} 2/3, both against the two empty ones 1
    assert told.alpha == pytest.approx(1 - 3 * (2 * (2 / 3)) / (2 * (2 / 3) + 2 * 4))
    assert [one.specific for one in told.per_class] == pytest.approx([1.0, 0.0])


def test_all_distances_at_once_are_those_of_each_pair() -> None:
    sets = sorted({labels for answers in drawn(80) for labels in answers} | {frozenset()}, key=sorted)
    members = np.array([[float(index in labels) for index in range(CLASSES)] for labels in sets])
    sizes = members.sum(axis=1)
    similar, distances = common(members @ members.T, sizes[:, None], sizes)
    assert similar == pytest.approx(1 - distance_table(sets, jaccard))
    assert distances == pytest.approx(distance_table(sets, masi))


def test_the_order_of_rows_and_answers_changes_no_digit() -> None:
    histogram = coded(drawn(150))
    straight: Counter[tuple[str, ...]] = Counter()
    for pattern, items in reversed(histogram.items()):
        straight[tuple(sorted(pattern))] += items
    assert len(straight) < len(histogram)
    assert label_set_agreement(straight, CLASSES) == label_set_agreement(histogram, CLASSES)


def test_few_items_show_alpha_without_an_interval() -> None:
    told = label_set_agreement(coded(drawn(30)), CLASSES)
    assert told.alpha is not None
    assert (told.interval, told.jaccard_interval, told.reason) == (None, None, Reason.FEW_ITEMS)
    assert set(told.specific_intervals) == {None}
    assert told.reason_sentence.startswith("Too few double-labelled items (")


def test_nothing_is_said_without_two_answers_or_without_a_difference() -> None:
    empty: dict[tuple[str, ...], int] = {}
    lonely: dict[tuple[str, ...], int] = {("m1",): 70}
    for histogram in (empty, lonely):
        told = label_set_agreement(histogram, 2)
        assert (told.alpha, told.jaccard, told.exact, told.reason) == (None, None, None, Reason.NO_PAIRS)
    told = label_set_agreement({("m1", "m1"): 70}, 2)
    assert (told.alpha, told.jaccard, told.reason) == (None, 1.0, Reason.ONE_CLASS)
    assert told.per_class[1].specific is None


def test_a_class_outside_is_refused() -> None:
    with pytest.raises(Invalid):
        label_set_agreement({("m4", "m1"): 1}, 2)
