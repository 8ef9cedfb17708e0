"""Every method keeps the same promises; each is better than the others where it should be."""

from typing import Any

import numpy as np
import pytest

from labeler.consensus import registry
from labeler.consensus.base import Votes
from labeler.consensus.methods import dawid_skene, majority
from labeler.consensus.registry import METHODS, recommended
from labeler.errors import Invalid


def votes(rows: list[tuple[int, int, int]], n_items: int, n_annotators: int, n_classes: int) -> Votes:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Votes(columns[0], columns[1], columns[2], n_items, n_annotators, n_classes)


def simulated(n_items: int, n_annotators: int, *, each: int = 3, classes: int = 4, seed: int = 0) -> tuple[Votes, Any]:
    """A third of the annotators guess; the others are right nine times in ten."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, n_items)
    item = np.repeat(np.arange(n_items), each)
    annotator = np.concatenate([random.permutation(n_annotators)[:each] for _ in range(n_items)])
    accuracy = np.where(np.arange(n_annotators) % 3 == 0, 1 / classes, 0.9)
    right = random.random(len(item)) < accuracy[annotator]
    label = np.where(right, truth[item], random.integers(0, classes, len(item)))
    return Votes(item, annotator, label, n_items, n_annotators, classes), truth


@pytest.mark.parametrize("name", METHODS)
def test_probabilities_sum_to_one_and_confidence_is_their_largest(name: str) -> None:
    found = METHODS[name](simulated(60, 9)[0])
    assert found.probabilities.shape == (60, 4)
    assert found.probabilities.sum(axis=1) == pytest.approx(np.ones(60))
    assert found.confidence == pytest.approx(found.probabilities.max(axis=1))
    decided = found.label >= 0
    assert (found.label[decided] == found.probabilities.argmax(axis=1)[decided]).all()


@pytest.mark.parametrize("name", METHODS)
def test_an_item_without_a_vote_stays_undecided(name: str) -> None:
    found = METHODS[name](votes([(0, 0, 1), (0, 1, 1), (2, 0, 0), (2, 1, 0)], 3, 3, 2))
    assert found.label.tolist() == [1, -1, 0]
    assert np.isfinite(found.probabilities).all()


@pytest.mark.parametrize("name", METHODS)
def test_no_votes_at_all_decide_nothing(name: str) -> None:
    assert METHODS[name](votes([], 4, 2, 3)).label.tolist() == [-1] * 4


@pytest.mark.parametrize("name", METHODS)
def test_a_project_without_items_has_an_empty_consensus(name: str) -> None:
    assert METHODS[name](votes([], 0, 0, 2)).probabilities.shape == (0, 2)


@pytest.mark.parametrize("name", METHODS)
def test_the_order_of_votes_does_not_matter(name: str) -> None:
    ordered, _ = simulated(80, 6)
    order = np.random.default_rng(1).permutation(len(ordered.item))
    mixed = Votes(ordered.item[order], ordered.annotator[order], ordered.label[order], 80, 6, 4)
    assert METHODS[name](mixed).probabilities == pytest.approx(METHODS[name](ordered).probabilities, abs=1e-9)


@pytest.mark.parametrize("name", METHODS)
def test_votes_that_mirror_each_other_stay_tied(name: str) -> None:
    mirrored = [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]
    assert METHODS[name](votes(mirrored, 2, 2, 2)).label.tolist() == [-1, -1]


def test_majority_leaves_ties_undecided_and_is_never_sure() -> None:
    found = majority.consensus(votes([(0, 0, 0), (0, 1, 1), (1, 0, 2), (1, 1, 2), (1, 2, 2)], 2, 3, 3))
    assert found.label.tolist() == [-1, 2]
    assert found.confidence[1] == pytest.approx((3 + 1 / 3) / 4)
    assert (found.accuracy, found.confusion) == (None, None)


@pytest.mark.parametrize("name", ["one_coin", "dawid_skene"])
def test_knowing_the_annotators_beats_counting_votes(name: str) -> None:
    given, truth = simulated(600, 12)
    counted, inferred = METHODS["majority"](given), METHODS[name](given)
    assert (inferred.label == truth).mean() > (counted.label == truth).mean() + 0.05
    assert inferred.converged


@pytest.mark.parametrize("name", ["one_coin", "dawid_skene"])
def test_guessers_are_told_from_careful_annotators(name: str) -> None:
    found = METHODS[name](simulated(600, 12)[0])
    assert found.accuracy is not None
    assert found.accuracy[::3].max() < 0.5
    assert np.delete(found.accuracy, np.s_[::3]).min() > 0.8


def test_confusion_rows_are_the_true_class_and_sum_to_one() -> None:
    random = np.random.default_rng(2)
    truth = random.integers(0, 3, 400)
    item = np.repeat(np.arange(400), 4)
    annotator = np.tile(np.arange(4), 400)
    label = np.where((annotator == 0) & (truth[item] == 2), 1, truth[item])  # annotator 0 calls every 2 a 1
    found = dawid_skene.consensus(Votes(item, annotator, label, 400, 4, 3))
    assert found.confusion is not None
    assert found.confusion.sum(axis=2) == pytest.approx(np.ones((4, 3)))
    assert found.confusion[0, 2].argmax() == 1
    assert found.confusion[1, 2].argmax() == 2
    assert (found.label == truth).all()


def test_without_a_prior_a_few_answers_make_it_far_too_sure() -> None:
    given, truth = simulated(60, 30, classes=5, seed=5)
    wary, bold = dawid_skene.consensus(given), dawid_skene.consensus(given, dawid_skene.MAXIMUM_LIKELIHOOD)
    assert (wary.label == truth).mean() > (bold.label == truth).mean()
    assert bold.confidence.mean() > 0.95


def test_an_annotator_without_votes_gets_the_prior() -> None:
    found = dawid_skene.consensus(votes([(0, 0, 1), (0, 1, 1)], 1, 3, 2))
    assert found.confusion is not None
    assert found.confusion[2].tolist() == pytest.approx(np.array([[4, 0.5], [0.5, 4]]) / 4.5)


def test_the_average_is_recommended_as_soon_as_two_people_answered_one_item() -> None:
    assert recommended(votes([(0, 0, 1), (1, 1, 0)], 2, 2, 2)) == "majority"
    assert recommended(votes([], 2, 2, 2)) == "majority"
    assert recommended(votes([(0, 0, 1), (0, 1, 0)], 2, 2, 2)) == "tempered_dawid_skene"
    assert recommended(simulated(300, 12)[0]) == "tempered_dawid_skene"


def test_more_than_the_average_can_take_goes_to_the_simpler_methods(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "LARGEST_WORK", 1_000)
    assert recommended(simulated(100, 12)[0]) == "one_coin"  # 25 answers each
    given = simulated(300, 12)[0]
    assert recommended(given) == "dawid_skene"
    monkeypatch.setattr(registry, "LARGEST_TABLES", 100)
    assert recommended(given) == "one_coin"


@pytest.mark.parametrize("row", [(5, 0, 0), (0, 5, 0), (0, 0, 5), (-1, 0, 0)])
def test_a_vote_outside_the_project_is_refused(row: tuple[int, int, int]) -> None:
    with pytest.raises(Invalid):
        votes([row], 2, 2, 2)


def test_votes_of_unequal_length_are_refused() -> None:
    with pytest.raises(Invalid):
        Votes(np.array([0, 1]), np.array([0]), np.array([0, 1]), 2, 2, 2)
