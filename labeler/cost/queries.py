"""Reads what work there was, answers by their active time, decisions by the times between them; and what came of it.

Answers that were given elsewhere and came by import cost nothing here, and labels that come from them alone are none
that this work paid for.
"""

from collections.abc import Sequence
from datetime import date
from math import sqrt
from statistics import fmean, stdev
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from labeler.accounts.permissions import ANNOTATOR
from labeler.accounts.queries import Member
from labeler.annotations.columns import IDLE
from labeler.annotations.models import Annotation
from labeler.annotations.queries import COUNTED, counted_of_items
from labeler.audits.models import AuditDecision, AuditItem
from labeler.cost.crowd import ANSWERS as THREE
from labeler.cost.crowd import FIRST, Pace
from labeler.cost.decision_times import Decision, timed
from labeler.cost.ledger import ANSWERS, AUDITS, BY_PURPOSE, REVIEW, Work
from labeler.decisions.final import AUTOMATIC, final_code, final_source, is_labeled, with_standing
from labeler.decisions.models import AGREED, Review
from labeler.decisions.outcomes import CURRENT, outcome
from labeler.projects.models import Item, Project
from labeler.projects.queries import Classes, task_of
from labeler.storage.arrays import day_number

FEWEST_TIMED = 5  # answers of a person whose pace is heard
REPLAYED = 2000  # items at most, whose answers are gone through again
_HERE = Annotation.mode != "import"
_AUDIT = "audit-"  # what the batches of decisions begin with that take an audit's corrections (`Audit.batch`)


def work_of(session: Session, project: Project) -> list[Work]:
    """Return all work that went into a project, what is alike together."""
    return [*answers_given(session, project), *decisions_made(session, project)]


def leads_of(members: Sequence[Member], work: Sequence[Work]) -> frozenset[int]:
    """Return the ids of those whose hour is a lead's: members who lead, and who decided without being an annotator."""
    annotate = {one.user_id for one in members if one.role == ANNOTATOR}
    decide = {one.user for one in work if one.step == REVIEW}
    return frozenset({one.user_id for one in members} - annotate | decide - annotate)


def _label_of(project: Project) -> ColumnElement[str]:
    """Return the SQL of what labels are told apart by: their class, or nothing where they are no single class."""
    return final_code() if task_of(project).one_class else literal("")


def answers_given(session: Session, project: Project) -> list[Work]:
    """Return what answers took, whatever became of them; times of more than ten minutes are left out as breaks."""
    timed_one = and_(Annotation.seconds > 0, Annotation.seconds <= IDLE)
    query = (
        with_standing(
            select(
                Annotation.user_id.label("user"),
                Annotation.purpose.label("purpose"),
                _label_of(project).label("code"),
                day_number(session, Annotation.created_at).label("day"),
                case((timed_one, 0), else_=1).label("untimed"),
                cast(case((timed_one, func.round(1000 * Annotation.seconds)), else_=0), BigInteger).label("time"),
            )
        )
        .join(Annotation, Annotation.item_id == Item.id)
        .where(Annotation.project_id == project.id, _HERE)
    )
    # counted by its parts: PostgreSQL would not see that SELECT and GROUP BY name the same expression
    rows = query.subquery().c
    alike = (rows.user, rows.purpose, rows.code, rows.day)
    sums = select(*alike, func.count(), func.sum(rows.untimed), func.sum(rows.time)).group_by(*alike)
    return [
        Work(row[0], BY_PURPOSE.get(row[1], ANSWERS), row[2], _ordinal(row[3]), row[4], int(row[5]), int(row[6]))
        for row in session.execute(sums)
    ]


def _ordinal(day: Any) -> int:
    return date.fromisoformat(str(day)).toordinal()


def decisions_made(session: Session, project: Project) -> list[Work]:
    """Return what decisions took, in reviews and in audits."""
    decisions = [*_reviews(session, project), *_audit_decisions(session, project)]
    people = {one.user for one in decisions}
    answers = select(Annotation.user_id, Annotation.created_at).where(
        Annotation.project_id == project.id, Annotation.user_id.in_(people), _HERE
    )
    given = [(row[0], row[1]) for row in session.execute(answers)] if people else []
    return list(timed(decisions, given))


def _reviews(session: Session, project: Project) -> list[Decision]:
    """Return what leads decided; corrections that were taken from an audit belong to it."""
    step = case((Review.batch.startswith(_AUDIT), AUDITS), else_=REVIEW)
    # of each item by its decision that stands, whatever this one was
    now = with_standing(select(Item.id.label("item"), _label_of(project).label("code")))
    label = now.where(Item.project_id == project.id).subquery()
    query = (
        select(Review.user_id, Review.created_at, step, label.c.code)
        .join(label, label.c.item == Review.item_id)
        .where(Review.project_id == project.id, Review.decision != AGREED)
    )
    return [Decision(*row) for row in session.execute(query)]


def _audit_decisions(session: Session, project: Project) -> list[Decision]:
    query = (
        with_standing(select(AuditDecision.user_id, AuditDecision.created_at, _label_of(project)))
        .join(AuditItem, AuditItem.item_id == Item.id)
        .join(AuditDecision, AuditDecision.audit_item_id == AuditItem.id)
        .where(AuditDecision.project_id == project.id)
    )
    return [Decision(user, at, AUDITS, code) for user, at, code in session.execute(query)]


def labels_made(session: Session, project: Project) -> dict[str, int]:
    """Return {class code: final labels} of those that work here brought.

    Under "" are a lead's shares of classes, and all labels where these are no single class.
    """
    answered = exists().where(Annotation.item_id == Item.id, _HERE)
    from_people = final_source().not_in(("given", AUTOMATIC))
    query = with_standing(select(_label_of(project).label("code"))).where(
        Item.project_id == project.id, is_labeled(), from_people, or_(answered, Review.id.is_not(None))
    )
    return _by_code(session, query)


def corrected(session: Session, project: Project) -> dict[str, int]:
    """Return {class code: labels} that a review gave another label than they had, without the corrections of audits."""
    query = with_standing(select(_label_of(project).label("code"))).where(
        Item.project_id == project.id, CURRENT, outcome() == "changed", ~Review.batch.startswith(_AUDIT)
    )
    return _by_code(session, query)


# -- what plans start from ---------------------------------------------------------------------------------------------


def first_answers(session: Session, project: Project, classes: Classes) -> list[list[int]]:
    """Return three answers, as class positions, to each of the first hundred items that have so many."""
    said = _answers(session, classes, _with_answers(project, THREE).order_by(Annotation.item_id).limit(FIRST), THREE)
    return [[label for _, label in three] for three in said]


def whole_votes(session: Session, project: Project, classes: Classes) -> list[list[tuple[int, int]]]:
    """Return who said what, (user id, class position), of the newest items that have all the answers they want."""
    newest = _with_answers(project, project.votes).order_by(Annotation.item_id.desc()).limit(REPLAYED)
    return _answers(session, classes, newest, project.votes)


def _with_answers(project: Project, number: int) -> Select[int]:
    query = select(Annotation.item_id).where(Annotation.project_id == project.id, Annotation.status == COUNTED)
    return query.group_by(Annotation.item_id).having(func.count() >= number)


def _answers(session: Session, classes: Classes, items: Select[int], number: int) -> list[list[tuple[int, int]]]:
    """Return the first answers to items; those to a class that is gone leave their item out."""
    found = counted_of_items(session, list(session.scalars(items)))
    said = [[(one.user_id, classes.index_of_code.get(one.code, -1)) for one in by[:number]] for by in found.values()]
    return [whole for whole in said if min(label for _, label in whole) >= 0]


def pace_of(session: Session, project: Project) -> Pace | None:
    """Return how long an answer took, breaks left out, each person alike; None before any was timed."""
    query = (
        select(func.avg(Annotation.seconds), func.count())
        .where(Annotation.project_id == project.id, Annotation.seconds > 0, Annotation.seconds <= IDLE, _HERE)
        .group_by(Annotation.user_id)
    )
    means = [float(row[0]) for row in session.execute(query) if row[1] >= FEWEST_TIMED]
    if not means:
        return None
    error = stdev(means) / sqrt(len(means)) if len(means) > 1 else 0.0
    return Pace(fmean(means), error)


def _by_code(session: Session, query: Select[str]) -> dict[str, int]:
    code: ColumnElement[str] = query.subquery().c.code
    return {row[0]: row[1] for row in session.execute(select(code, func.count()).group_by(code))}
