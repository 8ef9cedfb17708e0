"""Examples of the guidelines: real items that show what a class is, what it is not, and where it gets tricky.

Note: an example is what the lead says about an item, not what anybody answered. So nothing
here reads answers, and an example stays as it is when its item gets another label. Examples belong to a version of the
guidelines and are kept with it; one whose item is gone is passed over by whoever shows it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labeler.errors import Invalid
from labeler.messages import Message

YES, NO, TRICKY = KINDS = ("yes", "no", "tricky")
MOST = {YES: 2, NO: 2, TRICKY: 5}  # of each class, and tricky cases that concern no class
LONGEST_NOTE = 300
_TOO_MANY = {
    YES: Message("There are {most} “yes” examples already; take one away first.", most=MOST[YES]),
    NO: Message("There are {most} “no” examples already; take one away first.", most=MOST[NO]),
    TRICKY: Message("There are {most} tricky cases already; take one away first.", most=MOST[TRICKY]),
}


@dataclass(frozen=True)
class Example:
    """One item shown with the guidelines. class_id: None for a tricky case about no single class."""

    item: int
    kind: str
    class_id: int | None = None
    note: str = ""

    @property
    def place(self) -> tuple[int | None, int]:
        """What no two examples of a version share: an item stands once with a class."""
        return self.class_id, self.item


@dataclass(frozen=True)
class ExampleChange:
    """One example that differs between two versions. before, after: None where it was not there."""

    before: Example | None
    after: Example | None


def from_json(stored: Iterable[dict[str, Any]]) -> tuple[Example, ...]:
    """Read examples as a version of the guidelines keeps them."""
    return tuple(Example(one["item"], one["kind"], one["class"], one.get("note", "")) for one in stored)


def to_json(examples: Iterable[Example]) -> list[dict[str, Any]]:
    """Return examples as a version of the guidelines keeps them."""
    return [{"class": one.class_id, "item": one.item, "kind": one.kind, "note": one.note} for one in examples]


def with_example(examples: Sequence[Example], new: Example) -> tuple[Example, ...]:
    """Add an example, or replace what was said about its item and class. Raises Invalid naming the field."""
    new = replace(new, note=" ".join(new.note.split()))
    rest = [one for one in examples if one.place != new.place]
    found = (*rest, new)
    if len(rest) < len(examples):
        found = tuple(new if one.place == new.place else one for one in examples)
    check(found)
    return found


def check(examples: Sequence[Example]) -> None:
    """Raise Invalid, naming the field, where examples are more than a panel can show or say too little."""
    counts: dict[tuple[int | None, str], int] = {}
    for one in examples:
        if one.kind not in KINDS:
            raise Invalid("An example is one of {kinds}.", field="kind", kinds=", ".join(KINDS))
        if one.class_id is None and one.kind != TRICKY:
            raise Invalid("Say of which class this is an example.", field="class")
        if one.kind == TRICKY and not one.note:
            raise Invalid("A tricky case needs a note that says what to do.", field="note")
        if len(one.note) > LONGEST_NOTE:
            raise Invalid("A note has at most {most} characters.", field="note", most=LONGEST_NOTE)
        key = (one.class_id, one.kind)
        counts[key] = counts.get(key, 0) + 1
        if counts[key] > MOST[one.kind]:
            raise Invalid(_TOO_MANY[one.kind], field="kind")
    if len({one.place for one in examples}) < len(examples):
        raise Invalid("The same item stands twice with one class.", field="item")


def changes(before: Sequence[Example], after: Sequence[Example]) -> list[ExampleChange]:
    """Return which examples were taken away, changed and added, in this order of their places."""
    old, new = ({one.place: one for one in examples} for examples in (before, after))
    places = [*old, *(place for place in new if place not in old)]
    return [ExampleChange(old.get(p), new.get(p)) for p in places if old.get(p) != new.get(p)]
