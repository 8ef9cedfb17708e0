"""One shape of LabelMe, made a box or an outline, or refused with its kind."""

from typing import Any

from labeler.errors import Invalid
from labeler.exchange.parsing import coordinates
from labeler.exchange.parsing.coordinates import Placed, Size
from labeler.exchange.parsing.objects import checked_label
from labeler.messages import Message

_OUTLINE, _BOX = "polygon", "rectangle"
_KINDS = {
    "circle": Message("a circle"),
    "line": Message("a line"),
    "linestrip": Message("a line"),
    "point": Message("a point"),
    "points": Message("points"),
    "mask": Message("a mask"),
    "rotation": Message("a turned box"),
}
_OTHER = Message("a shape of an unknown kind")
_TWO = 2


def placed_shape(given: Any, *, size: Size, shape: str, most: int) -> Placed:
    """Return a shape as an object of a value. shape: what the project asks for; most: characters of a class name.

    Raises Invalid where it cannot be held.
    """
    if not isinstance(given, dict):
        raise Invalid("a shape is no object")
    kind = given.get("shape_type") or _OUTLINE  # the oldest files know nothing else
    if kind not in (_OUTLINE, _BOX):
        what = _KINDS.get(kind, _OTHER) if isinstance(kind, str) else _OTHER
        raise Invalid("{what}, which is neither a box nor an outline", what=what)
    label = checked_label(given.get("label"), most)
    corners = _corners(given.get("points"))
    if shape == "polygons" and kind == _OUTLINE:
        return coordinates.polygon(label, corners, size)
    if len(corners) < _TWO:
        raise Invalid("a shape has too few points")
    x, y, width, height = coordinates.bounds(corners)
    if shape == "boxes" and kind == _OUTLINE:
        return coordinates.box_around(label, corners, size)
    if shape == "boxes":
        return coordinates.box(label, (x, y, width, height), size)
    upright = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return coordinates.polygon(label, upright, size)


def _corners(points: Any) -> list[tuple[float, float]]:
    if not isinstance(points, list):
        raise Invalid("a shape has no list of points")
    corners = []
    for point in points:
        if not isinstance(point, list) or len(point) != _TWO:
            raise Invalid("a point must be [x, y]")
        corners.append((coordinates.number(point[0], "x"), coordinates.number(point[1], "y")))
    return corners
