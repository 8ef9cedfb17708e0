"""Polygons: closed outlines, each with a class. Of what several annotators drew around one thing, one outline stands.

That one is the medoid, the outline most like the others: corners of different outlines have no middle. A reader would
get wrong identity: the same area drawn from another first corner is another answer, though the two overlap fully.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from labeler.errors import Invalid
from labeler.messages import Message
from labeler.task_types.base import Content, Example, TaskConfig, Value, Words
from labeler.task_types.geometry import area, bounds_of_polygon, iou_of_polygons
from labeler.task_types.listed_parts import EACH_THING, each_label, given_list, listed
from labeler.task_types.matching import FINE, Drawn, Overlap
from labeler.task_types.objects import MOST_OBJECTS, Objects, as_floats, check_within, checked_number, in_pixels
from labeler.task_types.outline import crosses_itself

FEWEST_CORNERS = 3
WHOLE = 1_000_000  # weights are compared in millionths, so that rounding decides nothing
MOST_CORNERS = 2_000  # of one polygon
MOST_IN_ALL = 20_000  # corners of one answer, so that checking and matching it stays quick
ROOF = [[10, 100], [60.5, 20], [110, 100], [60, 70]]
_CORNER = Message("The corner")


def _but(*points: Any) -> Value:
    return {"polygons": [{"label": "cat", "points": list(points)}]}


class Polygons(Objects):
    """{"polygons": [{"label", "points": [[x, y], …]}]}, the last corner joined to the first; none is an answer."""

    name = "polygons"
    title: str = Message("Polygons")
    words = Words(
        choice=Message("Polygons around things in a picture"),
        question=Message("Outline each object."),
        compared=EACH_THING,
    )
    judged_by = "regions"
    shape = "polygons"
    called = "segmentation"
    part_fields = frozenset({"label", "points"})
    example = Example(
        config=TaskConfig(classes=("cat", "dog")),
        content=Content(width=640, height=480),
        value={
            "polygons": [
                {"label": "dog", "points": ROOF},
                {"label": "cat", "points": [[300, 200], [640, 200], [640, 480]]},
            ]
        },
        garbage=(
            None,
            [],
            {},
            {"polygons": {}},
            {"polygons": [ROOF]},
            {"polygons": [], "extra": 1},
            {"polygons": [{"label": "lion", "points": ROOF}]},
            {"polygons": [{"label": "cat"}]},
            {"polygons": [{"label": "cat", "points": None}]},
            _but(),
            _but(*ROOF[:2]),
            _but(*ROOF[:2], ROOF[0]),
            _but([0, 0], [5, 5], [10, 10]),
            _but([0, 0], [10, 10], [10, 0], [0, 10]),
            _but([0, 0], [10, 0], [10, 10], [5, 0]),
            _but([0, 0], [641, 0], [0, 10]),
            _but([0, 0], [10, 0], [0, -1]),
            _but([0, 0], [10, 0], [0, 481]),
            _but([0, 0], [10, 0], [0, float("nan")]),
            _but([0, 0], [10, 0], [True, 9]),
            _but([0, 0], [10, 0], [1, 2, 3]),
            _but([0, 0], [10, 0], "ab"),
            _but(*([n / 10, n % 2] for n in range(2_001))),
        ),
    )

    def check_value(self, value: Any, config: TaskConfig, content: Content) -> Value:
        """Accept {"polygons": [objects]}, first making sure that there are not too many corners to look at."""
        parts = listed(value, self.shape, MOST_OBJECTS)
        outlines = [part.get("points") for part in parts if isinstance(part, dict)]
        corners = sum(len(points) for points in outlines if isinstance(points, list))
        if corners > MOST_IN_ALL:
            raise Invalid(
                "An answer may hold {most:,} corners; this one has {corners:,}.",
                field=self.shape,
                most=MOST_IN_ALL,
                corners=corners,
            )
        return super().check_value(value, config, content)

    def check_place(self, part: Mapping[str, Any], name_of_field: str, content: Content) -> None:
        """Accept an outline inside the picture that has an area and does not meet itself."""
        points, name = part["points"], f"{name_of_field}.points"
        if not isinstance(points, list):
            raise Invalid("The points must be a list of [x, y].", field=name)
        if len(points) > MOST_CORNERS:
            raise Invalid(
                "A polygon may have {most:,} corners; this has {count:,}.",
                field=name,
                most=MOST_CORNERS,
                count=len(points),
            )
        for number, point in enumerate(points):
            _check_corner(point, f"{name}.{number}", content)
        if len({(x, y) for x, y in points}) < FEWEST_CORNERS:
            raise Invalid("A polygon needs three corners in different places.", field=name)
        if area(points) <= 0 or crosses_itself(points):
            raise Invalid("The outline crosses or touches itself; move or remove a corner.", field=name)

    def place_in(self, part: Mapping[str, Any]) -> list[list[float]]:
        """Return the corners."""
        return [list(point) for point in part["points"]]

    def part_at(self, place: Any) -> dict[str, Any]:
        """Return the corners by name."""
        return {"points": place}

    def drawn(self, who: str, number: int, label: int, place: Any) -> Drawn:
        """Return the outline with its bounds and area."""
        shape = tuple(tuple(as_floats(point)) for point in place)
        return Drawn(who, number, label, shape, bounds_of_polygon(shape), area(shape))

    def overlap(self, one: Any, two: Any) -> float:
        """Return intersection over union."""
        return iou_of_polygons(one, two)

    def middle(
        self, places: Sequence[Any], shapes: Sequence[Any], overlap: Overlap, weights: Sequence[float] | None = None
    ) -> Any:
        """Return the outline with the largest mean overlap with the others; of equals the first by its corners.

        Of two the one with the larger weight.
        """
        counts = [round(weight * WHOLE) for weight in weights or [1.0] * len(shapes)]
        likeness = list(counts) if len(shapes) == 2 else [0] * len(shapes)  # noqa: PLR2004 - equally like each other
        for one in range(len(shapes)):
            for two in range(one if len(shapes) > 2 else 0):  # noqa: PLR2004
                measured = round(overlap(shapes[one], shapes[two]) * FINE)
                likeness[one] += counts[two] * measured
                likeness[two] += counts[one] * measured
        return places[min(range(len(shapes)), key=lambda number: (-likeness[number], shapes[number]))]

    def spelled(self, given: Any) -> list[Any]:
        """Take corners in one flat list as well."""
        return [_outline(one) for part in given_list(given) for one in each_label(in_pixels(part), "polygonlabels")]


def _check_corner(point: Any, name_of_field: str, content: Content) -> None:
    if not isinstance(point, list) or len(point) != 2:  # noqa: PLR2004 - x and y
        raise Invalid("A point must be [x, y].", field=name_of_field)
    for number, size in zip(point, (content.width, content.height), strict=True):
        check_within(checked_number(number, name_of_field), size, name_of_field, _CORNER)


def _outline(given: Any) -> Any:
    points = given.get("points") if isinstance(given, dict) else None
    if isinstance(points, list) and points and not isinstance(points[0], list) and len(points) % 2 == 0:
        return {**given, "points": [list(pair) for pair in zip(points[::2], points[1::2], strict=True)]}
    return given
