"""Plain plane geometry of boxes and polygons, in pure Python because the web process uses it on every answer.

A box is (x, y, width, height) and a polygon a list of corners, in continuous pixels: no "+1 pixel". Note:
a polygon may be concave, so that clipping one by the other (Sutherland & Hodgman) would be wrong here, and
that touching itself is as bad as crossing: neither outline says what is inside.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

Point = Sequence[float]
Box = Sequence[float]
Bounds = tuple[float, float, float, float]  # left, top, right, bottom

_ROUNDING = 1e-9  # of sums of weights, relative
_SURE = 4e-16  # Shewchuk (1997): rounding changes no sign of the determinant above 3.4e-16 of its terms


def iou_of_boxes(one: Box, two: Box) -> float:
    """Return intersection over union of two (x, y, width, height), 0 to 1; equal boxes have 1, however small."""
    if tuple(one) == tuple(two):
        return 1.0
    return iou_of_areas(shared_of_bounds(bounds_of_box(one), bounds_of_box(two)), one[2] * one[3], two[2] * two[3])


def iou_of_areas(shared: float, one: float, two: float) -> float:
    """Return intersection over union from the three areas, held within 0 to 1 against rounding."""
    union = one + two - shared
    return min(max(shared / union, 0.0), 1.0) if union > 0 else 0.0


def bounds_of_box(box: Box) -> Bounds:
    """Return (left, top, right, bottom) of an (x, y, width, height)."""
    return box[0], box[1], box[0] + box[2], box[1] + box[3]


def bounds_of_polygon(points: Sequence[Point]) -> Bounds:
    """Return (left, top, right, bottom) of the corners."""
    across, down = [point[0] for point in points], [point[1] for point in points]
    return min(across), min(down), max(across), max(down)


def shared_of_bounds(one: Bounds, two: Bounds) -> float:
    """Return the area two upright rectangles share."""
    width = min(one[2], two[2]) - max(one[0], two[0])
    height = min(one[3], two[3]) - max(one[1], two[1])
    return width * height if width > 0 and height > 0 else 0.0


def signed_area(points: Sequence[Point]) -> float:
    """Return the area of a simple polygon, negative where the corners run the other way (shoelace formula)."""
    x, y = points[0]
    moved = [(point[0] - x, point[1] - y) for point in points]
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(moved)) / 2


def area(points: Sequence[Point]) -> float:
    """Return the area of a simple polygon in square pixels."""
    return abs(signed_area(points))


def iou_of_polygons(one: Sequence[Point], two: Sequence[Point]) -> float:
    """Return intersection over union of two simple polygons, concave ones too, 0 to 1; equal polygons have 1.

    The error is rounding alone: below 1e-9 for outlines of up to 2,000 corners that fill a fair part of their bounds.
    """
    if list(map(tuple, one)) == list(map(tuple, two)):
        return 1.0
    return iou_of_areas(shared_of_polygons(one, two), area(one), area(two))


def shared_of_polygons(one: Sequence[Point], two: Sequence[Point]) -> float:
    """Return the area two simple polygons share, in square pixels.

    A polygon is the signed sum of the trapezoids between its edges and a line above it; so what two polygons share is
    the signed sum, over pairs of edges, of what their trapezoids share, which has a closed form. No case is special:
    neither holes between the two, nor edges that lie on each other. Pairs of edges that share no column are left out.
    """
    if shared_of_bounds(bounds_of_polygon(one), bounds_of_polygon(two)) <= 0:
        return 0.0
    origin = min(point[0] for point in one), min(point[1] for point in (*one, *two))
    first, second = _slopes(one, origin), _slopes(two, origin)
    total, waiting = 0.0, 0
    active: list[_Slope] = []
    for edge in first:
        while waiting < len(second) and second[waiting][0] < edge[1]:
            active.append(second[waiting])
            waiting += 1
        active = [other for other in active if other[1] > edge[0]]  # later edges start no further left
        total += sum(_under_both(edge, other) for other in active)
    return abs(total)


_Slope = tuple[float, float, float, float, int]  # left, right, height at the left, rise per pixel, direction


def _slopes(points: Sequence[Point], origin: tuple[float, float]) -> list[_Slope]:
    """Return the edges that are not upright, from left to right, sorted by their left end."""
    moved = [(point[0] - origin[0], point[1] - origin[1]) for point in points]
    edges = []
    for (ax, ay), (bx, by) in zip(moved, [*moved[1:], moved[0]], strict=True):
        if ax < bx:
            edges.append((ax, bx, ay, (by - ay) / (bx - ax), 1))
        elif ax > bx:
            edges.append((bx, ax, by, (ay - by) / (ax - bx), -1))
    return sorted(edges)


def _under_both(one: _Slope, two: _Slope) -> float:
    """Return the signed area of what lies between the line at height 0 and both edges."""
    one_left, one_right, one_height, one_rise, one_way = one
    two_left, two_right, two_height, two_rise, two_way = two
    left = one_left if one_left > two_left else two_left  # noqa: FURB136 - the innermost loop; max() is a call
    right = one_right if one_right < two_right else two_right  # noqa: FURB136 - as above
    if right <= left:
        return 0.0
    start, end = one_height + one_rise * (left - one_left), one_height + one_rise * (right - one_left)
    begin, stop = two_height + two_rise * (left - two_left), two_height + two_rise * (right - two_left)
    before, after = start - begin, end - stop
    height = (start if before < 0 else begin) + (end if after < 0 else stop)
    if before * after < 0:  # they cross in between: the lower edge changes, which raises the middle
        place = before / (before - after)
        middle = start + place * (end - start)
        height = place * (min(start, begin) + middle) + (1 - place) * (middle + min(end, stop))
    return one_way * two_way * (right - left) * height / 2


def turn(a: Point, b: Point, c: Point) -> int:
    """Return the sign of the turn a → b → c, exactly: 0 only where the three lie on one line."""
    left, right = (b[0] - a[0]) * (c[1] - a[1]), (b[1] - a[1]) * (c[0] - a[0])
    found = left - right
    if abs(found) > _SURE * (abs(left) + abs(right)):
        return 1 if found > 0 else -1
    (ax, ay), (bx, by), (cx, cy) = ((Fraction(p[0]), Fraction(p[1])) for p in (a, b, c))
    exact = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    return (exact > 0) - (exact < 0)


def weighted_median(numbers: Sequence[float], weights: Sequence[float]) -> float:
    """Return the number with half of the weight on either side; in the middle of two where just half is at each."""
    ordered = sorted(zip(numbers, weights, strict=True))
    half, reached = sum(weights) / 2, 0.0
    for place, (number, weight) in enumerate(ordered):
        reached += weight
        if abs(reached - half) <= _ROUNDING * half:
            return (number + ordered[place + 1][0]) / 2
        if reached > half:
            return number
    raise ValueError("weights must be above 0")
