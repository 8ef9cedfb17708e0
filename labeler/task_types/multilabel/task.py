"""Several labels: which of the classes apply? One unit a class; a class that was not chosen is ABSENT.

The code is the set itself as a bit mask in hexadecimal after an "m", bit n for class n of the project's order, so that
agreement can compare whole sets without reading values. Classes are only ever added at the end, which keeps it true.
"""

from collections.abc import Mapping
from typing import Any

from labeler.errors import Invalid
from labeler.measures.masks import mask_of
from labeler.messages import Message
from labeler.task_types.base import ABSENT, Content, Example, TaskConfig, Units, Value, class_index, fields_of


class Multilabel:
    """A set of classes; the empty set is an answer."""

    name = "multilabel"
    title: str = Message("Several labels")
    media = frozenset({"text", "image"})
    shapes = frozenset({"labels"})
    scale = "nominal"
    parts = True
    objects = False
    max_classes = 240  # as many bits as the code has room for
    example = Example(
        config=TaskConfig(classes=("praise", "complaint", "question")),
        content=Content(text="Lovely, but when will it come?"),
        value={"labels": ["praise", "question"]},
        garbage=(
            None,
            [],
            {},
            "praise",
            {"labels": "praise"},
            {"labels": ["praise", "praise"]},
            {"labels": ["lion"]},
            {"labels": [1]},
            {"labels": [], "extra": 1},
            {"label": "praise"},
        ),
    )

    def check_value(self, value: Any, config: TaskConfig, content: Content) -> Value:
        """Accept {"labels": [names of classes]}, each at most once; order is the project's in what is returned."""
        del content
        labels = fields_of(value, frozenset({"labels"}))["labels"]
        if not isinstance(labels, list):
            raise Invalid("The labels must be a list.", field="labels")
        chosen = {class_index(name, config.classes, name_of_field="labels") for name in labels}
        if len(chosen) != len(labels):
            raise Invalid("A label stands twice in the list.", field="labels")
        return {"labels": [config.classes[index] for index in sorted(chosen)]}

    def code(self, value: Value, codes: Mapping[str, str]) -> str:
        """Return the set as a bit mask."""
        place = {name: n for n, name in enumerate(codes)}
        return mask_of(place[name] for name in value["labels"])

    def units(self, answers: Mapping[str, Value], config: TaskConfig, content: Content) -> Units:
        """Return one unit a class of the project."""
        del content
        return {
            name: {who: index if name in value["labels"] else ABSENT for who, value in answers.items()}
            for index, name in enumerate(config.classes)
        }

    def assemble(self, decided: Mapping[str, int], config: TaskConfig, content: Content) -> Value:
        """Return the classes that were not decided to be absent."""
        del content
        return {"labels": [name for name in config.classes if decided.get(name, ABSENT) != ABSENT]}

    def text(self, value: Value) -> str:
        """Return the names, or a dash for none."""
        return ", ".join(value["labels"]) or "\N{EN DASH}"
