"""Parts of a project whose answers differ more than elsewhere, or that are labeled differently from the rest.

Parts are imports, weeks, versions of the guidelines and the values of metadata that group the items. That answers
differ more is tested one-sided and adjusted for the number of parts (`quality.slices`), and must be so by five points;
that labels differ is a chi-square test of final labels (`measures.label_drift`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from labeler.agreement.meant import Meant
from labeler.measures.label_drift import Drift, drifts
from labeler.projects.models import Item
from labeler.quality.columns import as_columns
from labeler.quality.slices import LEVEL, compare, groupings
from labeler.statistics.agreement_report import WEEK
from labeler.statistics.compared import Compared, imports_of_items, items_asked
from labeler.statistics.counts import final_classes
from labeler.statistics.snapshot import Snapshot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

LEAST_DIFFERENCE = 0.05
"""Points by which answers must differ more often in a part than elsewhere."""
MOST_PARTS = 60  # weeks or imports; more are no comparison

By = Literal["about", "import", "week", "version"]


@dataclass(frozen=True)
class Where:
    """Which items a part is. column, value: of the metadata; number: of the import, the week or the version."""

    by: By
    column: str = ""
    value: str = ""
    number: int = 0


@dataclass(frozen=True)
class DifferingSlice:
    """How often answers differ in one part and in the rest of the items, shares 0 to 1; chance: adjusted."""

    where: Where
    items: int
    differ: int
    share: float
    others: float
    chance: float

    @property
    def surely(self) -> bool:
        """Whether it is more than chance."""
        return self.chance <= LEVEL and self.share > self.others

    @property
    def clearly(self) -> bool:
        """Whether the difference is large enough to matter."""
        return self.share - self.others >= LEAST_DIFFERENCE

    @property
    def stands_out(self) -> bool:
        """Whether answers differ more here: surely, and clearly."""
        return self.surely and self.clearly


@dataclass(frozen=True)
class LabelDrift:
    """One part whose final labels were compared with those of all other parts of its kind."""

    where: Where
    found: Drift


@dataclass(frozen=True)
class Balance:
    """Final labels of all items that are meant. finals: items by class; drifts: parts, the largest effect first."""

    finals: tuple[int, ...]
    drifts: tuple[LabelDrift, ...]

    @property
    def total(self) -> int:
        """Items with a final label."""
        return sum(self.finals)


def week_starts(number: int) -> date:
    """Return the Monday of a week."""
    return date.fromordinal(number * WEEK + 1)


def differing_slices(session: Session, project_id: int, found: Compared) -> tuple[DifferingSlice, ...]:
    """Return every part that is large enough: those that stand out first, then by how much they differ more."""
    columns: dict[str, Sequence[str]] = {}
    kinds: dict[str, tuple[By, str]] = {}
    for by, column, values in _groupings(session, project_id, found):
        name = f"{len(kinds)}"
        columns[name], kinds[name] = values, (by, column)
    rows = compare(columns, found.differ[found.two], most=MOST_PARTS)
    parts = [
        DifferingSlice(_where(*kinds[one.column], one.value), one.items, one.hits, one.share, one.others, one.chance)
        for one in rows
        if one.value
    ]
    return tuple(sorted(parts, key=lambda one: (not one.stands_out, one.others - one.share)))


def _where(by: By, column: str, value: str) -> Where:
    return Where(by, column, value) if by == "about" else Where(by, number=int(value))


def _groupings(session: Session, project_id: int, found: Compared) -> list[tuple[By, str, Sequence[str]]]:
    """Return what groups the items with two answers: (kind, column of the metadata, value of each item as text)."""
    two = found.two
    numbers: Mapping[By, Ints] = {
        "import": found.import_id[two],
        "week": (found.day[two] - 1) // WEEK,
        "version": found.version[two],
    }
    rows = _metadata(session, project_id)
    about = groupings(as_columns([rows.get(item, {}) for item in found.item[two].tolist()])) if rows else {}
    return [
        *(("about", column, values) for column, values in about.items()),
        *((by, "", [_text(by, one) for one in values.tolist()]) for by, values in numbers.items()),
    ]


def _text(by: By, number: int) -> str:
    return "" if by == "import" and not number else str(number)  # who came without an import is no part


def _metadata(session: Session, project_id: int) -> dict[int, dict[str, object]]:
    query = select(Item.id, Item.meta).where(Item.project_id == project_id, cast(Item.meta, String) != "{}")
    return {row[0]: row[1] for row in session.execute(query)}


def balance(session: Session, books: Snapshot, found: Compared, meant: Meant) -> Balance:
    """Return how often each class is the final label, and which imports and weeks are labeled differently.

    Without a filter of answers all items with a final label count, else those with answers that are meant.
    """
    import numpy as np

    final = final_classes(books, found.classes.codes)
    items = books.given.item
    import_of = imports_of_items(session, books.project, items)
    week_of = np.zeros(len(items), np.int64)
    week_of[np.searchsorted(items, found.item)] = (found.day - 1) // WEEK
    counted = (final >= 0) & items_asked(session, books.project, items, import_of, meant)
    if meant.of_answers:
        counted &= np.isin(items, found.item)
    size = len(found.codes)
    groups: Mapping[By, Ints] = {"import": import_of, "week": week_of}
    parts = [
        LabelDrift(Where(by, number=int(numbers[one.part])), one)
        for by, group in groups.items()
        for numbers, cells in [_table(group[counted & (group > 0)], final[counted & (group > 0)], size)]
        if 1 < len(numbers) <= MOST_PARTS
        for one in drifts(cells)
    ]
    parts.sort(key=lambda one: (not one.found.stands_out, -one.found.effect))
    return Balance(tuple(np.bincount(final[counted], minlength=size).tolist()), tuple(parts))


def _table(group: Ints, label: Ints, size: int) -> tuple[Ints, Ints]:
    """Return the groups there are, and a table (groups, classes) of items."""
    import numpy as np

    numbers, part = np.unique(group, return_inverse=True)
    cells = np.bincount(part * size + label, minlength=len(numbers) * size)
    return numbers, cells.reshape(len(numbers), size)
