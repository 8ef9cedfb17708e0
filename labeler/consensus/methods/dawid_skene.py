"""Consensus with a confusion table an annotator: who says what when the truth is which class (Dawid & Skene 1979).

EM from vote shares with a prior that says an annotator is mostly right. Note: without
the prior (MAXIMUM_LIKELIHOOD) it is worse than majority and wildly sure of itself below some twenty answers an
annotator; and convergence is judged by the probabilities, because the likelihood is nearly flat long before they rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labeler.consensus.base import Consensus, Votes, decided, vote_shares

if TYPE_CHECKING:
    from labeler.consensus.base import Floats

TOLERANCE = 1e-5  # largest change of a probability
ROUNDS = 500
LEAST = 1e-300  # stands for zero where a logarithm is taken


@dataclass(frozen=True)
class Prior:
    """Pseudo-answers in each cell of every annotator's table (right, wrong), and pseudo-items of each class."""

    right: float = 4.0
    wrong: float = 0.5
    classes: float = 1.0


MAXIMUM_LIKELIHOOD = Prior(0.0, 0.0, 0.0)
_USUAL = Prior()


def consensus(votes: Votes, prior: Prior = _USUAL) -> Consensus:
    """Infer labels and a confusion table an annotator by EM, until no probability moves by 1e-5."""
    import numpy as np

    probabilities = vote_shares(votes)
    voted = (votes.per_item() > 0).astype(np.float64)
    said = _said(votes)
    by_item = said.T.tocsr()
    rounds, change = 0, 1.0
    while change > TOLERANCE and rounds < ROUNDS:
        confusion, classes = _maximise(probabilities, said, voted, prior)
        updated = _expect(confusion, classes, by_item)
        change = float(np.abs(updated - probabilities).max(initial=0))
        probabilities, rounds = updated, rounds + 1
    confusion, classes = _maximise(probabilities, said, voted, prior)
    tables = confusion.reshape(votes.n_annotators, votes.n_classes, votes.n_classes).transpose(0, 2, 1)
    return Consensus(
        probabilities,
        decided(probabilities, votes),
        probabilities.max(axis=1),
        accuracy=np.einsum("act,t->a", tables * np.eye(votes.n_classes), classes),
        confusion=tables,
        rounds=rounds,
        converged=change <= TOLERANCE,
    )


def _said(votes: Votes) -> Any:
    """Return the sparse (annotator and given class, item) number of votes: both steps of EM are products with it."""
    import numpy as np
    from scipy.sparse import csr_matrix

    rows = votes.annotator.astype(np.int64) * votes.n_classes + votes.label
    shape = (votes.n_annotators * votes.n_classes, votes.n_items)
    return csr_matrix((np.ones(len(rows)), (rows, votes.item)), shape=shape)


def _maximise(probabilities: Floats, said: Any, voted: Floats, prior: Prior) -> tuple[Floats, Floats]:
    """Return confusion (annotator and given class, true class) and the share of each class."""
    import numpy as np

    n_classes = probabilities.shape[1]
    tables = np.asarray(said @ probabilities).reshape(-1, n_classes, n_classes)
    tables += prior.wrong + (prior.right - prior.wrong) * np.eye(n_classes)
    total = tables.sum(axis=1, keepdims=True)
    tables = np.divide(tables, total, out=np.full_like(tables, 1 / n_classes), where=total > 0)
    classes = voted @ probabilities + prior.classes
    whole = float(classes.sum())
    shares = classes / whole if whole else np.full(n_classes, 1 / n_classes)
    return tables.reshape(-1, n_classes), shares


def _expect(confusion: Floats, classes: Floats, by_item: Any) -> Floats:
    import numpy as np

    scores = np.asarray(by_item @ np.log(np.maximum(confusion, LEAST)))
    scores += np.log(np.maximum(classes, LEAST))
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores
