"""The most similar items of each item, and which of them are nearly the same.

Similarity is the cosine in the dense space; sameness is the cosine of the fingerprints, asked only of the most
similar items and of identical contents, so that it costs N x 12 comparisons and not N x N.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from labeler.quality.dataset import Features, Matrix
from labeler.quality.features.sameness import DIFFERENT

if TYPE_CHECKING:
    from labeler.quality.dataset import Floats, Integers, Singles, Truths

NEAREST = 32  # that vote; the first eight are shown
SHOWN = 8
ASKED = 12  # of them, whether they are nearly the same: of 8,400 planted near-duplicates all were among the first eight
CELLS = 4_000_000  # similarities held at once; with what sorting them takes, 64 MB
EXACT = 10_000  # items up to which each is compared with every other; the costs grow with the square
NEAR_GROUPS = 16  # that an item of a larger set is compared with, of about the square root of N
MEETINGS = 6  # rounds in which the middles of the groups find their place
SAMPLE = 40  # items a group from which the middles are found


def nearest(space: Singles, count: int = NEAREST) -> tuple[Integers, Singles]:
    """Return N x count positions (-1 = none) and cosines, most similar first, never the item itself.

    Of more than EXACT items each is compared with those of the groups whose middles are nearest to its own group's
    (an inverted file: Jegou, Douze, Schmid 2011): few of its nearest are missed, and those not the very nearest.
    """
    import numpy as np

    rows = len(space)
    places = np.full((rows, count), -1, dtype=np.int64)
    cosines = np.zeros((rows, count), dtype=np.float32)
    kept = min(count, rows - 1)
    if kept < 1 or not space.shape[1]:
        return places, cosines
    for asking, others in _comparisons(space, kept):
        compared = space[others].T
        step = max(1, CELLS // len(others))
        for begin in range(0, len(asking), step):
            part = asking[begin : begin + step]
            found, alike = _best(space[part] @ compared, np.searchsorted(others, part), kept)
            places[part, :kept], cosines[part, :kept] = others[found], alike
    return places, cosines


def _best(alike: Singles, own: Integers, kept: int) -> tuple[Integers, Singles]:
    """Return the columns of the largest of each row and their values, the largest first; own: each row's own column."""
    import numpy as np

    alike[np.arange(len(alike)), own] = -np.inf
    top = np.argpartition(-alike, kept - 1, axis=1)[:, :kept]
    values = np.take_along_axis(alike, top, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    return np.take_along_axis(top, order, axis=1), np.clip(np.take_along_axis(values, order, axis=1), -1.0, 1.0)


def _comparisons(space: Singles, kept: int) -> Iterator[tuple[Integers, Integers]]:
    """Yield positions that are asked about, each once, with those they are compared with: sorted, more than `kept`."""
    import numpy as np

    rows = len(space)
    if rows <= EXACT:
        everything = np.arange(rows)
        yield everything, everything
        return
    middles = _middles(space, round(rows**0.5))
    group = _group(space, middles)
    members = np.split(np.argsort(group, kind="stable"), np.cumsum(np.bincount(group, minlength=len(middles)))[:-1])
    sizes = np.array([len(own) for own in members])
    order = np.argsort(-(middles @ middles.T), axis=1, kind="stable")
    for number, own in enumerate(members):
        if not len(own):
            continue
        near = [number, *(other for other in order[number] if other != number)]
        enough = int(np.searchsorted(np.cumsum(sizes[near]), kept + 1)) + 1
        chosen = near[: max(NEAR_GROUPS, enough)]
        yield own, np.sort(np.concatenate([members[one] for one in chosen]))


def _middles(space: Singles, count: int) -> Singles:
    """Return count x D middles of groups of unit rows, by k-means on the sphere over a sample (Dhillon, Modha 2001)."""
    import numpy as np

    random = np.random.default_rng(0)  # the same set has the same neighbours, whatever else is drawn
    sample = space[random.choice(len(space), min(len(space), SAMPLE * count), replace=False)]
    middles = sample[:count].copy()
    for _ in range(MEETINGS):
        group = _group(sample, middles)
        sums = np.zeros_like(middles)
        np.add.at(sums, group, sample)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        middles = np.where(lengths > 0, sums / np.maximum(lengths, 1e-12), middles).astype(np.float32)
    return middles


def _group(space: Singles, middles: Singles) -> Integers:
    """Return the position of the nearest middle of each row."""
    import numpy as np

    step = max(1, CELLS // len(middles))
    parts = [(space[begin : begin + step] @ middles.T).argmax(axis=1) for begin in range(0, len(space), step)]
    return np.concatenate(parts)


def twins(features: Features, places: Integers) -> dict[int, dict[int, float]]:
    """Return for each item that has any: the nearly identical items and how alike they are (0..1), blank ones left out.

    Of many identical items each is tied to the first of them only.
    """
    import numpy as np

    found: dict[int, dict[int, float]] = {}
    own, places = np.arange(len(features.groups)), places[:, :ASKED]
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
