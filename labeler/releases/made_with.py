"""What was chosen for a release, in English, for what lies in it: which items, how they are split, what of them.

Of a choice that is as usual nothing is said, so that the card of a release that chose nothing is the same as ever.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from labeler.releases.frozen import Head
from labeler.statistics.conditions import LABELED_OR_TIED, Conditions


def items_told(head: Head, numbers: Mapping[str, Any]) -> Iterator[str]:
    """Yield which items are in a release, and how many its filters leave out. numbers: as kept with the release."""
    asked = list(_filters(head, head.chosen.items))
    if asked:
        yield (
            f"Only items are in it of which all of this is true: {'; '.join(asked)}. "
            f"By that {_many(numbers['filtered'], 'other is', 'others are')} left out."
        )
    if head.chosen.items.which == LABELED_OR_TIED:
        yield "Items whose answers tie are in it too: they have no label, but the share of each class."


def content_told(head: Head) -> Iterator[str]:
    """Yield what of the items is in a release."""
    if head.chosen.soft_labels:
        yield "Every label of one class is also given as shares of all classes (a soft label)."
    if not head.chosen.answers:
        yield "Single answers are left out of the labels."


def _filters(head: Head, wanted: Conditions) -> Iterator[str]:
    if wanted.reviewed:
        yield "a lead decided about it"
    if wanted.min_confidence:
        yield f"its label has a confidence of at least {100 * wanted.min_confidence:g}%, or a lead decided it"
    if wanted.min_votes:
        yield f"it has at least {_many(wanted.min_votes, 'answer', 'answers')}, or a lead decided it"
    if wanted.no_flags:
        yield "no flag of a label check waits for a decision"
    if wanted.no_ties:
        yield "its answers do not tie"
    yield from _origins(head, wanted)


def _origins(head: Head, wanted: Conditions) -> Iterator[str]:
    if wanted.classes:
        yield f"its final label names {' or '.join(wanted.classes)}"
    if wanted.annotator:
        yield f"{head.answered_by or 'somebody who left'} answered it"
    if wanted.import_id:
        yield f"it came with the import {head.imports.get(str(wanted.import_id), {}).get('name', wanted.import_id)}"
    if wanted.since:
        yield f"it was labeled on {wanted.since} or later"
    if wanted.until:
        yield f"it was labeled on {wanted.until} or earlier"


def _many(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"


def split_told(head: Head) -> tuple[str, ...]:
    """Return how a release is split, () where it is not."""
    split = head.chosen.split
    if split is None:
        return ()
    shares = ", ".join(f"{100 * share:g}% {name}" for name, share in split.shares)
    alike = " Each part has the same share of each class." if split.stratify else ""
    together = ["items with identical contents"]
    if split.near_duplicates and head.twins.get("checked"):
        together.append("items that the last label check found to be nearly the same")
    together += [f"items alike in {column}" for column in split.group_by]
    said = (
        f"{shares}, with the seed {split.seed}.{alike}",
        f"In one part stay together: {', '.join(together)}.",
    )
    return (*said, *_unknown(head)) if split.near_duplicates else said


def _unknown(head: Head) -> Iterator[str]:
    if not head.twins.get("checked"):
        yield "No label check had run, so it was not known which items are nearly the same."
    elif head.twins.get("newer"):
        newer = _many(head.twins["newer"], "item", "items")
        yield f"Of {newer} that came after the last label check that was not known."


def split_table(head: Head, numbers: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """Return how many items and how many of each class are in each part: a row of names, then a row of all items."""
    parts: Mapping[str, Any] = numbers.get("parts", {})
    rows = [("All items", *(f"{part['items']:,}" for part in parts.values()))]
    rows += [(name, *(f"{part['classes'].get(name, 0):,}" for part in parts.values())) for name in head.names]
    return (("Class", *parts), *rows) if parts else ()
