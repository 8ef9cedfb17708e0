"""Reads of the pattern histogram, and the recount that proves it."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.orm import Session, aliased

from labeler.agreement.conditions import answers_meant
from labeler.agreement.models import PatternCount
from labeler.agreement.patterns import patterns_of
from labeler.annotations.models import Annotation
from labeler.annotations.queries import VoteRow, votes_of_project
from labeler.projects.models import Item
from labeler.projects.queries import classes_of, content_of
from labeler.task_types.base import Content


def histogram(session: Session, project_id: int) -> dict[str, int]:
    """Return {pattern: units}, as the task type made them (`TaskType.patterns`)."""
    return {pattern: units for pattern, units in session.execute(_rows(project_id)) if units}


def items_of_two(session: Session, project_id: int, index_of_code: dict[str, int]) -> dict[tuple[int, int], int]:
    """Return {(class index of the one, of the other): items both answered}, {} unless exactly two people answered.

    The one is who has the lower user id; answers of classes that are gone are left out.
    """
    people = _first_who_answered(session, project_id, most=3)
    if len(people) != 2:  # noqa: PLR2004 - of two annotators
        return {}
    one, other = aliased(Annotation), aliased(Annotation)
    cells = (
        select(one.code, other.code, func.count())
        .join(other, other.item_id == one.item_id)
        .where(one.project_id == project_id, one.user_id == people[0], one.status == literal_column("'counted'"))
        .where(other.user_id == people[1], other.status == literal_column("'counted'"))
        .group_by(one.code, other.code)
    )
    return {
        (index_of_code[said], index_of_code[heard]): items
        for said, heard, items in session.execute(cells)
        if said in index_of_code and heard in index_of_code
    }


def _first_who_answered(session: Session, project_id: int, *, most: int) -> list[int]:
    """Return the lowest user ids of people with counted answers: from one to the next along the index."""
    found: list[int] = []
    counted = (Annotation.project_id == project_id, Annotation.status == literal_column("'counted'"))
    while len(found) < most:
        later = [Annotation.user_id > found[-1]] if found else []
        user_id = session.scalar(select(func.min(Annotation.user_id)).where(*counted, *later))
        if user_id is None:
            break
        found.append(user_id)
    return found


def votes_meant(session: Session, project_id: int, way: str, items: set[int]) -> Iterator[VoteRow]:
    """Yield the answers to these items that are meant, with their values, item by item."""
    query = select(Annotation.item_id, Annotation.user_id, Annotation.code, Annotation.value)
    here = query.where(Annotation.project_id == project_id, *answers_meant(way))
    ordered = here.order_by(Annotation.item_id, Annotation.id).execution_options(yield_per=5000)
    for row in session.execute(ordered):
        if row[0] in items:
            yield VoteRow(row[0], row[1], row[2], row[3])


def recount(session: Session, project_id: int) -> dict[str, tuple[int, int]]:
    """Return {pattern: (stored, right)} where the histogram is not what the answers say; empty when it is exact."""
    classes = classes_of(session, project_id)
    task, right = classes.task, Counter[str]()
    votes = votes_of_project(session, project_id, values=task.keeps_value)
    for item_id, answers in groupby(votes, key=lambda vote: vote.item_id):
        said = list(answers)
        content = content_of(session.get_one(Item, item_id)) if task.keeps_value else Content()
        right += patterns_of(classes, [(str(one.user_id), one.code, one.value) for one in said], content)
    stored = histogram(session, project_id)
    patterns = stored.keys() | right.keys()
    return {p: (stored.get(p, 0), right[p]) for p in patterns if stored.get(p, 0) != right[p]}


def _rows(project_id: int) -> Select[str, int]:
    return select(PatternCount.pattern, PatternCount.items).where(PatternCount.project_id == project_id)
