"""Which items are meant, said once: the one filter of an export, by page, API and command, and of lists of items.

Conditions hold together: an item is in when all of them are true of it. What a lead decided is certain, so it is in
whatever the least confidence and the least number of answers are.

Note: the day of a label is that of the lead's decision, else of its newest answer, else of its import, in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
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

LABELED, LABELED_OR_TIED, ALL = "labeled", "labeled_or_tied", "all"
WHICH = (LABELED, LABELED_OR_TIED, ALL)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Which items. An empty value asks for nothing.

    which: `labeled` (a final label or a lead's soft label, and not excluded), `labeled_or_tied` (also those whose
    votes tie), `all`; reviewed: decided by a lead; min_confidence: of the final label, 0 to 1; min_votes: counted
    answers; no_flags: without a flag that waits; no_ties: without votes that tie; classes: names, of which the final
    label has one; annotator: user id of one who answered; since, until: the day of the label, both included.
    """

    which: str = LABELED
    reviewed: bool = False
    min_confidence: float = 0.0
    min_votes: int = 0
    no_flags: bool = False
    no_ties: bool = False
    classes: tuple[str, ...] = ()
    annotator: int = 0
    import_id: int = 0
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        """Raise Invalid, naming the field, for what nothing can fit."""
        if self.which not in WHICH:
            raise Invalid("Choose one of {which} as items.", field="items", which=", ".join(WHICH))
        if not 0 <= self.min_confidence <= 1:
            raise Invalid("The least confidence is a share from 0 to 1.", field="min_confidence")
        if self.min_votes < 0:
            raise Invalid("The least number of answers is a whole number from 0.", field="min_votes")
        if self.since and self.until and self.until < self.since:
            raise Invalid("The last day is before the first one.", field="until")

    @property
    def filtered(self) -> bool:
        """Whether anything is asked beside `which`."""
        return any(getattr(self, one.name) != one.default for one in fields(self) if one.name != "which")

    def to_json(self) -> dict[str, Any]:
        """Return the conditions as JSON, all of them, in a fixed order."""
        kept = {one.name: getattr(self, one.name) for one in fields(self)}
        days = {name: kept[name].isoformat() if kept[name] else None for name in ("since", "until")}
        return {**kept, "classes": list(self.classes), **days}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "Conditions":
        """Return what `to_json` wrote; raises Invalid for a name or a value that it never writes."""
        kept = known_fields(given, cls)
        for name in ("since", "until"):
            if kept.get(name) is not None:
                kept[name] = day_of(kept[name], name)
        return cls(**kept)


def known_fields(given: Mapping[str, Any], kind: type[Any]) -> dict[str, Any]:
    """Return what JSON says of the fields of a frozen value, lists as tuples; raises Invalid, naming what is wrong."""
    usual = {one.name: one.default for one in fields(kind)}
    if unknown := sorted(given.keys() - usual.keys()):
        raise Invalid("There is no choice {name!r}.", field=unknown[0], name=unknown[0])
    kept = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    for name, value in kept.items():
        wanted = type(usual[name])
        fits = type(value) is wanted or (wanted is float and type(value) is int)
        if wanted in {bool, int, float, str, tuple} and not fits:
            raise Invalid("{name} is {value!r}, which it cannot be.", field=name, name=name, value=str(value))
    return kept


def day_of(text: str, name: str) -> date:
    """Return a day written as 2026-03-31; raises Invalid, naming the field."""
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise Invalid("{text!r} is no day; write it as 2026-03-31.", field=name, text=str(text)) from None


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
