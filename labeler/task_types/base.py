"""The protocol of a task type, and the plain values it works on.

Units are what makes N task types and M metrics cost N + M pieces of code: a task type turns the answers to one item
into a table *unit → {annotator: label}*, and assembles decided labels back into a value. Metrics, consensus methods and
detectors know only units.

Note: a unit's name is all that `assemble` gets beside the decided label, so the name of an
object's unit holds its place (`placed`). And a code is an identity, not the answer: equal codes are equal answers, but
only the codes of choices and of several labels can be read back.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from labeler.errors import Invalid

Value = dict[str, Any]
Units = dict[str, dict[str, int]]
ABSENT = -1  # the label of an annotator who did not mark a unit


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
    """What Labeler needs to know about one kind of question.

    shapes: which of `label`, `labels`, `boxes`, `polygons`, `spans` its values are made of; scale: "nominal" or
    "ordinal"; parts: an answer has parts and is submitted by itself (else one key answers); objects: the parts are
    placed in the item and agreement counts them, not items; max_classes: how many a project may have.
    """

    name: str
    title: str
    media: frozenset[str]
    shapes: frozenset[str]
    scale: str
    parts: bool
    objects: bool
    max_classes: int
    example: Example

    def check_value(self, value: Any, config: TaskConfig, content: Content) -> Value:
        """Return the value in its one canonical form; raises Invalid naming the wrong field."""
        ...

    def code(self, value: Value, codes: Mapping[str, str]) -> str:
        """Return the identity of a checked value, 1 to 64 characters. codes: class codes by name, in their order."""
        ...

    def units(self, answers: Mapping[str, Value], config: TaskConfig, content: Content) -> Units:
        """Turn answers {annotator: value} to one item into units {unit: {annotator: class index or ABSENT}}.

        Every annotator has a label in every unit, and the order of annotators does not matter.
        """
        ...

    def assemble(self, decided: Mapping[str, int], config: TaskConfig, content: Content) -> Value:
        """Turn decided labels {unit: class index or ABSENT} back into a value."""
        ...

    def text(self, value: Value) -> str:
        """Say a value in a few words of the project's own (class names and numbers), for lists and tables."""
        ...


def class_index(name: Any, classes: Sequence[str], *, name_of_field: str = "label") -> int:
    """Return the position of a class; raises Invalid naming the field and the classes there are."""
    if not isinstance(name, str) or name not in classes:
        shown = ", ".join(classes[:8]) + (" …" if len(classes) > 8 else "")  # noqa: PLR2004 - a readable message
        raise Invalid(
            "{name!r} is not a class of this project; it has {shown}.", field=name_of_field, name=name, shown=shown
        )
    return classes.index(name)


def identity(parts: Any) -> str:
    """Return the code of a value that is too long to be its own: 40 characters that equal parts share."""
    return "h" + hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:39]


def placed(place: Any, taken: Mapping[str, Any]) -> str:
    """Return the name of the unit of an object: its place as JSON, numbered where that place is taken."""
    name = json.dumps(place, separators=(",", ":"))
    again = 2
    while (unit := name if again == 2 else f"{name}#{again - 1}") in taken:  # noqa: PLR2004 - the first has no number
        again += 1
    return unit


def place_of(unit: str) -> Any:
    """Return the place that `placed` put into a unit's name."""
    return json.loads(unit.rpartition("#")[0] or unit)


def fields_of(value: Any, wanted: frozenset[str], *, name_of_field: str = "value") -> dict[str, Any]:
    """Return a JSON object that has exactly the wanted fields; raises Invalid naming what is missing or too much."""
    if not isinstance(value, dict):
        raise Invalid("This must be an object with {fields}.", field=name_of_field, fields=", ".join(sorted(wanted)))
    if missing := wanted - value.keys():
        raise Invalid("{fields} is missing.", field=name_of_field, fields=", ".join(sorted(missing)))
    if unknown := value.keys() - wanted:
        names = ", ".join(sorted(map(str, unknown)))
        raise Invalid("The answer has fields that are not known here: {names}.", field=name_of_field, names=names)
    return value


def renamed(value: Value, names: Mapping[str, str]) -> Value:
    """Return a value whose classes are called otherwise; a class that `names` does not know keeps its name.

    This is how objects are stored by class code and shown by class name, so that a renamed class keeps them.
    """
    return {shape: [{**one, "label": names.get(one["label"], one["label"])} for one in value[shape]] for shape in value}
