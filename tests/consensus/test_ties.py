"""Ties stay open, unless the evidence for one side passes the bar."""

from typing import Any

import numpy as np
import pytest

from labeler.consensus.base import Votes
from labeler.consensus.inference import infer
from labeler.consensus.ties import KNOWN, LIKELY, tied_items, with_ties_open


def expert_and_guesser(beside: int) -> tuple[Votes, Any]:
    """Two experts and a guesser on `beside` items, then an item on which an expert and the guesser differ."""
    random = np.random.default_rng(1)
    truth = random.integers(0, 3, beside)
    said = np.stack([truth, truth, random.integers(0, 3, beside)], axis=1)
    item = np.concatenate([np.repeat(np.arange(beside), 3), [beside, beside]])
    annotator = np.concatenate([np.tile(np.arange(3), beside), [0, 2]])
    label = np.concatenate([said.ravel(), [1, 2]])
    return Votes(item, annotator, label, beside + 1, 3, 3), truth


def test_a_tie_between_an_expert_and_a_guesser_goes_to_the_expert_once_both_are_known() -> None:
    found = infer(expert_and_guesser(300)[0])
    assert found.label[-1] == 1
    assert found.confidence[-1] >= LIKELY


def test_with_fewer_answers_than_the_bar_asks_for_the_same_tie_stays_open() -> None:
    found = infer(expert_and_guesser(KNOWN - 2)[0])  # one answer short, with the tie itself
    assert found.label[-1] == -1


def test_a_tie_between_equals_stays_open_however_much_they_answered() -> None:
    random = np.random.default_rng(2)
    truth = random.integers(0, 2, 400)
    said = np.where(random.random((400, 2)) < 0.85, truth[:, None], 1 - truth[:, None])
    votes = Votes(np.repeat(np.arange(400), 2), np.tile([0, 1], 400), said.ravel(), 400, 2, 2)
    found, tied = infer(votes), tied_items(votes.tally())
    assert tied.sum() > 50
    assert (found.label[tied] == -1).mean() > 0.9
    assert (found.label[~tied] >= 0).all()


@pytest.mark.parametrize(("confidence", "label"), [(LIKELY - 0.001, -1), (LIKELY, 1)])
def test_the_bar_is_the_one_that_is_said(confidence: float, label: int) -> None:
    votes = expert_and_guesser(300)[0]
    labels, sure = np.zeros(301, dtype=int), np.ones(301)
    labels[-1], sure[-1] = 1, confidence
    assert with_ties_open(labels, sure, votes)[-1] == label
