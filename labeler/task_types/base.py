"""The protocol of a task type, and the plain values it works on.

Units are what makes N task types and M metrics cost N + M pieces of code: a task type turns the answers to one item
into a table *unit → {annotator: label}*, and assembles decided labels back into a value. Metrics, consensus methods and
detectors know only units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from labeler.errors import Invalid

Value = dict[str, Any]
Units = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Content:
    """What an answer is about: the text, or the size of the image in pixels."""

    text: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class TaskConfig:
    """What a project asks. classes: names in the project's order; an answer's label index points into it."""

    classes: tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """A complete small case of a task type; every contract test runs on it."""

    config: TaskConfig
    content: Content
    value: Value
    garbage: tuple[Any, ...] = field(default_factory=tuple)


class TaskType(Protocol):
    """What Labeler needs to know about one kind of question."""

    name: str
    title: str
    media: frozenset[str]
    shapes: frozenset[str]
    scale: str  # "nominal" or "ordinal": which agreement leads
    example: Example

    def check_value(self, value: Any, config: TaskConfig, content: Content) -> Value:
        """Return the value in its one canonical form; raises Invalid naming the wrong field."""
        ...

    def units(self, answers: Mapping[str, Value], config: TaskConfig, content: Content) -> Units:
        """Turn answers {annotator: value} to one item into units {unit: {annotator: class index}}."""
        ...

    def assemble(self, decided: Mapping[str, int], config: TaskConfig, content: Content) -> Value:
        """Turn decided labels {unit: class index} back into a value."""
        ...


def class_index(name: Any, classes: Sequence[str], *, name_of_field: str = "label") -> int:
    """Return the position of a class; raises Invalid naming the field and the classes there are."""
    if not isinstance(name, str) or name not in classes:
        shown = ", ".join(classes[:8]) + (" …" if len(classes) > 8 else "")  # noqa: PLR2004 - a readable message
        raise Invalid(f"{name!r} is not a class of this project; it has {shown}.", field=name_of_field)
    return classes.index(name)
