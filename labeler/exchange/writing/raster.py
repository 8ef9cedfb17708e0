"""Outlines made pixels: a pixel belongs to an outline when its middle lies inside (by the even-odd rule)."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.bool_]


def covered(points: Sequence[Sequence[float]], width: int, height: int) -> Bits:
    """Return which pixels of a picture an outline covers: (height, width), True inside. points: [[x, y], …] in pixels.

    Along each row every edge switches from outside to inside or back, so the parity of the switches before a pixel
    says where it is.
    """
    switches = np.zeros((height, width + 1), np.uint8)
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
        low, high = min(y1, y2), max(y1, y2)
        rows = np.arange(max(math.ceil(low - 0.5), 0), min(math.ceil(high - 0.5), height))
        if not rows.size:
            continue
        crossings = x1 + (rows + 0.5 - y1) * ((x2 - x1) / (y2 - y1))
        columns = np.clip(np.ceil(crossings - 0.5), 0, width).astype(np.intp)
        switches[rows, columns] += 1  # each row once: no two switches of one edge meet
    inside = np.cumsum(switches, axis=1, dtype=np.uint8) & 1
    return inside[:, :width].astype(np.bool_)


def packed_runs(bits: Bits) -> str:
    """Return a mask in COCO's packed run lengths (`parsing/run_lengths.py` says how). bits: (height, width)."""
    flat = bits.T.ravel()
    ends = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate(([0], ends, [flat.size]))).tolist()
    if flat.size and flat[0]:
        runs.insert(0, 0)  # counts begin with pixels that are not covered
    before = [0, 0, 0, *runs[1:]]  # the first three stand for themselves, others are told by the one two places before
    return "".join(_packed(run - other) for run, other in zip(runs, before, strict=False))


def _packed(number: int) -> str:
    letters = []
    while True:
        bits = number & 0x1F
        number >>= 5
        more = number != (-1 if bits & 0x10 else 0)
        letters.append(chr(48 + bits + 0x20 * more))
        if not more:
            return "".join(letters)
