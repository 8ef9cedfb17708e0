"""Everything the agreement page, its downloads and the API say about the answers that are meant, as plain numbers.

The first number of a project without any filter is read from the pattern histogram; all else, and every filtered
number, is counted from the answers themselves, by the same functions. An item belongs to the week of its newest answer
and to the version of the guidelines that all its answers were given under.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from labeler.agreement.meant import EVERY, Meant
from labeler.agreement.measured import measure, measure_two
from labeler.agreement.patterns import patterns_of
from labeler.agreement.queries import votes_meant
from labeler.measures.class_pairs import ClassItems, ClassPair, class_items, class_pairs
from labeler.measures.histogram import by_group, counts
from labeler.measures.summary import ENOUGH_ITEMS
from labeler.projects.models import Item, Project
from labeler.projects.queries import Classes, content_of
from labeler.statistics.compared import NONE, Compared, read_compared
from labeler.statistics.snapshot import Snapshot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from labeler.measures.headline import Measured
    from labeler.measures.histogram import Counts
    from labeler.measures.named import Named

    Ints = NDArray[np.int64]

WEEK = 7
MOST_WEEKS, MOST_DAYS = 26, 40  # of a chart, the newest ones


@dataclass(frozen=True)
class Period:
    """The items whose newest answer is of one day or one week. first, last: days in UTC; within: of their items.

    measured: None where there are too few items to say a number.
    """

    first: date
    last: date
    items: int
    measured: Measured | None


@dataclass(frozen=True)
class Version:
    """The items that were answered under one version of the guidelines: 0 for none, MIXED for several."""

    version: int
    items: int
    first: date
    last: date
    measured: Measured | None


@dataclass(frozen=True)
class AgreementReport:
    """Agreement on the answers that are meant.

    items: with two answers or more; answers: to these, by so many people; differ: of the items; first, last: days of
    their newest answers; pairs: of classes that disagreement comes from, of pairs_total; class_items: one entry a class
    (both only where an answer is one class).
    """

    meant: Meant
    at: datetime
    classes: Classes
    measured: Measured
    two: tuple[Named, ...]
    items: int
    answers: int
    people: int
    differ: int
    first: date | None
    last: date | None
    weeks: tuple[Period, ...]
    days: tuple[Period, ...]
    versions: tuple[Version, ...]
    pairs: tuple[ClassPair, ...]
    pairs_total: int
    class_items: tuple[ClassItems, ...]


def read_agreement(
    session: Session, project: Project, classes: Classes, books: Snapshot, meant: Meant
) -> tuple[AgreementReport, Compared]:
    """Return what is said of the answers that are meant, and these answers for what else is asked about them."""
    import numpy as np

    found = read_compared(session, classes, books, meant)
    whole = found.whole
    pairs, total = class_pairs(_counts(found)) if classes.task.one_class else ([], 0)
    days = found.day[found.two].tolist()
    report = AgreementReport(
        meant=meant,
        at=books.at,
        classes=classes,
        measured=_measured(session, project, classes, found, meant),
        two=measure_two(session, project, classes) if meant == EVERY else (),
        items=int(found.two.sum()),
        answers=int(found.number[found.two].sum()),
        people=len(np.unique(found.user[found.two[found.place]])),
        differ=int((found.differ & found.two).sum()),
        first=date.fromordinal(min(days)) if days else None,
        last=date.fromordinal(max(days)) if days else None,
        weeks=periods(found, WEEK)[-MOST_WEEKS:] if whole else (),
        days=_days(found) if whole else (),
        versions=_versions(found) if whole else (),
        pairs=tuple(pairs),
        pairs_total=total,
        class_items=tuple(class_items(_counts(found))) if classes.task.one_class else (),
    )
    return report, found


def _counts(found: Compared) -> Counts:
    import numpy as np

    histogram = by_group(found.place, found.label, np.zeros(len(found.item), np.int64))
    return counts(histogram.get(0, {}), len(found.codes))


def _measured(session: Session, project: Project, classes: Classes, found: Compared, meant: Meant) -> Measured:
    import numpy as np

    if meant == EVERY:
        return measure(session, project, classes)
    if found.whole:
        by_one = found.measured(np.zeros(len(found.item), np.int64))
        return by_one.get(0) or classes.task.agreement({}, classes.codes)
    patterns = Counter[str]()
    votes = votes_meant(session, project.id, meant.way, set(found.item.tolist()))
    for item, answers in groupby(votes, lambda one: one.item_id):
        said = [(str(one.user_id), one.code, one.value) for one in answers]
        patterns += patterns_of(classes, said, content_of(session.get_one(Item, item)))
    return classes.task.agreement(patterns, classes.codes)


def periods(found: Compared, length: int) -> tuple[Period, ...]:
    """Return the weeks (or days) that items were answered in, length days each, the first of them a Monday."""
    import numpy as np

    number = (found.day - 1) // length
    measured = enough(found, number)
    result = []
    for one in np.unique(number[found.two]).tolist():
        inside = found.day[found.two & (number == one)]
        first, last = int(inside.min()), int(inside.max())
        result.append(Period(date.fromordinal(first), date.fromordinal(last), len(inside), measured.get(one)))
    return tuple(result)


def enough(found: Compared, group: Ints) -> dict[int, Measured]:
    """Return agreement in each group that has enough items to say a number."""
    import numpy as np

    numbers, items = np.unique(group[found.two], return_counts=True)
    large = numbers[items >= ENOUGH_ITEMS]
    return found.measured(np.where(found.two & np.isin(group, large), group, NONE))


def _days(found: Compared) -> tuple[Period, ...]:
    import numpy as np

    return periods(found, 1) if len(np.unique(found.day[found.two])) <= MOST_DAYS else ()


def _versions(found: Compared) -> tuple[Version, ...]:
    import numpy as np

    group = found.version + 1  # MIXED is below zero, which is no group
    measured = enough(found, group)
    result = []
    for one in np.unique(group[found.two]).tolist():
        days = found.day[found.two & (group == one)]
        first, last = date.fromordinal(int(days.min())), date.fromordinal(int(days.max()))
        result.append(Version(one - 1, len(days), first, last, measured.get(one)))
    return tuple(result)
