"""Pages of look-alikes: items that a model gives one class and that lie close together, for the bulk grid.

Each class is halved along its widest direction until a part is small enough to compare every item in it with every
other (principal direction divisive partitioning: Boley 1998); within a part the item with the closest company takes its
nearest still free ones, page by page. So the first pages hold what surely belongs together and the last ones what was
left over, and the numbers say so: page 0 is the densest of all. Note: these are not clusters
that exist in the data. They are pages of one size, so that one key answers as many items as a screen can show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labeler.quality.folds import one_thread

if TYPE_CHECKING:
    from labeler.quality.dataset import Features, Floats, Integers, Singles

A_PAGE = {"image": 30, "text": 12}  # items a page: what one screen can show
PART = 1500  # items compared with each other; twice as many cost twice the time and gain nothing measurable
TURNS = 5  # of the power iteration towards the widest direction, which need not be exact


def look_alikes(features: Features, probabilities: Floats | None, media: str) -> Integers:
    """Return the page of each of N items, numbered by density (0: densest), -1 for what is on no page.

    probabilities: N x K. A page holds at most `A_PAGE[media]` items, all with the same most likely class; items that
    cannot be read are on none, and without a model none is. The same input gives the same pages.
    """
    import numpy as np

    pages = np.full(len(features.blank), -1, np.int64)
    if probabilities is None or not features.space.shape[1]:
        return pages
    # as stored: rounded to singles, so that whoever reads them finds the same most likely class
    likeliest = np.where(features.blank, -1, probabilities.astype(np.float32).argmax(axis=1))
    with one_thread():
        for group in range(probabilities.shape[1]):
            for part in _parts(features.space, np.flatnonzero(likeliest == group), PART):
                _fill(features.space, part, pages, A_PAGE[media])
    return _densest_first(features.space, pages)


def _parts(space: Singles, items: Integers, most: int) -> list[Integers]:
    """Halve until no part holds more than `most` items."""
    import numpy as np

    if len(items) <= most:
        return [items] if len(items) else []
    rows = space[items] - space[items].mean(axis=0)
    direction = rows[np.argmax((rows * rows).sum(axis=1))]
    for _ in range(TURNS):
        direction = rows.T @ (rows @ direction)
        direction = direction / (np.linalg.norm(direction) + 1e-12)
    order = items[np.argsort(rows @ direction, kind="stable")]
    half = len(order) // 2
    return _parts(space, order[:half], most) + _parts(space, order[half:], most)


def _fill(space: Singles, part: Integers, pages: Integers, size: int) -> None:
    """Deal one part out over pages of equal size, after those that exist."""
    import numpy as np

    alike = space[part] @ space[part].T
    close = min(size, len(part))
    company = np.partition(alike, len(part) - close, axis=1)[:, len(part) - close :].mean(axis=1)
    free = np.ones(len(part), np.bool_)
    first = int(pages.max(initial=-1)) + 1
    count = -(-len(part) // size)
    for number in range(count):
        left = np.flatnonzero(free)
        seed = left[np.argmax(company[left])]
        chosen = left[np.argsort(-alike[seed, left], kind="stable")[: -(-len(left) // (count - number))]]
        pages[part[chosen]] = first + number
        free[chosen] = False


def _densest_first(space: Singles, pages: Integers) -> Integers:
    """Return new numbers by how long the mean of a page's unit rows is: 1 when all its items are the same."""
    import numpy as np

    count = int(pages.max(initial=-1)) + 1
    kept = pages >= 0
    order = np.argsort(pages[kept], kind="stable")
    starts = np.searchsorted(pages[kept][order], np.arange(count))
    if not count:
        return pages
    sums = np.add.reduceat(space[kept][order], starts, axis=0)
    density = np.linalg.norm(sums, axis=1) / np.bincount(pages[kept], minlength=count)
    number = np.empty(count + 1, np.int64)
    number[np.argsort(-density.round(6), kind="stable")] = np.arange(count)
    number[count] = -1  # where -1 points to
    renumbered: Integers = number[pages]
    return renumbered
