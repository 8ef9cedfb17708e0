"""Which objects of several annotators are the same thing: one to one, by overlap alone.

Two annotators' objects are matched so that the summed overlap is the largest there is, pairs under `SAME` left out; the
matches of all pairs of annotators are then joined into clusters, best overlap first, where a cluster has one object an
annotator at most. Classes only decide between equal overlaps: a thing drawn alike and named differently is one thing.

Note: the result easily comes to depend on who is named first. So objects are numbered by
their place, overlaps are whole numbers, and of two annotators the one whose objects come first by place is the first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from labeler.task_types.geometry import Bounds, iou_of_areas, shared_of_bounds

SAME = 0.5  # intersection over union from which two objects are the same thing
FINE = 10**12  # overlaps are compared in steps of 1e-12, so that rounding decides nothing
MANY = 4096  # more objects than an answer may have
LARGE = 2_500  # rows x columns from which SciPy solves the assignment

Overlap = Callable[[Any, Any], float]
Pairs = dict[tuple[int, int], int]  # (first's number, second's number) → what the pair is worth


@dataclass(frozen=True, slots=True)
class Drawn:
    """One object: who drew it, the how-manieth of theirs it is, its class index, its shape, and how large it is."""

    who: str
    number: int
    label: int
    shape: Any
    bounds: Bounds
    area: float

    @property
    def place(self) -> tuple[Any, ...]:
        """What objects are sorted by: equal places are equal objects."""
        return (self.bounds, self.shape, self.label)


def clusters(answers: Mapping[str, Sequence[Drawn]], overlap: Overlap) -> list[list[Drawn]]:
    """Return the objects in clusters that are the same thing, each in the order of annotators' names.

    overlap: intersection over union of two shapes. The order is that of the first annotator's objects, then what only
    others drew; one annotator's objects stay as they are.
    """
    sorted_by_place = {who: sorted(answers[who], key=lambda one: one.place) for who in sorted(answers)}
    member_of = {(one.who, one.number): [one] for drawn in answers.values() for one in drawn}
    for *_, one, two in sorted(_matches(sorted_by_place, overlap), key=lambda found: found[:-2]):
        first, second = member_of[one.who, one.number], member_of[two.who, two.number]
        if first is not second and not {each.who for each in first} & {each.who for each in second}:
            first += second
            member_of.update(((each.who, each.number), first) for each in second)
    found = {id(members): members for members in member_of.values()}.values()
    return sorted((sorted(members, key=_order) for members in found), key=lambda members: _order(members[0]))


def remembered(overlap: Overlap) -> Overlap:
    """Return the same measure that computes each pair of shapes once; the shapes must outlive it."""
    known: dict[tuple[int, int], float] = {}

    def measure(one: Any, two: Any) -> float:
        pair = (id(one), id(two)) if id(one) < id(two) else (id(two), id(one))
        if pair not in known:
            known[pair] = overlap(one, two)
        return known[pair]

    return measure


def _order(one: Drawn) -> tuple[str, int]:
    return one.who, one.number


def _matches(answers: Mapping[str, list[Drawn]], overlap: Overlap) -> list[tuple[Any, ...]]:
    """Return every pair of annotators' matches as (worth negated, places, names, numbers, the two objects)."""
    found = []
    for pair in combinations(answers, 2):
        first, second = sorted((answers[who] for who in pair), key=lambda drawn: [one.place for one in drawn])
        worth = pairs(first, second, overlap)
        for a, b in assign(worth):
            one, two = sorted((first[a], second[b]), key=lambda each: (each.place, each.who))
            found.append((-worth[a, b], one.place, two.place, one.who, two.who, one.number, two.number, one, two))
    return found


def pairs(first: Sequence[Drawn], second: Sequence[Drawn], overlap: Overlap) -> Pairs:
    """Return what each pair that overlaps enough is worth: its overlap in steps of 1e-12, then the same class.

    Both sorted by place. The shapes are compared only where their bounds and areas leave enough overlap possible.
    """
    found: Pairs = {}
    for a, one in enumerate(first):
        left, _, right, _ = one.bounds
        for b, two in enumerate(second):
            if two.bounds[0] > right:
                break
            if two.bounds[2] < left or _at_most(one, two) < SAME:
                continue
            measured = round(overlap(one.shape, two.shape) * FINE)
            if measured >= SAME * FINE:
                found[a, b] = measured * MANY + (one.label == two.label)
    return found


def _at_most(one: Drawn, two: Drawn) -> float:
    """Return the largest overlap that bounds and areas allow, with room for rounding."""
    shared = min(shared_of_bounds(one.bounds, two.bounds), one.area, two.area)
    return 1.0 if one.shape == two.shape else iou_of_areas(shared, one.area, two.area) + 1 / FINE


def assign(worth: Pairs) -> list[tuple[int, int]]:
    """Return the pairs, one to one, whose worth adds up to the most; solved for each group that hangs together."""
    chosen = []
    for group in _groups(worth):
        if len(group) == 1:
            chosen += group
            continue
        rows, columns = sorted({a for a, _ in group}), sorted({b for _, b in group})
        table = [[worth.get((a, b), 0) for b in columns] for a in rows]
        picked = ((rows[a], columns[b]) for a, b in best_assignment(table))
        chosen += [pair for pair in picked if pair in worth]
    return sorted(chosen)


def _groups(worth: Pairs) -> list[list[tuple[int, int]]]:
    """Return the pairs in groups that share no object."""
    beside: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for a, b in worth:
        beside.setdefault(("first", a), []).append(("second", b))
        beside.setdefault(("second", b), []).append(("first", a))
    group_of: dict[tuple[str, int], int] = {}
    for start in beside:
        waiting = [] if start in group_of else [start]
        group_of.setdefault(start, len(group_of))
        while waiting:
            here = waiting.pop()
            found = [other for other in beside[here] if other not in group_of]
            group_of.update(dict.fromkeys(found, group_of[here]))
            waiting += found
    groups: dict[int, list[tuple[int, int]]] = {}
    for a, b in worth:
        groups.setdefault(group_of["first", a], []).append((a, b))
    return list(groups.values())


def best_assignment(worth: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Return (row, column) pairs, as many as the shorter side has, of the largest total worth (Kuhn 1955; Munkres).

    Exact for whole numbers. Large tables go to SciPy, which costs an import of a quarter second once.
    """
    if len(worth) * len(worth[0]) > LARGE:
        from scipy.optimize import linear_sum_assignment

        rows, columns = linear_sum_assignment([[float(each) for each in row] for row in worth], maximize=True)
        return list(zip(rows.tolist(), columns.tolist(), strict=True))
    if len(worth) > len(worth[0]):
        return sorted((a, b) for b, a in best_assignment(list(zip(*worth, strict=True))))
    row_of, prices = [-1] * len(worth[0]), ([0] * len(worth), [0] * len(worth[0]))
    for row in range(len(worth)):
        _seat(row, worth, row_of, prices)
    return sorted((row, column) for column, row in enumerate(row_of) if row >= 0)


def _seat(row: int, worth: Sequence[Sequence[int]], row_of: list[int], prices: tuple[list[int], list[int]]) -> None:
    """Give one more row a column along the cheapest path of exchanges (Jonker & Volgenant 1987), and move the prices.

    row_of: the row each column has, -1 for none; prices: of rows and columns, so that no pair pays less than 0.
    """
    of_row, of_column = prices
    n = len(row_of)
    cost, before, done = [0] * n, [-1] * n, [False] * n
    reached, column, paid = row, -1, 0
    known = [False] * n
    while reached >= 0:
        for other in range(n):
            here = paid - worth[reached][other] - of_row[reached] - of_column[other]
            if not done[other] and (not known[other] or here < cost[other]):
                cost[other], before[other], known[other] = here, column, True
        column = min((other for other in range(n) if not done[other]), key=cost.__getitem__)
        done[column], paid, reached = True, cost[column], row_of[column]
    for other in range(n):
        if done[other] and other != column:
            of_row[row_of[other]] += paid - cost[other]
            of_column[other] -= paid - cost[other]
    of_row[row] += paid
    while column >= 0:
        earlier = before[column]
        row_of[column] = row if earlier < 0 else row_of[earlier]
        column = earlier
