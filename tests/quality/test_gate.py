"""Models no better than chance accuse nobody: no label errors, no suggestions, one sentence."""

import numpy as np
import pytest

from labeler.quality import gate, linear, pooling
from tests.quality.worlds import dataset, kinds, look_at, texts


def judged(strength: float, size: int, seed: int, copies: int = 1) -> gate.Gate:
    """The gate of one opinion that knows the class more or less well; every content stands `copies` times."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, size)
    logs = linear.log_softmax(strength * np.eye(3)[truth] + rng.standard_normal((size, 3)))
    logs, labels, groups = logs.repeat(copies, axis=0), truth.repeat(copies), np.arange(size).repeat(copies)
    return gate.compare([logs], pooling.pool([logs], np.ones(1)), labels, groups, seed)


def test_a_model_that_knows_something_opens_and_one_that_guesses_does_not() -> None:
    assert judged(1.5, 200, 0).open
    assert not any(judged(0.0, 200, seed).open for seed in range(20))


def test_copies_of_one_content_are_one_witness() -> None:
    """Chance lifts some of few contents far above guessing; copied forty times that must not look certain."""
    assert not any(judged(0.0, 12, seed, copies=40).open for seed in range(20))


@pytest.mark.parametrize("size", [15, 42, 120])
def test_shuffled_labels_accuse_nobody_and_a_sentence_says_why(size: int) -> None:
    contents, truth = texts((size // 3, size // 3, size // 3))
    for seed in range(3):
        labels = np.random.default_rng(seed).permutation(truth)
        found = look_at(dataset(contents, labels))
        assert not kinds(found, "label_error")
        assert all(finding.suggested is None for finding in found.findings if finding.kind != "contradiction")
        assert found.probabilities is None  # nothing to suggest from, nothing to lay out pages by
        assert (found.clusters == -1).all()
        assert np.isnan(found.label_scores).all()
        assert not np.isnan(found.cleanlab_scores).any()
        assert found.summary["model"] is None
        assert found.summary["gate"]["open"] is False
        assert found.summary["notes"][0].startswith(
            "The model that would judge the labels is not clearly better than guessing, so it accuses nobody and "
            f"suggests nothing: on items it never saw it gives the label for {found.summary['gate']['right']} of {size}"
        )


def test_labels_that_follow_the_content_open_the_gate() -> None:
    contents, truth = texts((20, 20, 20))
    found = look_at(dataset(contents, truth))
    assert found.summary["gate"]["open"] is True
    assert found.summary["model"]["accuracy"] > 0.8
