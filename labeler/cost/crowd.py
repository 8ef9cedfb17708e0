"""What people who answer may be like, drawn from what their first answers allow, or from what somebody assumes.

An item is hard for everybody with some probability: then people say what it is, or the one thing it looks like, and how
many of them say which is the item's own: of some nearly all are wrong, which no number of answers mends and only an
audit finds. Of all others each person is right with a probability of their own, and says another class by the
confusions seen. Nobody knows
the truth of the first items: "right" is estimated from how often three people agree, two of three, or none. What these
counts cannot tell apart stays open, and the draws differ in it (importance sampling from a prior).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RUNS = 40
SEED = 1979
FIRST = 100  # items
ANSWERS = 3  # of each of them
_DRAWN = 8000  # from the prior
_EASY = (8.0, 1.6)  # Beta: right on items that are not hard
_HARD = (0.5, 5.0)  # Beta: share of hard items
_ON_HARD = (4.0, 4.0)  # Beta: right on hard items, in the mean
_ALIKE = (0.5, 8.0)  # how alike hard items are (the sum of the parameters of their Beta), even between in its logarithm
_APART = (0.2, 1.0)  # spread of people's accuracies, in logits, even between; and of one person's by the class
_MISJUDGED = (
    0.35  # standard deviation of the logarithm: real people left up to twice as many wrong labels as models said
)
_ASSUMED = 60.0  # answers that an assumption is worth
_PACE = 0.1  # by which a pace differs later from what it was, at the least (standard deviation of its logarithm)


class Crowd(NamedTuple):
    """People as one draw has them. easy, on_hard: probability of a right answer; hard: share of hard items.

    alike: of hard items, the sum of the parameters of the Beta distribution that each has its probability from; apart:
    spread of people's accuracies in logits; by_class: of one person's between classes; confusion: (classes, classes)
    what a wrong answer is, by the truth; shares: (classes,) of the truth; seconds: of an answer; misjudged: times as
    many labels are wrong as people who are like this would leave.
    """

    easy: float
    hard: float
    on_hard: float
    alike: float
    apart: float
    by_class: float
    confusion: Floats
    shares: Floats
    seconds: float
    misjudged: float = 1.0

    @property
    def right(self) -> float:
        """Share of all answers that are right."""
        return (1 - self.hard) * self.easy + self.hard * self.on_hard


@dataclass(frozen=True)
class Agreement:
    """How three people answered each of the first items. same, two, none: items on which so many agree.

    classes: (classes,) times each was what most said; confused: {(said by two, said by the third): items}.
    """

    same: int
    two: int
    none: int
    classes: tuple[int, ...]
    confused: dict[tuple[int, int], int]

    @property
    def items(self) -> int:
        """How many items."""
        return self.same + self.two + self.none


@dataclass(frozen=True)
class Pace:
    """Seconds an answer takes in the mean, and the standard error of that."""

    seconds: float
    error: float = 0.0


@dataclass(frozen=True)
class Assumed:
    """What somebody takes people to be like. right: share of all answers that are; hard: share of hard items."""

    right: float = 0.9
    hard: float = 0.08


def agreement(answers: Sequence[Sequence[int]], classes: int) -> Agreement:
    """Count how items were answered. answers: three class positions of each item."""
    kinds: Counter[int] = Counter()
    said, confused = [0] * classes, Counter[tuple[int, int]]()
    for three in answers:
        counted = Counter(three).most_common()
        kinds[len(counted)] += 1
        if len(counted) < ANSWERS:
            said[counted[0][0]] += 1
        if len(counted) == ANSWERS - 1:
            confused[counted[0][0], counted[1][0]] += 1
    return Agreement(kinds[1], kinds[2], kinds[3], tuple(said), dict(confused))


def crowds(seen: Agreement | Assumed, classes: int, pace: Pace) -> list[Crowd]:
    """Draw RUNS crowds; the same values give the same."""
    import numpy as np

    chance = np.random.default_rng(SEED)
    known = seen if isinstance(seen, Agreement) else Agreement(0, 0, 0, (0,) * classes, {})
    confusion, shares = _confusion(known, classes), np.array(known.classes, np.float64) + 1
    easy, hard, on_hard, alike = _posterior(chance, seen, confusion / confusion.sum(axis=1, keepdims=True), shares)
    error = np.hypot(_PACE, pace.error / pace.seconds)
    return [
        Crowd(
            float(easy[run]),
            float(hard[run]),
            float(on_hard[run]),
            float(alike[run]),
            float(chance.uniform(*_APART)),
            float(chance.uniform(*_APART)),
            _rows(chance, confusion),
            chance.dirichlet(shares),
            float(pace.seconds * np.exp(error * chance.standard_normal() - error**2 / 2)),
            float(np.exp(_MISJUDGED * chance.standard_normal())),
        )
        for run in range(RUNS)
    ]


def _confusion(seen: Agreement, classes: int) -> Floats:
    """Return (classes, classes) how often each is taken for each other, as pseudo-counts; 0 for itself."""
    import numpy as np

    table = (np.ones((classes, classes)) - np.eye(classes)) / max(classes - 1, 1)
    for (most, other), count in seen.confused.items():
        table[most, other] += count
    return table


def _rows(chance: np.random.Generator, counts: Floats) -> Floats:
    """Draw the rows of a confusion table."""
    import numpy as np

    drawn = chance.gamma(np.maximum(counts, 1e-9)) * (counts > 0)
    whole = drawn.sum(axis=1, keepdims=True)
    return np.where(whole > 0, drawn / np.where(whole > 0, whole, 1), counts)


def _posterior(
    chance: np.random.Generator, seen: Agreement | Assumed, confusion: Floats, shares: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return (runs,) of each: right on easy items, share of hard ones, right on these, and how alike these are."""
    import numpy as np

    on_hard = chance.beta(*_ON_HARD, _DRAWN)
    alike = np.exp(chance.uniform(np.log(_ALIKE[0]), np.log(_ALIKE[1]), _DRAWN))
    if isinstance(seen, Assumed):
        hard = chance.beta(*_around(seen.hard), _DRAWN)
        right = chance.beta(*_around(seen.right), _DRAWN)
        easy = np.clip((right - hard * on_hard) / np.maximum(1 - hard, 1e-9), 0.02, 0.998)
        return easy[:RUNS], hard[:RUNS], on_hard[:RUNS], alike[:RUNS]
    easy, hard = chance.beta(*_EASY, _DRAWN), chance.beta(*_HARD, _DRAWN)
    weights = np.exp(_likelihood(seen, (easy, hard, on_hard, alike), confusion, shares / shares.sum()))
    places = np.searchsorted(weights.cumsum(), (np.arange(RUNS) + 0.5) / RUNS * weights.sum())
    kept = np.minimum(places, _DRAWN - 1)
    return easy[kept], hard[kept], on_hard[kept], alike[kept]


def _around(share: float) -> tuple[float, float]:
    """Return the Beta distribution of a share that somebody assumes."""
    inside = min(max(share, 0.002), 0.998)
    return _ASSUMED * inside, _ASSUMED * (1 - inside)


def _likelihood(
    seen: Agreement, drawn: tuple[Floats, Floats, Floats, Floats], confusion: Floats, shares: Floats
) -> Floats:
    """Return (draws,) the log likelihood of the agreements, less its largest."""
    import numpy as np

    easy, hard, on_hard, alike = drawn
    wrong, right, other = 1 - easy, alike * on_hard, alike * (1 - on_hard)
    agreed = sum(one * (one + 1) * (one + 2) for one in (right, other)) / (alike * (alike + 1) * (alike + 2))
    # that two, or three, wrong answers to an item are the same
    pair, three = (float(shares @ (confusion**power).sum(axis=1)) for power in (2, 3))
    unanimous = easy**3 + wrong**3 * three
    halves = 3 * easy**2 * wrong + 3 * easy * wrong**2 * pair + 3 * wrong**3 * (pair - three)
    same = (1 - hard) * unanimous + hard * agreed
    two = (1 - hard) * halves + hard * (1 - agreed)
    counts = ((seen.same, same), (seen.two, two), (seen.none, 1 - same - two))
    found = sum((count * np.log(np.maximum(chance, 1e-12)) for count, chance in counts), np.zeros(len(easy)))
    return np.asarray(found - found.max())
