"""Coordinates from other tools, made pixels of the upright original: measured, clipped, refused.

Note: what lies outside the picture is clipped, not refused, because most tools draw a little
past the edge; the item's metadata says how many of its objects were clipped (`CLIPPED`), unless it was by less than the
rounding of the file's own numbers. What has nothing left inside is refused. Three corners may still cross each other:
the task type says so when the row is stored.
"""

import io
import struct
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from labeler.errors import Invalid
from labeler.exchange.parsing import object_details
from labeler.exchange.sources import ImageLoader
from labeler.messages import Message

if TYPE_CHECKING:
    from PIL import Image

CLIPPED = "clipped_objects"
OUTLINE = Message("the outline of an object, of which a boxes project takes the box")
MEASURED = frozenset(("boxes", "polygons"))
"""The shapes whose places are pixels of a picture."""
LIMIT = 1e9
SAME = 0.5  # pixels by which the outline of a box may differ from it
ROUNDING = 0.05  # pixels
_EXIF_ORIENTATION = 0x0112
_TURNED = frozenset((5, 6, 7, 8))
_PNG_EXIF = (b"eXIf", b"XML:com.adobe.xmp", b"Raw profile type")
_UNREADABLE = (
    OSError,
    ValueError,
    TypeError,
    SyntaxError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    Warning,
)
_FEWEST_CORNERS = 3


class Size(NamedTuple):
    """Of an upright picture, in pixels."""

    width: int
    height: int


class Placed(NamedTuple):
    """One object of a value. clipped: whether more than rounding was cut off; detail: what else a file says of it.

    drawn: whether it is the box of an outline that is no box, which nobody asks for.
    """

    part: dict[str, Any]
    clipped: bool
    detail: Mapping[str, Any] = MappingProxyType({})
    drawn: bool = False


def picture_size(loader: ImageLoader) -> Size:
    """Return the size of a picture from its header, with its EXIF orientation; raises Invalid when it has none."""
    from PIL import Image

    data = loader()
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
            return Size(height, width) if _is_turned(image, data) else Size(width, height)
    except Image.DecompressionBombError as error:
        raise Invalid("the picture has too many pixels") from error
    except _UNREADABLE as error:
        raise Invalid("the picture cannot be read, so nothing says how large it is") from error


def _is_turned(image: "Image.Image", data: bytes) -> bool:
    """Say whether the upright picture is as wide as the stored one is high."""
    if image.format == "TIFF":
        return False  # Pillow says the turned size of a TIFF from the start
    if image.format == "PNG" and not any(mark in data for mark in _PNG_EXIF):
        return False  # to be sure of that by itself Pillow would decode the whole picture
    try:
        return image.getexif().get(_EXIF_ORIENTATION) in _TURNED
    except _UNREADABLE:
        return False  # as where pictures are stored: damaged EXIF says nothing about the pixels


def number(given: Any, what: str) -> float:
    """Return a finite number that is no bool; raises Invalid naming what it should be."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) <= LIMIT:
        raise Invalid("{what} is not a number", what=what)
    return given


def box(label: str, sides: Sequence[float], size: Size) -> Placed:
    """Return a box from (x, y, width, height) in pixels, clipped to the picture; raises Invalid where that is none."""
    x, y, width, height = sides
    if width <= 0 or height <= 0:
        raise Invalid("a box has no width or no height")
    left, top = max(x, 0.0), max(y, 0.0)
    right, bottom = min(x + width, size.width), min(y + height, size.height)
    if right <= left or bottom <= top:
        raise Invalid("a box lies outside the picture")
    beyond = max(left - x, top - y, x + width - right, y + height - bottom)
    kept = (x, y, width, height) if beyond <= 0 else (left, top, right - left, bottom - top)
    names = ("x", "y", "width", "height")
    sized = dict(zip(names, map(tidy, kept), strict=True))
    if sized["width"] <= 0 or sized["height"] <= 0:
        raise Invalid("a box has no width or no height")
    return Placed({"label": label, **sized}, beyond > ROUNDING)


def polygon(label: str, corners: Sequence[Sequence[float]], size: Size) -> Placed:
    """Return a polygon from [[x, y], …] in pixels, its corners moved into the picture; raises Invalid.

    A corner that repeats the one before it, or at the end the first one, is left out: it draws nothing.
    """
    moved = [[min(max(x, 0.0), size.width), min(max(y, 0.0), size.height)] for x, y in corners]
    beyond = max(
        (abs(a - b) for one, two in zip(corners, moved, strict=True) for a, b in zip(one, two, strict=True)), default=0
    )
    points = [[tidy(x), tidy(y)] for x, y in moved]
    kept = [point for before, point in zip([None, *points], points, strict=False) if point != before]
    if len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    if len(kept) < _FEWEST_CORNERS:
        raise Invalid("a polygon has fewer than three corners in the picture")
    return Placed({"label": label, "points": kept}, beyond > ROUNDING)


def bounds(corners: Sequence[Sequence[float]]) -> tuple[float, float, float, float]:
    """Return (x, y, width, height) of the box around corners."""
    across, down = [x for x, _ in corners], [y for _, y in corners]
    return min(across), min(down), max(across) - min(across), max(down) - min(down)


def box_around(label: str, corners: Sequence[Sequence[float]], size: Size) -> Placed:
    """Return the box around an outline, which itself is not asked for; raises Invalid as `box`."""
    sides = bounds(corners)
    return box(label, sides, size)._replace(drawn=not is_outline_of(corners, sides))


def is_outline_of(corners: Sequence[Sequence[float]], sides: Sequence[float]) -> bool:
    """Say whether an outline is that of a box, but for half a pixel. sides: x, y, width, height of the box."""
    x, y, width, height = sides
    upright = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    return len(corners) == len(upright) and all(
        any(abs(a - c) <= SAME and abs(b - d) <= SAME for c, d in upright) for a, b in corners
    )


def pairs(flat: Sequence[float]) -> list[tuple[float, float]]:
    """Return [x1, y1, x2, y2, …] as corners."""
    return list(zip(flat[::2], flat[1::2], strict=True))


def value_from(shape: str, placed: Sequence[Placed]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the value made of objects, and as metadata how many were clipped and what else is said of them."""
    clipped = sum(one.clipped for one in placed)
    metadata = {CLIPPED: clipped} if clipped else {}
    return {shape: [one.part for one in placed]}, {**metadata, **object_details.told([one.detail for one in placed])}


def tidy(pixels: float) -> float:
    """Return a coordinate to the ten-millionth of a pixel, whole ones as integers: no dust of percents and shares."""
    rounded = round(pixels, 7)
    return int(rounded) if rounded == int(rounded) else rounded
