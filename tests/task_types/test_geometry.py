"""Areas and overlaps against a raster, crossings against every pair of edges in exact arithmetic."""

import math
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.task_types.geometry import area, iou_of_boxes, iou_of_polygons, shared_of_polygons, signed_area, turn
from labeler.task_types.outline import crosses_itself, distinct

Points = list[tuple[float, float]]

SIDE = st.floats(0, 60, allow_nan=False)
SIZE = st.floats(0.5, 40)
BOX = st.tuples(SIDE, SIDE, SIZE, SIZE)
STAR = st.builds(
    lambda x, y, radii: [
        (
            x + r * math.cos(2 * math.pi * n / len(radii)),
            y + r * math.sin(2 * math.pi * n / len(radii)),
        )
        for n, r in enumerate(radii)
    ],
    st.floats(30, 50),
    st.floats(30, 50),
    st.lists(st.floats(3, 30), min_size=5, max_size=14),
)
GRID = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=9)

SQUARE: Points = [(0, 0), (10, 0), (10, 10), (0, 10)]
HORSESHOE: Points = [(0, 0), (30, 0), (30, 30), (20, 30), (20, 10), (10, 10), (10, 30), (0, 30)]


def holds(points: Points, x: float, y: float) -> bool:
    inside = False
    for (ax, ay), (bx, by) in zip(points, [*points[1:], points[0]], strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            inside = not inside
    return inside


def as_polygon(box: tuple[float, float, float, float]) -> Points:
    x, y, width, height = box
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def meets_somewhere(points: Points) -> bool:
    """Try every pair of edges, in fractions."""
    exact = [(Fraction(x), Fraction(y)) for x, y in distinct(points)]
    n = len(exact)
    if n < 3 or len(set(exact)) < n:
        return True
    edges = [(exact[k], exact[(k + 1) % n]) for k in range(n)]
    for k, (a, b) in enumerate(edges):
        for m in range(k + 1, n):
            c, d = edges[m]
            if m == k + 1 or (k == 0 and m == n - 1):
                middle, one, two = (b, a, d) if m == k + 1 else (a, b, c)
                ahead = sum((p - q) * (r - q) for p, q, r in zip(one, middle, two, strict=True)) > 0
                if cross(middle, one, two) == 0 and ahead:
                    return True
            elif segments_meet(a, b, c, d):
                return True
    return False


def cross(a: tuple[Fraction, ...], b: tuple[Fraction, ...], c: tuple[Fraction, ...]) -> Fraction:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def segments_meet(
    a: tuple[Fraction, ...], b: tuple[Fraction, ...], c: tuple[Fraction, ...], d: tuple[Fraction, ...]
) -> bool:
    one, two, three, four = cross(a, b, c), cross(a, b, d), cross(c, d, a), cross(c, d, b)
    if one == two == three == four == 0:
        return all(max(min(a[k], b[k]), min(c[k], d[k])) <= min(max(a[k], b[k]), max(c[k], d[k])) for k in (0, 1))
    return one * two <= 0 and three * four <= 0


@given(one=BOX, two=BOX)
def test_overlap_of_boxes_is_symmetric_and_that_of_their_outlines(
    one: tuple[float, float, float, float], two: tuple[float, float, float, float]
) -> None:
    found = iou_of_boxes(one, two)
    assert 0 <= found <= 1
    assert found == iou_of_boxes(two, one)
    assert iou_of_boxes(one, one) == 1
    assert iou_of_polygons(as_polygon(one), as_polygon(two)) == pytest.approx(found, abs=1e-9)


@given(one=STAR, two=STAR)
def test_overlap_of_polygons_is_symmetric_and_holds_for_either_direction(one: Points, two: Points) -> None:
    found = iou_of_polygons(one, two)
    assert 0 <= found <= 1
    assert iou_of_polygons(two, one) == pytest.approx(found, abs=1e-9)
    assert iou_of_polygons(one[::-1], two) == pytest.approx(found, abs=1e-9)
    assert iou_of_polygons(one, [*one[2:], *one[:2]]) == pytest.approx(1, abs=1e-9)


def test_overlap_of_concave_polygons_is_what_a_raster_counts() -> None:
    draw = random.Random(3)
    for _ in range(12):
        one, two = (
            [
                (
                    40 + draw.uniform(5, 30) * math.cos(2 * math.pi * n / 9),
                    40 + draw.uniform(5, 30) * math.sin(2 * math.pi * n / 9),
                )
                for n in range(9)
            ]
            for _ in "ab"
        )
        if meets_somewhere(one) or meets_somewhere(two):
            continue
        both = either = 0
        for x, y in ((n + 0.5, m + 0.5) for n in range(80) for m in range(80)):
            first, second = holds(one, x, y), holds(two, x, y)
            both += first and second
            either += first or second
        assert iou_of_polygons(one, two) == pytest.approx(both / either, abs=0.03)


def test_a_horseshoe_shares_its_two_arms_and_not_what_lies_between() -> None:
    bar: Points = [(-5, 20), (40, 20), (40, 25), (-5, 25)]
    assert area(HORSESHOE) == 700
    assert shared_of_polygons(HORSESHOE, bar) == pytest.approx(100)
    assert shared_of_polygons(HORSESHOE, [(12, 12), (18, 12), (18, 28), (12, 28)]) == pytest.approx(0)


def test_polygons_that_only_touch_share_nothing() -> None:
    assert iou_of_polygons(SQUARE, [(x + 10, y) for x, y in SQUARE]) == 0
    assert iou_of_polygons(SQUARE, [(x + 50, y) for x, y in SQUARE]) == 0


def test_half_a_square_is_half_of_it() -> None:
    assert iou_of_polygons(SQUARE, SQUARE[:3]) == pytest.approx(0.5)
    assert signed_area(SQUARE) == -signed_area(SQUARE[::-1]) == 100


def test_two_thousand_corners_cost_no_digits() -> None:
    circle = [
        (500 + 400 * math.cos(2 * math.pi * n / 2000), 500 + 400 * math.sin(2 * math.pi * n / 2000))
        for n in range(2000)
    ]
    assert shared_of_polygons(circle, circle) == pytest.approx(area(circle), rel=1e-9)
    assert not crosses_itself(circle)


def test_shapes_too_small_for_an_area_are_still_equal_to_themselves() -> None:
    assert iou_of_boxes((1, 1, 1e-200, 1e-200), (1, 1, 1e-200, 1e-200)) == 1
    assert iou_of_boxes((1, 1, 1e-200, 1e-200), (2, 1, 1e-200, 1e-200)) == 0


@pytest.mark.parametrize(
    ("points", "crossing"),
    [
        (SQUARE, False),
        (HORSESHOE, False),
        ([(0, 0), (10, 10), (10, 0), (0, 10)], True),  # a bow-tie
        ([(0, 0), (10, 0), (10, 10), (5, 0)], True),  # a corner on an edge
        ([(0, 0), (4, 4), (8, 0), (8, 8), (4, 4), (0, 8)], True),  # a corner twice
        ([(0, 0), (10, 0), (5, 0)], True),  # all on one line
        ([(0, 0), (10, 0), (10, 10), (10, 4), (0, 4)], True),  # back along an edge
        ([(0, 0), (5, 0), (10, 0), (10, 10)], False),  # a corner in the middle of a side
        ([(0, 0), (10, 0), (10, 10), (0, 0)], False),  # closed by hand
        ([(0, 0), (0, 0), (10, 0), (10, 10)], False),  # clicked twice
        ([(0, 0), (10, 0)], True),
        ([(0, 0), (0, 0), (0, 0)], True),
        ([(0, 0), (10, 0), (10, 10), (5, 1e-9)], False),  # almost on an edge
        ([(0.1, 0.1), (0.3, 0.3), (0.7, 0.7), (0.2, 0.9)], False),
    ],
)
def test_crossings_that_are_known(points: Points, crossing: bool) -> None:  # noqa: FBT001 - the expectation
    turned = [(y, x) for x, y in points]
    assert [crosses_itself(p) for p in (points, points[::-1], turned)] == [crossing] * 3
    assert meets_somewhere(points) is crossing


@given(points=GRID)
def test_crossings_on_a_coarse_grid_are_those_of_every_pair_of_edges(points: Points) -> None:
    assert crosses_itself(points) is meets_somewhere(points)


@given(points=st.lists(st.tuples(SIDE, SIDE), min_size=3, max_size=8))
def test_crossings_anywhere_are_those_of_every_pair_of_edges(points: Points) -> None:
    assert crosses_itself(points) is meets_somewhere(points)


def test_a_turn_is_exact_where_floats_are_not() -> None:
    assert turn((0.1, 0.1), (0.2, 0.2), (0.3, 0.3)) == 0
    assert turn((0.5, 0.5), (12.0, 12.0), (24.0, math.nextafter(24.0, 25))) == 1
    assert turn((0.5, 0.5), (12.0, 12.0), (24.0, math.nextafter(24.0, 23))) == -1
