"""How a picture looks as a whole: how light it is, how far its greys reach, how steep its edges are, its size.

Taken while a picture is open anyway, from the histograms of its greys and of their edges, so that it costs little.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from labeler.quality.dataset import Looks

if TYPE_CHECKING:
    from PIL import Image

LONGEST = 200  # pixels of the longer edge of the copy that edges are looked for in
ENDS = 0.02  # share of the pixels beyond the dark and the bright end, so that a few of another kind do not count
EDGES = 0.005  # share of the pixels that the steepest edges are
_GREYS = 256


LEAST_REACH = 32  # greys that edges are measured in
SMALLEST = 8  # pixels of an edge of a picture


def unseen(count: int) -> Looks:
    """Return the looks of pictures that nobody has seen yet."""
    import numpy as np

    dark, bright, reach, sharpness = np.full((4, count), np.nan)
    width, height = np.zeros((2, count), np.int64)
    return Looks(dark, bright, reach, sharpness, width, height)


def see(looks: Looks, place: int, image: Image.Image, size: tuple[int, int]) -> None:
    """Note how a picture in RGB looks; size: of the file, which may have been read smaller."""
    looks.width[place], looks.height[place] = size
    grey = image.convert("L")
    if max(grey.size) > LONGEST:
        grey = grey.reduce(-(-max(grey.size) // LONGEST))
    dark, low, high, bright = _within(grey.histogram(), (ENDS, EDGES, 1 - EDGES, 1 - ENDS))
    looks.dark[place], looks.bright[place], looks.reach[place] = dark, bright, high - low
    if high - low < LEAST_REACH:
        looks.reach[place] = _reach_of_colours(image)  # two colours may be one grey
    elif min(grey.size) >= SMALLEST:
        (steepest,) = _within(_edges(grey), (1 - EDGES,))
        looks.sharpness[place] = steepest / (high - low)


def _within(counts: Sequence[int], shares: Sequence[float]) -> list[int]:
    """Return for each share the grey up to which that share of the pixels lies."""
    sums = list(accumulate(counts))
    return [bisect_left(sums, share * sums[-1]) for share in shares]


def _reach_of_colours(image: Image.Image) -> int:
    """Return how far the colour that goes farthest goes, without the utmost 1 %."""
    counts = image.histogram()
    ends = (_within(counts[begin : begin + _GREYS], (EDGES, 1 - EDGES)) for begin in range(0, len(counts), _GREYS))
    return max(high - low for low, high in ends)


def _edges(grey: Image.Image) -> list[int]:
    """Return how often each steepness occurs: how far a pixel lies above the mean of its eight neighbours, times 8."""
    from PIL import ImageFilter

    wide, high = grey.size
    inside = (1, 1, wide - 1, high - 1)  # the filter leaves the outermost pixels as they are
    return grey.filter(ImageFilter.FIND_EDGES).crop(inside).histogram()
