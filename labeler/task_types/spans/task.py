"""Spans: stretches of a text, each with a class. Every stretch anybody marked is a unit.

Offsets are Unicode code points, end exclusive: Python's own, but not JavaScript's, where an emoji counts two.
Note: a stretch may have several classes; where any annotator gave it more than one, each class of it is a unit of its
own, because one unit can hold one label an annotator.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from labeler.errors import Invalid
from labeler.messages import Message
from labeler.task_types.base import (
    ABSENT,
    Content,
    Example,
    TaskConfig,
    Units,
    Value,
    Words,
    class_index,
    fields_of,
    identity,
    place_of,
    placed,
)
from labeler.task_types.differing import Difference, letters_shared, stretches_differing
from labeler.task_types.geometry import weighted_median
from labeler.task_types.listed_parts import EACH_THING, ListedParts, each_label, given_list, listed, weight_of
from labeler.task_types.matching import Drawn, clusters
from labeler.task_types.spans.runs import PlacedRun, Run, placed_runs, runs_of

MOST_SPANS = 5_000  # in one answer
FIELDS = frozenset({"label", "start", "end"})
ONE = {"label": "person", "start": 0, "end": 3}


def _stretches(value: Value) -> list[tuple[int, int, str]]:
    return [(span["start"], span["end"], span["label"]) for span in value["spans"]]


def _but(**changed: Any) -> Value:
    return {"spans": [ONE | changed]}


class Spans(ListedParts):
    """{"spans": [{"label", "start", "end"}]}; the empty list is an answer."""

    name = "spans"
    title: str = Message("Spans")
    words = Words(
        choice=Message("Spans: words and passages of a text"),
        question=Message("Mark the spans."),
        compared=EACH_THING,
    )
    media = frozenset({"text"})
    judged_by = "tokens"
    shape = "spans"
    called = "entities"
    part_fields = FIELDS
    example = Example(
        config=TaskConfig(classes=("person", "place")),
        content=Content(text="Ada went to Turin \N{GRINNING FACE} by train."),
        value={"spans": [ONE, {"label": "place", "start": 12, "end": 17}]},
        garbage=(
            None,
            [],
            {},
            ONE,
            {"spans": ONE},
            {"spans": ["Ada"]},
            {"spans": [ONE], "extra": 1},
            {"spans": [ONE, ONE]},
            {"spans": [ONE] * 5_001},
            {"spans": [{"label": "person", "start": 0}]},
            _but(label="lion"),
            _but(text="Ada"),
            _but(start=3),
            _but(start=-1),
            _but(end=30),
            _but(start=False),
            _but(end=3.0),
            _but(end="3"),
        ),
    )

    def check_value(self, value: Any, config: TaskConfig, content: Content) -> Value:
        """Accept {"spans": [spans]} within the text, in the annotator's order, each stretch once a class."""
        checked: dict[tuple[int, int, str], Value] = {}
        for number, span in enumerate(listed(value, "spans", MOST_SPANS)):
            name = f"spans.{number}"
            fields = fields_of(span, FIELDS, name_of_field=name)
            class_index(fields["label"], config.classes, name_of_field=f"{name}.label")
            start, end = _ends(fields, name, content)
            if (start, end, fields["label"]) in checked:
                raise Invalid("This span has this label already.", field=name)
            checked[start, end, fields["label"]] = {"label": fields["label"], "start": start, "end": end}
        return {"spans": list(checked.values())}

    def code(self, value: Value, codes: Mapping[str, str]) -> str:
        """Return an identity that neither the order of spans nor a renamed class changes."""
        return identity(sorted([span["start"], span["end"], codes[span["label"]]] for span in value["spans"]))

    def units(self, answers: Mapping[str, Value], config: TaskConfig, content: Content) -> Units:
        """Return one unit a stretch, or one a stretch and class where somebody gave it several; in reading order."""
        del content
        index = {name: number for number, name in enumerate(config.classes)}
        given: dict[tuple[int, int], dict[str, list[int]]] = {}
        for who, value in answers.items():
            for span in value["spans"]:
                stretch = given.setdefault((span["start"], span["end"]), {})
                stretch.setdefault(who, []).append(index[span["label"]])
        units: Units = {}
        for place, labels in sorted(given.items()):
            if all(len(own) == 1 for own in labels.values()):
                one_each = {who: own[0] for who, own in labels.items()}
                units[placed(place, units)] = dict.fromkeys(answers, ABSENT) | one_each
                continue
            for label in sorted({label for own in labels.values() for label in own}):
                units[placed([*place, label], units)] = {
                    who: label if label in labels.get(who, ()) else ABSENT for who in answers
                }
        return units

    def part_differences(self, one: Value, two: Value, config: TaskConfig, content: Content) -> list[Difference]:
        """Return how two people's spans differ: alike is the same stretch with the same class."""
        del config, content
        return stretches_differing(_stretches(one), _stretches(two))

    def partial_credit(self, one: Value, two: Value, differences: Sequence[Difference]) -> tuple[float, float]:
        """Return what both marked letter by letter, and of how many."""
        del differences
        return letters_shared(_stretches(one), _stretches(two))

    def things(self, answers: Mapping[str, Value], config: TaskConfig, content: Content) -> Units:
        """Return one unit a thing that anybody marked: stretches that overlap by half are the same, one a person."""
        del content
        return {
            str(number): dict.fromkeys(answers, ABSENT) | {one.who: one.label for one in members}
            for number, members in enumerate(_clusters(answers, config))
        }

    def weighed(
        self, units: Units, answers: Mapping[str, Value], config: TaskConfig, right: Mapping[str, float]
    ) -> Sequence[str | None]:
        """Return each thing from where to where most of who is often right have it; None where that ties."""
        del units
        names: dict[str, None] = {}
        found: list[str | None] = []
        for members in _clusters(answers, config):
            place = _most(members, [weight_of(one.who, right) for one in members])
            found.append(None if place is None else placed(place, names))
            names |= {} if found[-1] is None else {found[-1]: None}
        return found

    def assemble(self, decided: Mapping[str, int], config: TaskConfig, content: Content) -> Value:
        """Return the spans that were not decided to be absent, from the first to the last."""
        del content
        found = sorted({(*place_of(unit)[:2], label) for unit, label in decided.items() if label != ABSENT})
        return {"spans": [{"label": config.classes[label], "start": start, "end": end} for start, end, label in found]}

    def spelled(self, given: Any) -> list[Any]:
        """Take lists [start, end, label] and objects with start_offset and end_offset as well."""
        return [one for span in given_list(given) for one in each_label(_span(span), "labels")]

    @staticmethod
    def runs(text: str, spans: Sequence[Value]) -> list[Run]:
        """Cut a text where marks begin and end, for shown.html."""
        return runs_of(text, spans)

    @staticmethod
    def placed_runs(text: str, spans: Sequence[Value], places: Sequence[Mapping[str, Any]]) -> list[PlacedRun]:
        """Cut a text where marks and places begin and end, for places.html."""
        return placed_runs(text, spans, places)


def _clusters(answers: Mapping[str, Value], config: TaskConfig) -> list[list[Drawn]]:
    index = {name: number for number, name in enumerate(config.classes)}
    return clusters(
        {
            who: [_drawn(who, number, index[one["label"]], one) for number, one in enumerate(value["spans"])]
            for who, value in answers.items()
        },
        _overlap,
    )


def _drawn(who: str, number: int, label: int, span: Mapping[str, Any]) -> Drawn:
    """Return a span as the matching needs it: a box of the height 1."""
    start, end = span["start"], span["end"]
    return Drawn(who, number, label, (start, end), (start, 0, end, 1), end - start)


def _overlap(one: tuple[int, int], two: tuple[int, int]) -> float:
    """Return the characters that both have, of those that either has."""
    shared = max(0, min(one[1], two[1]) - max(one[0], two[0]))
    return shared / (one[1] - one[0] + two[1] - two[0] - shared)


def _most(members: Sequence[Drawn], weights: Sequence[float]) -> list[int] | None:
    """Return the weighted medians of starts and of ends; None where half of the weight is on either side of a gap."""
    ends = [weighted_median([one.shape[side] for one in members], weights) for side in (0, 1)]
    marked = [{one.shape[side] for one in members} for side in (0, 1)]
    return [int(end) for end in ends] if all(end in ours for end, ours in zip(ends, marked, strict=True)) else None


def _ends(fields: Mapping[str, Any], name_of_field: str, content: Content) -> tuple[int, int]:
    """Return start and end of a span within the text; raises Invalid naming the field."""
    start, end = fields["start"], fields["end"]
    for side, place in (("start", start), ("end", end)):
        if isinstance(place, bool) or not isinstance(place, int):
            raise Invalid("This must be a whole number of characters.", field=f"{name_of_field}.{side}")
    if start < 0:
        raise Invalid("A span starts at 0 or later.", field=f"{name_of_field}.start")
    if end <= start:
        raise Invalid("A span must end after it starts.", field=f"{name_of_field}.end")
    if content.text is not None and end > len(content.text):
        raise Invalid(
            "The span ends at {end}, past the text of {length}.",
            field=f"{name_of_field}.end",
            end=end,
            length=len(content.text),
        )
    return start, end


def _span(given: Any) -> Any:
    if isinstance(given, list) and len(given) == len(FIELDS):
        return {"label": given[2], "start": given[0], "end": given[1]}
    if isinstance(given, dict) and {"start_offset", "end_offset", "label"} <= given.keys():
        return {"label": given["label"], "start": given["start_offset"], "end": given["end_offset"]}
    return given
