"""What a file says of single objects beside their class and place: attributes, and which outlines are of one thing.

It is kept with the item, one entry for each object of the existing label and in its order, so that it can go out again
beside the objects that nobody changed. `THING` is a number that the outlines of one thing share.

Note: it belongs to the label that came with the item and never to an answer, so it is found again by the objects
themselves: one that was moved or got another class has left it behind.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from labeler.messages import Message

DETAILS = "object_details"
THING = "object"
CHANGED = Message("What a file said of an object beside its class and place is left out, as the object was changed.")
Detail = Mapping[str, Any]
Part = Mapping[str, Any]


class Things(NamedTuple):
    """The objects of a label. found: (the outlines or the box of one, what was said of it); lost: details left over."""

    found: list[tuple[list[Part], Detail]]
    lost: int


def told(details: Sequence[Detail]) -> dict[str, Any]:
    """Return the metadata that keeps details, {} where none says anything."""
    return {DETAILS: [dict(one) for one in details]} if any(details) else {}


def of_kept(details: Any, before: Sequence[Part], after: Sequence[Part]) -> list[Detail]:
    """Return the details of the parts of a label that were kept. before, after: its parts, in one order."""
    kept: list[Detail] = []
    for part, detail in zip(before, details if isinstance(details, list) else (), strict=False):
        if len(kept) < len(after) and part == after[len(kept)]:
            kept.append(detail)
    return kept


def things_in(parts: Sequence[Part], given: Sequence[Part], details: Any) -> Things:
    """Return the objects of a label with what was said of them. given: the parts that `details` are of."""
    waiting = list(_entries(given, details))
    found: list[tuple[list[Part], Detail]] = []
    things: dict[Any, list[Part]] = {}
    for part in parts:
        detail = _taken(part, waiting)
        number = detail.get(THING)
        if number is not None and number in things:
            things[number].append(part)
            continue
        outlines = [part]
        found.append((outlines, {name: what for name, what in detail.items() if name != THING}))
        if number is not None:
            things[number] = outlines
    return Things(found, sum(1 for _, detail in waiting if detail))


def _entries(given: Sequence[Part], details: Any) -> Iterator[tuple[Part, Detail]]:
    if not isinstance(details, list) or len(details) != len(given):
        return
    for part, detail in zip(given, details, strict=True):
        yield part, detail if isinstance(detail, dict) and isinstance(detail.get(THING), int | None) else {}


def _taken(part: Part, waiting: list[tuple[Part, Detail]]) -> Detail:
    """Return the details of a part and take them from those that wait, {} where it is another one now."""
    for place, (given, _) in enumerate(waiting):
        if given == part:
            return waiting.pop(place)[1]
    return {}
