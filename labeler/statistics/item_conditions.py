"""Conditions of items (`conditions.Conditions`) as SQL: the one filter of exports, releases and lists of items.

Note: the day of a label is that of the lead's decision, else of its newest answer, else of its import, in UTC.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, null, or_, select
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.consensus.models import ItemConsensus
from labeler.decisions.final import (
    final_code,
    final_confidence,
    final_value,
    is_kept,
    is_labeled,
    is_tie,
    says_label,
)
from labeler.decisions.models import Review
from labeler.errors import Invalid
from labeler.projects.models import Item
from labeler.projects.naming import naming
from labeler.projects.queries import classes_of
from labeler.quality.models import Flag
from labeler.quality.queries import latest_inspection
from labeler.statistics.conditions import ALL, LABELED, LABELED_OR_TIED, Conditions


def met(session: Session, project_id: int, wanted: Conditions) -> list[ColumnElement[bool]]:
    """Return the SQL of all conditions; needs Item outer-joined by `with_standing`.

    Raises Invalid for a class that the project does not have.
    """
    which = {LABELED: [is_labeled()], LABELED_OR_TIED: [or_(is_labeled(), is_tie())], ALL: []}
    return [*which[wanted.which], *asked_beside(session, project_id, wanted)]


def asked_beside(session: Session, project_id: int, wanted: Conditions) -> list[ColumnElement[bool]]:
    """Return the SQL of what is asked beside `which`."""
    found: list[ColumnElement[bool]] = []
    if wanted.reviewed:
        found.append(_decided())
    if wanted.min_confidence:
        found.append(or_(_decided(), func.coalesce(final_confidence(), 0.0) >= wanted.min_confidence))
    if wanted.min_votes:
        found.append(or_(_decided(), func.coalesce(ItemConsensus.votes, 0) >= wanted.min_votes))
    if wanted.no_flags:
        inspection = latest_inspection(session, project_id)
        found.append(~is_flagged(inspection.id if inspection else None))
    if wanted.no_ties:
        found.append(~_surely(is_tie()))
    if wanted.classes:
        found.append(_of_classes(session, project_id, wanted.classes))
    if wanted.annotator:
        found.append(_answered_by(wanted.annotator))
    if wanted.import_id:
        found.append(Item.import_id == wanted.import_id)
    return found + _between(wanted.since, wanted.until)


def all_of(conditions: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Return the SQL of whether all conditions hold, never NULL."""
    return func.coalesce(and_(literal(value=True), *conditions), literal(value=False))


def is_flagged(inspection_id: int | None) -> ColumnElement[bool]:
    """Return the SQL of whether a flag of a run waits for a decision about the item."""
    flagged = exists().where(Flag.item_id == Item.id, Flag.inspection_id == (inspection_id or 0))
    return and_(flagged, Review.id.is_(None))


def _decided() -> ColumnElement[bool]:
    return _surely(says_label())


def _surely(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return func.coalesce(condition, literal(value=False))  # of an item without votes or decision it is NULL


def _of_classes(session: Session, project_id: int, names: tuple[str, ...]) -> ColumnElement[bool]:
    codes = classes_of(session, project_id).by_name
    for name in names:
        if name not in codes:
            shown = ", ".join(codes)
            raise Invalid("There is no class {name!r}; choose of {shown}.", field="classes", name=name, shown=shown)
    names_class = naming(session, project_id)
    return and_(is_kept(), or_(*[names_class(final_code(), final_value(), codes[name]) for name in names]))


def _counted() -> list[ColumnElement[bool]]:
    # naming the project as well lets the index of (project, status, item) answer
    return [
        Annotation.project_id == Item.project_id,
        Annotation.status == "counted",
        Annotation.item_id == Item.id,
    ]


def _answered_by(user_id: int) -> ColumnElement[bool]:
    return exists().where(*_counted(), Annotation.user_id == user_id)


def _between(since: date | None, until: date | None) -> list[ColumnElement[bool]]:
    if since is None and until is None:
        return []
    newest = select(func.max(Annotation.created_at)).where(*_counted()).correlate(Item).scalar_subquery()
    day = func.coalesce(_when_decided(), newest, Item.created_at)
    found = [day >= datetime.combine(since, time.min, UTC)] if since else []
    return found + ([day <= datetime.combine(until, time.max, UTC)] if until else [])


def _when_decided() -> ColumnElement[Any]:
    return case((_decided(), Review.created_at), else_=null())
