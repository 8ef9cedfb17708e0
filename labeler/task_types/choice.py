"""One label out of a list: what classification and rating have in common. The whole answer is a single unit."""

from collections.abc import Mapping
from typing import Any

from labeler.errors import Invalid
from labeler.task_types.base import Content, TaskConfig, Units, Value, class_index

UNIT = "label"


class Choice:
    """Shared behaviour of the task types whose answer is {"label": class name}."""

    media = frozenset({"text", "image"})
    shapes = frozenset({"label"})
    parts = False
    objects = False
    max_classes = 10_000

    def check_value(self, value: Any, config: TaskConfig, content: Content) -> Value:
        """Accept exactly {"label": name of a class}."""
        del content
        if not isinstance(value, dict) or "label" not in value:
            raise Invalid('The answer must look like {{"label": "…"}}.', field="label")
        if unknown := set(value) - {"label"}:
            raise Invalid(
                "The answer has fields that are not known here: {names}.",
                field="value",
                names=", ".join(sorted(map(str, unknown))),
            )
        class_index(value["label"], config.classes)
        return {"label": value["label"]}

    def code(self, value: Value, codes: Mapping[str, str]) -> str:
        """Return the class's own code."""
        return codes[value["label"]]

    def units(self, answers: Mapping[str, Value], config: TaskConfig, content: Content) -> Units:
        """Return one unit with each annotator's class index."""
        del content
        return {UNIT: {who: config.classes.index(value["label"]) for who, value in answers.items()}}

    def assemble(self, decided: Mapping[str, int], config: TaskConfig, content: Content) -> Value:
        """Return {"label": name} of the one decided unit."""
        del content
        return {"label": config.classes[decided[UNIT]]}

    def text(self, value: Value) -> str:
        """Return the name of the class."""
        return str(value["label"])
