"""Whether a kept label names a class, as SQL: how its task type finds it, turned into a condition on two columns."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, false, func
from sqlalchemy.orm import InstrumentedAttribute, Session

from labeler.projects.queries import Classes, classes_of
from labeler.task_types.base import CodeDigit, CodeIs

Column = ColumnElement[Any] | InstrumentedAttribute[Any]
Names = Callable[[Column, Column, str], ColumnElement[bool]]
"""(code, value, class id as text) → SQL: the two columns in which a label is kept, and the class asked for."""


def naming(session: Session, project_id: int) -> Names:
    """Return what makes the SQL of whether a label of a project names a class."""
    classes = classes_of(session, project_id)
    return lambda code, value, wanted: names_class(classes, code, value, wanted)


def names_class(classes: Classes, code: Column, value: Column, wanted: str) -> ColumnElement[bool]:
    """Return the SQL of whether a label is of a class, or has it among its parts. wanted: class id as text.

    code, value: the columns in which the label is kept.
    """
    if wanted not in classes.by_code:
        return false()
    find = classes.task.finder(wanted, classes.codes)
    if isinstance(find, CodeIs):
        return code == find.code
    if isinstance(find, CodeDigit):
        long_enough = func.length(code) > find.place + 1  # the first character is no digit
        return and_(long_enough, func.substr(code, func.length(code) - find.place, 1).in_(find.digits))
    return cast(value, Text).contains(find.text, autoescape=True)
