"""Masks in run lengths (RLE) as COCO has them: counts, column by column, of pixels that are not covered, then that are.

They are a list of numbers or, compressed, a text: each number in groups of five bits from the lowest up, where the
sixth says that more follow and 48 is added to make a character; from the fourth on a number is the difference to the
one two places before it.

Note: what a mask says is not believed until its size is that of its picture and its counts fill
exactly that; before, nothing is made of it. An outline has no hole, so holes are filled and counted.
"""

from array import array
from typing import Any, NamedTuple

from labeler.errors import Invalid
from labeler.exchange.parsing.coordinates import Size
from labeler.messages import Message

MOST_CORNERS = 2_000
_TOLERANCES = (0.01, 0.5, 1.0)  # pixels; the first only takes away corners that draw nothing
_ZERO, _BITS, _MORE, _SIGN = 48, 5, 0x20, 0x10
_LONGEST = 7  # groups of a number; more would pass any picture
Corners = list[tuple[float, float]]


HOLES = Message("a hole in a mask, which an outline cannot have; it was filled")


class RunLengths(NamedTuple):
    """A mask as it is written. runs: the numbers, or the text that stands for them."""

    height: int
    width: int
    runs: "array[int] | str"


def run_lengths(given: dict[str, Any]) -> RunLengths:
    """Return {"size": [height, width], "counts": …}; raises Invalid where it is none."""
    size, runs = given.get("size"), given.get("counts")
    sides = [side for side in size if type(side) is int] if isinstance(size, list) else []
    if len(sides) != 2 or sides != size or not isinstance(runs, str | list):  # noqa: PLR2004 - height and width
        raise Invalid("a mask must be a size [height, width] and counts")
    try:
        return RunLengths(sides[0], sides[1], runs if isinstance(runs, str) else array("Q", runs))
    except (TypeError, ValueError, OverflowError) as error:
        raise Invalid("a mask has a count that is no whole number of pixels") from error


def outlines_of(mask: RunLengths, size: Size) -> tuple[list[Corners], int]:
    """Return the outlines of the pieces of a mask, in pixels, and how many holes were filled.

    Raises Invalid where the mask is not of a picture of this size or covers nothing.
    """
    return outlines_in(_pixels(mask, size))


def box_of(mask: RunLengths, size: Size) -> tuple[float, float, float, float]:
    """Return (x, y, width, height) of the box around what a mask covers, in pixels; raises Invalid as `outlines_of`."""
    import numpy as np

    pixels = _pixels(mask, size)
    across, down = np.flatnonzero(pixels.any(axis=0)), np.flatnonzero(pixels.any(axis=1))
    left, top = int(across[0]), int(down[0])
    return left, top, int(across[-1]) + 1 - left, int(down[-1]) + 1 - top


def outlines_in(pixels: Any) -> tuple[list[Corners], int]:
    """Return the outlines of the pieces of a mask, and how many holes were filled. pixels: (height, width), 0 outside.

    Of a piece that has too many corners some are left out, each at most a pixel from the line.
    """
    import numpy as np
    from skimage.measure import approximate_polygon, find_contours

    found: list[Corners] = []
    holes = 0
    padded = np.pad(pixels, 1).astype(np.float64)
    for line in find_contours(padded, 0.5):  # type: ignore[no-untyped-call]
        across, down = line[:, 1] - 0.5, line[:, 0] - 0.5  # from middles of pixels of a padded mask to sides of pixels
        if np.dot(across[:-1], np.diff(down)) - np.dot(down[:-1], np.diff(across)) < 0:
            holes += 1
            continue
        corners = np.stack((across, down), axis=1)
        for tolerance in _TOLERANCES:
            corners = approximate_polygon(corners, tolerance)  # type: ignore[no-untyped-call]
            if len(corners) <= MOST_CORNERS:
                break
        found.append([(float(x), float(y)) for x, y in corners[:-1]])
    return found, holes


def _pixels(mask: RunLengths, size: Size) -> Any:
    import numpy as np

    if (mask.width, mask.height) != size:
        said = f"{mask.width} x {mask.height}"
        raise Invalid(
            "the picture is {width} x {height}, but a mask of it is {said}",
            width=size.width,
            height=size.height,
            said=said[:40],
        )
    runs = _uncompressed(mask.runs) if isinstance(mask.runs, str) else mask.runs
    if sum(runs) != size.width * size.height:
        raise Invalid("the counts of a mask do not fill its picture")
    if not any(runs[1::2]):
        raise Invalid("a mask covers nothing")
    values = np.arange(len(runs)) % 2
    return np.repeat(values, np.asarray(runs, np.int64)).reshape(size.width, size.height).T


def _uncompressed(text: str) -> list[int]:
    """Return the numbers that a text stands for; raises Invalid where it stands for none."""
    numbers: list[int] = []
    value = groups = 0
    for character in text:
        bits = ord(character) - _ZERO
        if not 0 <= bits < 2 * _MORE or groups >= _LONGEST:
            raise Invalid("the counts of a mask are no run lengths of COCO")
        value |= (bits & (_MORE - 1)) << (_BITS * groups)
        groups += 1
        if bits & _MORE:
            continue
        if bits & _SIGN:
            value -= 1 << (_BITS * groups)
        if len(numbers) > 2:  # noqa: PLR2004 - the first three stand for themselves
            value += numbers[-2]
        if value < 0:
            raise Invalid("the counts of a mask are no run lengths of COCO")
        numbers.append(value)
        value = groups = 0
    if groups:
        raise Invalid("the counts of a mask are no run lengths of COCO")
    return numbers
