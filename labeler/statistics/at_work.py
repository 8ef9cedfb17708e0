"""Who is at work in a project: what each member holds now, and what a lead decided about their work."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.accounts.queries import members
from labeler.annotations.models import Annotation
from labeler.assignment.models import Assignment, WorkRule
from labeler.assignment.sharing import READY


@dataclass(frozen=True)
class AtWork:
    """One member. held: items they hold now; opened: of these, those on a screen or asked for by a program.

    until: when the first of them comes free without a word; skipped: what they skipped and have not answered since.
    """

    user_id: int
    name: str
    email: str
    held: int
    opened: int
    until: datetime | None
    skipped: int
    rule: WorkRule | None


def at_work(session: Session, project_id: int, now: datetime) -> list[AtWork]:
    """Return the members of a project by name, each with what they hold. now: leases that ended before do not count."""
    live = (Assignment.project_id == project_id, Assignment.state == "held", Assignment.expires_at > now)
    held = select(Assignment.user_id, func.count(), func.min(Assignment.expires_at)).where(*live)
    holding = {row[0]: row for row in session.execute(held.group_by(Assignment.user_id))}
    ready = select(Assignment.user_id, func.count()).where(*live, Assignment.desk == READY)
    waiting = {row[0]: row[1] for row in session.execute(ready.group_by(Assignment.user_id))}
    skips = select(Annotation.user_id, func.count()).where(
        Annotation.project_id == project_id, Annotation.status == "skipped"
    )
    skipped = {row[0]: row[1] for row in session.execute(skips.group_by(Annotation.user_id))}
    rules = {one.user_id: one for one in session.scalars(select(WorkRule).where(WorkRule.project_id == project_id))}
    found = []
    for one in members(session, project_id):
        _, count, until = holding.get(one.user_id, (0, 0, None))
        opened = count - waiting.get(one.user_id, 0)
        found.append(
            AtWork(
                one.user_id,
                one.name or one.email,
                one.email,
                count,
                opened,
                until,
                skipped.get(one.user_id, 0),
                rules.get(one.user_id),
            )
        )
    return sorted(found, key=lambda one: one.name.casefold())
