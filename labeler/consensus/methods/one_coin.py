"""Consensus with one accuracy an annotator: right with that probability, else any other class alike (one-coin EM).

The model of Dawid & Skene (1979) with all errors of an annotator pooled into one number, so it needs few answers from
each. Note on the prior: it says, worth five answers, that a new annotator is mostly right; without it
a newcomer's two lucky answers would outweigh everyone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.consensus.base import Consensus, Votes, decided, vote_shares

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.consensus.base import Floats, Ints

RIGHT, WRONG = 4.0, 1.0  # pseudo-answers of every annotator
CLASS_ITEMS = 1.0  # pseudo-items of every class
TOLERANCE = 1e-5  # largest change of a probability
ROUNDS = 500


def consensus(votes: Votes) -> Consensus:
    """Infer labels and one accuracy an annotator by EM from vote shares, until no probability moves by 1e-5."""
    import numpy as np

    probabilities = vote_shares(votes)
    voted = votes.per_item() > 0
    cells = votes.item.astype(np.int64) * votes.n_classes + votes.label
    rounds, change = 0, 1.0
    while change > TOLERANCE and rounds < ROUNDS:
        accuracy, classes = _maximise(probabilities, votes, cells, voted)
        updated = _expect(accuracy, classes, votes, cells)
        change = float(np.abs(updated - probabilities).max(initial=0))
        probabilities, rounds = updated, rounds + 1
    accuracy, _ = _maximise(probabilities, votes, cells, voted)
    label, confidence = decided(probabilities, votes), probabilities.max(axis=1)
    return Consensus(probabilities, label, confidence, accuracy, rounds=rounds, converged=change <= TOLERANCE)


def _maximise(probabilities: Floats, votes: Votes, cells: Ints, voted: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return each annotator's accuracy and the share of each class, given the probabilities."""
    import numpy as np

    right = np.bincount(votes.annotator, weights=probabilities.ravel()[cells], minlength=votes.n_annotators)
    accuracy = (right + RIGHT) / (votes.per_annotator() + RIGHT + WRONG)
    classes = probabilities[voted].sum(axis=0) + CLASS_ITEMS
    return accuracy, classes / classes.sum()


def _expect(accuracy: Floats, classes: Floats, votes: Votes, cells: Ints) -> Floats:
    """Return the probabilities given accuracies: a vote adds its annotator's log odds to the class it names."""
    import numpy as np

    odds = np.log(accuracy * max(votes.n_classes - 1, 1) / (1 - accuracy))
    evidence = np.bincount(cells, weights=odds[votes.annotator], minlength=votes.n_items * votes.n_classes)
    scores: Floats = np.add(evidence.reshape(votes.n_items, votes.n_classes), np.log(classes))
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores
