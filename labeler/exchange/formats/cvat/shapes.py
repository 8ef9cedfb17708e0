"""One shape of CVAT, made a box or an outline, or refused with its kind."""

import math
from typing import TYPE_CHECKING

from labeler.errors import Invalid
from labeler.exchange.parsing import coordinates
from labeler.exchange.parsing.coordinates import Placed, Size
from labeler.exchange.parsing.objects import checked_label
from labeler.exchange.parsing.xml_files import number_of
from labeler.messages import Message

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

TAG = "tag"
TURNED = Message("a turned box")
KINDS = {
    TAG: Message("a tag of the picture"),
    "box": Message("a box"),
    "polygon": Message("an outline"),
    "polyline": Message("a line"),
    "points": Message("points"),
    "ellipse": Message("an ellipse"),
    "cuboid": Message("a cuboid"),
    "skeleton": Message("a skeleton"),
    "mask": Message("a mask"),
}
_RIGHT_ANGLE = 90
Corners = list[tuple[float, float]]


def placed_shape(element: "Element", *, size: Size, shape: str, most: int) -> Placed:
    """Return a shape as an object of a value. shape: what the project asks for; most: characters of a class name.

    Raises Invalid where it cannot be held.
    """
    if element.tag not in ("box", "polygon"):
        raise Invalid("{what}, which is neither a box nor an outline", what=KINDS[element.tag])
    label = checked_label(element.get("label"), most)
    turn = number_of(element.get("rotation") or "0")
    corners = _turned(_box(element), turn) if element.tag == "box" else _points(element.get("points") or "")
    if shape == "polygons":
        return coordinates.polygon(label, corners, size)
    if turn % _RIGHT_ANGLE:
        raise Invalid("{what}, which is no upright one", what=TURNED)
    return coordinates.box_around(label, corners, size)


def _box(element: "Element") -> Corners:
    left, top, right, bottom = (_side(element, name) for name in ("xtl", "ytl", "xbr", "ybr"))
    if right <= left or bottom <= top:
        raise Invalid("a box has no width or no height")
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _side(element: "Element", name: str) -> float:
    written = element.get(name)
    if not written:
        raise Invalid("{what} is missing", what=name)
    return number_of(written)


def _turned(corners: Corners, degrees: float) -> Corners:
    """Return corners turned clockwise around their middle."""
    if not degrees % 360:
        return corners
    x, y, width, height = coordinates.bounds(corners)
    across, down = x + width / 2, y + height / 2
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [
        (across + (a - across) * cos - (b - down) * sin, down + (a - across) * sin + (b - down) * cos)
        for a, b in corners
    ]


def _points(written: str) -> Corners:
    pairs = [pair.split(",") for pair in written.split(";") if pair.strip()]
    if not pairs or any(len(pair) != 2 for pair in pairs):  # noqa: PLR2004 - x and y
        raise Invalid("the points of an outline must be x,y;x,y;…")
    return [(number_of(x), number_of(y)) for x, y in pairs]
