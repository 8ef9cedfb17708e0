"""Decisions: store what a lead decided, take it back."""

from sqlalchemy.orm import Session

from labeler.decisions import actions as review_actions
from labeler.decisions import queries as decision_queries
from labeler.decisions.actions import Decision
from labeler.decisions.models import SECOND_OPINION, Review
from labeler.errors import Conflict
from labeler.projects import queries as project_queries
from labeler.projects.actions import alone_with
from labeler.projects.models import Project
from labeler.quality import queries as quality_queries
from labeler.quality.detectors.registry import rank
from labeler.quality.models import Flag
from labeler.second_opinions import queries as opinions
from labeler.storage.database import clock
from labeler.workflow.telling import decided


def resolve(session: Session, project: Project, decision: Decision, *, by: int) -> tuple[Review, bool]:
    """Store what a lead decided about an item, with the flag it was about; returns it and whether it is new."""
    project = alone_with(session, project)
    project_queries.item_in(session, project.id, decision.item)
    if decision.decision == SECOND_OPINION and decision_queries.by_key(session, by, decision.key) is None:
        _check_askable(session, project, decision.item, by)
    flag = _flag_of(session, project, decision)
    now = clock(session)
    review, new = review_actions.decide(session, project, decision, flag=flag, by=by, now=now)
    if new:
        decided(session, review, now=now)
    return review, new


def _check_askable(session: Session, project: Project, item_id: int, by: int) -> None:
    """Raise Conflict where there is nobody to ask for a second opinion, or it is asked for already."""
    current = decision_queries.current_of(session, item_id)
    if current is not None and current.decision == SECOND_OPINION:
        raise Conflict("This item waits for a second opinion already.")
    if not opinions.people_for(session, project.id, item_id, asks=by):
        raise Conflict(
            "Nobody is left to ask: everybody at work in this project has seen this item. Invite somebody, or decide "
            "it yourself."
        )


def _flag_of(session: Session, project: Project, decision: Decision) -> Flag | None:
    """Return the flag that was decided about: the one that was looked at, else the first in the queue's order."""
    if decision.flag is not None:
        flag = session.get(Flag, decision.flag)
        return flag if flag is not None and flag.item_id == decision.item else None
    inspection = quality_queries.latest_inspection(session, project.id)
    flags = quality_queries.flags_of_items(session, inspection.id, [decision.item]) if inspection else {}
    return min(flags.get(decision.item, []), key=lambda flag: rank(flag.kind), default=None)


def take_back(session: Session, project: Project, user_id: int) -> list[Review]:
    """Undo a person's newest decision, with all that were made in the same step; returns them ([]: none was left)."""
    project = alone_with(session, project)
    last = decision_queries.last_by(session, project.id, user_id)
    if last is None:
        return []
    together = list(decision_queries.in_batch(session, user_id, last.batch)) if last.batch else [last]
    for review in together:
        review_actions.undo(session, project, review)
    return together
