"""Answers with parts, compared thing by thing: of each item, how often each person agrees with the others.

Matching boxes takes far longer than counting classes, so what an item came to is kept with the ids of the answers it
was counted from, and only items whose answers changed since the last look are matched again. Note:
a person who did not mark a thing says that it is not there, and that can agree with the others or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.agreement.conditions import answers_meant
from labeler.agreement.patterns import by_person
from labeler.annotations.columns import COUNTED, AnswerColumns
from labeler.annotations.models import Annotation
from labeler.measures.histogram import PAIR
from labeler.measures.persons import with_the_others
from labeler.projects.models import Item
from labeler.projects.queries import Classes
from labeler.task_types.base import ABSENT, Content, TaskConfig, TaskType, Value

if TYPE_CHECKING:
    from labeler.task_types.base import Units

_CHUNK = 500  # items read at once


class Compared(NamedTuple):
    """What a person's answers to the units of an item came to: how many were compared, and how many were the same."""

    compared: int
    same: int


class Matched(NamedTuple):
    """What the answers to one item came to. answers: ids of those counted; people: by user id."""

    answers: tuple[int, ...]
    people: Mapping[int, Compared]


def matched(
    session: Session, classes: Classes, answers: AnswerColumns, known: Mapping[int, Matched]
) -> dict[int, Matched]:
    """Return {item id: what its answers came to} of items with two counted answers or more; known: of a look before."""
    wanted = _answered_twice(answers)
    found = {item: known[item] for item, ids in wanted.items() if item in known and known[item].answers == ids}
    missing = [item for item in wanted if item not in found]
    for chunk in read_answered(session, missing, classes):
        people = compare_items(classes.task, chunk, classes.config_by_code)
        found |= {item: Matched(wanted[item], people[item]) for item in people}
    return found


class Answered(NamedTuple):
    """An item with its answers by user id."""

    item: int
    values: Mapping[str, Value]
    content: Content


def compare_items(task: TaskType, items: Sequence[Answered], config: TaskConfig) -> dict[int, dict[int, Compared]]:
    """Compare the people of each item with the others; returns {item: {user id: what their answers came to}}."""
    import numpy as np

    rows = [(one.item, *row) for one in items for row in _rows(_units(task, one, config))]
    begins = [n and rows[n][:2] != rows[n - 1][:2] for n in range(len(rows))]
    unit, label = np.cumsum(begins, dtype=np.int64), np.array([row[3] for row in rows], np.int64)
    compared, same = with_the_others(unit, label)
    counted, agreed = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    for row, one, other in zip(rows, compared.tolist(), same.tolist(), strict=True):
        counted[row[0], row[2]] += one
        agreed[row[0], row[2]] += other
    return {
        one.item: {
            int(user): Compared(counted[one.item, int(user)], agreed[one.item, int(user)]) for user in one.values
        }
        for one in items
    }


def _units(task: TaskType, one: Answered, config: TaskConfig) -> Units:
    return task.units(one.values, config, one.content)


def _rows(units: Units) -> Iterator[tuple[int, int, int]]:
    """Yield (unit, user, label) of the units that anybody marked: a class that nobody chose compares nobody."""
    marked = (labels for labels in units.values() if any(label != ABSENT for label in labels.values()))
    for number, labels in enumerate(marked):
        for user, label in labels.items():
            yield number, int(user), label - ABSENT  # from 0 on


def _answered_twice(answers: AnswerColumns) -> dict[int, tuple[int, ...]]:
    import numpy as np

    counted = answers.status == COUNTED
    order = np.argsort(answers.item[counted], kind="stable")
    rows = zip(answers.item[counted][order].tolist(), answers.id[counted][order].tolist(), strict=True)
    ids = {item: tuple(row[1] for row in group) for item, group in groupby(rows, key=lambda row: row[0])}
    return {item: own for item, own in ids.items() if len(own) >= PAIR}


def read_answered(session: Session, items: Sequence[int], classes: Classes, way: str = "") -> Iterator[list[Answered]]:
    """Yield these items with their counted answers as the task type reads them, so many at once.

    way: only those given so (`agreement.meant`).
    """
    for start in range(0, len(items), _CHUNK):
        these = items[start : start + _CHUNK]
        contents = {
            row[0]: Content(row[1], row[2], row[3])
            for row in session.execute(select(Item.id, Item.text, Item.width, Item.height).where(Item.id.in_(these)))
        }
        columns = (Annotation.item_id, Annotation.user_id, Annotation.code, Annotation.value)
        query = select(*columns).where(Annotation.item_id.in_(these), *answers_meant(way))
        rows = session.execute(query.order_by(Annotation.item_id, Annotation.id)).all()
        yield [
            Answered(item, by_person(classes, [(str(row[1]), row[2], row[3]) for row in group]), contents[item])
            for item, group in groupby(rows, key=lambda row: row[0])
        ]
