"""Suggestions: when one is shown, and what showing them does to speed and to mistakes.

For a random share of items the suggestion stays hidden, drawn for each item and person from their ids, so that nobody
draws again by loading the page anew. What hidden and shown answers of a person differ in is then the effect of showing.

Note: whether a suggestion was wrong is never decided by the person whose answer is counted.
It is wrong when a lead's decision, or else what at least two *others* answered, says something else. Others may have
seen it as well; that makes fewer suggestions count as wrong, and favours neither side of the comparison.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from statistics import NormalDist, median
from typing import Any, Literal, NamedTuple

from labeler.errors import Invalid
from labeler.measures.intervals import NORMAL, Interval, wilson
from labeler.messages import either

SOURCES = ("model", "imported")
LEAST_HIDDEN, MOST_HIDDEN = 0.05, 0.5
FEWEST_WRONG = 30  # answers to items with a wrong suggestion below which nothing is said about following it
FEWEST_TIMED = 10  # answers a side below which nothing is said about speed
FEWEST_OTHERS = 2
IDLE = 600.0  # seconds; a longer answer was a break
_EXACT = 1000  # answers up to which binomial chances are summed one by one


@dataclass(frozen=True)
class Rules:
    """What a project's lead decided about suggestions. hidden_share: of items, by chance."""

    on: bool = False
    source: str = "model"
    hidden_share: float = 0.2

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Rules":
        """Read them from a project's settings."""
        return cls(**settings.get("suggestions", {}))

    def as_settings(self) -> dict[str, Any]:
        """Return them as a project's settings keep them. Raises Invalid, naming the field."""
        if self.source not in SOURCES:
            raise Invalid("Suggestions come from {sources}.", field="source", sources=either(list(SOURCES)))
        if not LEAST_HIDDEN <= self.hidden_share <= MOST_HIDDEN:
            raise Invalid("Between 5 and 50 % of suggestions stay hidden.", field="hidden_share")
        return {"suggestions": {"on": self.on, "source": self.source, "hidden_share": self.hidden_share}}


@dataclass(frozen=True)
class Suggestion:
    """What a model says of an item. value: as it is kept, only for objects; score: 0 to 1, None unsaid."""

    code: str
    value: dict[str, Any] | None = None
    score: float | None = None

    @property
    def kept(self) -> dict[str, Any]:
        """What an assignment keeps beside the code."""
        return {"value": self.value, "score": self.score}


def is_hidden(project: int, item: int, user: int, share: float) -> bool:
    """Whether a person does not see the suggestion of an item: the same answer each time, for `share` of all pairs."""
    digest = blake2b(f"{project}:{item}:{user}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < share * 2**64


# -- what showing them does -----------------------------------------------------------------------------------------


class Answer(NamedTuple):
    """One answer to an item that had a suggestion. truth: the final label by others, "" when nobody else says it."""

    user: int
    shown: bool
    seconds: float
    code: str
    suggested: str
    truth: str = ""


@dataclass(frozen=True)
class Share:
    """How many of how many."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """The share; 0 when nothing was counted."""
        return self.count / self.of if self.of else 0.0

    @property
    def interval(self) -> Interval:
        """Its 95 % range (Wilson)."""
        return wilson(self.count, self.of)


@dataclass(frozen=True)
class Side:
    """Answers with the suggestion shown, or hidden. seconds: their median, None while there are too few.

    taken: those that are the suggestion, unchanged; followed: of the answers to items with a wrong suggestion, those
    that gave it; right: of all that could be judged.
    """

    answers: int
    seconds: float | None
    taken: Share
    followed: Share
    right: Share


@dataclass(frozen=True)
class Difference:
    """A difference with its 95 % range."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Effect:
    """What showing suggestions does. saved: seconds an answer; misled: share that follows a wrong one only when shown.

    None: not enough answers yet; missing: how many more with a wrong suggestion it takes, untimed: answers a side.
    """

    shown: Side
    hidden: Side
    saved: Difference | None
    misled: Difference | None
    missing: int
    untimed: int

    @property
    def verdict(self) -> Literal["unknown", "harm", "no harm shown"]:
        """Harm when people surely follow wrong suggestions more often than they would give that answer themselves."""
        if self.misled is None:
            return "unknown"
        return "harm" if self.misled.low > 0 else "no harm shown"


def truth_for(user: int, others: Mapping[int, str], decided: str = "", decided_by: int | None = None) -> str:
    """Return what an item is, for judging one person: a lead's decision, else most of at least two others' answers.

    others: answers by user, the person's own may be among them; "" when nobody else says it or they tie.
    """
    if decided and decided_by != user:
        return decided
    codes = [code for who, code in others.items() if who != user]
    if len(codes) < FEWEST_OTHERS:
        return ""
    if (same := codes.count(codes[0])) == len(codes) or len(codes) == FEWEST_OTHERS:  # nearly always
        return codes[0] if same == len(codes) else ""
    first, *rest = Counter(codes).most_common(2)
    return "" if rest and rest[0][1] == first[1] else first[0]


def effects(answers: Iterable[Answer]) -> tuple[Effect, dict[int, Effect]]:
    """Return the effect on all answers together, and on each person's by user id."""
    everybody = list(answers)
    people: dict[int, list[Answer]] = {}
    for one in everybody:
        people.setdefault(one.user, []).append(one)
    return effect(everybody), {user: effect(own) for user, own in people.items()}


def effect(answers: Sequence[Answer]) -> Effect:
    """Compare answers with the suggestion shown to those with it hidden."""
    sides = [[one for one in answers if one.shown is shown] for shown in (True, False)]
    times = [sorted(one.seconds for one in side if 0 < one.seconds <= IDLE) for side in sides]
    shown, hidden = (_side(side, timed) for side, timed in zip(sides, times, strict=True))
    untimed = max(0, FEWEST_TIMED - min(len(timed) for timed in times))
    missing = max(FEWEST_WRONG - shown.followed.of - hidden.followed.of, 0)
    if not missing and not (shown.followed.of and hidden.followed.of):
        missing = 1  # one side has none at all
    return Effect(
        shown,
        hidden,
        saved=None if untimed else median_difference(times[1], times[0]),
        misled=None if missing else share_difference(shown.followed, hidden.followed),
        missing=missing,
        untimed=untimed,
    )


def _side(answers: Sequence[Answer], timed: Sequence[float]) -> Side:
    judged = [one for one in answers if one.truth]
    wrong = [one for one in judged if one.truth != one.suggested]
    return Side(
        len(answers),
        median(timed) if len(timed) >= FEWEST_TIMED else None,
        Share(sum(one.code == one.suggested for one in answers), len(answers)),
        Share(sum(one.code == one.suggested for one in wrong), len(wrong)),
        Share(sum(one.code == one.truth for one in judged), len(judged)),
    )


def share_difference(first: Share, second: Share) -> Difference:
    """Return first less second with its 95 % range: the hybrid of two Wilson ranges (Newcombe 1998, method 10)."""
    one, other = first.interval, second.interval
    value = first.value - second.value
    below = math.hypot(first.value - one.low, other.high - second.value)
    above = math.hypot(one.high - first.value, second.value - other.low)
    return Difference(value, value - below, value + above)


def median_difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Return the median of first less that of second with its 95 % range (Bonett and Price 2002); both are sorted."""
    value = median(first) - median(second)
    half = NORMAL * math.hypot(_median_error(first), _median_error(second))
    return Difference(value, value - half, value + half)


def _median_error(ordered: Sequence[float]) -> float:
    """Return the standard error of a median from two order statistics about as far from it as a 95 % range reaches."""
    count = len(ordered)
    place = max(1, round((count + 1) / 2 - math.sqrt(count)))
    reach = -NormalDist().inv_cdf(_at_most(place - 1, count))
    return (ordered[count - place] - ordered[place - 1]) / (2 * reach)


def _at_most(heads: int, throws: int) -> float:
    """Return the chance of at most so many heads in throws of a fair coin."""
    if throws > _EXACT:
        return NormalDist(throws / 2, math.sqrt(throws) / 2).cdf(heads + 0.5)
    return sum(math.comb(throws, k) for k in range(heads + 1)) / (1 << throws)
