"""The noise model: mistakes of one side are found by their pattern, accidents leave the order to the pool."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from labeler.quality import linear, noise, noise_forms, pooling
from tests.quality.worlds import Floats, Integers


def two_classes(one_sided: float, even: float, seed: int) -> tuple[list[Floats], Integers, Integers]:
    """Two honest opinions about 3,000 labels of two classes, as models trained on the labels have them, and the truth.

    one_sided: share of class 0 that is called 1; even: share of all that is changed.
    """
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, 3000)
    logs = []
    for spread in (1.0, 2.0):
        seen = rng.normal(2 * truth - 1.0, spread)
        first = 1 / (1 + np.exp(-2 * seen / spread**2))
        first = (first + one_sided * (1 - first)) * (1 - 2 * even) + even
        logs.append(np.log(np.stack([1 - first, first], axis=1)))
    labels = np.where((truth == 0) & (rng.random(3000) < one_sided), 1, truth)
    return logs, np.where(rng.random(3000) < even, 1 - labels, labels), truth


def ranked(logs: list[Floats], labels: Integers, truth: Integers) -> tuple[float, float, noise.NoiseEstimate]:
    """Area under precision and recall, ours and cleanlab's score of the same pool."""
    powers = pooling.temper(logs, labels)
    found = noise.estimate(logs, powers, labels, 0)
    beside = 1 - pooling.pool(logs, powers)[np.arange(len(labels)), labels]
    wrong = labels != truth
    return average_precision_score(wrong, found.scores), average_precision_score(wrong, beside), found


@pytest.mark.parametrize("seed", range(3))
def test_one_sided_mistakes_of_two_classes_are_ranked_far_above_chance_and_the_pool(seed: int) -> None:
    ours, pool, found = ranked(*two_classes(0.2, 0.0, seed))
    assert ours > 0.6  # of all labels .1 are wrong
    assert ours > pool + 0.2
    assert found.patterned > 0.8
    assert found.matrix[0, 1] > 0.05 > found.matrix[1, 0]


@pytest.mark.parametrize("share", [0.01, 0.05])
def test_few_accidents_are_ranked_as_the_pool_ranks_them(share: float) -> None:
    ours, pool, found = ranked(*two_classes(0.0, share, 0))
    assert ours > pool - 0.03
    assert found.patterned < 0.5


@pytest.mark.parametrize("form", [noise_forms.Nothing(3), noise_forms.Even(3), noise_forms.Patterned(3, 0.1)])
def test_the_slope_of_the_objective_is_that_of_its_values(form: noise_forms.Form) -> None:
    rng = np.random.default_rng(0)
    stack, labels = linear.log_softmax(rng.normal(size=(2, 50, 3)).reshape(-1, 3)).reshape(2, 50, 3), np.arange(50) % 3
    at = np.concatenate([[0.7, 0.4], rng.normal(size=3), form.starts()[0] + 0.1 * rng.normal(size=form.numbers)])

    def value(where: Floats) -> tuple[float, Floats]:
        return noise._loss(where, stack, labels, form, np.array([0.5, 0.5]))

    steps = [(value(at + step)[0] - value(at - step)[0]) / 2e-6 for step in 1e-6 * np.eye(len(at))]
    np.testing.assert_allclose(value(at)[1], steps, atol=1e-7)


def test_more_pairs_of_classes_than_labels_leave_the_noise_even() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 30
    logs = linear.log_softmax(3 * np.eye(30)[labels] + rng.normal(size=(90, 30)))
    found = noise.estimate([logs], np.ones(1), labels, 0)
    assert found.patterned == 0
    assert np.unique(found.matrix.round(12)).size == 2
