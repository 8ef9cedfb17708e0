"""Drawing the sample of an audit: which items, in which order, with which weights. A calculation.

Note: nothing a model said may enter here. What is drawn depends on the seed, the items and, where each class is to be
shown, the label alone.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FEWEST_OF_A_CLASS = 50
"""Items of a class that a draw by class takes, as far as there are so many: a share is shown from as many."""


@dataclass(frozen=True)
class Drawn:
    """One item of a sample, in the order of asking. weight: how many items of the population it stands for."""

    item: int
    stratum: str
    weight: float


def draw(items: Sequence[int], size: int, *, seed: int) -> list[Drawn]:
    """Draw a simple random sample without replacement; all of the items where there are no more than `size`."""
    chosen = _chance(seed).sample(sorted(items), min(size, len(items)))
    return [Drawn(item, "", len(items) / len(chosen)) for item in chosen]


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a draw that can be repeated, not a secret


def draw_by_class(labels: Mapping[int, str], size: int, *, seed: int) -> list[Drawn]:
    """Draw a stratified sample: as large as asked for in all, with at least FEWEST_OF_A_CLASS of each class.

    labels: {item: its label}. Where that takes more than `size`, the sample is larger. Each item stands for as many as
    its class has over as many of them as were drawn.
    """
    chance = _chance(seed)
    classes: dict[str, list[int]] = defaultdict(list)
    for item in sorted(labels):
        classes[labels[item]].append(item)
    wanted = allotted({code: len(found) for code, found in classes.items()}, size)
    drawn = []
    for code in sorted(classes):
        weight = len(classes[code]) / wanted[code] if wanted[code] else 0.0
        drawn += [Drawn(item, code, weight) for item in chance.sample(classes[code], wanted[code])]
    chance.shuffle(drawn)
    return drawn


def allotted(sizes: Mapping[str, int], size: int) -> dict[str, int]:
    """Return how many to draw of each class: in proportion to their sizes, no class below the fewest or above all."""
    total = sum(sizes.values())
    size = min(size, total)
    least = {code: min(count, FEWEST_OF_A_CLASS) for code, count in sizes.items()}
    exact = {code: size * count / total for code, count in sizes.items()} if total else {}
    found = {code: max(least[code], int(exact[code])) for code in sizes}
    for code in sorted(sizes, key=lambda code: (int(exact[code]) - exact[code], code)):
        if sum(found.values()) < size and found[code] < sizes[code]:
            found[code] += 1
    return found


def extra_for_classes(sizes: Mapping[str, int], size: int) -> int:
    """Return how many items a draw by class takes beyond what was asked for."""
    return sum(allotted(sizes, size).values()) - min(size, sum(sizes.values()))
