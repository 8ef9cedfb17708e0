"""Labels that are steps of a scale: distance counts, and the number stays a probability."""

import dataclasses
import random

import numpy as np
import pytest

from labeler.quality.detectors.label_error import ordinal
from tests.quality.worlds import COMMON, Integers, dataset, look_at

STEPS = ("1", "2", "3", "4", "5")
WORDS = (
    ["awful", "terrible", "horrible", "dreadful"],
    ["poor", "weak", "tired", "lacking"],
    ["average", "plain", "usual", "middling"],
    ["good", "nice", "pleasant", "solid"],
    ["superb", "wonderful", "splendid", "brilliant"],
)


def ratings(count: int, wrong: int, seed: int = 3) -> tuple[list[str], Integers, Integers]:
    """Reviews of five steps; wrong ones are one step off and, every second one, three."""
    rng = random.Random(seed)
    truth = np.array([rng.randrange(5) for _ in range(count)], dtype=np.int64)
    texts = [" ".join(rng.choices(WORDS[step], k=5) + rng.choices(COMMON, k=5)) for step in truth]
    labels = truth.copy()
    for turn, item in enumerate(rng.sample(range(count), wrong)):
        far = 3 if turn % 2 else 1
        labels[item] += far if labels[item] + far < 5 else -far
    return texts, truth, labels


@pytest.mark.slow
def test_wrong_steps_are_found_the_furthest_first_and_the_distance_is_said() -> None:
    texts, truth, labels = ratings(300, 16)
    found = look_at(dataclasses.replace(dataset(texts, labels, STEPS), ordered=True))
    flagged = [one for one in found.findings if one.kind == "label_error"]
    assert {one.item for one in flagged} <= set(np.flatnonzero(labels != truth).tolist())
    assert len(flagged) >= 10
    assert all(one.suggested == truth[one.item] for one in flagged)
    for one in flagged:
        assert one.reasons[0] == {
            "kind": "steps",
            "steps": abs(int(labels[one.item]) - int(truth[one.item])),
            "class": int(truth[one.item]),
            "given": int(labels[one.item]),
        }
        assert 0 <= one.score <= 1
    steps: dict[float, list[int]] = {}
    for one in flagged:
        steps.setdefault(one.score, []).append(one.reasons[0]["steps"])
    assert all(own == sorted(own, reverse=True) for own in steps.values())
    assert len(steps) < len(flagged)  # scores tie, or there would be nothing to order


def test_the_suggested_step_is_the_median_of_the_posterior_where_that_is_likelier_than_the_label() -> None:
    posterior = np.array([[0.3, 0.3, 0.4, 0.0, 0.0], [0.4, 0.2, 0.4, 0.0, 0.0], [0.1, 0.8, 0.05, 0.05, 0.0]])
    labels = np.array([4, 0, 1])
    others = posterior.copy()
    others[np.arange(3), labels] = -1
    assert ordinal.suggest(posterior, others, labels).tolist() == [1, 2, 0]


def test_nearly_equal_probabilities_are_one_class_and_stay_probabilities() -> None:
    scores = np.array([0.501, 0.499, np.nan, 0.0, 1.0, 0.9])
    found = ordinal.in_classes(scores)
    assert found[0] == found[1] == 0.5
    assert np.isnan(found[2])
    assert 0 < found[3] < 1e-6
    assert 1 > found[4] > 1 - 1e-6
    assert found[5] == pytest.approx(0.9, abs=0.01)
    assert ordinal.farthest_first(np.array([0, 1, 2]), np.array([1, 4, 0]), np.array([0, 0, 0])).tolist() == [1, 0, 2]
