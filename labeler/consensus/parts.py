"""Consensus where an answer has parts: each unit of each item is one more item, told apart with all that are alike.

So a person who often misses a thing or calls it by another name counts for less there too, and what several drew stands
at the middle of those who are often right. Note: the confidence is the mean over an item's units, the share of the
label that is right: of a label of one unit how probably it is right.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from labeler.consensus.inference import Outcome, infer
from labeler.task_types.base import ABSENT, Decided

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from labeler.consensus.base import Votes
    from labeler.task_types.base import Content, TaskConfig, TaskType, Units, Value


class Answers(NamedTuple):
    """What was answered to one item, by annotator, what the item is, and whether the answers differ in any unit."""

    by_person: Mapping[str, Value]
    content: Content
    differ: bool = False


@dataclass(frozen=True)
class Together:
    """decided: of each item; method: of most units; right: by annotator, how often they are expected to be right."""

    decided: list[Decided]
    method: str
    right: dict[str, float]
    each: float


class _Unit(NamedTuple):
    """How a unit was decided. label: class index, ABSENT, or None while its votes tie; chance: that it is right."""

    label: int | None
    chance: float


def decide_together(task: TaskType, config: TaskConfig, items: Sequence[Answers]) -> Together:
    """Decide each unit of each item by who says what, with all units that are alike looked at together."""
    units = [task.things(one.by_person, config, one.content) for one in items]
    alike: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for n, found in enumerate(units):
        for unit in found:
            alike[task.told_alike(unit)].append((n, unit))
    people = _People()
    labels: list[dict[str, _Unit]] = [{} for _ in items]
    for places in alike.values():
        for (n, unit), one in zip(places, people.decide([units[n][unit] for n, unit in places]), strict=True):
            labels[n][unit] = one
    right = people.right()
    decided = [
        _put_together((task, config), item, units[n], [labels[n][unit] for unit in units[n]], right)
        for n, item in enumerate(items)
    ]
    return Together(decided, people.method, right, people.answers_each(items))


def _put_together(
    asked: tuple[TaskType, TaskConfig], item: Answers, units: Units, labels: Sequence[_Unit], right: Mapping[str, float]
) -> Decided:
    task, config = asked
    people = len(item.by_person)
    sure = sum(one.chance for one in labels) / len(labels) if labels else (people + 0.5) / (people + 1)
    names = task.weighed(units, item.by_person, config, right)
    there = [(name, one.label) for name, one in zip(names, labels, strict=True) if one.label != ABSENT]
    known = {name: label for name, label in there if name is not None and label is not None}
    if len(known) < len(there):  # a class or a place ties
        return Decided(None, sure, item.differ)
    return Decided(task.assemble(known, config, item.content), sure, item.differ)


class _People:
    """Everybody who answered, and how often they were expected to be right in each group of units."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._right: dict[str, list[tuple[float, int]]] = defaultdict(list)
        self.method = ""

    def decide(self, units: Sequence[Mapping[str, int]]) -> list[_Unit]:
        """Decide units that are alike."""
        labels = sorted({label for votes in units for label in votes.values()} | {ABSENT})
        votes = self._votes(units, labels)
        found = infer(votes)
        self.method = self.method if self.method not in ("", "majority") else found.method
        self._learn(votes, found)
        return [
            _Unit(labels[label] if label >= 0 else None, chance)
            for label, chance in zip(found.label.tolist(), found.confidence.tolist(), strict=True)
        ]

    def _votes(self, units: Sequence[Mapping[str, int]], labels: Sequence[int]) -> Votes:
        import numpy as np

        from labeler.consensus.base import Votes

        place = {label: n for n, label in enumerate(labels)}
        rows = [
            (unit, self._number.setdefault(who, len(self._number)), place[label])
            for unit, votes in enumerate(units)
            for who, label in votes.items()
        ]
        table = np.array(rows, dtype=np.int64).reshape(-1, 3)
        return Votes(table[:, 0], table[:, 1], table[:, 2], len(units), len(self._number), max(len(labels), 2))

    def _learn(self, votes: Votes, found: Outcome) -> None:
        if found.right is None:
            return
        answered = votes.per_annotator().tolist()
        for who, number in self._number.items():
            if number < len(answered) and answered[number]:
                self._right[who].append((float(found.right[number]), answered[number]))

    def right(self) -> dict[str, float]:
        """Return how often each is expected to be right, over all their units."""
        return {
            who: sum(share * count for share, count in known) / sum(count for _, count in known)
            for who, known in self._right.items()
        }

    def answers_each(self, items: Sequence[Answers]) -> float:
        """Return how many answers a person gave in the mean to items that others answered too."""
        compared = sum(len(one.by_person) for one in items if len(one.by_person) > 1)
        return compared / len(self._number) if self._number else 0.0
