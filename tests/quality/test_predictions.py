"""Held-out predictions: what is held back is never seen, and the columns stay where they belong."""

import numpy as np
import pytest

from labeler.quality import folds, linear, pooling, predictions
from labeler.quality.features.extraction import extract
from labeler.quality.neighbours import nearest
from tests.quality.worlds import Integers, texts


def learn(contents: list[str], labels: Integers) -> predictions.Predictions:
    features = extract("text", contents)
    found = predictions.learn(labels, features, nearest(features.space), lambda _share: None, 0)
    assert found is not None
    return found


def test_labels_without_pattern_cannot_be_predicted() -> None:
    """In-sample, each text's own word would give its label away and the accuracy would be 1."""
    labels = np.random.default_rng(0).integers(0, 2, 120)
    found = learn([f"word{n} token{n} sign{n}" for n in range(120)], labels)
    assert 0.3 < pooling.accuracy(found.probabilities, labels) < 0.7


def test_identical_texts_share_a_fold() -> None:
    """Each text comes twice with one random label: a model that sees the twin would be right every time."""
    labels = np.repeat(np.random.default_rng(1).integers(0, 2, 80), 2)
    contents = [f"word{n // 2} token{n // 2} sign{n // 2}" for n in range(160)]
    found = learn(contents, labels)
    assert 0.25 < pooling.accuracy(found.probabilities, labels) < 0.75
    plan = folds.plan_folds(labels, extract("text", contents).groups, 0)
    assert plan is not None
    assert (plan.folds[::2] == plan.folds[1::2]).all()


def test_every_class_is_dealt_over_the_folds() -> None:
    labels = np.array([0] * 50 + [1] * 23 + [2] * 3 + [-1] * 4)
    plan = folds.plan_folds(labels, np.arange(80), 0)
    assert plan is not None
    assert plan.count == 5
    assert (plan.folds[labels < 0] == -1).all()
    for label, size in ((0, 10), (1, 5), (2, 1)):
        counts = np.bincount(plan.folds[labels == label], minlength=5)
        assert abs(counts - size).max() <= 1


@pytest.mark.parametrize("labels", [[0, 0, 0], [-1, -1, -1], [0, -1, -1]])
def test_one_class_cannot_be_dealt(labels: list[int]) -> None:
    assert folds.plan_folds(np.array(labels), np.arange(3), 0) is None


def test_absent_classes_get_the_floor_in_their_own_column() -> None:
    full = folds.spread(np.log(np.array([[0.25, 0.75]])), np.array([0, 2]), 4)
    np.testing.assert_allclose(np.exp(full), [[0.25, folds.FLOOR, 0.75, folds.FLOOR]])


def test_the_logistic_fit_agrees_with_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(3)
    matrix = rng.standard_normal((200, 5))
    labels = (matrix[:, :3] + 0.5 * rng.standard_normal((200, 3))).argmax(axis=1)
    weights = linear.fit_logistic(matrix, folds.one_hot(labels, 3), 0.5)
    theirs = LogisticRegression(C=0.5).fit(matrix, labels).predict_proba(matrix)
    np.testing.assert_allclose(np.exp(linear.predict(matrix, weights)), theirs, atol=0.01)


def test_tempering_restores_overconfident_probabilities() -> None:
    rng = np.random.default_rng(4)
    honest = rng.dirichlet([1.0, 1.0, 1.0], 3000)
    labels = (rng.random((3000, 1)) > honest.cumsum(axis=1)).sum(axis=1).clip(max=2)
    boasting = linear.log_softmax(3 * np.log(honest))
    power = pooling.temper([boasting], labels)
    assert power[0] == pytest.approx(1 / 3, abs=0.03)
    tempered = pooling.pool([boasting], power)
    assert pooling.calibration_error(tempered, labels) < 0.04
    assert pooling.log_loss(tempered, labels) < pooling.log_loss(pooling.pool([boasting], np.ones(1)), labels)


def test_a_block_of_noise_is_not_heard() -> None:
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 2, 1000)
    knowing = np.log(np.where(np.eye(2)[labels] > 0, 0.8, 0.2))
    flip = rng.random(1000) < 0.2
    knowing[flip] = knowing[flip, ::-1]
    noise = np.log(rng.dirichlet([1.0, 1.0], 1000))
    powers = pooling.temper([knowing, noise], labels)
    assert powers[0] == pytest.approx(1, abs=0.15)
    assert powers[1] < 0.1


def test_the_vote_of_neighbours_leaves_out_the_item_and_its_twins() -> None:
    groups = np.array([0, 0, 2, 3])
    near = (np.array([[1, 2], [0, 2], [3, -1], [2, -1]]), np.ones((4, 2), dtype=np.float32))
    shares = np.exp(predictions.vote_of_neighbours(groups, near, np.array([0, 0, 1, 1]), 2))
    assert shares[0, 1] > 0.5
    np.testing.assert_allclose(shares.sum(axis=1), 1)


def test_accuracy_is_reported_on_held_out_items() -> None:
    contents, truth = texts((30, 30, 30))
    found = learn(contents, truth)
    assert found.folds == 5
    assert pooling.accuracy(found.probabilities, truth) > 0.9
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)
