"""When an item has answers enough. A calculation.

An item is asked about until the probability of its likeliest label reaches 1 - the target error, between a minimum and
a cap (STATISTICS 3.3; with two classes this is the sequential test of Wald 1945). Note: that an item has one answer
only is never enough, since one answer cannot disagree with itself.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LEAST = 2  # answers before the probability of a label is believed
TARGET = 0.02
UNKNOWN = 0.8  # how far somebody is believed before anything is known of anybody
_HIGHEST = 0.99  # nobody is believed more than this


@dataclass(frozen=True)
class VoteRule:
    """How many answers items of a project want.

    minimum: of those that are not left with one; cap: 0 where every item wants the minimum; target: the error that is
    aimed at; share: of the items that want the minimum, the rest want one answer.
    """

    minimum: int
    cap: int = 0
    target: float = TARGET
    share: float = 1.0

    @classmethod
    def of(cls, votes: int, settings: Mapping[str, Any]) -> "VoteRule":
        """Read it. votes: of the project."""
        return cls(
            minimum=votes,
            cap=settings.get("votes_cap", 0) or 0,
            target=settings.get("target_error", TARGET),
            share=settings.get("votes_share", 1.0),
        )

    @property
    def is_adaptive(self) -> bool:
        """Whether an item that is unsure wants one more."""
        return self.cap > self.least

    @property
    def least(self) -> int:
        """Answers after which it is first asked whether they are enough."""
        return max(LEAST, self.minimum)

    def has_minimum(self, content_hash: str) -> bool:
        """Whether an item is of the share that wants the minimum: always the same ones, whatever else there is."""
        return self.share >= 1 or _drawn(content_hash) < self.share

    def at_first(self, content_hash: str) -> int | None:
        """Return how many answers an item wants before it has any; None for as many as the project says."""
        if not self.has_minimum(content_hash):
            return 1
        return self.least if self.is_adaptive and self.least != self.minimum else None

    def after(self, content_hash: str, answers: int, sure: float) -> int | None:
        """Return how many it wants with so many answers. sure: the probability of its likeliest label."""
        if not self.is_adaptive or answers < self.least or not self.has_minimum(content_hash):
            return self.at_first(content_hash)
        enough = sure >= 1 - self.target or answers >= self.cap
        return answers if enough else answers + 1


def _drawn(content_hash: str) -> float:
    return int.from_bytes(hashlib.sha256(f"votes-{content_hash}".encode()).digest()[:6]) / 2**48


def certainty(votes: Sequence[tuple[str, float]], classes: int) -> float:
    """Return the probability of the likeliest label. votes: (label, how far its voter is believed).

    Each vote is right with that probability, else any other class alike; no class is likelier than another beforehand.
    """
    if not votes or classes < LEAST:
        return 1 / max(classes, 1)
    odds: dict[str, float] = {}
    for label, believed in votes:
        right = min(max(believed, 1 / classes), _HIGHEST)
        odds[label] = odds.get(label, 0.0) + math.log(right * (classes - 1) / (1 - right))
    best = max(odds.values())
    others = sum(math.exp(one - best) for one in odds.values()) + (classes - len(odds)) * math.exp(-best)
    return 1 / others
