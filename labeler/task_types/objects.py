"""Objects placed in a picture: what boxes and polygons have in common. Each thing that was drawn is a unit.

An answer to one item is a list of objects; its order is the annotator's and carries no meaning, so it stays in the
value and leaves the code. Note what a unit's place is: not one annotator's drawing but the middle
one of all who drew that thing, so it may change when another answer comes in.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from labeler.errors import Invalid
from labeler.task_types.base import (
    ABSENT,
    Content,
    TaskConfig,
    Units,
    Value,
    class_index,
    fields_of,
    identity,
    place_of,
    placed,
)
from labeler.task_types.differing import Difference, objects_differing
from labeler.task_types.listed_parts import ListedParts, listed, weight_of
from labeler.task_types.matching import Drawn, Overlap, clusters, remembered

MOST_OBJECTS = 1_000  # in one answer
FARTHEST = 1e9  # pixels; keeps areas and turns far from what floats cannot hold
ROUNDING = 1e-6  # pixels by which a sum of two floats may pass an edge it was cut at


class Objects(ListedParts):
    """Shared behaviour of the task types whose parts are drawn in a picture."""

    media = frozenset({"image"})

    @abstractmethod
    def check_place(self, part: Mapping[str, Any], name_of_field: str, content: Content) -> None:
        """Raise Invalid, naming the field, where an object has no place in the picture."""

    @abstractmethod
    def place_in(self, part: Mapping[str, Any]) -> Any:
        """Return an object's place as JSON, its numbers as they were given."""

    @abstractmethod
    def part_at(self, place: Any) -> dict[str, Any]:
        """Return the fields of an object at a place, without its label."""

    @abstractmethod
    def drawn(self, who: str, number: int, label: int, place: Any) -> Drawn:
        """Return an object as the matching needs it; its shape holds the place as floats."""

    @abstractmethod
    def overlap(self, one: Any, two: Any) -> float:
        """Return intersection over union of two shapes."""

    @abstractmethod
    def middle(
        self, places: Sequence[Any], shapes: Sequence[Any], overlap: Overlap, weights: Sequence[float] | None = None
    ) -> Any:
        """Return the place that stands for two or more places of one thing, given with their shapes.

        weights: how much each counts, above 0; None for all the same.
        """

    def check_value(self, value: Any, config: TaskConfig, content: Content) -> Value:
        """Accept {shape: [objects]}, in the annotator's order; an empty list says that nothing is there."""
        parts = listed(value, self.shape, MOST_OBJECTS)
        checked = []
        for number, part in enumerate(parts):
            name = f"{self.shape}.{number}"
            fields = fields_of(part, self.part_fields, name_of_field=name)
            class_index(fields["label"], config.classes, name_of_field=f"{name}.label")
            self.check_place(fields, name, content)
            checked.append({"label": fields["label"], **self.part_at(self.place_in(fields))})
        return {self.shape: checked}

    def code(self, value: Value, codes: Mapping[str, str]) -> str:
        """Return an identity that neither the order of objects nor a renamed class changes."""
        return identity(sorted([codes[part["label"]], as_floats(self.place_in(part))] for part in value[self.shape]))

    def units(self, answers: Mapping[str, Value], config: TaskConfig, content: Content) -> Units:
        """Return one unit a thing that anybody drew, matched over annotators (see `matching`)."""
        del content
        return self._units(answers, config, {})

    def weighed(
        self, units: Units, answers: Mapping[str, Value], config: TaskConfig, right: Mapping[str, float]
    ) -> Sequence[str | None]:
        """Return the same things at the middle of who is often right."""
        return [*(self._units(answers, config, right) if right else units)]

    def _units(self, answers: Mapping[str, Value], config: TaskConfig, right: Mapping[str, float]) -> Units:
        drawn = {who: self._drawn(who, value, config) for who, value in answers.items()}
        overlap = remembered(self.overlap)
        units: Units = {}
        for members in clusters(drawn, overlap):
            places = [self.place_in(answers[one.who][self.shape][one.number]) for one in members]
            weights = [weight_of(one.who, right) for one in members]
            shapes = [one.shape for one in members]
            place = places[0] if len(places) == 1 else self.middle(places, shapes, overlap, weights)
            units[placed(place, units)] = dict.fromkeys(answers, ABSENT) | {one.who: one.label for one in members}
        return units

    def _drawn(self, who: str, value: Value, config: TaskConfig) -> list[Drawn]:
        index = {name: number for number, name in enumerate(config.classes)}
        return [
            self.drawn(who, number, index[part["label"]], self.place_in(part))
            for number, part in enumerate(value[self.shape])
        ]

    def part_differences(self, one: Value, two: Value, config: TaskConfig, content: Content) -> list[Difference]:
        """Return how two people's objects differ: partners overlap by half or more."""
        del content
        first, second = self._drawn("1", one, config), self._drawn("2", two, config)
        return objects_differing(first, second, remembered(self.overlap))

    def partial_credit(self, one: Value, two: Value, differences: Sequence[Difference]) -> tuple[float, float]:
        """Return twice the overlaps of partners, whatever their class, and all objects: F1 x mean overlap."""
        drawn = len(one[self.shape]) + len(two[self.shape])
        return 2 * sum(each.overlap for each in differences), float(drawn)

    def assemble(self, decided: Mapping[str, int], config: TaskConfig, content: Content) -> Value:
        """Return the objects that were not decided to be absent, in the order of their units."""
        del content
        parts = [
            {"label": config.classes[label], **self.part_at(place_of(unit))}
            for unit, label in decided.items()
            if label != ABSENT
        ]
        return {self.shape: parts}


def checked_number(number: Any, name_of_field: str) -> float:
    """Return a finite number that is no bool; raises Invalid naming the field."""
    if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) <= FARTHEST:
        raise Invalid("This must be a number of pixels.", field=name_of_field)
    return number


def check_within(number: float, size: int | None, name_of_field: str, what: str) -> None:
    """Raise Invalid where a coordinate lies outside 0 to `size` (None: not known) by more than rounding."""
    if number < 0:
        raise Invalid(
            "{what} lies {distance:g} px before the edge of the picture.",
            field=name_of_field,
            what=what,
            distance=-number,
        )
    if size is not None and number > size + ROUNDING:
        raise Invalid(
            "{what} lies {distance:g} px past the edge of the picture, which is {size} px there.",
            field=name_of_field,
            what=what,
            distance=number - size,
            size=size,
        )


def as_floats(place: Any) -> Any:
    """Return a place with every number as a float, and no negative zero."""
    return [as_floats(inner) for inner in place] if isinstance(place, list | tuple) else float(place) + 0.0


def in_pixels(part: Any) -> Any:
    """Return an object of Label Studio's short form in pixels instead of percents; any other as it is."""
    if not isinstance(part, dict) or not part.keys() & {"rectanglelabels", "polygonlabels"}:
        return part
    width, height = part.get("original_width"), part.get("original_height")
    if type(width) is not int or type(height) is not int:
        raise Invalid("nothing says how large the picture is (original_width, original_height)", field="label")
    wide, high = width / 100, height / 100
    try:
        if "points" in part:
            return {**part, "points": [[x * wide, y * high] for x, y in part["points"]]}
        across = {name: part[name] * wide for name in ("x", "width")}
        return {**part, **across, **{name: part[name] * high for name in ("y", "height")}}
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("an object of Label Studio has no place in percents", field="label") from error
