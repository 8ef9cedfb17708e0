"""Test items: a lead makes items test items, by a decision, by an answer they give or by a column of an import."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, String, cast, select
from sqlalchemy.orm import Session

from labeler.errors import Invalid
from labeler.exchange.parsing.values import value_of
from labeler.projects.actions import alone_with
from labeler.projects.models import Item, Project
from labeler.projects.queries import Classes, classes_of, content_of, item_in, items_by_id
from labeler.storage.database import clock
from labeler.task_types.base import Value
from labeler.test_items import actions
from labeler.test_items.actions import NewTest, decided_label

COLUMN = "gold"
"""The column of an import that says what is right on an item, unless a lead names another."""
_CHUNK = 500


@dataclass(frozen=True)
class MadeTests:
    """What became of items that were to be test items. undecided: nobody has said what is right on them."""

    added: int
    undecided: int = 0


def make_test(
    session: Session, project: Project, item_id: int, *, by: int, value: Value | None = None, note: str = ""
) -> None:
    """Make one item a test item. value: what is right on it, None for what a lead decided.

    Raises Invalid for what is no answer to it, or where nobody decided.
    """
    project = alone_with(session, project)
    item = item_in(session, project.id, item_id)
    new = decided_label(session, item) if value is None else _said(classes_of(session, project.id), item, value)
    made = NewTest(item, new.code, new.value, note.strip())
    actions.make_tests(session, project, [made], by=by, now=clock(session))


def make_decided(session: Session, project: Project, item_ids: Sequence[int], *, by: int) -> MadeTests:
    """Make those of these items test items about which a lead has decided what they are."""
    project = alone_with(session, project)
    new, undecided = [], 0
    for item in items_by_id(session, project.id, item_ids).values():
        try:
            new.append(decided_label(session, item))
        except Invalid:
            undecided += 1
    return MadeTests(actions.make_tests(session, project, new, by=by, now=clock(session)), undecided)


def make_from_column(session: Session, project: Project, column: str = COLUMN, *, by: int | None) -> MadeTests:
    """Make items test items whose metadata say what is right on them; what is no answer to an item is left out."""
    project = alone_with(session, project)
    classes = classes_of(session, project.id)
    new, unusable = [], 0
    for item in session.scalars(_with_column(project.id, column)):
        try:
            new.append(_said(classes, item, _spelled(classes, item.meta[column])))
        except Invalid:
            unusable += 1
    return MadeTests(actions.make_tests(session, project, new, by=by, now=clock(session)), unusable)


def with_column(session: Session, project_id: int, column: str = COLUMN) -> int:
    """Return how many items have a value in a column of their metadata."""
    return len(session.scalars(_with_column(project_id, column).with_only_columns(Item.id)).all())


def end_tests(session: Session, project: Project, item_ids: Sequence[int]) -> int:
    """Let items be no test items any more; returns how many were."""
    project = alone_with(session, project)
    return actions.end_tests(session, project, list(items_by_id(session, project.id, item_ids).values()))


def _with_column(project_id: int, column: str) -> Select[Item]:
    value = cast(Item.meta[column].as_string(), String)
    return select(Item).where(Item.project_id == project_id, value.is_not(None), value != "").order_by(Item.id)


def _spelled(classes: Classes, said: object) -> Value:
    """Return the answer that a value of the metadata says, as files spell answers; raises Invalid for none."""
    written = str(said) if isinstance(said, int | float) and not isinstance(said, bool) else said
    found = value_of(written, classes.task.shape, classes.names)
    if found is None:
        raise Invalid("This says no answer.", field="value")
    return found


def _said(classes: Classes, item: Item, value: Value) -> NewTest:
    checked = classes.task.check_value(value, classes.config, content_of(item))
    return NewTest(item, *classes.keep(checked))
