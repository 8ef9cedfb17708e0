"""The consensus on an answer with parts: each unit by majority, then put together again.

Note: one unit whose votes tie leaves the whole item undecided, since a label set with a
doubtful box in it is a doubtful label set; and "not there" is a vote like any other.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from labeler.task_types.base import Content, TaskConfig, TaskType, Value


@dataclass(frozen=True)
class Decided:
    """What the answers to one item come to.

    value: None while a unit's votes tie; confidence: mean over units of the majority's share, one vote smoothed over
    (Laplace); differ: whether the answers differ in any unit.
    """

    value: Value | None
    confidence: float
    differ: bool


def decide(task: TaskType, values: Mapping[str, Value], config: TaskConfig, content: Content) -> Decided:
    """Decide each unit by majority. values: one an annotator, at least one."""
    units = task.units(values, config, content)
    ranked = {unit: Counter(labels.values()).most_common(2) for unit, labels in units.items()}
    shares = [(best[0][1] + 0.5) / (len(values) + 1) for best in ranked.values()]
    confidence = sum(shares) / len(shares) if shares else (len(values) + 0.5) / (len(values) + 1)
    differ = any(len(best) > 1 for best in ranked.values())
    if any(len(best) > 1 and best[0][1] == best[1][1] for best in ranked.values()):
        return Decided(None, confidence, differ)
    decided = {unit: best[0][0] for unit, best in ranked.items()}
    return Decided(task.assemble(decided, config, content), confidence, differ)
