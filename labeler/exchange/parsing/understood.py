"""Labels made of parts, of which one cannot be held: it costs itself, neither the other parts nor the item.

Note: where something was left out and nothing is left, there is no label, as "nothing here" would be a wrong one. An
answer of a person is not mended like this: without a part it would be another answer.
"""

import json
from collections import Counter
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.parsing.extra_fields import LeftOut
from labeler.messages import Message, verbatim
from labeler.task_types.base import Content, TaskConfig, TaskType, Value

TWICE = Message("a part of a label that stands twice; it was taken once")


def understood(value: Value, task: TaskType, config: TaskConfig, content: Content) -> tuple[Value | None, LeftOut]:
    """Return a checked label without the parts that cannot be held, None where none is left, and why, counted.

    Raises Invalid for a label that is no list of parts, or that cannot be held as a whole.
    """
    try:
        return task.check_value(value, config, content), ()
    except Invalid:
        if not task.part_fields or not isinstance(value.get(task.shape), list):
            raise
    kept, told = _kept(value[task.shape], task, config, content)
    checked = task.check_value({task.shape: kept}, config, content)
    return checked if kept or not told else None, tuple(told.items())


def _kept(parts: list[Any], task: TaskType, config: TaskConfig, content: Content) -> tuple[list[Any], Counter[str]]:
    kept: dict[str, Any] = {}
    told = Counter[str]()
    for part in parts:
        try:
            _check(part, task, config, content)
        except Invalid as error:
            told[verbatim(error.message)] += 1
            continue
        name = json.dumps(part, sort_keys=True)
        told[TWICE] += name in kept
        kept.setdefault(name, part)
    return list(kept.values()), +told


def _check(part: Any, task: TaskType, config: TaskConfig, content: Content) -> None:
    label = part.get("label") if isinstance(part, dict) else None
    if isinstance(label, str) and label not in config.classes:
        raise Invalid("objects of the class {name}, which this project does not have", name=label)
    task.check_value({task.shape: [part]}, config, content)
