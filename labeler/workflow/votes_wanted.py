"""How many answers items want: the rule of a project is changed, and the votes so far are weighed anew."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from labeler.adaptive_votes import queries
from labeler.adaptive_votes.actions import weigh_again
from labeler.adaptive_votes.models import Voter
from labeler.adaptive_votes.rule import VoteRule
from labeler.assignment import actions as assignment_actions
from labeler.assignment.models import VoteRequest
from labeler.assignment.policies import follows_certainty
from labeler.decisions import final
from labeler.errors import Invalid
from labeler.projects.actions import MAX_VOTES, check_votes
from labeler.projects.models import Item, Project
from labeler.projects.queries import Question
from labeler.storage.database import Database, alone, clock
from labeler.workflow.late import count_late

NEW_VOTES = 20  # after which voters are looked at again
_CHUNK = 500  # ids in one statement
SETTINGS = ("votes_cap", "target_error", "votes_share")


def change_votes(session: Session, project: Project, votes: int) -> int:
    """Want another number of answers an item; items that have more keep them. Raises Invalid for an unusable number.

    Where more are wanted, late answers take the slots that open, before anybody is asked; returns how many did.
    """
    return change_vote_rule(session, project, votes, {})


def change_vote_rule(session: Session, project: Project, votes: int, changes: Mapping[str, Any]) -> int:
    """Change how many answers items want, as `change_votes` does. changes: of `SETTINGS`, what becomes another."""
    alone(session, project.id)
    rule = _checked(VoteRule.of(check_votes(votes), {**(project.settings or {}), **changes}))
    project.votes, project.settings = votes, {**(project.settings or {}), **changes}
    session.execute(delete(Voter).where(Voter.project_id == project.id))  # so that all votes are weighed anew
    session.flush()
    _spread(session, project, rule)
    assignment_actions.end_full(session, project)
    assignment_actions.open_again(session, project, final.excluded_items(session, project.id))
    return count_late(session, Question.of(session, project), now=clock(session))


def _checked(rule: VoteRule) -> VoteRule:
    if not 0 <= rule.cap <= MAX_VOTES:
        raise Invalid("At most {most} answers can be wanted of an item.", field="votes_cap", most=MAX_VOTES)
    if 0 < rule.cap <= rule.minimum:
        raise Invalid(
            "The most answers an item may get ({cap}) must be more than it gets at least ({votes}).",
            field="votes_cap",
            cap=rule.cap,
            votes=rule.minimum,
        )
    if not 0 < rule.target < 0.5:  # noqa: PLR2004 - from half on one might as well toss a coin
        raise Invalid("The error aimed at must be above 0 and below 50 percent.", field="target_error")
    if not 0 < rule.share <= 1:
        raise Invalid("The share of items with several answers is above 0, at most 100 percent.", field="votes_share")
    return rule


def _spread(session: Session, project: Project, rule: VoteRule) -> None:
    """Let each item want what the rule says before anything is weighed, and no less than a lead asked for."""
    here = (Item.project_id == project.id, func.coalesce(Item.wanted, -1) != 0)
    asked = select(VoteRequest.item_id, func.max(VoteRequest.wanted)).where(
        VoteRequest.project_id == project.id, VoteRequest.undone_at.is_(None)
    )
    floors = {row[0]: row[1] for row in session.execute(asked.group_by(VoteRequest.item_id))}
    others: dict[int | None, list[int]] = defaultdict(list)
    if rule.share < 1:
        for item_id, content_hash in session.execute(select(Item.id, Item.content_hash).where(*here)):
            others[rule.at_first(content_hash)].append(item_id)
    usual = rule.at_first("") if rule.share >= 1 else None
    session.execute(update(Item).where(*here).values(wanted=usual))
    for wanted, ids in others.items():
        if wanted is not None:
            _set(session, ids, wanted)
    for item_id, least in floors.items():
        item = session.get_one(Item, item_id, populate_existing=True)
        if item.wanted != 0 and least > (project.votes if item.wanted is None else item.wanted):
            item.wanted = least
    session.flush()


def _set(session: Session, ids: Sequence[int], wanted: int) -> None:
    for start in range(0, len(ids), _CHUNK):
        session.execute(update(Item).where(Item.id.in_(ids[start : start + _CHUNK])).values(wanted=wanted))


def projects_to_weigh(session: Session) -> list[int]:
    """Return the projects in which enough votes came to look at their voters again."""
    found = []
    for project in session.scalars(select(Project).order_by(Project.id)):
        if queries.rule_of(project).is_adaptive or follows_certainty(project.settings or {}):
            fresh = queries.new_votes(session, project.id)
            if fresh >= NEW_VOTES or (fresh and not _known(session, project.id)):
                found.append(project.id)
    return found


def weigh_votes(database: Database, project_id: int, *, now: datetime | None = None) -> bool:
    """Weigh all votes of a project anew; late answers take the slots that open. Returns whether it was needed."""
    if not weigh_again(database, project_id):
        return False
    with database.write() as session:
        alone(session, project_id)
        question = Question.of(session, session.get_one(Project, project_id))
        count_late(session, question, now=now or clock(session))
    return True


def _known(session: Session, project_id: int) -> bool:
    return session.scalar(select(Voter.user_id).where(Voter.project_id == project_id).limit(1)) is not None
