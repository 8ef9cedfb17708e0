"""From the answers to one item to the patterns that the histogram counts.

A choice and a set of labels are one unit, so the item has one pattern: the codes of its answers. Boxes, polygons and
spans are units of their own: each has a pattern of class codes, "0" for an annotator who did not mark it, and an item
where nobody marked anything has none.
"""

from collections import Counter
from collections.abc import Mapping

from labeler.task_types.base import ABSENT, Content, TaskConfig, TaskType, Value

NOTHING = "0"  # no class has this id


def pattern_of(codes: list[str]) -> str:
    """Return the pattern of one unit: its answers' codes, shorter ones first (so numbers ascend), joined by a comma."""
    return ",".join(sorted(codes, key=lambda code: (len(code), code)))


def patterns_of(
    task: TaskType, codes: list[str], values: Mapping[str, Value], config: TaskConfig, content: Content
) -> Counter[str]:
    """Return {pattern: units} of one item. codes: of its answers; values, config: by class code, for objects only."""
    if not codes:
        return Counter()
    if not task.objects:
        return Counter([pattern_of(codes)])
    units = task.units(values, config, content).values()
    return Counter(pattern_of([_label(label, config) for label in unit.values()]) for unit in units)


def share_alike(patterns: Mapping[str, int]) -> float:
    """Return the share of the answers to an item that say the most frequent thing, 0 to 1, over all its units.

    A choice and a set of labels are one unit. Of boxes, polygons and spans each thing that anybody marked is a unit, in
    which who did not mark it says that it is not there; so two people with nothing in common have 0.5, as two people
    with different choices have. Where nobody marked anything all say the same: 1.
    """
    labels = [(Counter(pattern.split(",")), units) for pattern, units in patterns.items()]
    answers = sum(found.total() * units for found, units in labels)
    return sum(max(found.values()) * units for found, units in labels) / answers if answers else 1.0


def _label(label: int, config: TaskConfig) -> str:
    return NOTHING if label == ABSENT else config.classes[label]
