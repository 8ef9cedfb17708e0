"""What a task type is, and the plain values it works on.

Units make N task types and M metrics cost N + M pieces of code: a type turns the answers to one item into a table
*unit → {annotator: label}* and assembles decided labels back; metrics, consensus and detectors know only units.

Note: a unit's name is all that `assemble` gets beside the decided label, so the name of an
object's unit holds its place (`placed`). And a code is an identity, not the answer: equal codes are equal answers, but
only the codes of choices and of several labels can be read back.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from labeler.errors import Invalid
from labeler.messages import Message

if TYPE_CHECKING:
    from labeler.measures.headline import Measured
    from labeler.task_types.differing import Difference

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
    """What a project asks. classes: names in the project's order; an answer's label index points into it.

    settings: of the project, of which a kind reads its own.
    """

    classes: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Example:
    """A complete small case of a task type; every contract test runs on it."""

    config: TaskConfig
    content: Content
    value: Value
    garbage: tuple[Any, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Words:
    """What pages say about a kind of question, each a `Message`.

    choice: the line in the form of a new project; question: what annotators read where the lead wrote none; unjudged:
    what answers are made of, for kinds whose labels the background pass cannot judge; compared: what is compared when
    a person's agreement with the others is counted, where that is not plain; classes: what a class is called.
    """

    choice: str
    question: str
    unjudged: str = ""
    compared: str = ""
    classes: str = Message("Classes")


@dataclass(frozen=True)
class CodeIs:
    """SQL to be: the code of the label is this one."""

    code: str


@dataclass(frozen=True)
class CodeDigit:
    """SQL to be: the character so far from the end of the code (0: the last), behind its first, is one of these."""

    place: int
    digits: tuple[str, ...]


@dataclass(frozen=True)
class ValueHolds:
    """SQL to be: the JSON of the label's value has this text in it."""

    text: str


Find = CodeIs | CodeDigit | ValueHolds
"""How a kept label is searched for; `projects.naming` makes SQL of it."""


class Setting(NamedTuple):
    """A setting that projects of one kind have. takes: what a value must be; most: its length or its largest value."""

    name: str
    title: str
    hint: str
    takes: Literal["text", "number", "switch"]
    most: int = 0
    default: str | int | bool = ""


class LabelStudioResults(Protocol):
    """How Label Studio writes the answers of one shape. types: of its results, the first is the one that goes out."""

    types: tuple[str, ...]

    def result(self, value: Value) -> dict[str, Any]:
        """Return what stands under "value" in the result of an answer."""
        ...

    def value(self, results: Sequence[Mapping[str, Any]]) -> Value:
        """Return the answer that what stands under "value" in results says; raises Invalid."""
        ...


class TaskType(ABC):
    """All that Labeler knows about one kind of question; nobody else asks which kind it is.

    shape: the one key of its values; max_classes, least_classes: how many a project may have (0: it has none).
    part_fields: of the objects that a value lists, where it lists any; columns_first, columns_last: names of columns
    that files give its answers, tried before and after the usual ones; label_studio: how Label Studio writes its
    answers, for a shape that the format does not know by itself.

    What others may ask, each for one reason:
    one_class: an answer is one class of the project, so that there are votes to count by class, a button for each
    class, and a pass that judges labels. judged_by: of other kinds, who in the pass judges labels
    (`quality/judges/registry.py`), "" for nobody. ordered: the classes are steps of a scale, in the project's order.
    keeps_value: the code does not say it all, so a value is kept beside it. none_is_answer: an answer may say that
    there is nothing. label_says_all: in files one text or list says the answer, so no value stands beside it.
    by_units: it is decided unit by unit, so that people who are often right can count for more; else as a whole.
    exact: two people who are right give the same answer, so that one unlike the final label is wrong. pages:
    look-alikes may be confirmed page by page. on_item: pages show an answer on its item, by shown.html of its folder.
    has_parts: an answer lists parts, so that two answers differ part by part (`part_differences`).
    has_target: its agreement is an alpha, which projects may set a target for.
    """

    name: str
    title: str
    words: Words
    media: frozenset[str]
    shape: str
    example: Example
    max_classes = 10_000
    least_classes = 1
    one_class = False
    judged_by = ""
    ordered = False
    keeps_value = False
    exact = True
    by_units = True
    pages = False
    on_item = False
    has_target = True
    has_parts = False
    none_is_answer = False
    label_says_all = True
    part_fields: frozenset[str] = frozenset()
    columns_first: tuple[str, ...] = ()
    columns_last: tuple[str, ...] = ()
    label_studio: LabelStudioResults | None = None
    settings: tuple[Setting, ...] = ()

    def check_settings(self, settings: Mapping[str, Any]) -> None:
        """Raise Invalid, naming one, for settings of a project that contradict each other."""
        del settings

    @abstractmethod
    def check_value(self, value: Any, config: TaskConfig, content: Content) -> Value:
        """Return the value in its one canonical form; raises Invalid naming the wrong field."""

    @abstractmethod
    def text(self, value: Value) -> str:
        """Say a value in a few words of the project's own (class names and numbers), for lists and tables."""

    def start(self, metadata: Mapping[str, Any], given: Value | None, settings: Mapping[str, Any]) -> Value | None:
        """Return what an answer starts from; None where every answer starts from nothing.

        metadata, given: of the item, the existing label as it is kept; settings: of the project.
        """
        del metadata, given, settings
        return None

    def plain(self, value: Value) -> str:
        """Return a value as one text, which may be long: what stands in the label columns of an export."""
        return self.text(value)

    @abstractmethod
    def code(self, value: Value, codes: Mapping[str, str]) -> str:
        """Return the identity of a checked value, 1 to 64 characters; only the code of one class begins with a digit.

        codes: class codes by name, in their order.
        """

    def stored(self, value: Value, codes: Mapping[str, str]) -> Value | None:
        """Return what is kept of a checked value beside its code, by class code; None where the code says it all."""
        del value, codes
        return None

    @abstractmethod
    def shown(self, code: str, kept: Value | None, names: Mapping[str, str]) -> Value | None:
        """Return a kept answer with the names of today; None for one of a class that is gone.

        names: by class code, in the project's order. With {code: code} it is the answer by code, as it is compared.
        """

    @abstractmethod
    def labels_in(self, value: Value) -> set[str]:
        """Return the classes that a value names; what is no name is left for `check_value` to refuse."""

    def labels_in_json(self, kept: str) -> set[str]:
        """Return the classes that a kept value names, from its JSON: 100,000 of them are asked for at once."""
        return self.labels_in(json.loads(kept)) if kept else set()

    @abstractmethod
    def merged(self, value: Value, gone: str, into: str) -> Value:
        """Return a value in which one class has taken the place of another."""

    @abstractmethod
    def finder(self, wanted: str, codes: Sequence[str]) -> Find:
        """Return how labels that name a class are found. wanted: its code; codes: in the project's order."""

    @abstractmethod
    def units(self, answers: Mapping[str, Value], config: TaskConfig, content: Content) -> Units:
        """Turn answers {annotator: value} to one item into units {unit: {annotator: class index or ABSENT}}.

        Every annotator has a label in every unit, and the order of annotators does not matter.
        """

    def assemble(self, decided: Mapping[str, int], config: TaskConfig, content: Content) -> Value:
        """Turn decided labels {unit: class index or ABSENT} back into a value; not for kinds that decide otherwise."""
        del decided, config, content
        raise NotImplementedError

    def decide(self, answers: Mapping[str, Value], config: TaskConfig, content: Content) -> Decided:
        """Return what one answer or more to an item come to: each unit by majority, then put together again.

        One unit whose votes tie leaves the whole item undecided, since a label set with a doubtful box in it is a
        doubtful label set; and "not there" is a vote like any other.
        """
        units = self.units(answers, config, content)
        ranked = {unit: Counter(labels.values()).most_common(2) for unit, labels in units.items()}
        shares = [(best[0][1] + 0.5) / (len(answers) + 1) for best in ranked.values()]
        confidence = sum(shares) / len(shares) if shares else (len(answers) + 0.5) / (len(answers) + 1)
        differ = any(len(best) > 1 for best in ranked.values())
        if any(len(best) > 1 and best[0][1] == best[1][1] for best in ranked.values()):
            return Decided(None, confidence, differ)
        found = self.assemble({unit: best[0][0] for unit, best in ranked.items()}, config, content)
        return Decided(found, confidence, differ)

    def things(self, answers: Mapping[str, Value], config: TaskConfig, content: Content) -> Units:
        """Return the units of one item as `units` does, but one for each thing, wherever exactly people have it."""
        return self.units(answers, config, content)

    def told_alike(self, unit: str) -> str:
        """Return what units have in common on which people are as often right as on each other."""
        del unit
        return ""

    def weighed(
        self, units: Units, answers: Mapping[str, Value], config: TaskConfig, right: Mapping[str, float]
    ) -> Sequence[str | None]:
        """Return the names of an item's `things`, in order, as `assemble` takes them; None where its place ties.

        right: of annotators, how often they are expected to be right: so much each of them counts.
        """
        del answers, config, right
        return [*units]

    def patterns(
        self, codes: Sequence[str], answers: Mapping[str, Value], config: TaskConfig, content: Content
    ) -> Counter[str]:
        """Return {pattern: units}: what one item with answers adds to the histogram that agreement is measured from.

        codes: of its answers; answers, config: by class code.
        """
        del answers, config, content
        return Counter([pattern_of(codes)])

    def share_alike(
        self, codes: Sequence[str], answers: Mapping[str, Value], config: TaskConfig, content: Content
    ) -> float:
        """Return the share of the answers to an item that say the most frequent thing, 0 to 1."""
        del answers, config, content
        return max(map(codes.count, codes)) / len(codes)

    def part_differences(self, one: Value, two: Value, config: TaskConfig, content: Content) -> Sequence[Difference]:
        """Return how the parts of two answers differ, each part of either once; () for kinds without parts."""
        del one, two, config, content
        return ()

    def partial_credit(self, one: Value, two: Value, differences: Sequence[Difference]) -> tuple[float, float]:
        """Return what two answers have in common with credit for parts of parts, and of how much: add them up."""
        del one, two, differences
        return 0.0, 0.0

    @abstractmethod
    def agreement(self, patterns: Mapping[str, int], codes: Sequence[str]) -> Measured:
        """Measure agreement from {pattern: units}. codes: of the classes, in the project's order."""

    @abstractmethod
    def spelled(self, given: Any) -> Any:
        """Return what stands under `shape`, from how files and other tools spell it; raises Invalid (field label)."""

    def from_class(self, name: str) -> Value | None:
        """Return the answer that the name of a class alone says; None where it says none."""
        del name
        return None

    def from_cell(self, cell: str, classes: Sequence[str], decode: Callable[[str], Any]) -> Any:
        """Return what a cell spells, for `spelled`; raises Invalid. cell: trimmed, not empty; decode: of JSON."""
        del classes
        shape = self.shape
        if cell[0] not in "[{":
            raise Invalid('{shape} are written as JSON, such as {{"{shape}": []}}', field="label", shape=shape)
        try:
            return decode(cell)
        except (ValueError, RecursionError) as error:
            raise Invalid("not valid JSON: {error}", field="label", error=error) from error

    def to_json(self, value: Value) -> Any:
        """Return a value as JSON files have it where `label_says_all`; `spelled` reads it again."""
        return value[self.shape]

    def to_cell(self, value: Value, classes: Sequence[str]) -> str:
        """Return a value as a cell of a table, from which `from_cell` reads it again."""
        del classes
        return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True)
class Decided:
    """What the answers to one item come to.

    value: None while their votes tie; confidence: mean over units of the majority's share, one vote smoothed over
    (Laplace); differ: whether the answers differ in any unit.
    """

    value: Value | None
    confidence: float
    differ: bool


def pattern_of(codes: Iterable[str]) -> str:
    """Return the pattern of one unit: its answers' codes, shorter ones first (so numbers ascend), joined by a comma."""
    return ",".join(sorted(codes, key=lambda code: (len(code), code)))


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
