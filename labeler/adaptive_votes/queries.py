"""Reads for how many answers items want."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.adaptive_votes.models import Voter
from labeler.adaptive_votes.rule import UNKNOWN, VoteRule
from labeler.annotations.models import Annotation
from labeler.annotations.queries import COUNTED
from labeler.assignment.models import Assignment, VoteRequest
from labeler.projects.models import Project


def rule_of(project: Project) -> VoteRule:
    """Return how many answers the items of a project want."""
    return VoteRule.of(project.votes, project.settings or {})


def believed(session: Session, project_id: int, users: Sequence[int]) -> dict[int, float]:
    """Return how far the votes of these people are believed: of one who is new, as far as of the others in the mean."""
    query = select(Voter.user_id, Voter.reliability).where(Voter.project_id == project_id)
    known = {row[0]: row[1] for row in session.execute(query.where(Voter.user_id.in_(users)))}
    if len(known) == len(set(users)):
        return known
    mean = session.scalar(select(func.avg(Voter.reliability)).where(Voter.project_id == project_id))
    return {user: known.get(user, mean or UNKNOWN) for user in users}


def taken(session: Session, item_ids: Sequence[int]) -> dict[int, int]:
    """Return how many answers of their first round are given or under way, by item; items without any are not in it."""
    query = select(Assignment.item_id, func.count()).where(
        Assignment.item_id.in_(item_ids), Assignment.round == 0, Assignment.state.in_(("held", "done"))
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(Assignment.item_id))}


def requested(session: Session, item_ids: Sequence[int]) -> dict[int, int]:
    """Return how many answers leads asked for, by item; items nobody asked for are not in it."""
    query = select(VoteRequest.item_id, func.max(VoteRequest.wanted)).where(
        VoteRequest.item_id.in_(item_ids), VoteRequest.undone_at.is_(None)
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(VoteRequest.item_id))}


def new_votes(session: Session, project_id: int) -> int:
    """Return how many votes came since voters were last looked at."""
    last: datetime | None = session.scalar(select(func.max(Voter.computed_at)).where(Voter.project_id == project_id))
    query = select(func.count()).where(Annotation.project_id == project_id, Annotation.status == COUNTED)
    return session.scalar(query if last is None else query.where(Annotation.created_at > last)) or 0
