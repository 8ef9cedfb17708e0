"""How sure an agreement number is: items resampled (bootstrap), and linearised standard errors.

Resampling items is one multinomial draw over patterns, so its cost does not grow with the number of answers. The seed
is fixed: the same answers give the same interval. Note what is drawn: items, not answers, and only
those with two answers or more, because no other item says anything about agreement.

Of very many items the sums that the measures are made of are drawn instead, from their normal limit: a resample changes
them by a sum of as many independent draws, so by then the two cannot be told apart, and it takes a tenth of the time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from labeler.measures.distances import midranks, similarity_weights
from labeler.measures.metrics import Expected, alpha_from, coincidences, pattern_agreement

if TYPE_CHECKING:
    from labeler.measures.histogram import Counts, Floats

SEED = 1979
REPLICATES = 1000
FEWEST_REPLICATES = 100
DRAWS = 5_000_000  # replicates x patterns; beyond it fewer replicates are drawn
CHUNK = 2_000_000  # draws held at a time: 16 MB
LARGE, LARGE_CLASS = 20_000, 500  # items, and answers of each class used, from which sums are drawn
MOST_SUMS = 64  # drawn together
LEVEL = 0.95
NORMAL = 1.959963984540054  # the 97.5 % point of the normal distribution
DEFINED = 0.95  # share of replicates in which a measure must exist


@dataclass(frozen=True)
class Interval:
    """Where the number lies with 95 % confidence, if the items are a random sample."""

    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Replicates:
    """What resampled item sets gave: alpha and percent (replicates,), specific (replicates, classes); NaN undefined."""

    alpha: Floats
    percent: Floats
    specific: Floats


def bootstrap(counts: Counts, scale: Literal["nominal", "ordinal"] = "nominal", *, seed: int = SEED) -> Replicates:
    """Resample the pairable items 1,000 times (at least 100 times where there are over 5,000 patterns)."""
    import numpy as np

    pairable = counts.pairable()
    if not pairable.items.size:
        return Replicates(np.empty(0), np.empty(0), np.empty((0, counts.n_classes)))
    if _is_large(pairable, scale):
        return _of_sums(pairable, scale, seed)
    same = _same(pairable)
    parts = [_measure(pairable, same, drawn, scale) for drawn in _draws(pairable, seed)]
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Replicates(*joined)


def _is_large(pairable: Counts, scale: Literal["nominal", "ordinal"]) -> bool:
    used = pairable.items @ pairable.table
    few = bool((used[used > 0] < LARGE_CLASS).any())
    return pairable.n_items >= LARGE and not few and _sums(pairable.n_classes, scale) <= MOST_SUMS


def _sums(classes: int, scale: Literal["nominal", "ordinal"]) -> int:
    return classes * (classes + 1) // 2 + 1 if scale == "ordinal" else 2 * classes + 1


def _of_sums(pairable: Counts, scale: Literal["nominal", "ordinal"], seed: int) -> Replicates:
    """Do the same with the sums over all items drawn: they are normal, with the covariance of a multinomial draw."""
    import numpy as np

    same = _same(pairable)
    credit = same.sum(axis=1) / pairable.answers
    adds = np.column_stack([pairable.table, same, credit])
    if scale == "ordinal":
        adds = np.column_stack([_pairs_of_classes(pairable), credit])
    drawn = _normal_sums(pairable, adds, seed)
    read = _ordinal_sums if scale == "ordinal" else _nominal_sums
    margins, agreed, observed, expected = read(drawn[:, :-1], pairable.n_classes)
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = np.where(expected > 0, 1 - (margins.sum(axis=1) - 1) * observed / expected, np.nan)
        specific = np.clip(agreed / np.where(margins > 0, margins, np.nan), 0.0, 1.0)
    return Replicates(alpha, drawn[:, -1] / pairable.n_items, specific)


def _pairs_of_classes(pairable: Counts) -> Floats:
    """Return each pattern's part (patterns, classes (classes + 1) / 2) of the upper half of the coincidence matrix."""
    import numpy as np

    one, two = np.triu_indices(pairable.n_classes)
    both = pairable.table[:, one] * (pairable.table[:, two] - (one == two)) / (pairable.answers - 1)[:, None]
    return np.asarray(both)


def _nominal_sums(drawn: Floats, size: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Return margins and agreement of each class, and observed and expected disagreement, of each replicate."""
    margins, agreed = drawn[:, :size], drawn[:, size:]
    total = margins.sum(axis=1)
    return margins, agreed, total - agreed.sum(axis=1), total**2 - (margins**2).sum(axis=1)


def _ordinal_sums(drawn: Floats, size: int) -> tuple[Floats, Floats, Floats, Floats]:
    import numpy as np

    one, two = np.triu_indices(size)
    together = np.zeros((len(drawn), size, size))
    together[:, one, two] = drawn
    together[:, two, one] = drawn
    margins = together.sum(axis=2)
    ranks = midranks(margins)
    far = (ranks[:, :, None] - ranks[:, None, :]) ** 2
    observed, expected = (together * far).sum(axis=(1, 2)), np.einsum("ri,rij,rj->r", margins, far, margins)
    return margins, np.diagonal(together, axis1=1, axis2=2), observed, expected


def _normal_sums(pairable: Counts, adds: Floats, seed: int) -> Floats:
    """Return (replicates, sums); adds: (patterns, sums), what an item adds."""
    import numpy as np

    total = pairable.n_items
    shares = pairable.items / total
    mean = shares @ adds
    values, vectors = np.linalg.eigh((adds * shares[:, None]).T @ adds - np.outer(mean, mean))
    spread = vectors * np.sqrt(np.maximum(values, 0.0) * total)
    draws = np.random.default_rng(seed).standard_normal((REPLICATES, len(mean)))
    return np.asarray(total * mean + draws @ spread.T)


def resampled(pairable: Counts, adds: Floats, *, seed: int = SEED) -> Floats:
    """Return (replicates, sums) over items resampled as in `bootstrap`; adds: (patterns, sums), what an item adds."""
    import numpy as np

    if not pairable.items.size:
        return np.empty((0, adds.shape[1]))
    return np.concatenate([drawn @ adds for drawn in _draws(pairable, seed)])


def ratio_interval(over: Floats, under: Floats, *, seed: int = SEED) -> Interval | None:
    """Return the 95 % interval of the sum of `over` through the sum of `under`; both (items,), which are resampled."""
    import numpy as np

    if not len(over):
        return None
    random = np.random.default_rng(seed)
    adds = np.column_stack([over, under])
    even = np.full(len(over), 1 / len(over))
    step = max(1, CHUNK // len(over))
    parts = [
        random.multinomial(len(over), even, min(step, REPLICATES - start)) @ adds
        for start in range(0, REPLICATES, step)
    ]
    drawn = np.concatenate(parts)
    return interval(ratios(drawn[:, 0], drawn[:, 1]))


def ratios(over: Floats, under: Floats) -> Floats:
    """Return over / under, NaN (not defined) where nothing is under."""
    import numpy as np

    return np.asarray(np.divide(over, under, out=np.full(over.shape, np.nan), where=under > 0))


def interval(replicates: Floats) -> Interval | None:
    """Return the 95 % interval of (replicates,) values; None where over 5 % of them are undefined.

    Percentiles from 1,000 replicates on. With fewer (very many patterns, so very many items) the tails are too thin to
    read off, and the normal interval around the mean of the replicates is used.
    """
    import numpy as np

    defined = replicates[~np.isnan(replicates)]
    if not len(replicates) or len(defined) < DEFINED * len(replicates):
        return None
    if len(replicates) >= REPLICATES:
        low, high = np.percentile(defined, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
        return Interval(float(low), float(high))
    reach = NORMAL * float(defined.std(ddof=1))
    return Interval(float(defined.mean()) - reach, min(1.0, float(defined.mean()) + reach))


def _draws(pairable: Counts, seed: int) -> Iterator[Floats]:
    """Yield (some replicates, patterns) numbers of items, all replicates in total."""
    import numpy as np

    patterns = len(pairable.items)
    left = min(REPLICATES, max(FEWEST_REPLICATES, DRAWS // patterns))
    random = np.random.default_rng(seed)
    total = pairable.n_items
    while left > 0:
        size = min(left, max(1, CHUNK // patterns))
        yield random.multinomial(total, pairable.items / total, size).astype(np.float64)
        left -= size


def _same(pairable: Counts) -> Floats:
    """Return each pattern's part (patterns, classes) of the diagonal of the coincidence matrix."""
    import numpy as np

    return np.asarray(pairable.table * (pairable.table - 1) / (pairable.answers - 1)[:, None])


def _measure(
    pairable: Counts, each: Floats, drawn: Floats, scale: Literal["nominal", "ordinal"]
) -> tuple[Floats, Floats, Floats]:
    """Return alpha, percent (replicates,) and specific agreement (replicates, classes) of the drawn items."""
    import numpy as np

    margins = drawn @ pairable.table
    total = margins.sum(axis=1)
    same = drawn @ each
    credit = each.sum(axis=1) / pairable.answers
    if scale == "ordinal":
        observed, expected = _ordinal_disagreement(pairable, drawn, margins)
    else:
        observed, expected = total - same.sum(axis=1), total**2 - (margins**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = np.where(expected > 0, 1 - (total - 1) * observed / expected, np.nan)
        return alpha, (drawn @ credit) / drawn.sum(axis=1), same / margins


def _ordinal_disagreement(pairable: Counts, drawn: Floats, margins: Floats) -> tuple[Floats, Floats]:
    """Return observed and expected squared midrank distances, summed over pairs of answers.

    Squares are taken apart (sum of squares minus square of sum), so no classes x classes table per replicate is needed.
    Midranks are centred and scaled first: otherwise that subtraction would lose digits in large sets.
    """
    total = margins.sum(axis=1)
    ranks = (midranks(margins) - total[:, None] / 2) / total[:, None]
    squares = (margins * ranks**2).sum(axis=1)
    sums = ranks @ pairable.table.T
    within = (drawn / (pairable.answers - 1) * (sums**2 - ranks**2 @ pairable.table.T)).sum(axis=1)
    return 2 * (squares - within), 2 * (total * squares - (margins * ranks).sum(axis=1) ** 2)


def standard_error(counts: Counts, expected: Expected, weights: Floats | None = None) -> float | None:
    """Return the linearised standard error of a chance-corrected measure (Gwet 2014), n - 1 in the denominator.

    It treats the number of pairable items as given, so it is too wide where many items have one answer.
    """
    import numpy as np

    weights = similarity_weights("identity", counts.n_classes) if weights is None else weights
    paired = counts.answers > 1
    n_paired, n_items = float(counts.items[paired].sum()), counts.n_items
    by_chance, parts = expected(counts, weights)
    if n_items <= 1 or not n_paired or by_chance >= 1:
        return None
    agreed = np.zeros(len(counts.items))
    agreed[paired] = (pattern_agreement(counts.pairable(), weights) - by_chance) * n_items / n_paired / (1 - by_chance)
    value = float(counts.items @ agreed) / n_items
    influence = agreed - 2 * (1 - value) * (parts - by_chance) / (1 - by_chance) - value
    return math.sqrt(float(counts.items @ influence**2) / (n_items * (n_items - 1)))


def alpha_standard_error(counts: Counts, distances: Floats) -> float | None:
    """Return the linearised standard error of alpha, distances (classes, classes) taken as fixed.

    alpha = 1 - observed / expected disagreement, both of them ratios of sums over pairable items; one item's influence
    on each follows by differentiation. As in Gwet (2014), alpha's small-sample factor enters only where the number of
    answers varies. Fewer than two such items or one class only: None.
    """
    pairable = counts.pairable()
    n_items = pairable.n_items
    if n_items <= 1 or alpha_from(coincidences(counts), distances) is None:
        return None
    total = float(pairable.n_answers)
    shares = pairable.items @ pairable.table / total
    far = distances @ shares
    expected = float(shares @ far)
    unlike = (pairable.table * (pairable.table @ distances)).sum(axis=1) / (pairable.answers - 1)
    observed = float(pairable.items @ unlike) / total
    moved = unlike - (1 - 1 / total) * observed * pairable.answers
    shifted = 2 * (pairable.table @ far - expected * pairable.answers)
    influence = (moved - observed / expected * shifted) * n_items / total / expected
    influence -= float(pairable.items @ influence) / n_items
    return math.sqrt(float(pairable.items @ influence**2) / (n_items * (n_items - 1)))


def wilson(right: int, of: int) -> Interval:
    """Return the 95 % interval of a share that was counted (Wilson 1927); all of 0 to 1 when nothing was.

    Unlike the usual ± it stays inside 0 to 1 and is honest about 20 of 20.
    """
    return wilson_of_share(right / of, of) if of > 0 else Interval(0.0, 1.0)


def wilson_of_share(share: float, of: float) -> Interval:
    """Return the 95 % interval of a share that is as sure as one counted on `of` > 0 items, which may be no whole."""
    squared = NORMAL * NORMAL
    middle = (share + squared / (2 * of)) / (1 + squared / of)
    half = NORMAL * math.sqrt(share * (1 - share) / of + squared / (4 * of * of)) / (1 + squared / of)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))
