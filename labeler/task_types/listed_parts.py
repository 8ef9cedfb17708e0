"""Answers that list parts, each with a class: what boxes, polygons and spans have in common, wherever parts are placed.

The value is kept beside the code, with its classes by code, so that a renamed class keeps its parts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labeler.errors import Invalid
from labeler.messages import Message
from labeler.task_types.base import (
    ABSENT,
    Content,
    Find,
    TaskConfig,
    TaskType,
    Value,
    ValueHolds,
    fields_of,
    pattern_of,
)

if TYPE_CHECKING:
    from labeler.measures.objects import ObjectAgreement

EACH_THING = Message(
    "Answers here have parts, so each thing that anybody marked is compared by itself; not marking it is an answer too."
)
UNKNOWN, LEAST = 0.5, 0.1  # how much a mark counts of somebody of whom nothing is known, and of anybody
NOTHING = "0"  # in a pattern: who did not mark the thing; no class has this id
_NAMED = re.compile(r'"label":\s*"(\d+)"')


class ListedParts(TaskType):
    """Shared behaviour of the task types whose answer is {shape: [{"label": class name, …}, …]}."""

    called: str
    """What files of other tools call the list."""

    @property
    def columns_first(self) -> tuple[str, ...]:  # type: ignore[override]  # each list has a name of its own
        """Names of the column that holds the list."""
        return ("value", "given_value", self.shape, "objects", self.called)

    keeps_value = True
    none_is_answer = True
    label_says_all = False
    on_item = True
    has_target = False
    has_parts = True
    exact = False  # two people hardly draw the same box to the pixel

    def text(self, value: Value) -> str:
        """Return how many of each class there are."""
        return counted(part["label"] for part in value[self.shape])

    def stored(self, value: Value, codes: Mapping[str, str]) -> Value:
        """Return the parts with their classes by code."""
        return self._named(value, codes)

    def shown(self, code: str, kept: Value | None, names: Mapping[str, str]) -> Value | None:
        """Return the parts with today's names; a part of a class that is gone keeps what it was called."""
        del code
        return self._named(kept, names) if kept else None

    def labels_in(self, value: Value) -> set[str]:
        """Return the classes of the parts."""
        parts = value.get(self.shape)
        names = (part.get("label") for part in parts if isinstance(part, dict)) if isinstance(parts, list) else ()
        return {name for name in names if isinstance(name, str)}

    def labels_in_json(self, kept: str) -> set[str]:
        """Return the codes of the classes, without making objects of the parts."""
        return set(_NAMED.findall(kept or ""))

    def merged(self, value: Value, gone: str, into: str) -> Value:
        """Return the parts under the other class; two that became the same are one."""
        parts = self._named(value, {gone: into})[self.shape]
        return {self.shape: [part for n, part in enumerate(parts) if part not in parts[:n]]}

    def finder(self, wanted: str, codes: Sequence[str]) -> Find:
        """Return the part's class as it is written; inside a string a quote is escaped."""
        del codes
        return ValueHolds(f'"label": "{wanted}"')

    def patterns(
        self, codes: Sequence[str], answers: Mapping[str, Value], config: TaskConfig, content: Content
    ) -> Counter[str]:
        """Return a pattern of class codes for each thing that anybody marked; none where nobody marked anything."""
        units = self.units(answers, config, content).values() if codes else ()
        return Counter(pattern_of(_code(label, config) for label in unit.values()) for unit in units)

    def share_alike(
        self, codes: Sequence[str], answers: Mapping[str, Value], config: TaskConfig, content: Content
    ) -> float:
        """Return the share over all things that anybody marked; who did not mark one says that it is not there.

        So two people with nothing in common have 0.5, as two people with different choices have.
        """
        labels = [(Counter(p.split(",")), n) for p, n in self.patterns(codes, answers, config, content).items()]
        answered = sum(found.total() * n for found, n in labels)
        return sum(max(found.values()) * n for found, n in labels) / answered if answered else 1.0

    def agreement(self, patterns: Mapping[str, int], codes: Sequence[str]) -> ObjectAgreement:
        """Return F1 on what was marked."""
        from labeler.measures.histogram import by_class
        from labeler.measures.objects import object_agreement

        index = {code: n for n, code in enumerate(codes)} | {NOTHING: len(codes)}
        return object_agreement(by_class(patterns, index), len(codes))

    def _named(self, value: Value, names: Mapping[str, str]) -> Value:
        parts = value[self.shape]
        return {self.shape: [{**one, "label": names.get(one["label"], one["label"])} for one in parts]}


def _code(label: int, config: TaskConfig) -> str:
    return NOTHING if label == ABSENT else config.classes[label]


def weight_of(who: str, right: Mapping[str, float]) -> float:
    """Return how much somebody's mark counts for where a thing is. right: by annotator, how often they are right.

    In tenths: people who are about as often right count the same, so that nobody's mark stands by a hair.
    """
    return max(round(right.get(who, UNKNOWN), 1), LEAST)


def listed(value: Any, kind: str, most: int) -> list[Any]:
    """Return the list in {kind: […]}; raises Invalid where it is something else or too long."""
    parts = fields_of(value, frozenset({kind}))[kind]
    if not isinstance(parts, list):
        raise Invalid("The {kind} must be a list.", field=kind, kind=kind)
    if len(parts) > most:
        raise Invalid(
            "An answer may hold {most:,} {kind}; this one has {count:,}.",
            field=kind,
            most=most,
            kind=kind,
            count=len(parts),
        )
    return parts


def counted(labels: Any) -> str:
    """Say how often each label occurs, the most frequent first; a dash for none."""
    found = sorted(Counter(labels).items(), key=lambda entry: (-entry[1], entry[0]))
    return ", ".join(f"{times} {label}" for label, times in found) or "\N{EN DASH}"


def given_list(given: Any) -> list[Any]:
    """Return what a file spells as a list; raises Invalid."""
    if not isinstance(given, list):
        raise Invalid("a list is expected", field="label")
    return given


def each_label(part: Any, key: str) -> list[Any]:
    """Return an object once for each of the labels that Label Studio's short form lists in it; any other as it is."""
    labels = part.get(key) if isinstance(part, dict) and "label" not in part else None
    if not isinstance(labels, list) or not labels:
        return [part]
    return [{**{name: what for name, what in part.items() if name != key}, "label": label} for label in labels]
