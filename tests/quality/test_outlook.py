"""What more labels would bring, measured within a pass: cheaply, rising where there is more to learn, and in words."""

import random

import numpy as np
import pytest

from labeler.quality import outlook
from labeler.quality.examine import Examined, examine
from tests.quality import worlds


def examined(count: int, own: int, wrong: float = 0.1) -> Examined:
    """A pass over texts with a few words of their topic."""
    rng, topics = random.Random(4), list(worlds.TOPICS)
    truth = np.arange(count) % 3
    contents = [worlds.text_about(worlds.TOPICS[topics[place]], rng, own=own) for place in truth]
    labels = worlds.with_mistakes(truth, wrong, 3)
    return examine(worlds.dataset(contents, labels), progress=lambda _share, _sentence: None)


@pytest.fixture(scope="module")
def hard() -> Examined:
    return examined(640, own=1)


def test_more_labels_help_where_there_is_more_to_learn(hard: Examined) -> None:
    assert hard.lesson is not None
    found = outlook.outlook(hard.lesson, seed=0)
    assert found is not None
    assert found.labels == (40, 80, 512)
    assert found.right[0] < found.right[-1]
    assert found.more == 100
    assert 0 < found.low <= found.gain <= found.high < 0.1


def test_the_last_point_is_the_accuracy_that_the_pass_states(hard: Examined) -> None:
    assert hard.lesson is not None
    found = outlook.outlook(hard.lesson, seed=0)
    assert found is not None
    assert found.right[-1] == pytest.approx(hard.summary["model"]["accuracy"], abs=1e-4)


def test_more_labels_bring_nothing_where_all_is_known() -> None:
    easy = examined(400, own=6, wrong=0.0)
    assert easy.lesson is not None
    found = outlook.outlook(easy.lesson, seed=0)
    assert found is not None
    assert found.gain < 0.005


def test_labels_that_nothing_explains_are_learned_by_heart() -> None:
    noisy = examined(640, own=4, wrong=0.3)
    assert noisy.lesson is not None
    found = outlook.outlook(noisy.lesson, seed=0)
    assert found is not None
    assert found.learnt > found.right[1] + 0.1


def test_few_labels_have_no_outlook() -> None:
    few = examined(60, own=4)
    assert few.lesson is None or outlook.outlook(few.lesson, seed=0) is None


@pytest.mark.parametrize(
    ("about", "number"), [(3, 20), (60, 50), (130, 100), (170, 200), (800, 1000), (20_000, 20_000)]
)
def test_the_outlook_is_on_a_round_number(about: float, number: int) -> None:
    assert outlook.round_number(about) == number


def test_how_sure_the_model_is_stands_beside_how_often_it_is_right(hard: Examined) -> None:
    bins = hard.summary["model"]["reliability"]
    assert sum(one["labels"] for one in bins) == 640
    assert [one["said"] for one in bins] == sorted(one["said"] for one in bins)
    assert all(0 <= one["right"] <= 1 for one in bins)
