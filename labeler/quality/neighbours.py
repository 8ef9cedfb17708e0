"""The most similar items of each item, and which of them are nearly the same.

Similarity is the cosine in the dense space; sameness is the cosine of the fingerprints, asked only of the most
similar items and of identical contents, so that it costs N x 32 comparisons and not N x N.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.quality.dataset import Features, Matrix
from labeler.quality.features.sameness import DIFFERENT

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers, Singles, Truths

NEAREST = 32  # that vote; the first eight are shown
SHOWN = 8
CELLS = 4_000_000  # similarities held at once; with what sorting them takes, 64 MB


def nearest(space: Singles, count: int = NEAREST) -> tuple[Integers, Singles]:
    """Return N x count positions (-1 = none) and cosines, most similar first, never the item itself."""
    import numpy as np

    rows = len(space)
    places = np.full((rows, count), -1, dtype=np.int64)
    cosines = np.zeros((rows, count), dtype=np.float32)
    kept = min(count, rows - 1)
    if kept < 1 or not space.shape[1]:
        return places, cosines
    step = max(1, CELLS // rows)
    for begin in range(0, rows, step):
        part = space[begin : begin + step] @ space.T
        part[np.arange(len(part)), np.arange(begin, begin + len(part))] = -np.inf
        top = np.argpartition(-part, kept - 1, axis=1)[:, :kept]
        values = np.take_along_axis(part, top, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        places[begin : begin + step, :kept] = np.take_along_axis(top, order, axis=1)
        cosines[begin : begin + step, :kept] = np.clip(np.take_along_axis(values, order, axis=1), -1.0, 1.0)
    return places, cosines


def twins(features: Features, places: Integers) -> dict[int, dict[int, float]]:
    """Return for each item that has any: the nearly identical items and how alike they are (0..1), blank ones left out.

    Of many identical items each is tied to the first of them only.
    """
    import numpy as np

    found: dict[int, dict[int, float]] = {}
    own = np.arange(len(features.groups))
    alike = row_cosines(features.fingerprint, places)
    near = (alike >= features.same_from) & (places >= 0)
    if features.pieces is not None:
        near &= _hardly_differ(features.pieces, places, near)
    pairs = [(int(i), int(places[i, j]), float(alike[i, j])) for i, j in zip(*np.nonzero(near), strict=True)]
    pairs += [(int(i), int(features.groups[i]), 1.0) for i in np.flatnonzero(features.groups != own)]
    for one, other, cosine in pairs:
        if not (features.blank[one] or features.blank[other]):
            found.setdefault(one, {})[other] = min(1.0, cosine)
            found.setdefault(other, {})[one] = min(1.0, cosine)
    return found


def row_cosines(unit: Matrix, places: Integers) -> Floats:
    """Return N x M cosines between each row of N unit rows and the M rows at its places; 0 where the place is -1."""
    import numpy as np

    columns = []
    for column in places.T:
        product = unit.multiply(unit[column]) if hasattr(unit, "multiply") else unit * unit[column]
        columns.append(np.where(column >= 0, np.asarray(product.sum(axis=1)).ravel(), 0.0))
    return np.stack(columns, axis=1)


def _hardly_differ(counts: Matrix, places: Integers, asked: Truths) -> Truths:
    """Return N x M: whether the counts of each row and of the rows at its places differ by at most DIFFERENT in all.

    Only the pairs that are asked for are compared; the others give False.
    """
    import numpy as np

    close = np.zeros(places.shape, dtype=np.bool_)
    for column in range(places.shape[1]):
        rows = np.flatnonzero(asked[:, column])
        if len(rows):
            apart = abs(counts[rows] - counts[places[rows, column]]).sum(axis=1)
            close[rows, column] = np.asarray(apart).ravel() <= DIFFERENT
    return close
