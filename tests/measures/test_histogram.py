"""The histogram turns into arrays without losing the class list."""

import pytest

from labeler.errors import Invalid
from labeler.measures.histogram import counts


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
