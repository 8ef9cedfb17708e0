"""The histogram follows every edit exactly, and turns into arrays without losing the class list."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.errors import Invalid
from labeler.measures import metrics
from labeler.measures.histogram import changes, counts, pattern, tally

CLASSES = 4
EVENTS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 4), st.none() | st.integers(0, CLASSES - 1)), min_size=1, max_size=60
)


@settings(max_examples=60)
@given(EVENTS)
def test_adding_editing_and_deleting_equals_counting_afresh(events: list[tuple[int, int, int | None]]) -> None:
    answers: dict[int, dict[int, int]] = {item: {} for item in range(6)}
    kept: Counter[tuple[int, ...]] = Counter()
    for item, annotator, label in events:  # None: the answer is deleted
        before = list(answers[item].values())
        if label is None:
            answers[item].pop(annotator, None)
        else:
            answers[item][annotator] = label
        kept.update(changes(before, answers[item].values()))
        fresh = tally(given_labels.values() for given_labels in answers.values())
        assert {row: items for row, items in kept.items() if items} == fresh
        for measure in (metrics.alpha, metrics.fleiss, metrics.gwet_ac, metrics.percent, metrics.chance):
            assert measure(counts(kept, CLASSES)) == measure(counts(fresh, CLASSES))  # to the last digit


def test_a_pattern_does_not_know_who_answered() -> None:
    assert pattern([2, 0, 2]) == pattern([0, 2, 2]) == (0, 2, 2)


def test_an_unchanged_item_changes_nothing() -> None:
    assert changes([1, 0], [0, 1]) == {}


def test_the_first_answer_only_adds_and_the_last_only_removes() -> None:
    assert changes([], [1]) == {(1,): 1}
    assert changes([1], []) == {(1,): -1}


def test_items_without_an_answer_are_not_counted() -> None:
    assert tally([[], [1], []]) == {(1,): 1}


def test_unused_classes_keep_their_column() -> None:
    found = counts({(0, 0): 3}, 5)
    assert found.table.shape == (1, 5)
    assert (found.n_items, found.n_answers) == (3, 6)


def test_an_empty_histogram_has_no_rows() -> None:
    assert counts({(): 2, (0, 1): 0}, 3).table.shape == (0, 3)


@pytest.mark.parametrize("histogram", [{(0, 3): 1}, {(-1, 0): 1}, {(0, 1): -1}])
def test_an_impossible_histogram_is_refused(histogram: dict[tuple[int, ...], int]) -> None:
    with pytest.raises(Invalid):
        counts(histogram, 3)
