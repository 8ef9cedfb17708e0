"""Boxes: upright rectangles, each with a class. What several annotators drew around one thing stands at its median.

Note on the numbers: they stay as they were given (whole or not), and only comparing makes them floats.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from labeler.errors import Invalid
from labeler.messages import Message
from labeler.task_types.base import Content, Example, TaskConfig, Words
from labeler.task_types.geometry import bounds_of_box, iou_of_boxes, weighted_median
from labeler.task_types.listed_parts import EACH_THING, each_label, given_list
from labeler.task_types.matching import Drawn, Overlap
from labeler.task_types.objects import Objects, as_floats, check_within, checked_number, in_pixels

SIDES = ("x", "y", "width", "height")
ONE = {"label": "cat", "x": 12, "y": 8.5, "width": 100, "height": 60.25}
_BOX = Message("The box")


def _but(**changed: Any) -> dict[str, Any]:
    return {"boxes": [ONE | changed]}


class Boxes(Objects):
    """{"boxes": [{"label", "x", "y", "width", "height"}]}; the empty list is an answer."""

    name = "boxes"
    title: str = Message("Boxes")
    words = Words(
        choice=Message("Boxes around things in a picture"),
        question=Message("Draw a box around each object."),
        compared=EACH_THING,
    )
    judged_by = "regions"
    shape = "boxes"
    called = "bbox"
    part_fields = frozenset({"label", *SIDES})
    example = Example(
        config=TaskConfig(classes=("cat", "dog")),
        content=Content(width=640, height=480),
        value={"boxes": [ONE, {"label": "dog", "x": 300.5, "y": 200, "width": 339.5, "height": 280}]},
        garbage=(
            None,
            [],
            {},
            ONE,
            {"boxes": None},
            {"boxes": [None]},
            {"boxes": [[12, 8, 100, 60]]},
            {"boxes": [ONE], "extra": 1},
            {"boxes": [{"label": "cat", "x": 1, "y": 1, "width": 5}]},
            {"boxes": [ONE] * 1_001},
            _but(label="lion"),
            _but(label=None),
            _but(extra=1),
            _but(width=0),
            _but(height=-3),
            _but(x=-0.1),
            _but(x=True),
            _but(y="8"),
            _but(width=float("nan")),
            _but(height=float("inf")),
            _but(y=10**400),
            _but(width=628.5),
            _but(height=480),
        ),
    )

    def check_place(self, part: Mapping[str, Any], name_of_field: str, content: Content) -> None:
        """Accept a box with a size that lies inside the picture."""
        x, y, width, height = (checked_number(part[side], f"{name_of_field}.{side}") for side in SIDES)
        for side, long, start, size in (("width", width, x, content.width), ("height", height, y, content.height)):
            if long <= 0:
                raise Invalid("The {side} of a box must be more than 0.", field=f"{name_of_field}.{side}", side=side)
            check_within(start, size, f"{name_of_field}.{'x' if side == 'width' else 'y'}", _BOX)
            check_within(start + long, size, f"{name_of_field}.{side}", _BOX)

    def place_in(self, part: Mapping[str, Any]) -> list[float]:
        """Return [x, y, width, height]."""
        return [part[side] for side in SIDES]

    def part_at(self, place: Any) -> dict[str, Any]:
        """Return the four numbers by name."""
        return dict(zip(SIDES, place, strict=True))

    def drawn(self, who: str, number: int, label: int, place: Any) -> Drawn:
        """Return the box with its bounds."""
        shape = tuple(as_floats(place))
        return Drawn(who, number, label, shape, bounds_of_box(shape), shape[2] * shape[3])

    def overlap(self, one: Any, two: Any) -> float:
        """Return intersection over union."""
        return iou_of_boxes(one, two)

    def middle(
        self, places: Sequence[Any], shapes: Sequence[Any], overlap: Overlap, weights: Sequence[float] | None = None
    ) -> list[float]:
        """Return the median of each number, which is inside the picture where every box is; whole ones as integers."""
        del places, overlap
        numbers = [weighted_median(column, weights or [1.0] * len(shapes)) for column in zip(*shapes, strict=True)]
        return [int(number) if number == int(number) else number for number in numbers]

    def spelled(self, given: Any) -> list[Any]:
        """Take the two parallel lists of an image folder's table, {"bbox": [[x, y, w, h]], "categories": […]}, too."""
        if not isinstance(given, dict):
            return [one for part in given_list(given) for one in each_label(in_pixels(part), "rectanglelabels")]
        places, names = given.get("bbox"), given.get("categories", given.get("category"))
        if not isinstance(places, list) or not isinstance(names, list) or len(places) != len(names):
            raise Invalid("bbox and categories must be two lists of the same length", field="label")
        if not all(isinstance(place, list) and len(place) == len(SIDES) for place in places):
            raise Invalid("each bbox must be [x, y, width, height]", field="label")
        return [{"label": name, **self.part_at(place)} for name, place in zip(names, places, strict=True)]
