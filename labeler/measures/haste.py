"""Signs that somebody answers in haste or by a pattern. A sign says nothing by itself: of two, a person has a look.

Each is measured against the others on the same items, since short items are answered fast and sorted files hold runs
of one class. Nothing is concluded from any of them, and nothing happens by itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Truths = NDArray[np.bool_]

RECENT = 50  # newest timed answers that speed is about
FEWEST_RECENT = 20
FEWEST_JUDGED = 50  # answers compared before anything is said about a pattern
OFTEN = 0.2  # share of these under half the others' time
SPAMMER, PEERS = 0.1, 0.4  # a score below the first while most others are above the second
PRIOR = 10.0  # answers at everybody's habits that each row of a person's table begins with
SELDOM = 0.001  # chance of a run as long as this, in all one's answers
FEWEST_RUN = 8
VARIED = 0.5  # a person's entropy below this share of the others' on the same items

Kind = Literal["fast", "spammer", "run", "entropy"]


@dataclass(frozen=True)
class Sign:
    """One sign. value: what was seen; usual: the same of the others; of: answers it was seen in.

    fast: share of the newest answers under half the others' median time; spammer: the spammer score, 0 for answers
    that do not depend on the item; run: answers in a row of one class (usual: the longest run that chance would
    allow, label: the class); entropy: of one's own answers, in bits.
    """

    kind: Kind
    value: float
    usual: float
    of: int
    label: int = -1


def fast(own: Floats, others: Floats) -> Sign | None:
    """Say whether many of a person's newest answers took less than half the others' median on the same items.

    own: (answers,) seconds of the newest; others: (answers,) those of everybody else on these items. The others'
    own share below half counts too: where items differ much in length, many answers are short.
    """
    import numpy as np

    if len(own) < FEWEST_RECENT or len(others) < FEWEST_RECENT:
        return None
    half = float(np.median(others)) / 2
    share, usual = float((own < half).mean()), float((others < half).mean())
    return Sign("fast", share, usual, len(own)) if share > max(OFTEN, 2 * usual) else None


def spammer_score(counts: Ints, everybody: Ints) -> float:
    """Return how far a person's answers depend on the item: 0 not at all, 1 where each is right.

    The mean squared distance of two rows of their table of answers, halved. Each row begins as PRIOR answers at
    everybody's habits, so that one that the person hardly met says nothing of them.
    counts, everybody: (classes, classes) answers by what the others say (rows), of the person and of all.
    Source: Raykar and Yu 2012.
    """
    classes = len(counts)
    if classes < 2:  # noqa: PLR2004 - with one class nothing can depend on the item
        return 1.0
    pooled = everybody + 1.0 / classes
    table = counts + PRIOR * pooled / pooled.sum(axis=1, keepdims=True)
    table /= table.sum(axis=1, keepdims=True)
    # the distances of all pairs of rows follow from the rows' squares and the square of their sum
    squares = classes * (table**2).sum() - (table.sum(axis=0) ** 2).sum()
    return float(squares / (classes * (classes - 1)))


def spammer(score: float, judged: int, others: Sequence[float]) -> Sign | None:
    """Say whether a person's answers hardly depend on the item while those of most others do.

    judged: answers the score is from; others: the scores of everybody else of whom as many are judged.
    """
    if judged < FEWEST_JUDGED or not others:
        return None
    usual = median(others)
    return Sign("spammer", score, usual, judged) if score < SPAMMER and usual > PEERS else None


def longest_run(label: Ints, agrees: Truths) -> tuple[int, int]:
    """Return (length, class) of the longest row of one answer, of which the others confirm less than half; (0, -1).

    label: (answers,) in order; agrees: whether the others say the same of the item.
    """
    import numpy as np

    if not len(label):
        return 0, -1
    starts = np.flatnonzero(np.diff(label, prepend=-1))
    lengths = np.diff(starts, append=len(label))
    confirmed = np.add.reduceat(agrees.astype(np.int64), starts)
    open_runs = np.where(2 * confirmed < lengths, lengths, 0)
    best = int(open_runs.argmax())
    return (int(open_runs[best]), int(label[starts[best]])) if open_runs[best] else (0, -1)


def run(label: Ints, agrees: Truths, shares: Floats) -> Sign | None:
    """Say whether a person gave one answer so often in a row that chance hardly would: n p^L < SELDOM.

    shares: (classes,) how often the others give each class, p is that of the run's own. Source: the expected number of
    runs of L in n answers is at most n p^L.
    """
    length, which = longest_run(label, agrees)
    if length < FEWEST_RUN:
        return None
    chance = min(float(shares[which]), 0.999)
    longest = math.log(SELDOM / len(label)) / math.log(chance) if chance > 0 else 1.0
    return Sign("run", length, longest, len(label), which) if length > longest else None


def entropy(label: Ints, others: Ints) -> Sign | None:
    """Say whether a person's answers vary far less than what the others say of the same items; (answers,) each."""
    if len(label) < FEWEST_JUDGED:
        return None
    own, usual = _bits(label), _bits(others)
    return Sign("entropy", own, usual, len(label)) if own < VARIED * usual else None


def _bits(label: Ints) -> float:
    import numpy as np

    shares = np.unique(label, return_counts=True)[1] / len(label)
    return float(-(shares * np.log2(shares)).sum())
