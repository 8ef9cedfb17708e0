"""Noise model, cleanlab beside it, votes, neighbours and the detectors, each alone."""

import numpy as np
import pytest

from labeler.quality import cleanlab_scores, crowd, neighbours, noise, pooling
from labeler.quality.features.extraction import extract
from tests.quality.worlds import Floats, Integers, dataset, kinds, look_at, texts


def noisy_labels(flips: Floats, size: int, seed: int) -> tuple[Floats, Integers, Integers]:
    """Log probabilities of a fairly sure model, labels drawn through the noise matrix, and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, len(flips), size)
    scores = 4.0 * np.eye(len(flips))[truth] + rng.standard_normal((size, len(flips)))
    labels = (rng.random((size, 1)) > flips[truth].cumsum(axis=1)).sum(axis=1)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return logs, labels, truth


def test_a_one_sided_mix_up_is_found_in_the_noise() -> None:
    flips = np.array([[0.98, 0.01, 0.01], [0.25, 0.74, 0.01], [0.01, 0.01, 0.98]])
    logs, labels, truth = noisy_labels(flips, 3000, 0)
    found = noise.estimate([logs], np.ones(1), labels, 0)
    assert found.matrix[1, 0] == pytest.approx(0.25, abs=0.05)
    assert found.matrix[0, 0] > 0.93
    assert found.patterned > 0.5
    wrong = labels != truth
    assert found.scores[wrong].mean() > 0.5
    assert found.scores[~wrong].mean() < 0.1


def test_without_evidence_for_a_pattern_the_noise_stays_even() -> None:
    rng = np.random.default_rng(1)
    logs = np.log(rng.dirichlet([4.0, 4.0], 400))
    labels = (rng.random((400, 1)) > np.exp(logs).cumsum(axis=1)).sum(axis=1)
    found = noise.estimate([logs], np.ones(1), labels, 0)
    assert found.patterned < 0.3
    own = pooling.pool([logs], np.ones(1))[np.arange(400), labels]
    assert np.corrcoef(np.argsort(np.argsort(found.scores)), np.argsort(np.argsort(-own)))[0, 1] > 0.99


def test_cleanlab_gets_its_columns_in_lexicographic_order_without_absent_classes() -> None:
    from cleanlab.rank import get_label_quality_scores

    rng = np.random.default_rng(2)
    classes = ("pear", "apple", "unused", "fig")
    labels = np.array([0, 1, 3] * 20 + [-1])
    chance = rng.dirichlet([1.0] * 4, 61)
    found = cleanlab_scores.score_labels(chance, labels, classes)
    ordered = chance[:60][:, [1, 3, 0]]
    lexicographic = np.array([2, 0, 1] * 20)
    theirs = get_label_quality_scores(lexicographic, ordered / ordered.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(found.scores[:60], 1 - theirs)
    assert np.isnan(found.scores[60])
    assert cleanlab_scores.lexicographic(classes, np.array([0, 1, 3])).tolist() == [1, 3, 0]


def test_crowdlab_rates_a_label_nobody_voted_for_low() -> None:
    truth = np.arange(40) % 2
    votes = [(item, who, int(truth[item])) for item in range(40) for who in range(3)]
    labels = truth.copy()
    labels[0] = 1 - truth[0]
    chance = np.where(np.eye(2)[truth] > 0, 0.8, 0.2)
    quality = crowd.consensus_quality(dataset(["x"] * 40, labels, ("a", "b"), votes), chance)
    assert quality[0] < 0.5 < quality[1:].min()


def test_crowdlab_is_left_out_for_single_votes() -> None:
    world = dataset(["x"] * 4, [0, 1, 0, 1], ("a", "b"), [(item, 0, item % 2) for item in range(4)])
    assert np.isnan(crowd.consensus_quality(world, np.full((4, 2), 0.5))).all()


def test_the_nearest_are_the_most_similar_and_never_the_item_itself() -> None:
    angles = np.array([0.0, 0.1, 0.3, 2.0])
    space = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    places, cosines = neighbours.nearest(space, 2)
    assert places.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]
    assert cosines[0, 0] == pytest.approx(np.cos(0.1))
    few, _ = neighbours.nearest(space[:2], 3)
    assert few.tolist() == [[1, -1, -1], [0, -1, -1]]


def test_texts_that_differ_by_a_comma_are_twins_and_texts_of_one_topic_are_not() -> None:
    contents, _ = texts((20, 20, 20))
    contents += [
        "the keeper of the old zoo fed the tiger, then left",
        "The keeper of the old zoo fed the tiger then left",
    ]
    features = extract("text", contents)
    found = neighbours.twins(features, neighbours.nearest(features.space)[0])
    assert found[60].keys() == {61}


def test_contradicting_twins_are_flagged_with_the_label_of_the_majority() -> None:
    contents, truth = texts((20, 20, 20))
    sentence = "the tiger and the lion share a cage near the monkey"
    labels = [*truth.tolist(), 0, 0, 1]
    found = look_at(dataset([*contents, sentence, sentence, sentence.upper()], labels))
    against = {finding.item: finding for finding in found.findings if finding.kind == "contradiction"}
    assert set(against) == {62}
    assert against[62].suggested == 0
    assert against[62].reasons[0]["kind"] == "duplicate"
    assert 62 not in kinds(found, "near_duplicate")


def test_an_item_unlike_all_others_is_an_outlier() -> None:
    contents, truth = texts((40, 40, 0))
    found = look_at(dataset([*contents, "xylem qwrtz 0815 ßßß ++"], [*truth.tolist(), 0]))
    assert 80 in kinds(found, "outlier")
    assert len(kinds(found, "outlier")) <= 2


def test_a_split_vote_on_a_mixed_text_is_ambiguous_and_a_unanimous_one_is_not() -> None:
    contents, truth = texts((30, 30, 0))
    votes = [(item, who, int(truth[item])) for item in range(60) for who in range(2)]
    mixed = "tiger loan lion money the and with today"
    world = dataset([*contents, mixed], [*truth.tolist(), 0], ("zoo", "bank"), [*votes, (60, 0, 0), (60, 1, 1)])
    assert kinds(look_at(world), "ambiguous") <= {60}
