"""Sets, boxes, spans and units: matching and counting."""

import pytest

from labeler.errors import Invalid
from labeler.measures import boxes, spans
from labeler.measures.boxes import Overlap, match
from labeler.measures.continuum import unitizing_alpha
from labeler.measures.sets import jaccard, masi, mean_jaccard, nesting, set_alpha

EMPTY: frozenset[str] = frozenset()


def test_the_empty_set_equals_only_itself() -> None:
    assert jaccard(EMPTY, EMPTY) == masi(EMPTY, EMPTY) == nesting(EMPTY, EMPTY) == 0
    assert jaccard(EMPTY, frozenset("a")) == masi(EMPTY, frozenset("a")) == 1


def test_masi_equals_nltk() -> None:
    distance = pytest.importorskip("nltk.metrics.distance", reason="nltk is not installed")
    for one, two in (("ab", "abcd"), ("ab", "bc"), ("a", "b"), ("abc", "abc")):
        assert masi(frozenset(one), frozenset(two)) == pytest.approx(distance.masi_distance(set(one), set(two)))


def test_sets_that_are_all_the_same_leave_alpha_undefined() -> None:
    assert set_alpha([[frozenset("a"), frozenset("a")]] * 5) is None


def test_mean_jaccard_leaves_out_items_with_one_answer() -> None:
    items = [[frozenset("ab"), frozenset("a")], [frozenset("a")]]
    assert mean_jaccard(items) == pytest.approx(0.5)
    assert mean_jaccard(items[1:]) is None


def test_boxes_are_matched_one_to_one_whatever_their_order_and_class() -> None:
    near, far = (0.0, 0.0, 10.0, 10.0), (50.0, 50.0, 60.0, 60.0)
    found = match([(near, "cat"), (far, "dog")], [(far, "cat"), (near, "cat"), (near, "cat")])
    assert (found.matched, found.first, found.second, found.same_class) == (2, 2, 3, 1)
    assert found.f1 == pytest.approx(4 / 5)
    assert found.mean_iou == pytest.approx(1)
    assert found.class_agreement == pytest.approx(0.5)


def test_a_box_below_the_threshold_is_not_matched() -> None:
    found = match([((0, 0, 10, 10), "a")], [((6, 0, 16, 10), "a")])
    assert (found.matched, found.f1, found.mean_iou) == (0, 0.0, None)


def test_overlaps_add_up_over_items() -> None:
    total = match([((0, 0, 10, 10), "a")], [((0, 0, 10, 10), "a")]) + match([], [((0, 0, 1, 1), "a")])
    assert total.f1 == pytest.approx(2 / 3)
    assert Overlap().f1 is None
    assert Overlap().class_agreement is None


def test_empty_boxes_overlap_nothing() -> None:
    assert boxes.iou((1, 1, 1, 1), (1, 1, 1, 1)) == 0


def test_spans_match_exactly_or_by_characters() -> None:
    first, second = [(0, 5, "PER"), (10, 12, "LOC")], [(0, 4, "PER"), (10, 12, "LOC")]
    assert spans.exact(first, second).f1 == pytest.approx(0.5)
    assert spans.partial(first, second).f1 == pytest.approx(12 / 13)
    assert spans.exact([(0, 5, "PER")], [(0, 5, "LOC")]).f1 == 0


def test_units_that_overlap_or_leave_the_text_are_refused() -> None:
    for units in ([(0, 5, 0, "a"), (4, 5, 0, "a")], [(0, 11, 0, "a")]):
        with pytest.raises(Invalid):
            unitizing_alpha(units, 0, 10, 2)


def test_a_text_without_units_leaves_unitizing_alpha_undefined() -> None:
    assert unitizing_alpha([], 0, 10, 2) is None


def test_equal_units_agree_perfectly() -> None:
    assert unitizing_alpha([(2, 3, 0, "a"), (2, 3, 1, "a")], 0, 10, 2) == 1
