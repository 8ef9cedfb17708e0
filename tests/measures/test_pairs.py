"""Named annotators: all pairs at once equal one pair at a time; an answer never meets itself."""

from typing import Any

import numpy as np
import pytest

from labeler.measures.pairs import against_others, cohen_kappa, conger_kappa, light_kappa, pair_matrix, scott_pi


def answers(n_items: int = 80, n_annotators: int = 5) -> tuple[Any, Any, Any]:
    random = np.random.default_rng(4)
    truth = random.integers(0, 3, n_items)
    given = random.random((n_items, n_annotators)) < 0.6
    item, annotator = np.nonzero(given)
    right = random.random(len(item)) < 0.7
    return item, annotator, np.where(right, truth[item], random.integers(0, 3, len(item)))


def test_the_pair_matrix_equals_one_table_a_pair() -> None:
    item, annotator, label = answers()
    matrix = pair_matrix(item, annotator, label, 3)
    assert len(matrix.first) == 10
    for place, (one, two) in enumerate(zip(matrix.first, matrix.second, strict=True)):
        said = dict(zip(item[annotator == one].tolist(), label[annotator == one].tolist(), strict=True))
        heard = dict(zip(item[annotator == two].tolist(), label[annotator == two].tolist(), strict=True))
        table = np.zeros((3, 3))
        for shared in said.keys() & heard.keys():
            table[said[shared], heard[shared]] += 1
        assert matrix.shared[place] == table.sum()
        assert matrix.percent[place] == pytest.approx(table.trace() / table.sum())
        assert matrix.kappa[place] == pytest.approx(cohen_kappa(table))


def test_pairs_with_few_shared_items_are_marked() -> None:
    item, annotator, label = answers(60)
    matrix = pair_matrix(item, annotator, label, 3)
    assert matrix.enough(1).all()
    assert not matrix.enough(1000).any()


def test_no_shared_item_gives_an_empty_matrix() -> None:
    lonely = pair_matrix(np.array([0, 1]), np.array([0, 1]), np.array([0, 1]), 2)
    assert len(lonely.kappa) == 0
    assert len(pair_matrix(np.empty(0, int), np.empty(0, int), np.empty(0, int), 2).kappa) == 0


def test_one_against_the_others_counts_only_the_others() -> None:
    item, annotator, label = np.array([0, 0, 0, 1, 2]), np.array([0, 1, 2, 0, 3]), np.array([1, 1, 0, 0, 1])
    found = against_others(item, annotator, label, 4, 2)
    assert found.shared.tolist() == [1, 1, 1, 0]
    assert found.percent[:3].tolist() == [0.5, 0.5, 0.0]
    assert np.isnan(found.percent[3])


def test_with_two_annotators_one_against_the_others_is_cohens_kappa() -> None:
    item, annotator, label = answers(60, 2)
    found = against_others(item, annotator, label, 2, 3)
    assert found.kappa == pytest.approx([pair_matrix(item, annotator, label, 3).kappa[0]] * 2)


def test_with_two_annotators_conger_and_light_are_cohens_kappa() -> None:
    given = np.random.default_rng(1).integers(0, 3, (50, 2))
    table = np.zeros((3, 3))
    np.add.at(table, (given[:, 0], given[:, 1]), 1)
    assert conger_kappa(given, 3) == pytest.approx(cohen_kappa(table))
    assert light_kappa(given, 3) == pytest.approx(cohen_kappa(table))


def test_kappa_is_undefined_where_both_always_said_one_class() -> None:
    table = np.array([[9.0, 0.0], [0.0, 0.0]])
    assert cohen_kappa(table) is scott_pi(table) is None
    assert conger_kappa(np.zeros((5, 2), int), 2) is None
    assert light_kappa(np.full((5, 2), -1), 2) is None
