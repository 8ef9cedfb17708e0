"""One label out of a list: what classification and rating have in common. The whole answer is a single unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labeler.errors import Invalid
from labeler.task_types.base import CodeIs, Content, Decided, Find, TaskConfig, TaskType, Units, Value, class_index

if TYPE_CHECKING:
    from labeler.measures.summary import Summary

UNIT = "label"


class Choice(TaskType):
    """Shared behaviour of the task types whose answer is {"label": class name}."""

    media = frozenset({"text", "image"})
    shape = "label"
    least_classes = 2  # one class leaves no choice
    one_class = True

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

    def text(self, value: Value) -> str:
        """Return the name of the class."""
        return str(value["label"])

    def code(self, value: Value, codes: Mapping[str, str]) -> str:
        """Return the class's own code."""
        return codes[value["label"]]

    def shown(self, code: str, kept: Value | None, names: Mapping[str, str]) -> Value | None:
        """Return the class by name."""
        del kept
        return {"label": names[code]} if code in names else None

    def labels_in(self, value: Value) -> set[str]:
        """Return the class."""
        return {value["label"]} if isinstance(value.get("label"), str) else set()

    def merged(self, value: Value, gone: str, into: str) -> Value:
        """Return the class, or the one it became."""
        return {"label": into if value["label"] == gone else value["label"]}

    def finder(self, wanted: str, codes: Sequence[str]) -> Find:
        """Return its code."""
        del codes
        return CodeIs(wanted)

    def units(self, answers: Mapping[str, Value], config: TaskConfig, content: Content) -> Units:
        """Return one unit with each annotator's class index."""
        del content
        return {UNIT: {who: config.classes.index(value["label"]) for who, value in answers.items()}}

    def assemble(self, decided: Mapping[str, int], config: TaskConfig, content: Content) -> Value:
        """Return {"label": name} of the one decided unit."""
        del content
        return {"label": config.classes[decided[UNIT]]}

    def decide(self, answers: Mapping[str, Value], config: TaskConfig, content: Content) -> Decided:
        """Return the majority, without a look for the classes' places: every submit asks for it."""
        del config, content
        ranked = Counter(value["label"] for value in answers.values()).most_common(2)
        tie = len(ranked) > 1 and ranked[0][1] == ranked[1][1]
        value = None if tie else {"label": ranked[0][0]}
        return Decided(value, (ranked[0][1] + 0.5) / (len(answers) + 1), len(ranked) > 1)

    def agreement(self, patterns: Mapping[str, int], codes: Sequence[str]) -> Summary:
        """Return alpha over classes; answers of classes that are gone are left out."""
        from labeler.measures.histogram import by_class
        from labeler.measures.summary import summary

        found = by_class(patterns, {code: index for index, code in enumerate(codes)})
        return summary(found, len(codes), "ordinal" if self.ordered else "nominal")

    def spelled(self, given: Any) -> str:
        """Take the name of a class, alone in a list as well, and a whole number."""
        return one_name(given)

    def from_class(self, name: str) -> Value:
        """Return the answer."""
        return {"label": name}

    def from_cell(self, cell: str, classes: Sequence[str], decode: Callable[[str], Any]) -> str:
        """Return the cell: it is the name of the class."""
        del classes, decode
        return cell

    def to_cell(self, value: Value, classes: Sequence[str]) -> str:
        """Return the name of the class."""
        del classes
        return str(value["label"])


def one_name(given: Any) -> str:
    """Return the name of a class from how files spell it: alone in a list as well, or a whole number."""
    if isinstance(given, list) and len(given) == 1:
        (given,) = given
    if isinstance(given, str):
        return given
    if isinstance(given, int) and not isinstance(given, bool):
        return str(given)
    raise Invalid("one class is expected", field="label")
