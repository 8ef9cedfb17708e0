"""Steps of a scale: mistakes by one step are likelier than mistakes by two, and neighbours lend each other counts."""

from typing import Any

import numpy as np
import pytest

from labeler.consensus.base import Votes
from labeler.consensus.methods.averaged.centres import Skill, on_steps
from labeler.consensus.registry import METHODS


def ratings(n_items: int, people: int, *, each: int, steps: int, seed: int) -> tuple[Votes, Any]:
    """Everybody sees the truth with an error of their own size, in steps."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, steps, n_items)
    item = np.repeat(np.arange(n_items), each)
    annotator = np.concatenate([random.permutation(people)[:each] for _ in range(n_items)])
    size = random.uniform(0.3, 1.2, people)
    label = np.clip(np.rint(truth[item] + random.normal(0, size[annotator])), 0, steps - 1).astype(int)
    return Votes(item, annotator, label, n_items, people, steps), truth


def test_tables_are_distributions_that_fall_off_with_the_distance() -> None:
    counted = np.zeros((5, 2, 5))
    for step in range(5):
        counted[step, :, step] = 40
        for near in {max(step - 1, 0), min(step + 1, 4)} - {step}:
            counted[step, :, near] = 8
    found = on_steps(Skill.of(counted))
    assert found.sum(axis=2) == pytest.approx(np.ones((5, 2)))
    assert (found[0, 0, :-1] > found[0, 0, 1:]).tolist()[:2] == [True, True]
    assert found[2, 0, 1] == pytest.approx(found[2, 0, 3])


def test_few_ratings_a_person_are_understood_better_with_the_order_than_without() -> None:
    known = []
    for seed in range(4):
        given, truth = ratings(120, 20, each=3, steps=7, seed=seed)
        losses = [
            -np.log(METHODS[name](given).probabilities[np.arange(120), truth]).mean()
            for name in ("tempered_on_steps", "tempered_dawid_skene")
        ]
        known.append(losses[0] < losses[1])
    assert sum(known) >= 3
