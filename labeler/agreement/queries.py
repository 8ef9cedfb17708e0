"""Reads of the pattern histogram, and the recount that proves it."""

from collections import Counter
from itertools import groupby

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from labeler.agreement.models import PatternCount
from labeler.agreement.patterns import patterns_of
from labeler.annotations.queries import votes_of_project
from labeler.projects.models import Item
from labeler.projects.queries import classes_of, content_of
from labeler.task_types.base import Content


def histogram(session: Session, project_id: int) -> dict[str, int]:
    """Return {pattern: units}, as the task type made them (`TaskType.patterns`)."""
    return {pattern: units for pattern, units in session.execute(_rows(project_id)) if units}


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
