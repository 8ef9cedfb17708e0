"""Families of twins: items tied together by being nearly the same. A calculation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labeler.quality.dataset import Evidence, Reason

NAMED = 60  # twins that a flag names; a family of thousands would be stored with each of its members


def families(evidence: Evidence) -> list[list[int]]:
    """Return the connected parts of the graph of twins, each in item order."""
    left = set(evidence.twins)
    found = []
    for start in sorted(evidence.twins):
        if start not in left:
            continue
        left.discard(start)
        family, open_ends = [start], [start]
        while open_ends:
            for other in evidence.twins[open_ends.pop()]:
                if other in left:
                    left.discard(other)
                    family.append(other)
                    open_ends.append(other)
        found.append(sorted(family))
    return found


def with_family(reasons: list[Reason], item: int, family: list[int]) -> list[Reason]:
    """Return the reasons of a flag, of which the first names its family, so that one decision can be made for all."""
    named = sorted({item, *family[:NAMED]})
    return [{**reasons[0], "twins": named}, *reasons[1:]] if reasons else reasons
