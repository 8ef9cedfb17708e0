"""Serving: hold the next items for a person, mixed with what is asked beside the votes; renew them, give them back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from labeler.annotations import queries as annotation_queries
from labeler.annotations.models import Annotation
from labeler.assignment import claims
from labeler.assignment.hours import lease_of
from labeler.assignment.models import Assignment
from labeler.assignment.queries import own_of
from labeler.assignment.sharing import PROGRAM, READY
from labeler.assignment.slots import end_leases
from labeler.audits import queries as audits
from labeler.audits import serving as audit_serving
from labeler.audits.serving import Asking
from labeler.decisions import queries as decision_queries
from labeler.projects.models import Item, Project
from labeler.quality import actions as quality_actions
from labeler.second_opinions import queries as opinions
from labeler.second_opinions import serving as opinion_serving
from labeler.storage.database import alone, clock
from labeler.test_items import serving as test_serving
from labeler.test_items.rules import TestRules
from labeler.workflow.turns import PAUSED, Turn, take_turn, turn_of


@dataclass(frozen=True)
class Held:
    """One item as it is handed to a person.

    note: why a lead sent it back, or ""; earlier: their own answer to an item that came back, until they answer again.
    """

    assignment: Assignment
    item: Item
    note: str = ""
    earlier: Annotation | None = None


def serve(
    session: Session,
    project_id: int,
    user_id: int,
    *,
    count: int,
    only: Sequence[int] = (),
    lease: timedelta,
    now: datetime | None = None,
) -> list[Held]:
    """Hold the next items for a person: those held already come first, so asking twice takes nothing twice.

    only: ids of items to hold instead, whatever comes next. now: the database's clock unless a test tells the time.
    """
    alone(session, project_id)
    at = now or clock(session)
    lease = _lease(session, project_id, lease, at)
    turn = take_turn(session, project_id, user_id)
    count = turn.of(min(count, claims.MAX_CLAIM))
    asking = Asking(project_id, user_id, count, PROGRAM, lease, at, more=True)
    if not count or turn.tests:
        return _handed(session, project_id, _instead(session, asking, turn), at)
    if only:
        held = claims.hold(session, project_id, user_id, only[: turn.of(len(only))], lease=lease, now=at)
    else:
        opinion_serving.take_due(session, asking)
        held = claims.claim(session, project_id, user_id, count=count, lease=lease, now=at)
        held = _mixed(session, replace(asking, more=len(held) >= count), turn.rules, held)
    return _handed(session, project_id, held, at)


def serve_workspace(
    session: Session, project_id: int, user_id: int, *, count: int, lease: timedelta, now: datetime | None = None
) -> tuple[list[Held], bool]:
    """Hold the next items for a workspace, no more than this person's share; returns them and whether there are more.

    now: as for `serve`.
    """
    alone(session, project_id)
    at = now or clock(session)
    lease = _lease(session, project_id, lease, at)
    turn = take_turn(session, project_id, user_id)
    count = turn.of(min(count, claims.MAX_CLAIM))
    asking = Asking(project_id, user_id, count, READY, lease, at, more=True)
    if not count or turn.tests:
        tests = _instead(session, asking, turn)
        return _handed(session, project_id, tests, at), len(tests) < turn.tests
    opinion_serving.take_due(session, asking)
    share = claims.claim_share(session, project_id, user_id, count=count, lease=lease, now=at)
    held = _mixed(session, replace(asking, more=share.more), turn.rules, share.held)
    more = share.more or (len(held) > len(share.held) and _left_beside(session, project_id, user_id) > 0)
    return _handed(session, project_id, held, at), more


def _instead(session: Session, asking: Asking, turn: Turn) -> audit_serving.Held:
    """Hold for somebody who is handed nothing else what their test round wants."""
    end_leases(session, asking.project_id, asking.now)
    return test_serving.only_tests(session, asking, min(turn.tests, asking.count)) if turn.tests else []


def _lease(session: Session, project_id: int, usual: timedelta, now: datetime) -> timedelta:
    return lease_of(session.get_one(Project, project_id).settings or {}, usual, now)


def _mixed(session: Session, asking: Asking, rules: TestRules, own: audit_serving.Held) -> audit_serving.Held:
    """Return what a person holds with what is due to them beside the votes."""
    asked = opinion_serving.mix_in(session, asking, audit_serving.mix_in(session, asking, own))
    return test_serving.mix_in(session, asking, rules, asked)


def _left_beside(session: Session, project_id: int, user_id: int) -> int:
    return audits.left_for(session, project_id, user_id) + opinions.left_for(session, project_id, user_id)


def show(session: Session, project_id: int, user_id: int, *, count: int, now: datetime | None = None) -> list[Held]:
    """Show a person what would come next and hold nothing; an answer takes its slot if it is still there."""
    alone(session, project_id)
    at = now or clock(session)
    turn = turn_of(session, project_id, user_id)
    if not turn.of(count) or turn.tests:
        end_leases(session, project_id, at)
        return []
    seen = claims.look(session, project_id, user_id, count=count, now=at)
    return _handed(session, project_id, seen, at)


def _handed(session: Session, project_id: int, held: list[tuple[Assignment, Item]], now: datetime) -> list[Held]:
    quality_actions.fix_suggestions(session, project_id, held, now=now)
    return [_returned(session, a, i) if a.purpose == "review" else Held(a, i) for a, i in held]


def _returned(session: Session, assignment: Assignment, item: Item) -> Held:
    earlier = annotation_queries.counted_of(session, item.id, assignment.user_id)
    return Held(assignment, item, _note(session, item), earlier)


def renew(
    session: Session,
    project_id: int,
    user_id: int,
    ids: Sequence[int],
    *,
    opened: Sequence[int],
    lease: timedelta,
    now: datetime | None = None,
) -> list[Assignment]:
    """Go on holding what a workspace that is in use has; returns what became of each of these assignments.

    opened: of these, the ones on the screen or begun. now: as for `serve`.
    """
    alone(session, project_id)
    at = now or clock(session)
    if turn_of(session, project_id, user_id).why == PAUSED:
        end_leases(session, project_id, at)
        return own_of(session, project_id, user_id, ids)
    lease = _lease(session, project_id, lease, at)
    return claims.renew(session, project_id, user_id, ids, opened=opened, lease=lease, now=at)


def release(session: Session, project_id: int, user_id: int, ids: Sequence[int], *, ready: Sequence[int] = ()) -> int:
    """Give back what one holds, at once: these, and of the ready ones those that were not opened; returns how many."""
    alone(session, project_id)
    return claims.release(session, project_id, user_id, ids, ready)


def _note(session: Session, item: Item) -> str:
    review = decision_queries.current_of(session, item.id)
    return review.reason if review is not None and review.decision == "send_back" else ""
