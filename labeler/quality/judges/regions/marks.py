"""Marks in pictures beside other marks: which are the same thing, which differ, and which only one side has.

Pairs are those of the task type's own matching (`task_types.matching`). What is left over is paired more loosely when
class and place still speak for one thing: it is badly placed, not missed here and invented there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

from labeler.task_types import matching

if TYPE_CHECKING:
    from labeler.quality.dataset import Reason, Values
    from labeler.quality.judges.base import Case
    from labeler.task_types.base import Value
    from labeler.task_types.matching import Drawn
    from labeler.task_types.objects import Objects

LOOSE = 0.1  # overlap from which two marks of one class that nothing else matches are one thing, badly placed
LABEL = ""  # who drew the label, among annotators


class Edit(NamedTuple):
    """What a place would change. mark: number in the label, -1 = a new one; part: what stands there then, None = none.

    right: how probably that is right, given that the place is wrong.
    """

    place: Reason
    mark: int
    part: Value | None
    right: float = 1.0


@dataclass(frozen=True)
class Beside:
    """Marks of a label beside others. pairs: (one, other, overlap) of the same thing; missed, extra: one side only."""

    pairs: list[tuple[Drawn, Drawn, float]]
    missed: list[Drawn]
    extra: list[Drawn]


def kind(values: Values) -> Objects:
    """Return the task type as what it is to name this judge: one whose marks have places in a picture."""
    return cast("Objects", values.task)


def parts_of(values: Values, value: Value | None) -> list[Value]:
    """Return the marks of a label as they are kept."""
    return [] if value is None else list(value[values.task.shape])


def drawn(case: Case, value: Value | None, who: str = LABEL) -> list[Drawn]:
    """Return the marks of a label, sorted by place, with their classes by position; of a class that is gone none."""
    index, task = case.index, kind(case.values)
    found = [
        task.drawn(who, number, index[part["label"]], task.place_in(part))
        for number, part in enumerate(parts_of(case.values, value))
        if part["label"] in index
    ]
    return sorted(found, key=lambda one: one.place)


def compare(ours: Sequence[Drawn], theirs: Sequence[Drawn], task: Objects) -> Beside:
    """Lay two sets of marks, each sorted by place, beside each other."""
    measure = matching.remembered(task.overlap)
    chosen = matching.assign(matching.pairs(ours, theirs, measure))
    pairs = [(ours[a], theirs[b], measure(ours[a].shape, theirs[b].shape)) for a, b in chosen]
    extra = [one for n, one in enumerate(ours) if n not in {a for a, _ in chosen}]
    missed = [one for n, one in enumerate(theirs) if n not in {b for _, b in chosen}]
    loose = sorted(
        ((measure(one.shape, other.shape), n, m) for n, one in enumerate(extra) for m, other in enumerate(missed)
         if one.label == other.label), reverse=True,
    )  # fmt: skip
    used: tuple[set[int], set[int]] = (set(), set())
    for overlap, n, m in loose:
        if overlap >= LOOSE and n not in used[0] and m not in used[1]:
            pairs.append((extra[n], missed[m], overlap))
            used[0].add(n)
            used[1].add(m)
    return Beside(
        pairs,
        [one for m, one in enumerate(missed) if m not in used[1]],
        [one for n, one in enumerate(extra) if n not in used[0]],
    )


def place(problem: str, chance: float, now: Drawn | None, right: int | None, geometry: Value) -> Reason:
    """Return a place.

    now: the mark in the label, None for none; right: class position; geometry: of that mark, or of what is missed.
    """
    return {
        "kind": "place",
        "problem": problem,
        "class": None if now is None else now.label,
        "suggested": right,
        "probability": round(chance, 4),
        "geometry": geometry,
    }


def geometry(task: Objects, part: Value) -> Value:
    """Return the fields of a mark without its class."""
    return task.part_at(task.place_in(part))
