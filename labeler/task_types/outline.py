"""Whether an outline crosses or touches itself, with the closing edge counted: the sweep of Shamos & Hoey (1976).

A line moves over the corners from left to right (then top to bottom) and keeps the edges it cuts in order; the first
two edges that meet are neighbours just before. All turns are exact, so a corner that lies on an edge is told from one
that almost does. Note on the cost: trying every pair of 2,000 edges takes seconds, this takes about
as long as reading them.
"""

from collections.abc import Sequence

from labeler.task_types.geometry import Point, turn

_Corner = tuple[float, float]
_Edge = tuple[_Corner, _Corner]  # from the earlier to the later corner


def distinct(points: Sequence[Point]) -> list[_Corner]:
    """Return the corners without those that repeat the one before (the last is before the first)."""
    corners = [(point[0], point[1]) for point in points]
    return [corner for place, corner in enumerate(corners) if corner != corners[place - 1]]


def crosses_itself(points: Sequence[Point]) -> bool:
    """Say whether edges of the closed outline meet anywhere but at the corner that follows one and begins the next."""
    corners = distinct(points)
    if len(corners) < 3 or len(set(corners)) < len(corners):  # noqa: PLR2004 - the fewest corners that hold an area
        return True
    starting: dict[_Corner, list[_Edge]] = {corner: [] for corner in corners}
    ending: dict[_Corner, list[_Edge]] = {corner: [] for corner in corners}
    for place, corner in enumerate(corners):
        edge = (min(corners[place - 1], corner), max(corners[place - 1], corner))
        starting[edge[0]].append(edge)
        ending[edge[1]].append(edge)
    cut: list[_Edge] = []  # the edges under the line, in order
    return any(_leaves(cut, ending[corner]) or _enters(cut, corner, starting[corner]) for corner in sorted(starting))


def _leaves(cut: list[_Edge], edges: list[_Edge]) -> bool:
    """Take edges away and say whether the two that become neighbours meet."""
    for edge in edges:
        place = cut.index(edge)
        del cut[place]
        if 0 < place < len(cut) and _meet(cut[place - 1], cut[place]):
            return True
    return False


def _enters(cut: list[_Edge], corner: _Corner, edges: list[_Edge]) -> bool:
    """Put the edges that start at a corner into their place and say whether any of them meets a neighbour."""
    if not edges:
        return False
    low, high = 0, len(cut)
    while low < high:
        middle = (low + high) // 2
        side = turn(*cut[middle], corner)
        if side == 0:
            return True
        low, high = (middle + 1, high) if side > 0 else (low, middle)
    if len(edges) > 1:
        side = turn(corner, edges[0][1], edges[1][1])
        if side == 0:
            return True
        edges = edges if side > 0 else edges[::-1]
    cut[low:low] = edges
    above = low + len(edges)
    return (low > 0 and _meet(cut[low - 1], edges[0])) or (above < len(cut) and _meet(edges[-1], cut[above]))


def _meet(one: _Edge, two: _Edge) -> bool:
    """Say whether two edges share a point, other than one end of both (two edges from one end are compared there)."""
    if one[1] == two[1] or one[0] == two[0]:
        return turn(*one, two[0] if one[1] == two[1] else two[1]) == 0
    if one[1] == two[0] or two[1] == one[0]:
        return False  # they follow each other, so only the corner between them is common
    a, b = turn(*one, two[0]), turn(*one, two[1])
    c, d = turn(*two, one[0]), turn(*two, one[1])
    if a == b == c == d == 0:
        return max(one[0], two[0]) <= min(one[1], two[1])
    return a * b <= 0 and c * d <= 0
