"""What is in an export, counted before it is made: what nobody should overlook, what is fine, and what is left out.

Each number is of a list of items (`statistics.item_search`), in the file and in all.
"""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from labeler.decisions.final import (
    AMBIGUOUS,
    AUTOMATIC,
    final_code,
    final_source,
    is_tie,
    is_unlabeled,
    with_standing,
)
from labeler.decisions.models import Review
from labeler.projects.models import Item
from labeler.quality.calibration.queries import calibration
from labeler.quality.models import ItemScore
from labeler.quality.queries import latest_inspection
from labeler.review.expected import Expected, expected_wrong
from labeler.statistics.conditions import Conditions
from labeler.statistics.item_conditions import all_of, asked_beside, is_flagged, met

EXCLUDED, TIED, UNLABELED = "excluded", "tied", "unlabeled"
MOST_EXPECTED = 50_000
"""Flagged labels that are looked at to say how many of them are wrong; of more, nothing is said."""


@dataclass(frozen=True)
class Counted:
    """How many items something is true of. inside: of those in the file; all: of all of the project."""

    inside: int
    all: int


@dataclass(frozen=True)
class Contents:
    """What is in an export. items: of the project; written: of the file.

    Not to be overlooked: flagged (a flag waits), tied (the votes tie), given (an existing label that nobody saw),
    automatic (a label of the model that nobody saw). Fine: reviewed (a lead decided), ambiguous (with a soft label, by
    a lead), consensus. Left out, each item under the first reason that holds: excluded, unlabeled, ties_out, filtered
    (by the conditions).
    expected_wrong: of the flagged labels in the file, None where no probability is known.
    """

    items: int
    written: int
    flagged: Counted
    tied: Counted
    given: Counted
    automatic: Counted
    reviewed: Counted
    ambiguous: Counted
    consensus: Counted
    excluded: int
    unlabeled: int
    ties_out: int
    filtered: int
    expected_wrong: Expected | None = None


def contents_of(session: Session, project_id: int, wanted: Conditions) -> Contents:
    """Count what an export of the items that meet these conditions holds."""
    inspection = latest_inspection(session, project_id)
    groups = _groups(session, project_id, wanted, inspection.id if inspection else None)

    def count(kind: str) -> Counted:
        return Counted(
            sum(one.items for one in groups if one.kind == kind and one.inside),
            sum(one.items for one in groups if one.kind == kind),
        )

    def out(kind: str) -> int:
        return sum(one.items for one in groups if one.kind == kind and not one.which)

    flagged = Counted(
        sum(one.items for one in groups if one.flagged and one.inside), sum(one.items for one in groups if one.flagged)
    )
    expected = None
    if inspection and 0 < flagged.inside <= MOST_EXPECTED:
        inside = all_of(met(session, project_id, wanted))
        expected = _expected(session, project_id, inspection.id, inside)
    return Contents(
        items=sum(one.items for one in groups),
        written=sum(one.items for one in groups if one.inside),
        flagged=flagged,
        tied=count(TIED),
        given=count("given"),
        automatic=count(AUTOMATIC),
        reviewed=count("review"),
        ambiguous=count(AMBIGUOUS),
        consensus=count("consensus"),
        excluded=out(EXCLUDED),
        unlabeled=out(UNLABELED),
        ties_out=out(TIED),
        filtered=sum(one.items for one in groups if one.which and not one.passes),
        expected_wrong=expected,
    )


class _Group(NamedTuple):
    """Items of one kind. which, passes: whether they meet what is asked by `which`, and what is asked beside."""

    which: bool
    passes: bool
    flagged: bool
    kind: str
    items: int

    @property
    def inside(self) -> bool:
        return self.which and self.passes


def _groups(session: Session, project_id: int, wanted: Conditions, inspection_id: int | None) -> list[_Group]:
    kind = case(
        (Review.decision == "exclude", EXCLUDED),
        (Review.decision == AMBIGUOUS, AMBIGUOUS),
        (is_tie(), TIED),
        (is_unlabeled(), UNLABELED),
        else_=final_source(),
    )
    # as a table of its own: repeated in GROUP BY the expressions would be others, with values of their own
    table = (
        with_standing(
            select(
                all_of(met(session, project_id, Conditions(which=wanted.which))).label("which"),
                all_of(asked_beside(session, project_id, wanted)).label("passes"),
                all_of([is_flagged(inspection_id)]).label("flagged"),
                kind.label("kind"),
            ).select_from(Item)
        )
        .where(Item.project_id == project_id)
        .subquery()
    )
    columns = (table.c.which, table.c.passes, table.c.flagged, table.c.kind)
    return [_Group(*row) for row in session.execute(select(*columns, func.count()).group_by(*columns))]


def _expected(session: Session, project_id: int, inspection_id: int, inside: ColumnElement[bool]) -> Expected | None:
    known = calibration(session, project_id)
    if known.wrong is None:
        return None
    judged = and_(ItemScore.item_id == Item.id, ItemScore.inspection_id == inspection_id)
    query = (
        with_standing(select(ItemScore.label_score).select_from(Item))
        .join(ItemScore, judged)
        .where(Item.project_id == project_id, is_flagged(inspection_id), inside)
        .where(ItemScore.label_score.is_not(None), ItemScore.label_code == final_code())
    )
    return expected_wrong(known.of(score) for score in session.scalars(query) if score is not None)
