"""What every judge of labels that are no single class works on, and what places of a label have in common.

A place is one thing in a label that is probably wrong, with a probability of its own; a label is as probably wrong as
at least one of its places is, if they are independent: 1 - the product of (1 - probability).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labeler.messages import Message
from labeler.quality import folds, noise

if TYPE_CHECKING:
    from labeler.quality.dataset import Dataset, Features, Floats, Integers, Judged, Reason, Singles, Values
    from labeler.quality.folds import Plan

KIND = "place"
LEAST = 0.25  # probability below which a place is not named beside another one
TAKEN = 0.5  # probability from which a place is put right in the suggestion
ROUNDS = 50
IMAGINED_WRONG, IMAGINED_RIGHT = 0.5, 19.0  # labels that draw the rate of accidents, as in `noise_forms.ACCIDENTS`


@dataclass(frozen=True)
class Case:
    """What a judge looks at. near: N x M most similar items and their cosines; report: told the share done, 0..1."""

    dataset: Dataset
    values: Values
    features: Features
    near: tuple[Integers, Singles]
    seed: int
    report: Callable[[float], None]

    @property
    def index(self) -> dict[str, int]:
        """The position of each class, by its code."""
        return {code: place for place, code in enumerate(self.values.config.classes)}


Judge = Callable[[Case], "Judged"]


def at_least_one(chances: Iterable[float]) -> float:
    """Return the probability that at least one of several independent things is so."""
    none = 1.0
    for chance in chances:
        none *= 1.0 - min(max(chance, 0.0), 1.0)
    return 1.0 - none


def named(places: Sequence[Reason]) -> list[Reason]:
    """Return the places that a flag names, the most probable first: all from `LEAST` on, the first in any case."""
    ranked = sorted(places, key=lambda one: -one["probability"])
    return [one for n, one in enumerate(ranked) if n == 0 or one["probability"] >= LEAST]


def taken(places: Sequence[Reason]) -> list[Reason]:
    """Return those of the named places that a suggestion puts right: the probable ones, or the first of them."""
    return [one for n, one in enumerate(places) if n == 0 or one["probability"] >= TAKEN]


def chance_as_a_whole(places: Sequence[Reason], right: Sequence[float]) -> float:
    """Return how probably a suggestion is right in all places. right: of each place, how probably it is as suggested.

    A named place that the suggestion leaves alone must be right as it is.
    """
    chance = 1.0
    chosen = taken(places)
    for place, own in zip(places, right, strict=True):
        chance *= own if any(place is one for one in chosen) else 1.0 - place["probability"]
    return chance


def rate_of_accidents(own: Floats, classes: int = 2) -> float:
    """Return the share of n labels that are accidents, by EM. own: how probable each label is to who never saw it.

    An accident goes to any of the classes alike; a beta prior of a few imagined labels keeps small sets from nonsense.
    """
    rate = 0.05
    for _ in range(ROUNDS):
        wrong = float(noise.accident_chance(own, rate, classes).sum())
        rate = (wrong + IMAGINED_WRONG) / (len(own) + IMAGINED_WRONG + IMAGINED_RIGHT)
    return rate


def accidents(own: Floats, classes: int = 2) -> Floats:
    """Return how probably each of n labels was an accident; see `rate_of_accidents`."""
    if not len(own):
        return own
    return noise.accident_chance(own, rate_of_accidents(own, classes), classes)


def deal(chosen: Floats, labeled: Integers, groups: Integers, seed: int) -> Plan | None:
    """Deal items out over folds so that the rarest class of each is spread over all; None when there is only one kind.

    chosen: N x K, more than 0 where a label names a class; labeled: positions of the items that have a label.
    """
    import numpy as np

    often = (chosen[labeled] > 0).sum(axis=0)
    rarest = np.where(chosen > 0, often, np.inf).argmin(axis=1)
    strata = np.full(len(chosen), -1, dtype=np.int64)
    strata[labeled] = np.where(chosen[labeled].any(axis=1), rarest[labeled], chosen.shape[1])
    if len(np.unique(strata[labeled])) == 1:
        strata[labeled] = np.arange(len(labeled)) % 2  # any two kinds will do: there is nothing to spread
    return folds.plan_folds(strata, groups, seed)


def nothing(case: Case) -> Floats:
    """Return N numbers that say nothing."""
    import numpy as np

    return np.full(len(case.dataset), np.nan)


def not_heard(measure: str) -> str:
    """Return the sentence of a model that is no better than guessing. measure: what says so, in words."""
    return Message(
        "The model that would judge the labels is not clearly better than guessing, so it accuses nobody and suggests "
        "nothing: {measure}. Label more items, then run the pass again.",
        measure=measure,
    )
