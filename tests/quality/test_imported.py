"""Imported probabilities are one opinion among others, judged by the labels like all of them."""

from dataclasses import replace

import numpy as np
import pytest

from labeler.quality.dataset import Dataset, Examination
from labeler.quality.examine import examine
from tests.quality.worlds import Floats, Integers, dataset, texts, with_mistakes

SUSPECTED = "If their model learned from these labels"


def look_at(world: Dataset) -> Examination:
    return examine(world, progress=lambda _share, _sentence: None, most_deals=1)


@pytest.fixture(scope="module")
def world() -> tuple[Dataset, Integers]:
    """Texts that tell little of their class, a tenth of whose labels are wrong; and the truth."""
    _, truth = texts((50, 50, 50))
    random = np.random.default_rng(1)
    said = np.where(random.random(len(truth)) < 0.45, truth, random.integers(0, 3, len(truth)))
    contents = [f"word{one} more{one} thing {number}" for number, one in enumerate(said)]
    return dataset(contents, with_mistakes(truth, 0.1, 3)), truth


def sure_of(classes: Integers, share: float = 0.9) -> Floats:
    return np.eye(3)[classes] * (share - (1 - share) / 2) + (1 - share) / 2


def found_again(found: Examination, world: Dataset, truth: Integers) -> float:
    """The share of the wrong labels among as many of the highest scores."""
    wrong = world.labels != truth
    worst = np.argsort(-np.nan_to_num(found.label_scores))[: wrong.sum()]
    return float(wrong[worst].mean())


def test_a_good_outside_model_finds_what_our_own_cannot(world: tuple[Dataset, Integers]) -> None:
    labels, truth = world
    alone, helped = look_at(labels), look_at(replace(labels, outside=sure_of(truth)))
    assert found_again(helped, labels, truth) > 0.9 > found_again(alone, labels, truth)
    assert not [note for note in helped.summary["notes"] if SUSPECTED in note]


def test_probabilities_that_say_nothing_open_no_gate(world: tuple[Dataset, Integers]) -> None:
    labels, _ = world
    by_chance = np.random.default_rng(0).dirichlet(np.ones(3), len(labels))
    assert not look_at(replace(labels, outside=by_chance)).summary["gate"]["open"]


def test_items_without_any_are_judged_by_the_others(world: tuple[Dataset, Integers]) -> None:
    labels, truth = world
    some = sure_of(truth)
    some[::3] = np.nan
    assert not np.isnan(look_at(replace(labels, outside=some)).label_scores).any()


def test_a_model_that_learned_the_labels_by_heart_is_suspected(world: tuple[Dataset, Integers]) -> None:
    labels, _ = world
    notes = look_at(replace(labels, outside=sure_of(labels.labels))).summary["notes"]
    assert [note for note in notes if SUSPECTED in note and "give 100.0% of the labels" in note]
