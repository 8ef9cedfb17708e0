"""Whether a kept label names a class, as SQL: one class is the label, several are a set, objects name theirs inside.

Note: a label has parts where its code is no class id. Codes of sets are bit masks over the
order of the classes, in hexadecimal; codes of objects say nothing of their classes, so their values are looked into.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, false, func
from sqlalchemy.orm import InstrumentedAttribute, Session

from labeler.projects.models import Project
from labeler.projects.queries import Classes, classes_of, task_of
from labeler.task_types.base import TaskType

Column = ColumnElement[Any] | InstrumentedAttribute[Any]
Names = Callable[[Column, Column, str], ColumnElement[bool]]
"""(code, value, class id as text) → SQL: the two columns in which a label is kept, and the class asked for."""

_DIGITS = "0123456789abcdef"


def naming(session: Session, project_id: int) -> Names:
    """Return what makes the SQL of whether a label of a project names a class."""
    task, classes = task_of(session.get_one(Project, project_id)), classes_of(session, project_id)
    return lambda code, value, wanted: names_class(task, classes, code, value, wanted)


def names_class(task: TaskType, classes: Classes, code: Column, value: Column, wanted: str) -> ColumnElement[bool]:
    """Return the SQL of whether a label is of a class, or has it among its parts. wanted: class id as text.

    code, value: the columns in which the label is kept.
    """
    if not task.parts:
        return code == wanted
    if wanted not in classes.codes:
        return false()
    if task.objects:
        return cast(value, Text).like(f'%"label": "{wanted}"%')  # as it is written; inside a string a quote is escaped
    digit, bit = divmod(classes.codes.index(wanted), 4)
    having = [one for one in _DIGITS if int(one, 16) >> bit & 1]
    long_enough = func.length(code) > digit + 1  # a mask is as long as its last class needs, behind its letter
    return and_(long_enough, func.substr(code, func.length(code) - digit, 1).in_(having))
