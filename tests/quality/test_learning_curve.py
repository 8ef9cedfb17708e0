"""The learning curve: sizes that double, rising on what can be learned, and an outlook with its range."""

import random

import numpy as np
import pytest

from labeler.quality import learning_curve
from labeler.quality.examine import look_at as look_at_contents
from labeler.quality.judgeable import judgeable
from tests.quality import worlds


def hard_texts() -> tuple[list[str], worlds.Integers]:
    """Texts with a single word of their topic, and labels of which every eighth is wrong."""
    rng, topics = random.Random(4), list(worlds.TOPICS)
    truth = np.arange(200) % 3
    texts = [worlds.text_about(worlds.TOPICS[topics[place]], rng, own=1) for place in truth]
    return texts, np.where(np.arange(200) % 8 == 7, (truth + 1) % 3, truth)


@pytest.fixture(scope="module")
def course() -> learning_curve.Course:
    world = worlds.dataset(*hard_texts())
    contents = look_at_contents(world, progress=lambda _share, _sentence: None)
    judged = judgeable(world.labels, contents.features, 3)
    return learning_curve.Course(judged, contents.features, (contents.places, contents.cosines), seed=0)


@pytest.fixture(scope="module")
def points(course: learning_curve.Course) -> learning_curve.Measured:
    found = learning_curve.measure(course, lambda _share: None)
    assert found is not None
    return found


def test_sizes_double_and_the_last_point_is_what_is_known_of_all_labels(
    course: learning_curve.Course, points: learning_curve.Measured
) -> None:
    said = course.folds(course.judged.labels)
    assert said is not None
    found = learning_curve.curve(course, points, said)
    assert found.labels == (25, 49, 100, 160)
    assert found.right[-1] == (said == course.judged.labels).mean()
    assert found.right[0] < found.right[-1]
    assert found.gain is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.gain <= found.high < 0.3


def test_leaving_the_wrong_labels_out_makes_the_model_better_on_the_others(
    course: learning_curve.Course, points: learning_curve.Measured
) -> None:
    wrong = np.arange(200) % 8 == 7
    found = learning_curve.without(course, points, wrong)
    assert found is not None
    assert found.after >= found.before


def test_smaller_sets_lie_inside_larger_ones_and_hold_each_class_in_its_share() -> None:
    labels = np.array([0] * 80 + [1] * 40 + [-1] * 5)
    rank = learning_curve.ranks(labels, np.arange(125), seed=3)
    for share in (0.25, 0.5):
        assert np.bincount(labels[rank < share]).tolist() == [80 * share, 40 * share]
    assert (rank[labels < 0] == 1).all()


def test_the_outlook_follows_a_power_of_the_size() -> None:
    errors = np.array([[0.32, 0.16, 0.08, 0.05]])
    assert abs(learning_curve._gain(errors)[0] - 0.025) < 1e-12
    assert learning_curve._gain(np.array([[0.2, 0.2, 0.25, 0.2]]))[0] == 0
    assert learning_curve._outlook(np.ones((3, 10), dtype=bool), 0) == (None, None, None)
