"""How a picture looks as a whole: how light it is, how far its greys reach, how steep its edges are, its size.

Taken while a picture is open anyway, from the histograms of its greys and of their edges, so that it costs little.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from math import nan
from typing import TYPE_CHECKING, NamedTuple

from labeler.quality.dataset import Looks

if TYPE_CHECKING:
    from PIL import Image

    from labeler.quality.dataset import Integers, Singles

LONGEST = 200  # pixels of the longer edge of the copy that edges are looked for in
ENDS = 0.02  # share of the pixels beyond the dark and the bright end, so that a few of another kind do not count
EDGES = 0.005  # share of the pixels that the steepest edges are
GREYS = 4  # numbers of a look
_GREYS = 256
LEAST_REACH = 32  # greys that edges are measured in
SMALLEST = 8  # pixels of an edge of a picture


class Look(NamedTuple):
    """How one picture looks. greys: dark, bright, reach and sharpness of `Looks`; size: of the file."""

    greys: tuple[float, float, float, float]
    size: tuple[int, int]


UNSEEN = Look((nan, nan, nan, nan), (0, 0))


def of(greys: Singles, size: Integers) -> Looks:
    """Return the looks of N pictures from the parts of each: N x GREYS, N x 2."""
    import numpy as np

    dark, bright, reach, sharpness = greys.astype(np.float64).T
    return Looks(dark, bright, reach, sharpness, size[:, 0], size[:, 1])


def see(image: Image.Image, size: tuple[int, int]) -> Look:
    """Return how a picture in RGB looks; size: of the file, which may have been read smaller."""
    grey = image.convert("L")
    if max(grey.size) > LONGEST:
        grey = grey.reduce(-(-max(grey.size) // LONGEST))
    dark, low, high, bright = _within(grey.histogram(), (ENDS, EDGES, 1 - EDGES, 1 - ENDS))
    reach, sharpness = high - low, nan
    if reach < LEAST_REACH:
        reach = _reach_of_colours(image)  # two colours may be one grey
    elif min(grey.size) >= SMALLEST:
        (steepest,) = _within(_edges(grey), (1 - EDGES,))
        sharpness = steepest / reach
    return Look((dark, bright, reach, sharpness), size)


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
