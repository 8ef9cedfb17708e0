"""Reads of the pattern histogram, and the recount that proves it."""

from collections import Counter
from itertools import groupby

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from labeler.agreement.models import PatternCount
from labeler.agreement.patterns import patterns_of
from labeler.annotations.queries import votes_of_project
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of, content_of, task_of
from labeler.task_types.base import Content


def histogram(session: Session, project_id: int, index_of_code: dict[str, int]) -> dict[tuple[int, ...], int]:
    """Return {sorted class indices: number of items}; answers of classes that are gone are left out."""
    result: Counter[tuple[int, ...]] = Counter()
    for pattern, items in session.execute(_rows(project_id)):
        known = sorted(index_of_code[code] for code in pattern.split(",") if code in index_of_code)
        if known and items:
            result[tuple(known)] += items
    return dict(result)


def set_histogram(session: Session, project_id: int) -> dict[tuple[str, ...], int]:
    """Return {codes of an item's answers: number of items}, for answers that are sets of labels."""
    return {tuple(pattern.split(",")): items for pattern, items in session.execute(_rows(project_id)) if items}


def recount(session: Session, project_id: int) -> dict[str, tuple[int, int]]:
    """Return {pattern: (stored, right)} where the histogram is not what the answers say; empty when it is exact."""
    project = session.get_one(Project, project_id)
    task, config = task_of(project), classes_of(session, project_id).config_by_code
    right: Counter[str] = Counter()
    votes = votes_of_project(session, project_id, values=task.objects)
    for item_id, answers in groupby(votes, key=lambda vote: vote.item_id):
        said = list(answers)
        values = {str(one.user_id): one.value for one in said if one.value is not None}
        content = content_of(session.get_one(Item, item_id)) if task.objects else Content()
        right += patterns_of(task, [one.code for one in said], values, config, content)
    stored = {pattern: items for pattern, items in session.execute(_rows(project_id)) if items}
    patterns = stored.keys() | right.keys()
    return {p: (stored.get(p, 0), right[p]) for p in patterns if stored.get(p, 0) != right[p]}


def _rows(project_id: int) -> Select[str, int]:
    return select(PatternCount.pattern, PatternCount.items).where(PatternCount.project_id == project_id)
