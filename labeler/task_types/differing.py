"""How the parts of two answers to one item differ: each part of either is in exactly one kind of difference.

Partners are parts that are matched one to one, whatever their class. Partners of one class and with much in common are
alike; others differ in class, in their borders or in both; what has no partner was marked by one only, or is one part
where the other person marked several.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from labeler.task_types.geometry import iou_of_areas, shared_of_bounds
from labeler.task_types.matching import FINE, MANY, Drawn, Overlap, assign, pairs

ALIKE, ONLY, SEVERAL, BORDERS, CLASS, BOTH = "alike", "only", "several", "borders", "class", "both"
KINDS = (ALIKE, ONLY, SEVERAL, BORDERS, CLASS, BOTH)
CLOSE = 0.75  # overlap from which the borders of two objects are the same
MOSTLY = 0.5  # of an object that lies in another


@dataclass(frozen=True, slots=True)
class Difference:
    """What one thing came to in two answers. first, second: numbers of their parts, () for none.

    overlap: of partners, intersection over union, 0 without partners.
    """

    kind: str
    first: tuple[int, ...]
    second: tuple[int, ...]
    overlap: float = 0.0


def objects_differing(first: Sequence[Drawn], second: Sequence[Drawn], overlap: Overlap) -> list[Difference]:
    """Compare what two people drew in one picture."""
    one, two = (sorted(drawn, key=lambda each: each.place) for drawn in (first, second))
    worth = pairs(one, two, overlap)
    found, partners = [], assign(worth)
    for a, b in partners:
        shared = worth[a, b] // MANY / FINE
        kind = CLASS if one[a].label != two[b].label else ALIKE if shared >= CLOSE else BORDERS
        found.append(Difference(kind, (one[a].number,), (two[b].number,), shared))
    left = [each for a, each in enumerate(one) if a not in {pair[0] for pair in partners}]
    right = [each for b, each in enumerate(two) if b not in {pair[1] for pair in partners}]
    return found + _without_partner(left, right, overlap)


def _without_partner(left: list[Drawn], right: list[Drawn], overlap: Overlap) -> list[Difference]:
    found: list[Difference] = []
    for turned, (large, small) in enumerate(((left, right), (right, left))):
        for one in list(large):
            inside = [each for each in small if _lies_in(each, one, overlap)]
            if len(inside) > 1:
                numbers = (one.number,), tuple(each.number for each in inside)
                found.append(Difference(SEVERAL, *(reversed(numbers) if turned else numbers)))
                large.remove(one)
                small[:] = [each for each in small if each not in inside]
    alone = [Difference(ONLY, (each.number,), ()) for each in left]
    return found + alone + [Difference(ONLY, (), (each.number,)) for each in right]


def _lies_in(small: Drawn, large: Drawn, overlap: Overlap) -> bool:
    """Whether most of one object lies in another: what they share follows from their overlap and their areas."""
    if shared_of_bounds(small.bounds, large.bounds) <= 0 or small.area <= 0:
        return False
    union_share = overlap(small.shape, large.shape)
    return union_share / (1 + union_share) * (small.area + large.area) >= MOSTLY * small.area


def overlap_of_stretches(one: tuple[int, int], two: tuple[int, int]) -> float:
    """Return intersection over union of two stretches of a text, each from a start to an end."""
    shared = min(one[1], two[1]) - max(one[0], two[0])
    return iou_of_areas(max(shared, 0), one[1] - one[0], two[1] - two[0])


def stretches_differing(
    first: Sequence[tuple[int, int, str]], second: Sequence[tuple[int, int, str]]
) -> list[Difference]:
    """Compare the (start, end, class) that two people marked in one text: any overlap makes partners.

    Those that are exactly the same are matched first, then the others so that they overlap as much as possible.
    """
    places: dict[tuple[int, int, str], list[int]] = {}
    for b, stretch in enumerate(second):
        places.setdefault(stretch, []).append(b)
    found: list[Difference] = []
    left, same = [], set[int]()
    for a, stretch in enumerate(first):
        if places.get(stretch):
            b = places[stretch].pop(0)
            same.add(b)
            found.append(Difference(ALIKE, (a,), (b,), 1.0))
        else:
            left.append(a)
    right = [b for b in range(len(second)) if b not in same]
    worth = _worth(first, second, left, right)
    partners = assign(worth)
    for a, b in partners:
        borders, named = first[a][:2] == second[b][:2], first[a][2] == second[b][2]
        kind = CLASS if borders else BORDERS if named else BOTH
        found.append(Difference(kind, (a,), (b,), worth[a, b] // MANY / FINE))
    found += [Difference(ONLY, (a,), ()) for a in left if a not in {pair[0] for pair in partners}]
    return found + [Difference(ONLY, (), (b,)) for b in right if b not in {pair[1] for pair in partners}]


def _worth(
    first: Sequence[tuple[int, int, str]], second: Sequence[tuple[int, int, str]], left: list[int], right: list[int]
) -> dict[tuple[int, int], int]:
    shared = {(a, b): overlap_of_stretches(first[a][:2], second[b][:2]) for a in left for b in right}
    return {
        (a, b): round(share * FINE) * MANY + (first[a][2] == second[b][2])
        for (a, b), share in shared.items()
        if share > 0
    }


def letters_shared(
    first: Sequence[tuple[int, int, str]], second: Sequence[tuple[int, int, str]]
) -> tuple[float, float]:
    """Return twice the (letter, class) pairs that both marked, and all of either: partial F1 is their ratio."""
    one, two = ({(at, name) for start, end, name in spans for at in range(start, end)} for spans in (first, second))
    return 2.0 * len(one & two), float(len(one) + len(two))
