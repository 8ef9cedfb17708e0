"""A given time of review: which items first, how many of them fit, how many corrections they bring.

What counts is corrections a minute: the probability that a label is wrong by the seconds a decision about a flag of its
kind, on a text of its length, takes this lead. A pace is counted from the lead's own decisions, breaks left out; a kind
that was seldom decided is taken to need about as long as the others, and length to cost nothing until it shows.
"""

import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import NamedTuple

from labeler.quality.calibration.probability import ProbabilityWrong
from labeler.review.expected import Expected, expected_wrong

USUAL = 20.0  # seconds a decision takes before anything is known of a lead's pace
ENOUGH = 20  # decisions from which a pace is known
GLANCE = 1.0  # seconds in less of which nobody looks at anything
BREAK = 300.0  # seconds after which somebody did something else
SLOW = 3.0  # times the median from which a decision was interrupted
SHRINK = 5.0  # decisions at the common pace that each kind is taken to have
WORTH = 0.5  # corrections a minute that the end of a box should still bring
NEAR = 20  # places at the front of the order within which look-alikes follow each other
IN_A_ROW = 6  # look-alikes one after the other
READING = 0.04  # seconds a character takes who reads every one of them: 240 words a minute
LONGEST = 4000  # characters; of a text that is longer nobody reads more before deciding


class Timed(NamedTuple):
    """A decision that was timed. length: characters of the item's text, 0 without one."""

    kind: str
    seconds: float
    length: int = 0


@dataclass(frozen=True)
class Pace:
    """How long decisions take somebody, in seconds: on the whole, and by kind. decisions: how many were timed.

    a_character: seconds that each character more than the usual `length` of a text takes.
    """

    seconds: float = USUAL
    by_kind: Mapping[str, float] = field(default_factory=dict)
    decisions: int = 0
    a_character: float = 0.0
    length: float = 0.0

    @property
    def known(self) -> bool:
        """Whether it is theirs, rather than what is usual."""
        return self.decisions >= ENOUGH

    def of(self, kind: str, length: int = 0) -> float:
        """Return how long a decision about a flag of a kind takes, on a text of so many characters."""
        more = self.a_character * (min(length, LONGEST) - self.length)
        return max(GLANCE, self.by_kind.get(kind, self.seconds) + more)


@dataclass(frozen=True)
class Candidate:
    """An item that waits. wrong: what is said of its label, None where it has none; length: characters of its text."""

    flag: int
    item: int
    kind: str
    wrong: ProbabilityWrong | None
    length: int = 0

    @property
    def corrections(self) -> float:
        """How many corrections a look at it brings."""
        return self.wrong.number if self.wrong else 0.0


@dataclass(frozen=True)
class Box:
    """What fits in so many minutes. expected: None before probabilities are known.

    end: corrections a minute in the last five minutes.
    """

    minutes: float
    items: int
    expected: Expected | None
    end: float

    @property
    def corrections(self) -> float:
        """How many corrections to expect; 0 before that is known."""
        return self.expected.wrong if self.expected else 0.0

    @property
    def a_minute(self) -> float:
        """Corrections a minute."""
        return self.corrections / self.minutes if self.minutes else 0.0


def pace_of(decisions: Sequence[Timed]) -> Pace:
    """Return a pace from decisions with the seconds since the one before; no look and breaks are left out."""
    timed = [one for one in decisions if GLANCE <= one.seconds <= BREAK]
    if len(timed) < ENOUGH:
        return Pace(decisions=len(timed))
    longest = SLOW * statistics.median(one.seconds for one in timed)
    kept = [one for one in timed if one.seconds <= longest]
    mean = statistics.fmean(one.seconds for one in kept)
    by_kind: dict[str, list[float]] = {}
    for one in kept:
        by_kind.setdefault(one.kind, []).append(one.seconds)
    shrunk = {kind: (sum(one) + SHRINK * mean) / (len(one) + SHRINK) for kind, one in by_kind.items()}
    length = statistics.fmean(min(one.length, LONGEST) for one in kept)
    return Pace(mean, shrunk, len(timed), _a_character(kept, shrunk, length), length)


def _a_character(timed: Sequence[Timed], by_kind: Mapping[str, float], usual: float) -> float:
    """Return the seconds each character takes: least squares with a prior N(0, `READING`), none below zero."""
    points = [(min(one.length, LONGEST) - usual, one.seconds - by_kind[one.kind]) for one in timed]
    spread = statistics.fmean(seconds**2 for _, seconds in points)
    along = sum(more * seconds for more, seconds in points)
    return max(0.0, along / (sum(more**2 for more, _ in points) + spread / READING**2)) if along else 0.0


def by_corrections_a_minute(waiting: Sequence[Candidate], pace: Pace) -> list[Candidate]:
    """Return what waits, most corrections a minute first; what brings none comes last, in its order."""
    return sorted(waiting, key=lambda one: -one.corrections / pace.of(one.kind, one.length))


def look_alikes_together(
    ordered: Sequence[Candidate], alike: Mapping[int, Collection[int]], before: Sequence[int] = ()
) -> list[Candidate]:
    """Return the order in which look-alikes follow each other: who has just judged one judges the next faster.

    alike: {item: those that look like it and are suspected of the same confusion}; before: the items decided last, the
    newest first, so that a row goes on where it was. Only the first `NEAR` places change, and a row ends after
    `IN_A_ROW`: what comes next may wait for a few cards, never longer.
    """
    front, found = list(ordered[:NEAR]), list[Candidate]()
    last = before[0] if before else None
    row = next((n for n, item in enumerate(before[1:], 1) if item not in alike.get(before[n - 1], ())), len(before))
    while front:
        like = alike.get(last, ()) if last is not None and row < IN_A_ROW else ()
        following = next((one for one in front if one.item in like), None)
        row = row + 1 if following else 1
        chosen = following or front[0]
        front.remove(chosen)
        found.append(chosen)
        last = chosen.item
    return [*found, *ordered[NEAR:]]


def box(ordered: Sequence[Candidate], pace: Pace, minutes: float | None = None) -> Box:
    """Return what fits in so many minutes of this order; None takes all, and says how long that is."""
    ends = list(accumulate(pace.of(one.kind, one.length) for one in ordered))
    if minutes is None:
        minutes = ends[-1] / 60 if ends else 0.0
    fits = sum(end <= 60 * minutes for end in ends)
    late = [one for one, end in zip(ordered, ends, strict=True) if 60 * (minutes - 5) < end <= 60 * minutes]
    expected = expected_wrong(one.wrong for one in ordered[:fits] if one.wrong)
    return Box(minutes, fits, expected, sum(one.corrections for one in late) / min(5.0, minutes or 5.0))


def best_box(boxes: Sequence[Box]) -> Box | None:
    """Return the longest box that is worth it to its end, and more than the one before it; else the shortest."""
    best = boxes[0] if boxes else None
    for shorter, longer in pairwise(boxes):
        more = longer.corrections - shorter.corrections
        if longer.end >= WORTH and more >= WORTH * (longer.minutes - shorter.minutes):
            best = longer
    return best
