"""How items are split into train, val and test: by share, the same in each class, whole groups on one side.

Each item has a key, a hash of who it is and of the seed. In each stratum the items stand in the order of their keys
and are cut where the shares say, so the counts are exact to one item, and neither the order of the items nor what else
is in the set decides where one goes. Items that come later move the cuts a little: of those that were there, only the
few whose keys lie between the old cut and the new one change sides (`tests/exchange/test_splitting.py` counts them).

Groups go first. A group is of the stratum that most of its items have; there they are cut like items, by weight, and
then moved one at a time while that brings the shares of classes nearer to what was asked. The items that are in no
group make up for what is left.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Keys = NDArray[np.uint64]
    Numbers = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Parts = NDArray[np.uint8]

ALONE = -1
MOST_MOVES = 500
MOST_TRIED = 100_000_000  # entries looked at, some seconds; sets that large are near their shares without


class Items(NamedTuple):
    """N items. keys: see `key_of`; strata: numbers from 0; groups: numbers from 0, ALONE for none.

    group_keys: of each group, so that it stays where it was when items join it.
    """

    keys: Keys
    strata: Numbers
    groups: Numbers
    group_keys: Keys


def key_of(seed: int, identity: str) -> int:
    """Return the key of an item or a group, 64 bits: the same for one seed, wherever and whenever it is asked."""
    told = f"{seed}\0{identity}".encode(errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), "big")


def split(items: Items, shares: Sequence[float]) -> Parts:
    """Return the part of each item, as a place among the shares, which add up to 1.

    Without groups each part of each stratum has its share, rounded up or down to a whole item.
    """
    import numpy as np

    wanted = np.asarray(shares, dtype=np.float64)
    strata = int(items.strata.max()) + 1 if len(items.strata) else 0
    totals = np.bincount(items.strata, minlength=strata).astype(np.float64)
    parts = np.zeros(len(items.keys), dtype=np.uint8)
    held = np.zeros((strata, len(wanted)))
    grouped = np.flatnonzero(items.groups != ALONE)
    if len(grouped):
        parts[grouped] = _place_groups(items, grouped, totals, wanted)[items.groups[grouped]]
        np.add.at(held, (items.strata[grouped], parts[grouped]), 1)
    _place_rest(items, parts, held, totals, wanted)
    return parts


def _place_rest(items: Items, parts: Parts, held: Floats, totals: Floats, shares: Floats) -> None:
    """Cut the items that are in no group, stratum by stratum, so that with the groups' items the shares come out."""
    import numpy as np

    alone = np.flatnonzero(items.groups == ALONE)
    order = alone[np.lexsort((alone, items.keys[alone], items.strata[alone]))]
    ends = np.searchsorted(items.strata[order], np.arange(len(totals)), side="right")
    carried, begin = np.zeros(len(shares)), 0
    for stratum, end in enumerate(ends):
        count = int(end) - begin
        exact = _to_come(shares * totals[stratum] - held[stratum], count)
        quotas = _whole(exact, count, carried)
        carried = carried + exact - quotas
        parts[order[begin:end]] = np.repeat(np.arange(len(shares), dtype=np.uint8), quotas)
        begin = int(end)


def _to_come(missing: Floats, count: int) -> Floats:
    """Return how many of `count` items each part should get. missing: of each part, below zero for too many."""
    import numpy as np

    open_ = np.maximum(missing, 0.0)
    return open_ * (count / open_.sum()) if open_.sum() else open_


def _whole(exact: Floats, count: int, carried: Floats) -> Numbers:
    """Return whole numbers that add up to count, each the exact one rounded up or down.

    carried: what earlier strata owe each part, so that many small strata do not all round in favour of one.
    """
    import numpy as np

    down = np.floor(exact + 1e-9).astype(np.int64)
    rest = exact - down
    first = np.argsort(-np.where(rest > 1e-9, rest + carried, -np.inf), kind="stable")  # noqa: PLR2004 - nothing
    down[first[: count - int(down.sum())]] += 1
    return down


class _Entries(NamedTuple):
    """How many items of which stratum a group has, one entry each; the stratum after the last one stands for all."""

    group: Numbers
    stratum: Numbers
    size: Floats


def _place_groups(items: Items, grouped: Numbers, totals: Floats, shares: Floats) -> Parts:
    """Return the part of each group."""
    import numpy as np

    groups, strata = items.groups[grouped], items.strata[grouped]
    pairs, counts = np.unique(groups * len(totals) + strata, return_counts=True)
    entries = _Entries(pairs // len(totals), pairs % len(totals), counts.astype(np.float64))
    sizes = np.bincount(groups, minlength=len(items.group_keys)).astype(np.float64)
    parts = _cut(entries, sizes, items.group_keys, shares)
    everywhere = np.flatnonzero(sizes)
    entries = _Entries(
        np.concatenate((entries.group, everywhere)),
        np.concatenate((entries.stratum, np.full(len(everywhere), len(totals)))),
        np.concatenate((entries.size, sizes[everywhere])),
    )
    _improve(parts, entries, np.append(totals, totals.sum()), shares)
    return parts


def _cut(entries: _Entries, sizes: Floats, keys: Keys, shares: Floats) -> Parts:
    """Return the part in whose share the middle of each group lies, in the order of keys, by its most frequent stratum.

    A group of which nothing is known is in the first part.
    """
    import numpy as np

    parts = np.zeros(len(sizes), dtype=np.uint8)
    ranked = np.lexsort((entries.stratum, -entries.size, entries.group))
    first = ranked[np.unique(entries.group[ranked], return_index=True)[1]]
    group, main = entries.group[first], entries.stratum[first]
    order = np.lexsort((group, keys[group], main))
    group, main = group[order], main[order]
    after = np.cumsum(sizes[group])
    bounds = np.flatnonzero(np.diff(main)) + 1
    begins = np.concatenate(([0.0], after[bounds - 1]))
    run = np.searchsorted(bounds, np.arange(len(group)), side="right")
    whole = np.diff(np.concatenate((begins, after[-1:])))
    middle = (after - sizes[group] / 2 - begins[run]) / whole[run]
    parts[group] = np.minimum(np.searchsorted(np.cumsum(shares), middle, side="right"), len(shares) - 1)
    return parts


def _improve(parts: Parts, entries: _Entries, totals: Floats, shares: Floats) -> None:
    """Move one group at a time, the one that helps most, while that helps. What a part has too much of costs.

    The cost is the sum of squares of what a part has above its share, by stratum, over the items of the stratum: what
    is missing, single items can bring, but nothing takes a group's items away again.
    """
    import numpy as np

    goals = totals[:, None] * shares
    held = np.zeros_like(goals)
    np.add.at(held, (entries.stratum, parts[entries.group]), entries.size)
    for _ in range(min(MOST_MOVES, MOST_TRIED // (len(entries.group) * len(shares)))):
        if not (held > goals + 0.5).any():  # by less than half an item none can be wrong
            return
        group, part = _best_move(parts, entries, held, goals, totals)
        if group < 0:
            return
        own = entries.group == group
        np.add.at(held, (entries.stratum[own], parts[group]), -entries.size[own])
        np.add.at(held, (entries.stratum[own], part), entries.size[own])
        parts[group] = part


def _best_move(parts: Parts, entries: _Entries, held: Floats, goals: Floats, totals: Floats) -> tuple[int, int]:
    """Return the group and the part to move it to that lowers the cost most, (-1, 0) where nothing does."""
    import numpy as np

    stratum, count, source = entries.stratum, entries.size, parts[entries.group]
    weight = 1 / np.maximum(totals[stratum], 1)
    leaving = _cost(held[stratum, source] - count - goals[stratum, source])
    leaving -= _cost(held[stratum, source] - goals[stratum, source])
    best, found = -1e-9, (-1, 0)
    for part in range(goals.shape[1]):
        coming = _cost(held[stratum, part] + count - goals[stratum, part])
        coming -= _cost(held[stratum, part] - goals[stratum, part])
        change = np.bincount(entries.group, weights=(leaving + coming) * weight, minlength=len(parts))
        change[parts == part] = 0.0
        group = int(change.argmin())
        if change[group] < best:
            best, found = float(change[group]), (group, part)
    return found


def _cost(above: Floats) -> Floats:
    import numpy as np

    return np.asarray(np.square(np.maximum(above, 0.0)))
