"""Which part of a split each item of an export is in, and what the parts are like.

Kept together are items with identical contents, items that the last check found to be nearly the same, and items that
share a value in one of the columns that were named; items tied together through others as well.

Note: for the time of an export some 30 bytes an item are held, a million items in 30 MB, but never the items.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, func, null, select
from sqlalchemy.orm import Session

from labeler.decisions.final import final_code, final_source, final_value, with_standing
from labeler.errors import Invalid
from labeler.exchange.splitting import ALONE, Items, key_of, split
from labeler.projects.models import Item, Project
from labeler.projects.queries import Classes, classes_of
from labeler.quality.models import Flag
from labeler.quality.queries import latest_inspection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from labeler.exchange.export_choices import SplitChoices

    Keys = NDArray[np.uint64]
    Numbers = NDArray[np.int64]

_AT_ONCE = 5000
_ANY_SEED = 0


@dataclass(frozen=True)
class Part:
    """What one part is like. groups: of two or more items; rarest: items of the rarest class; reviewed: by a lead."""

    name: str
    items: int
    groups: int
    rarest: int
    reviewed: int


@dataclass(frozen=True, eq=False)
class Parts:
    """The parts of a split. ids: of the items, ascending; of: the place of each one's part among the names.

    rarest: the name of the rarest class, "" where there are no classes; newer: items that came after the last check,
    of which it is not known what they are nearly the same as; checked: whether there was one.
    """

    names: tuple[str, ...]
    ids: array[int]
    of: bytes
    listed: tuple[Part, ...]
    rarest: str
    newer: int
    checked: bool

    def part(self, item: int) -> str:
        """Return the part of an item of the export."""
        return self.names[self.of[bisect_left(self.ids, item)]]


class _Read(NamedTuple):
    """What is read of each item, in the order of ids. labels: by which items belong together, 0 for none."""

    ids: array[int]
    identities: array[int]
    strata: array[int]
    classes: list[str]
    reviewed: bytearray
    labels: list[array[int]]


def parts_of(
    session: Session, project: Project, conditions: Sequence[ColumnElement[bool]], chosen: SplitChoices
) -> Parts:
    """Split the items that meet all conditions; raises Invalid for a column of the metadata that no item has."""
    import numpy as np

    classes = classes_of(session, project.id)
    read = _read(session, project, classes, conditions, chosen)
    named = zip(chosen.group_by, read.labels[1:], strict=True)
    check_columns(session, project.id, [column for column, labels in named if not any(labels)])
    inspection = latest_inspection(session, project.id)
    sources = [np.asarray(one, dtype=np.uint64) for one in read.labels]
    if chosen.near_duplicates and inspection:
        sources.append(_twins(session, inspection.id, np.asarray(read.ids)))
    groups = _tied(sources, len(read.ids))
    items = Items(
        np.asarray(read.identities, dtype=np.uint64),
        np.asarray(read.strata) * int(chosen.stratify),
        groups,
        _group_keys(groups, sources[1 : 1 + len(chosen.group_by)], read.identities, chosen.seed),
    )
    of = split(items, [share for _, share in chosen.shares])
    listed, rarest = _listed(chosen.parts, of, items, read)
    newest = int(inspection.newest.get("item", 0)) if inspection else 0
    newer = sum(item > newest for item in read.ids) if newest else 0
    return Parts(chosen.parts, read.ids, of.tobytes(), listed, rarest, newer, inspection is not None)


def check_columns(session: Session, project_id: int, columns: Iterable[str]) -> None:
    """Raise Invalid for a column of the metadata that no item has."""
    for column in columns:
        if not _has_column(session, project_id, column):
            raise Invalid("No item has metadata called {name!r}.", field="group_by", name=column)


def _has_column(session: Session, project_id: int, name: str) -> bool:
    if '"' in name:  # which cannot be looked for
        return False
    told = Item.meta[name].as_string().is_not(None)
    return session.scalar(select(Item.id).where(Item.project_id == project_id, told).limit(1)) is not None


def columns_of(session: Session, project_id: int, most: int = 500) -> list[str]:
    """Return the columns of the metadata of the newest items, in the order they are met in."""
    query = select(Item.meta).where(Item.project_id == project_id).order_by(Item.id.desc()).limit(most)
    names = (name for meta in session.scalars(query) for name, value in meta.items() if _text(value))
    return list(dict.fromkeys(names))


def _read(
    session: Session,
    project: Project,
    classes: Classes,
    conditions: Sequence[ColumnElement[bool]],
    chosen: SplitChoices,
) -> _Read:
    read = _Read(
        array("q"), array("Q"), array("q"), [], bytearray(), [array("Q") for _ in range(1 + len(chosen.group_by))]
    )
    labels = _Strata(classes)
    for row in _rows(session, project, conditions, meta=bool(chosen.group_by), values=not classes.task.one_class):
        item, external_id, content_hash, code, value, source, meta = row
        read.ids.append(item)
        read.identities.append(key_of(chosen.seed, external_id or content_hash))
        read.strata.append(labels.number(code or "", value))
        read.reviewed.append(source == "review")
        read.labels[0].append(int(content_hash[:15], 16) + 1)
        for place, column in enumerate(chosen.group_by, 1):
            text = _text((meta or {}).get(column))
            read.labels[place].append(key_of(_ANY_SEED, f"{column}={text}") if text else 0)
    numbered, names = labels.by_rarest(read.strata)
    return read._replace(strata=numbered, classes=names)


def _rows(
    session: Session, project: Project, conditions: Sequence[ColumnElement[bool]], *, meta: bool, values: bool
) -> Iterator[Any]:
    columns = (final_value() if values else null(), final_source(), Item.meta if meta else null())
    query = with_standing(
        select(Item.id, Item.external_id, Item.content_hash, final_code(), *columns).select_from(Item)
    ).where(Item.project_id == project.id, *conditions)
    return iter(session.execute(query.order_by(Item.id).execution_options(yield_per=_AT_ONCE)))


class _Strata:
    """The strata of labels: a class, or of labels that name several the rarest of them."""

    def __init__(self, classes: Classes) -> None:
        self._classes = classes
        self._numbers: dict[frozenset[str], int] = {}

    def number(self, code: str, value: Any) -> int:
        """Return the number of the classes that a kept label names."""
        if self._classes.task.one_class:
            named = frozenset({code} if code else ())
        else:
            shown = self._classes.by_codes(code, value)
            named = frozenset(self._classes.task.labels_in(shown)) if shown is not None else frozenset()
        return self._numbers.setdefault(named, len(self._numbers))

    def by_rarest(self, numbers: Sequence[int]) -> tuple[array[int], list[str]]:
        """Return the stratum of each item by its number, and the names of the strata, in the order of the classes."""
        codes, counts = self._classes.codes, Counter(numbers)
        items: Counter[str] = Counter()
        for named, number in self._numbers.items():
            items.update(dict.fromkeys(named, counts[number]))
        places = {code: place for place, code in enumerate(codes)}
        last = len(codes)
        of = {
            number: min((places.get(code, last) for code in named), key=lambda place: self._rank(items, place))
            if named
            else last
            for named, number in self._numbers.items()
        }
        return array("q", (of[number] for number in numbers)), [*self._classes.names, ""]

    def _rank(self, items: Mapping[str, int], place: int) -> tuple[int, int]:
        codes = self._classes.codes
        return (items[codes[place]], place) if place < len(codes) else (0, place)


def _text(value: Any) -> str:
    """Return a value of the metadata as one text, the same on every database; "" for none."""
    if value is None or value == "":
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _twins(session: Session, inspection_id: int, ids: Numbers) -> Keys:
    """Return of each item by which twins it belongs together, 0 for none, as the flags of a run name them."""
    import numpy as np

    first: dict[int, int] = {}

    def find(item: int) -> int:
        while first.setdefault(item, item) != item:
            first[item] = first[first[item]]
            item = first[item]
        return item

    query = select(Flag.item_id, Flag.reasons).where(Flag.inspection_id == inspection_id).order_by(Flag.id)
    for item, reasons in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        for reason in reasons:
            others = reason.get("twins") or ([reason["item"]] if reason.get("similarity") else ())
            for other in others:
                one, two = sorted((find(item), find(other)))
                first[two] = one
    found = np.zeros(len(ids), dtype=np.uint64)
    for item in first:
        place = int(np.searchsorted(ids, item))
        if place < len(ids) and ids[place] == item:
            found[place] = find(item)
    return found


def _tied(sources: Sequence[Keys], count: int) -> Numbers:
    """Return the group of each item: of those that are tied together, by one label or by several; else ALONE."""
    import numpy as np
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    items, nodes, after = [], [], count
    for labels in sources:
        values, inverse, sizes = np.unique(labels, return_inverse=True, return_counts=True)
        several = np.flatnonzero((labels != 0) & (sizes[inverse] > 1))
        items.append(several)
        nodes.append(inverse[several] + after)
        after += len(values)
    ends = (np.concatenate(items), np.concatenate(nodes))
    graph = coo_matrix((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(after, after))
    part = connected_components(graph, directed=False)[1][:count]
    _, inverse, sizes = np.unique(part, return_inverse=True, return_counts=True)
    several = np.flatnonzero(sizes > 1)
    number = np.full(len(sizes), ALONE, dtype=np.int64)
    number[several] = np.arange(len(several))
    return np.asarray(number[inverse])


def _group_keys(groups: Numbers, columns: Sequence[Keys], identities: Sequence[int], seed: int) -> Keys:
    """Return the key of each group: of the least value that ties it, or of its oldest item where no column was named.

    It stays the same while items come and go.
    """
    import numpy as np

    keys = np.zeros(int(groups.max()) + 1 if len(groups) else 0, dtype=np.uint64)
    told: dict[int, int] = {}
    for place in np.flatnonzero(groups != ALONE).tolist():
        values = [int(one[place]) for one in columns if one[place]]
        group = int(groups[place])
        if values:
            told[group] = min(told.get(group, values[0]), *values)
        elif group not in told and not keys[group]:
            keys[group] = identities[place]
    for group, value in told.items():
        keys[group] = key_of(seed, f"group {value}")
    return keys


def _listed(names: Sequence[str], of: Any, items: Items, read: _Read) -> tuple[tuple[Part, ...], str]:
    import numpy as np

    strata, reviewed = np.asarray(read.strata), np.frombuffer(read.reviewed, dtype=np.bool_)
    sizes = Counter(one for one in read.strata if read.classes[one])
    rarest = min(sizes, key=lambda one: (sizes[one], one), default=-1)
    found = []
    for place, name in enumerate(names):
        here = of == place
        groups = np.unique(items.groups[here & (items.groups != ALONE)])
        rare = int((here & (strata == rarest)).sum())
        found.append(Part(name, int(here.sum()), len(groups), rare, int((here & reviewed).sum())))
    return tuple(found), read.classes[rarest] if rarest >= 0 else ""


def count_of(session: Session, project: Project, conditions: Sequence[ColumnElement[bool]]) -> int:
    """Return how many items meet all conditions."""
    query = with_standing(select(func.count()).select_from(Item)).where(Item.project_id == project.id, *conditions)
    return session.scalar(query) or 0
