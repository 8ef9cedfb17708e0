"""What the browser half of a task type is told of a project: its classes with their keys, and the settings it reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from labeler.projects.models import Project
from labeler.projects.queries import Classes, task_of
from labeler.web.shared.class_keys import class_keys
from labeler.web.shared.guide import ShownExample


@dataclass(frozen=True)
class ClassButton:
    """One class as people choose it. rule: its own section of the guidelines, or empty; shown: its examples."""

    position: int
    name: str
    description: str
    key: str
    rule: Markup
    shown: tuple[ShownExample, ...]


def class_buttons(
    classes: Classes, rules: Mapping[str, Markup], shown: Mapping[int, Sequence[ShownExample]]
) -> list[ClassButton]:
    """Return the classes in the project's order. rules: by name; shown: by position."""
    return [
        ClassButton(n, row.name, row.description, key, rules.get(row.name, Markup()), tuple(shown.get(n, ())))
        for n, (row, key) in enumerate(zip(classes.rows, class_keys(classes.names), strict=True), start=1)
    ]


def widget_config(found: Project, choices: Sequence[ClassButton]) -> dict[str, Any]:
    """Return what the browser half of the task type needs to know. submits: no key alone gives an answer."""
    return {
        "task": found.task,
        "submits": not task_of(found).one_class,
        "media": found.media,
        "classes": [
            {"position": one.position, "name": one.name, "key": one.key, "description": one.description}
            for one in choices
        ],
        **{own.name: found.settings.get(own.name, own.default) for own in task_of(found).settings},
    }
