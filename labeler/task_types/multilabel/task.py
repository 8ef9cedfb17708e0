"""Several labels: which of the classes apply? One unit a class; a class that was not chosen is ABSENT.

The code is the set itself as a bit mask in hexadecimal after an "m", bit n for class n of the project's order, so that
agreement can compare whole sets without reading values. Classes are only ever added at the end, which keeps it true.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labeler.errors import Invalid
from labeler.measures.masks import chosen_in, mask_of
from labeler.messages import Message
from labeler.task_types.base import (
    ABSENT,
    CodeDigit,
    Content,
    Example,
    Find,
    TaskConfig,
    TaskType,
    Units,
    Value,
    Words,
    class_index,
    fields_of,
)
from labeler.task_types.choice import one_name

if TYPE_CHECKING:
    from labeler.measures.labelsets import LabelSetAgreement

SEPARATORS = "|;,"
_DIGITS = "0123456789abcdef"


class Multilabel(TaskType):
    """A set of classes; the empty set is an answer."""

    name = "multilabel"
    title: str = Message("Several labels")
    words = Words(
        choice=Message("Several labels: all classes that apply, or none"),
        question=Message("Which classes apply?"),
        compared=Message("Each class that anybody chose is compared by itself; not choosing it is an answer too."),
    )
    media = frozenset({"text", "image"})
    judged_by = "sets"
    shape = "labels"
    none_is_answer = True
    columns_last = ("tags", "categories", "classes")
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

    def plain(self, value: Value) -> str:
        """Return the names between bars."""
        return "|".join(value["labels"])

    def code(self, value: Value, codes: Mapping[str, str]) -> str:
        """Return the set as a bit mask."""
        place = {name: n for n, name in enumerate(codes)}
        return mask_of(place[name] for name in value["labels"])

    def shown(self, code: str, kept: Value | None, names: Mapping[str, str]) -> Value | None:
        """Return the classes of the mask by name; a place that no class has any more is left out."""
        del kept
        if not code:
            return None
        ordered = tuple(names.values())
        return {"labels": [ordered[index] for index in chosen_in(code) if index < len(ordered)]}

    def labels_in(self, value: Value) -> set[str]:
        """Return the classes."""
        labels = value.get("labels")
        return {name for name in labels if isinstance(name, str)} if isinstance(labels, list) else set()

    def merged(self, value: Value, gone: str, into: str) -> Value:
        """Return the set with the other class in it, once."""
        return {"labels": list(dict.fromkeys(into if name == gone else name for name in value["labels"]))}

    def finder(self, wanted: str, codes: Sequence[str]) -> Find:
        """Return the hexadecimal digit that holds the bit of the class; a mask is as long as its last class needs."""
        place, bit = divmod(codes.index(wanted), 4)
        return CodeDigit(place, tuple(one for one in _DIGITS if int(one, 16) >> bit & 1))

    def units(self, answers: Mapping[str, Value], config: TaskConfig, content: Content) -> Units:
        """Return one unit a class of the project."""
        del content
        return {
            name: {who: index if name in value["labels"] else ABSENT for who, value in answers.items()}
            for index, name in enumerate(config.classes)
        }

    def told_alike(self, unit: str) -> str:
        """Return the class: who knows one may miss another."""
        return unit

    def assemble(self, decided: Mapping[str, int], config: TaskConfig, content: Content) -> Value:
        """Return the classes that were not decided to be absent."""
        del content
        return {"labels": [name for name in config.classes if decided.get(name, ABSENT) != ABSENT]}

    def text(self, value: Value) -> str:
        """Return the names, or a dash for none."""
        return ", ".join(value["labels"]) or "\N{EN DASH}"

    def agreement(self, patterns: Mapping[str, int], codes: Sequence[str]) -> LabelSetAgreement:
        """Return alpha over whole sets with MASI distance."""
        from labeler.measures.labelsets import label_set_agreement

        return label_set_agreement(
            {tuple(text.split(",")): units for text, units in patterns.items() if units}, len(codes)
        )

    def spelled(self, given: Any) -> list[str]:
        """Take a list of names, one name alone, and Label Studio's short form {"choices": […]}."""
        if isinstance(given, dict) and isinstance(given.get("choices"), list):
            given = given["choices"]
        return [one_name(label) for label in given] if isinstance(given, list) else [one_name(given)]

    def from_class(self, name: str) -> Value:
        """Return the set of this one class."""
        return {"labels": [name]}

    def from_cell(self, cell: str, classes: Sequence[str], decode: Callable[[str], Any]) -> Any:
        """Return what stands between the first of | ; , under which every part is a class, else between bars."""
        if cell[0] in "[{":
            try:
                return decode(cell)
            except (ValueError, RecursionError):
                pass  # the name of a class may begin with a bracket
        known = frozenset(classes)
        if cell in known:
            return [cell]
        for separator in SEPARATORS:
            parts = [part.strip() for part in cell.split(separator)]
            if known.issuperset(parts):
                return parts
        return [part for part in map(str.strip, cell.split("|")) if part]

    def to_cell(self, value: Value, classes: Sequence[str]) -> str:
        """Return "a|b", or a JSON list where that could be read as something else."""
        labels = value["labels"]
        doubtful = not labels or (len(labels) == 1 and any(mark in labels[0] for mark in SEPARATORS))
        if doubtful or any("|" in name or name[:1] in "[{" for name in (*labels, *classes)):
            return json.dumps(list(labels), ensure_ascii=False)
        return "|".join(labels)
