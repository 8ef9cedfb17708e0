"""How often tests come, and what their answers say of a person. A calculation.

Where a test stands among a person's own items is drawn from a hash, so that it is the same at every claim and nobody
can count it out: the distance to the next one is anything from half the mean to one and a half times it.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any, TypeVar

from labeler.measures.accuracy import RIGHT, WRONG, Accuracy

SHARE, FIRST_SHARE, FIRST = 0.05, 0.3, 10
"""Of what a person is served, how much is a test: by default, and among their first ten answers (STATISTICS 4)."""
MOST_SHARE = 0.5
PASS_MARK = 0.8
SURE = 0.95
READY_FROM, PAUSE_BELOW = 0.8, 0.7

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class TestRules:
    """What the settings of a project say of tests.

    share: of test items among what a person is served; repeats: of own items once more; first_round: test items that a
    new person answers before anything else, 0 for none; pass_mark: the share of them that has to be right; feedback:
    people are told after they answered one.
    """

    __test__ = False  # it is no test of pytest

    share: float = SHARE
    repeats: float = 0.0
    first_round: int = 0
    pass_mark: float = PASS_MARK
    feedback: bool = False

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "TestRules":
        """Read them from the settings of a project."""
        return cls(
            share=settings.get("test_share", SHARE),
            repeats=settings.get("repeat_share", 0.0),
            first_round=settings.get("test_round", 0),
            pass_mark=settings.get("pass_mark", PASS_MARK),
            feedback=bool(settings.get("test_feedback")),
        )


def distances(share: float, seed: str) -> Iterator[int]:
    """Yield how many own items come before the next test, and before each one after it. share: above 0, at most .5."""
    mean, number = 1 / share - 1, 0
    while True:
        digest = hashlib.sha256(f"{seed}-{number}".encode()).digest()
        drawn = int.from_bytes(digest[:6]) / 2**48
        yield round(mean * (0.5 + drawn))
        number += 1


def farthest(share: float) -> int:
    """Return the largest distance between two tests."""
    return round((1 / share - 1) * 1.5) + 1


def places(own: int, since: int, share: float, seed: str) -> list[int]:
    """Return before which of `own` items a test stands, in order. since: own items answered since the last test."""
    found: list[int] = []
    steps = distances(share, seed)
    at = max(0, next(steps) - since)
    while at <= own:
        found.append(at)
        at += max(1, next(steps))
    return found


def placed(own: Sequence[Thing], tests: Sequence[Thing], at: Sequence[int]) -> list[Thing]:
    """Return both in the order to answer them; tests beyond the places follow at the end."""
    found: list[Thing] = []
    waiting = list(tests)
    for number, one in enumerate(own):
        if waiting and number in at:
            found.append(waiting.pop(0))
        found.append(one)
    return found + waiting


@dataclass(frozen=True)
class Trust:
    """What test items say of a person: right of judged, the mean of Beta(4 + right, 1 + wrong), and what follows.

    ready: they are right on more than 80 % with 95 % certainty; doubtful: on less than 70 %, from ten on.
    """

    right: int
    judged: int
    mean: float
    ready: bool
    doubtful: bool


def trust(right: int, judged: int) -> Trust:
    """Say what so many right answers of so many mean (STATISTICS 4)."""
    known = Accuracy(right, judged)
    a, b = RIGHT + right, WRONG + judged - right
    ready = 1 - _below(READY_FROM, a, b) >= SURE
    doubtful = known.enough and _below(PAUSE_BELOW, a, b) >= SURE
    return Trust(right, judged, known.mean, ready, doubtful)


def _below(limit: float, a: int, b: int) -> float:
    """Return the probability that a Beta(a, b) of whole numbers lies below a limit: a sum of binomial terms."""
    n = a + b - 1
    return sum(comb(n, k) * limit**k * (1 - limit) ** (n - k) for k in range(a, n + 1))


@dataclass(frozen=True)
class FirstRound:
    """How far a person is in the test round before their first item. state: none, open, passed or failed."""

    state: str
    answered: int = 0
    right: int = 0
    size: int = 0


def first_round(rules: TestRules, answers: Sequence[bool], *, tries: int, let_in: bool, available: int) -> FirstRound:
    """Return where a person stands. answers: theirs to test items, oldest first, whether right.

    Each try is `rules.first_round` items, judged by itself; available: further items that may come to them. A project
    that has too few of them judges by what there is; without any, nobody is kept waiting.
    """
    size = rules.first_round
    start = size * (tries - 1)
    tried = answers[start : start + size]
    wanted = min(size, len(tried) + available)
    if not size or let_in or not wanted:
        return FirstRound("none", len(tried), sum(tried), wanted)
    if len(tried) < wanted:
        return FirstRound("open", len(tried), sum(tried), wanted)
    passed = sum(tried) >= rules.pass_mark * wanted - 1e-9
    return FirstRound("passed" if passed else "failed", len(tried), sum(tried), wanted)
