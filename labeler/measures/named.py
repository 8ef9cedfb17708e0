"""The measures of agreement that people know by name, beside the one that leads, each with its standard error.

Alpha, AC1, Fleiss' kappa and S treat annotators alike, so the pattern histogram is enough for them. Cohen's kappa and
Scott's pi are for two annotators, and need to know who answered. Where an item has the answers of two people each, as
they do, Scott's pi is Fleiss' kappa.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from labeler.measures.distances import similarity_weights, squared_distances
from labeler.measures.intervals import alpha_standard_error, standard_error
from labeler.measures.metrics import (
    alpha,
    brennan_prediger,
    coincidences,
    expected_fleiss,
    expected_gwet,
    expected_uniform,
    fleiss,
    gwet_ac,
)
from labeler.measures.pairs import cohen_kappa, cohen_standard_error, scott_pi
from labeler.messages import Message

if TYPE_CHECKING:
    from labeler.measures.histogram import Counts

TITLES = {
    "gwet_ac1": Message("Gwet's AC1"),
    "gwet_ac2_quadratic": Message("Gwet's AC2, quadratic weights"),
    "fleiss_kappa": Message("Fleiss' kappa"),
    "brennan_prediger": Message("Brennan and Prediger's kappa"),
}
"""What people know the measures of all annotators together by."""


@dataclass(frozen=True)
class Named:
    """One measure: at most 1, 0 is guessing; None where it is undefined. The standard error is the linearised one."""

    measure: str
    value: float | None
    standard_error: float | None = None


def of_everybody(counts: Counts, scale: Literal["nominal", "ordinal"]) -> tuple[Named, ...]:
    """Return the measures that treat annotators alike; AC2 (quadratic weights) is for ordered classes only."""
    if not counts.pairable().n_items:
        return ()
    distances = squared_distances(scale, coincidences(counts).sum(axis=1))
    found = [
        Named("krippendorff_alpha", alpha(counts, scale), alpha_standard_error(counts, distances)),
        Named("gwet_ac1", gwet_ac(counts), standard_error(counts, expected_gwet)),
        Named("fleiss_kappa", fleiss(counts), standard_error(counts, expected_fleiss)),
        Named("brennan_prediger", brennan_prediger(counts), standard_error(counts, expected_uniform)),
    ]
    if scale == "ordinal":
        weights = similarity_weights("quadratic", counts.n_classes)
        error = standard_error(counts, expected_gwet, weights)
        found.insert(2, Named("gwet_ac2_quadratic", gwet_ac(counts, weights), error))
    return tuple(one for one in found if one.value is not None)


def of_two(
    items: Mapping[tuple[int, int], int], n_classes: int, scale: Literal["nominal", "ordinal"]
) -> tuple[Named, ...]:
    """Return the measures of two annotators. items: by what the one said and what the other did (class indices)."""
    import numpy as np

    if not items:
        return ()
    table = np.zeros((n_classes, n_classes))
    for cell, count in items.items():
        table[cell] = count
    found = [
        Named("cohen_kappa", cohen_kappa(table), cohen_standard_error(table)),
        Named("scott_pi", scott_pi(table)),
    ]
    if scale == "ordinal":
        weights = similarity_weights("quadratic", n_classes)
        error = cohen_standard_error(table, weights)
        found.insert(1, Named("cohen_kappa_quadratic", cohen_kappa(table, weights), error))
    return tuple(one for one in found if one.value is not None)
