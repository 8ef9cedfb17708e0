"""Agreement among any number of annotators, answers missing or not, from `Counts` (see `histogram`).

Every function returns None where its measure is undefined; a reader would expect 0 or 1 there and be misled: when all
answers are one class, agreement beyond chance cannot be judged. Items with one answer never enter alpha or percent
agreement; Fleiss' kappa and AC1 still use them for how often each class is chosen, as their author does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.measures.distances import Scale, neighbour_weights, similarity_weights, squared_distances

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.measures.histogram import Counts, Floats

    Ints = NDArray[np.int64]

# What guessing would reach, and each pattern's own part in it (see `intervals.standard_error`).
Expected = Callable[["Counts", "Floats"], tuple[float, "Floats"]]


@dataclass(frozen=True)
class ClassAgreement:
    """One class: `answers` among pairable items; `specific`: when one says it, how often another does too."""

    index: int
    answers: int
    specific: float | None
    alpha: float | None


def coincidences(counts: Counts) -> Floats:
    """Return the (classes, classes) coincidence matrix of Krippendorff (2011); its total is the pairable answers."""
    import numpy as np

    pairable = counts.pairable()
    share = pairable.items / (pairable.answers - 1)
    together = pairable.table.T @ (share[:, None] * pairable.table)
    together[np.diag_indices_from(together)] -= share @ pairable.table
    return np.asarray(together)


def items_together(counts: Counts) -> Ints:
    """Return the (classes, classes) numbers of items that one annotator called one class and another the other.

    On the diagonal: items that two or more called this class. Symmetric; an item may be in several cells.
    """
    import numpy as np

    pairable = counts.pairable()
    said, twice = (pairable.table >= least for least in (1, 2))
    together = said.T @ (pairable.items[:, None] * said)
    together[np.diag_indices_from(together)] = pairable.items @ twice
    return np.asarray(together.round().astype(np.int64))


def alpha_from(together: Floats, distances: Floats) -> float | None:
    """Return Krippendorff's alpha = 1 - observed / expected disagreement for any distances, or None."""
    margins = together.sum(axis=1)
    total = float(margins.sum())
    expected = float(margins @ distances @ margins)  # the diagonal distance is 0, so no answer meets itself
    if expected <= 0:
        return None
    return 1.0 - (total - 1) * float((together * distances).sum()) / expected


def alpha(counts: Counts, scale: Scale = "nominal") -> float | None:
    """Return Krippendorff's alpha (2004, 2011), or None where fewer than two classes were used."""
    together = coincidences(counts)
    return alpha_from(together, squared_distances(scale, together.sum(axis=1)))


def pattern_agreement(counts: Counts, weights: Floats | None) -> Floats:
    """Return, for each pattern of two answers or more, the (weighted) share of its pairs that agree."""
    import numpy as np

    weighted = counts.table if weights is None else counts.table @ weights
    credit = np.einsum("pc,pc->p", counts.table, weighted) - counts.answers
    return np.asarray(credit / (counts.answers * (counts.answers - 1)))


def percent(counts: Counts, weights: Floats | None = None) -> float | None:
    """Return how often two annotators who see the same item agree, 0 to 1, the mean over pairable items.

    weights: (classes, classes) credit for each pair of classes, 1 on the diagonal; only the same class when None.
    """
    pairable = counts.pairable()
    if not pairable.items.size:
        return None
    return float(pairable.items @ pattern_agreement(pairable, weights) / pairable.items.sum())


def within_one(counts: Counts) -> float | None:
    """Return how often two answers are the same or neighbouring classes, 0 to 1."""
    return percent(counts, neighbour_weights(counts.n_classes))


def chance(counts: Counts) -> float | None:
    """Return the percent agreement two random answers of the pool reach: 1 - alpha's expected disagreement."""
    margins = coincidences(counts).sum(axis=1)
    total = float(margins.sum())
    return float((margins * (margins - 1)).sum() / (total * (total - 1))) if total else None


def class_shares(counts: Counts) -> Floats:
    """Return how often each class is chosen, every item with an answer weighing the same."""
    import numpy as np

    return np.asarray((counts.items / counts.answers) @ counts.table / counts.items.sum())


def expected_fleiss(counts: Counts, weights: Floats) -> tuple[float, Floats]:
    """Chance of Fleiss (1971): everyone draws from the shared class frequencies."""
    shares = class_shares(counts)
    weighted = weights @ shares
    return float(shares @ weighted), (counts.table @ weighted) / counts.answers


def expected_gwet(counts: Counts, weights: Floats) -> tuple[float, Floats]:
    """Chance of Gwet's AC1/AC2 (2008, 2014): only answers that look like guesses can agree by chance."""
    shares = class_shares(counts)
    others = 1 - shares
    scale = float(weights.sum()) / (counts.n_classes * (counts.n_classes - 1))
    return scale * float(shares @ others), scale * (counts.table @ others) / counts.answers


def expected_uniform(counts: Counts, weights: Floats) -> tuple[float, Floats]:
    """Chance of Bennett et al. and Brennan & Prediger (1981): every class of the project equally likely."""
    import numpy as np

    value = float(weights.sum()) / counts.n_classes**2
    return value, np.full(len(counts.items), value)


def chance_corrected(counts: Counts, expected: Expected, weights: Floats | None = None) -> float | None:
    """Return (percent - expected) / (1 - expected); None without pairable items or where chance agrees always."""
    observed = percent(counts, weights)
    if observed is None or counts.n_classes == 1:
        return None
    by_chance, _ = expected(counts, similarity_weights("identity", counts.n_classes) if weights is None else weights)
    return (observed - by_chance) / (1 - by_chance) if by_chance < 1 else None


def fleiss(counts: Counts, weights: Floats | None = None) -> float | None:
    """Return Fleiss' kappa (1971), for any number of answers an item."""
    return chance_corrected(counts, expected_fleiss, weights)


def gwet_ac(counts: Counts, weights: Floats | None = None) -> float | None:
    """Return Gwet's AC1, or AC2 when weights are given."""
    return chance_corrected(counts, expected_gwet, weights)


def brennan_prediger(counts: Counts, weights: Floats | None = None) -> float | None:
    """Return Bennett's S, also known as Brennan & Prediger's kappa."""
    return chance_corrected(counts, expected_uniform, weights)


def per_class(counts: Counts) -> tuple[ClassAgreement, ...]:
    """Return each class's specific agreement and one-against-rest alpha; None where the class was never used."""
    together = coincidences(counts)
    margins, total = together.sum(axis=1), float(together.sum())
    found = []
    for index, used in enumerate(margins.tolist()):
        same = float(together[index, index])
        specific = same / used if used else None
        spread = used * (total - used)
        one_against_rest = 1 - (total - 1) * (used - same) / spread if spread > 0 else None
        found.append(ClassAgreement(index, round(used), specific, one_against_rest))
    return tuple(found)
