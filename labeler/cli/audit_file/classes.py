"""The classes of a table that was read, or why its labels cannot be judged."""

import json
import re
from collections import Counter
from collections.abc import Sequence

from labeler.cli.audit_file.reading import Table
from labeler.errors import Invalid

SEPARATORS = "|;,"
SOME = 0.1  # of the labels, from which several in one cell are no accident
MOST_DIFFERENT = 0.5  # of the labels, beyond which they are no classes
FEW = 20
_NUMBER = re.compile(r"-?\d+")


def classes_of(table: Table) -> tuple[str, ...]:
    """Return the names of the classes in order, numbers as numbers; raises Invalid where labels cannot be judged."""
    counts = Counter(row.label for row in table.kept)
    if not counts:
        raise _nothing(table)
    if several := _several(counts):
        raise Invalid(
            'The label of {name} holds several classes an item, such as "{example}". An audit judges one class an '
            "item; name a column with one class by --label COL.",
            field="label",
            name=table.name,
            example=several,
        )
    if len(counts) == 1:
        raise Invalid(
            "All {count:,} labels of {name} are the same class ({label}), so there is nothing to compare. Another "
            "column can be named by --label COL.",
            field="label",
            count=len(table.kept),
            name=table.name,
            label=next(iter(counts)),
        )
    if len(table.kept) >= FEW and len(counts) > MOST_DIFFERENT * len(table.kept):
        raise Invalid(
            "The label of {name} has {count:,} different values in {rows:,} rows, so it is no class. Name the column "
            "of the class by --label COL.",
            field="label",
            name=table.name,
            count=len(counts),
            rows=len(table.kept),
        )
    return tuple(sorted(counts, key=_order))


def spelled_alike(classes: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the groups of classes whose names differ only in case, blanks and signs: probably one class each."""
    alike: dict[str, list[str]] = {}
    for name in classes:
        alike.setdefault(re.sub(r"[\W_]+", "", name.casefold()) or name, []).append(name)
    return [tuple(names) for names in alike.values() if len(names) > 1]


def _nothing(table: Table) -> Invalid:
    if not table.rejected:
        return Invalid("{name} holds no rows.", field="file", name=table.name)
    first = table.rejected[0]
    return Invalid(
        "None of the {count:,} rows of {name} can be used. The first, row {row}: {reason}.",
        field="file",
        count=len(table.rejected),
        name=table.name,
        row=first.number,
        reason=first.reason,
    )


def _several(counts: Counter[str]) -> str:
    """Return a label that holds several classes, where that is usual among them; else ""."""
    total, lists = counts.total(), [label for label in counts if label.startswith("[") and _length(label) > 1]
    if sum(counts[label] for label in lists) >= SOME * total:
        return lists[0]
    for sign in SEPARATORS:
        joined = [label for label in counts if sign in label.strip(sign)]
        parts = {part.strip() for label in joined for part in label.split(sign)}
        again = [label for label in joined if len(parts & counts.keys()) > 1]
        if again and sum(counts[label] for label in again) >= SOME * total and len(parts) <= len(counts):
            return again[0]
    return ""


def _length(label: str) -> int:
    try:
        found = json.loads(label)
    except ValueError:
        return 0
    return len(found) if isinstance(found, list) else 0


def _order(name: str) -> tuple[bool, int, str, str]:
    number = bool(_NUMBER.fullmatch(name))
    return not number, int(name) if number else 0, name.casefold(), name
