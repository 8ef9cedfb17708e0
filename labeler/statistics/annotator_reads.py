"""Reads what the figures of annotators are counted from beside the snapshot: checked answers and repeats."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.annotations.queries import COUNTED
from labeler.decisions.models import CURRENT, Review
from labeler.projects.queries import Classes
from labeler.statistics.annotators import AnnotatorFigures, Compared, compared, figures, with_ids
from labeler.statistics.checked_answers import CheckedAnswer, checked_answers
from labeler.statistics.counts import ProjectCounts, tally
from labeler.statistics.snapshot import Snapshot
from labeler.test_items.queries import repeated_answers


@dataclass(frozen=True, eq=False)
class Everybody:
    """The annotators of a project at one moment, with what their figures were counted from."""

    books: Snapshot
    tally: ProjectCounts
    compared: Compared
    checked: Sequence[CheckedAnswer]
    figures: Sequence[AnnotatorFigures]

    def one(self, user: int) -> AnnotatorFigures | None:
        """Return the figures of one of them; None for somebody who never answered."""
        return next((one for one in self.figures if one.person.user == user), None)


def read_everybody(session: Session, classes: Classes, books: Snapshot) -> Everybody:
    """Return the figures of everybody who answered in a project, most answers first."""
    checked = with_ids(books, checked_answers(session, classes, books.project))
    counts, found = tally(books, classes.codes), compared(books, classes.codes)
    people = figures(books, counts, found, checked, repeats_by_person(session, books.project))
    return Everybody(books, counts, found, checked, people)


def repeats_by_person(session: Session, project_id: int) -> dict[int, tuple[int, int]]:
    """Return {user id: (the same, of)} answers to items a person had answered before."""
    found: dict[int, tuple[int, int]] = {}
    for one in repeated_answers(session, project_id):
        same, of = found.get(one.user_id, (0, 0))
        found[one.user_id] = (same + one.same, of + 1)
    return found


def decided_about_flags(session: Session, project_id: int, user_id: int) -> tuple[int, int]:
    """Return (the same, of) a person's counted answers to flagged items whose label a lead decided.

    No part of anybody's accuracy: these items were chosen for looking wrong. A lead's own answers are left out.
    """
    query = (
        select(func.coalesce(func.sum(case((Annotation.code == Review.code, 1), else_=0)), 0), func.count())
        .join(Review, Review.item_id == Annotation.item_id)
        .where(Annotation.project_id == project_id, Annotation.user_id == user_id, Annotation.status == COUNTED)
        .where(Review.status == CURRENT, Review.code != "", Review.kind != "", Review.user_id != user_id)
    )
    same, of = session.execute(query).one()
    return int(same), of
