"""What a lead decides about one person's work: pause it, limit it, let them in, free what they hold.

Nothing that a person did is touched by any of it; an answer that is on its way when they are paused is stored as
always.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from labeler.accounts.models import Membership
from labeler.assignment import claims
from labeler.assignment.actions import work_rule
from labeler.assignment.models import WorkRule
from labeler.errors import Invalid, NotFound
from labeler.projects.models import Project
from labeler.storage.database import alone, clock

MOST = 1_000_000


def pause(session: Session, project: Project, user_id: int, *, by: int, now: datetime | None = None) -> int:
    """Hand a person nothing more until `resume`, and free what they hold; returns how many items that were."""
    rule = _rule(session, project, user_id)
    if rule.paused_at is None:
        rule.paused_at, rule.paused_by = now or clock(session), by
    session.flush()
    return claims.release_all(session, user_id, project.id)


def resume(session: Session, project: Project, user_id: int) -> None:
    """Hand a paused person items again."""
    rule = _rule(session, project, user_id)
    rule.paused_at = rule.paused_by = None
    session.flush()


def limit(session: Session, project: Project, user_id: int, most: int | None) -> None:
    """Hand a person nothing more once so many answers of theirs stand; None for no limit."""
    if most is not None and not 0 <= most <= MOST:
        raise Invalid("Answers of one person must be 0 to {most:,}.", field="most", most=MOST)
    _rule(session, project, user_id).most = most
    session.flush()


def let_in(session: Session, project: Project, user_id: int) -> None:
    """Let a person work although they have not passed the test round."""
    _rule(session, project, user_id).let_in = True
    session.flush()


def try_again(session: Session, project: Project, user_id: int) -> None:
    """Give a person who did not pass the test round another one, of test items they have not seen."""
    _rule(session, project, user_id).tries += 1
    session.flush()


def free_holds(session: Session, project: Project, user_id: int) -> int:
    """Free what a person holds, for others or for themselves to take again; returns how many items that were.

    What was sent back to them stays theirs. An answer on its way takes its place again if nobody has taken it.
    """
    alone(session, project.id)
    return claims.release_held(session, user_id, project.id)


def _rule(session: Session, project: Project, user_id: int) -> WorkRule:
    alone(session, project.id)
    if session.get(Membership, (project.id, user_id)) is None:
        raise NotFound("There is no such member in this project.")
    return work_rule(session, project.id, user_id)
