"""The answers that are meant, side by side: what all of the agreement page but its first number is counted from.

Everything here is arrays of one moment (`statistics.snapshot`), sorted by item and then by label. Items with one answer
are kept, because they too are labeled in some week; `two` says which can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.agreement.meant import MIXED, SINGLE, UNAIDED, Meant
from labeler.annotations.columns import COUNTED
from labeler.annotations.models import Annotation
from labeler.consensus.models import ItemConsensus
from labeler.decisions.final import AMBIGUOUS
from labeler.measures.histogram import PAIR, by_group
from labeler.projects.models import Item
from labeler.projects.queries import Classes
from labeler.statistics.item_search import says_about
from labeler.statistics.snapshot import Snapshot
from labeler.storage.arrays import read_arrays

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.annotations.columns import AnswerColumns
    from labeler.measures.headline import Measured

    Ints = NDArray[np.int64]
    Truths = NDArray[np.bool_]

NONE = -1  # of a group: no group


@dataclass(frozen=True, eq=False)
class Compared:
    """Answers that are meant, and the items that have any.

    Of items, by ascending id, (items,): item, its id; number, its answers; day, of the newest; version, of the
    guidelines, MIXED where there were several; import_id, 0 for none; differ, whether its answers do; judged, whether
    no lead took it out or called it ambiguous. Of answers, (answers,): place, of the item; user; label, a position in
    `codes`. whole: whether the code of an answer is all of it, so that equal labels are all there is to agree on.
    """

    classes: Classes
    item: Ints
    number: Ints
    day: Ints
    version: Ints
    import_id: Ints
    differ: Truths
    judged: Truths
    place: Ints
    user: Ints
    label: Ints
    codes: tuple[str, ...]
    whole: bool

    @cached_property
    def two(self) -> Truths:
        """(items,) whether it has two answers or more."""
        return self.number >= PAIR

    def measured(self, group: Ints) -> dict[int, Measured]:
        """Return agreement in each group of items. group: (items,), NONE for none."""
        found = by_group(self.place, self.label, group)
        task, class_codes = self.classes.task, self.classes.codes
        return {
            one: task.agreement(
                {",".join(self.codes[label] for label in pattern): items for pattern, items in patterns.items()},
                class_codes,
            )
            for one, patterns in sorted(found.items())
        }


def read_compared(session: Session, classes: Classes, books: Snapshot, meant: Meant) -> Compared:
    """Return the answers that are meant, of a project's books."""
    import numpy as np

    answers, project_id = books.answers, books.project
    label, codes = _labels(session, project_id, classes, answers)
    kept = (answers.status == COUNTED) & (label >= 0) & _given_so(answers, meant.way)
    order = np.lexsort((label[kept], answers.item[kept]))
    item, user, label = (column[kept][order] for column in (answers.item, answers.user, label))
    starts = np.flatnonzero(np.diff(item, prepend=-1))
    day, version = answers.day[kept][order], answers.guideline[kept][order]
    found = Compared(
        classes=classes,
        item=item[starts],
        number=np.diff(starts, append=len(item)),
        day=_at_most(day, starts),
        version=_one_version(version, starts),
        import_id=imports_of_items(session, project_id, item[starts]),
        differ=_differ(session, classes, books, item[starts], _at_most(label, starts) != _at_least(label, starts)),
        judged=~np.isin(item[starts], [one.item for one in books.decided if one.decision in {"exclude", AMBIGUOUS}]),
        place=np.cumsum(np.diff(item, prepend=-1) > 0) - 1,
        user=user,
        label=label,
        codes=codes,
        whole=not classes.task.keeps_value,
    )
    return _only(found, _wanted(session, project_id, found, meant))


def _given_so(answers: AnswerColumns, way: str) -> Truths:
    return {
        SINGLE: ~answers.paged & ~answers.imported,
        UNAIDED: ~answers.paged & ~answers.aided,
    }.get(way, answers.status >= 0)


def _labels(
    session: Session, project_id: int, classes: Classes, answers: AnswerColumns
) -> tuple[Ints, tuple[str, ...]]:
    """Return the label of each answer, -1 for one of a class that is gone, and the codes they stand for."""
    import numpy as np

    if classes.task.one_class:
        order = np.argsort(known := np.array([int(code) for code in classes.codes], np.int64))
        places = np.minimum(np.searchsorted(known[order], answers.code), max(len(known) - 1, 0))
        return np.where(known[order][places] == answers.code, order[places], -1), classes.codes
    rows = session.execute(
        select(Annotation.id, Annotation.code).where(
            Annotation.project_id == project_id, Annotation.status == "counted", Annotation.code != ""
        )
    ).all()
    codes = sorted({row[1] for row in rows})
    index = {code: n for n, code in enumerate(codes)}
    label = np.full(len(answers), -1, np.int64)
    label[np.searchsorted(answers.id, [row[0] for row in rows])] = [index[row[1]] for row in rows]
    return label, tuple(codes)


def _at_most(values: Ints, starts: Ints) -> Ints:
    import numpy as np

    return np.maximum.reduceat(values, starts) if len(starts) else values


def _at_least(values: Ints, starts: Ints) -> Ints:
    import numpy as np

    return np.minimum.reduceat(values, starts) if len(starts) else values


def _one_version(version: Ints, starts: Ints) -> Ints:
    import numpy as np

    most = _at_most(version, starts)
    return np.where(most == _at_least(version, starts), most, MIXED)


def imports_of_items(session: Session, project_id: int, items: Ints) -> Ints:
    """Return the import of each of these items, in ascending order, 0 for none."""
    import numpy as np

    query = select(Item.id, Item.import_id).where(Item.project_id + 0 == project_id, Item.import_id.is_not(None))
    ids, imports = (column.astype(np.int64) for column in read_arrays(session, query))
    found = np.zeros(len(items), np.int64)
    places = np.searchsorted(items, ids)
    inside = places < len(items)
    inside[inside] = items[places[inside]] == ids[inside]
    found[places[inside]] = imports[inside]
    return found


def _differ(session: Session, classes: Classes, books: Snapshot, items: Ints, codes: Truths) -> Truths:
    """Return whether the answers to each item differ. codes: whether their codes do."""
    import numpy as np

    if classes.task.exact:
        return codes
    # two people hardly draw the same to the pixel, so what was matched says it
    query = select(ItemConsensus.item_id).where(
        ItemConsensus.project_id == books.project, ItemConsensus.differ.is_(True)
    )
    return np.isin(items, list(session.scalars(query)))


def _wanted(session: Session, project_id: int, found: Compared, meant: Meant) -> Truths:
    import numpy as np

    kept = np.ones(len(found.item), np.bool_)
    if meant.since:
        kept &= found.day >= meant.since.toordinal()
    if meant.until:
        kept &= found.day <= meant.until.toordinal()
    if meant.version is not None:
        kept &= found.version == meant.version
    return kept & items_asked(session, project_id, found.item, found.import_id, meant)


def items_asked(session: Session, project_id: int, items: Ints, imports: Ints, meant: Meant) -> Truths:
    """Return which items are of the import and have the metadata that are meant, answered or not."""
    import numpy as np

    kept = np.ones(len(items), np.bool_)
    if meant.import_id:
        kept &= imports == meant.import_id
    if meant.about:
        column, _, value = meant.about.partition("=")
        ids = session.scalars(select(Item.id).where(Item.project_id == project_id, says_about(column, value)))
        kept &= np.isin(items, list(ids))
    return kept


def _only(found: Compared, kept: Truths) -> Compared:
    import numpy as np

    if kept.all():
        return found
    mine, places = kept[found.place], np.cumsum(kept) - 1
    of_items = ("item", "number", "day", "version", "import_id", "differ", "judged")
    changed = {name: getattr(found, name)[kept] for name in of_items}
    changed |= {"place": places[found.place[mine]], "user": found.user[mine], "label": found.label[mine]}
    return Compared(**{name: getattr(found, name) for name in Compared.__dataclass_fields__} | changed)
