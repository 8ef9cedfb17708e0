"""Asking for one more answer: a third person for ties, chosen items once more, or items given to somebody by name.

An answer more is a vote as any other; nothing that was answered is replaced. All that is asked in one step is taken
back in one step, but for what was answered meanwhile: those answers stay and count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.accounts.models import Membership
from labeler.accounts.queries import can_work
from labeler.annotations.models import Annotation
from labeler.assignment import actions as assignment_actions
from labeler.assignment.models import Assignment, VoteRequest
from labeler.assignment.policies import SENT_BACK, SENT_TO_ONE
from labeler.decisions.final import excluded_items
from labeler.errors import Invalid
from labeler.projects.actions import MAX_VOTES, alone_with
from labeler.projects.models import Item, Project
from labeler.projects.queries import items_by_id
from labeler.storage.database import clock

MOST_ITEMS = 5000
_CHUNK = 500


@dataclass(frozen=True)
class Requested:
    """What became of items that one more answer was asked for. nobody: everybody at work has seen them already.

    elsewhere: they are out, test items, sent back, or want as many answers as an item can have.
    """

    asked: int
    nobody: int = 0
    elsewhere: int = 0


def ask_one_more(
    session: Session, project: Project, item_ids: Sequence[int], *, by: int, batch: str, people: Sequence[int] = ()
) -> Requested:
    """Ask for one more answer to each of these items, before all others; the same batch again changes nothing.

    people: to whom they are given, dealt out in turn; nobody for whoever comes first. Somebody who has seen an item is
    not asked about it again.
    """
    project = alone_with(session, project)
    if (known := _of_batch(session, project.id, batch)) is not None:
        return Requested(len(known))
    if len(item_ids) > MOST_ITEMS:
        raise Invalid("At most {most:,} items at once; choose fewer.", field="items", most=MOST_ITEMS)
    workers = _at_work(session, project.id)
    if unknown := [one for one in people if one not in workers]:
        raise Invalid("{count} of these people are not at work in this project.", field="people", count=len(unknown))
    seen, out = _seen(session, project.id, item_ids), excluded_items(session, project.id)
    turns, counts = cycle(people), {"asked": 0, "nobody": 0, "elsewhere": 0}
    now = clock(session)
    for item in sorted(items_by_id(session, project.id, item_ids).values(), key=lambda item: item.id):
        may = {one for one in people or workers if one not in seen.get(item.id, ())}
        if item.id in out or _is_asked_elsewhere(item, project):
            counts["elsewhere"] += 1
        elif not may:
            counts["nobody"] += 1
        else:
            whom = next(one for one in turns if one in may) if people else None
            session.add(request := _request(item, project, batch, whom))
            request.created_by, request.created_at = by, now
            _take_effect(session, item, project, request)
            counts["asked"] += 1
    session.flush()
    return Requested(**counts)


def _is_asked_elsewhere(item: Item, project: Project) -> bool:
    """Whether an item is sent back, a test item, the model's, or has as many answers as it can want."""
    return bool(item.round or item.wanted == 0 or item.automatic_code) or _wanted(item, project) >= MAX_VOTES


def _wanted(item: Item, project: Project) -> int:
    return project.votes if item.wanted is None else item.wanted


def _request(item: Item, project: Project, batch: str, whom: int | None) -> VoteRequest:
    return VoteRequest(
        project_id=project.id,
        item_id=item.id,
        batch=batch,
        wanted=_wanted(item, project) + (item.open_slots == 0),  # one that is still open only comes to the front
        only_for=whom,
        before_wanted=item.wanted,
        before_priority=item.priority,
        before_only_for=item.only_for,
    )


def _take_effect(session: Session, item: Item, project: Project, request: VoteRequest) -> None:
    given = session.scalar(
        select(func.count()).where(
            Assignment.item_id == item.id, Assignment.round == 0, Assignment.state.in_(("held", "done"))
        )
    )
    if item.open_slots == 0:  # it may have more answers than it wanted
        request.wanted = max(request.wanted, (given or 0) + 1)
    item.only_for, item.priority = request.only_for, SENT_BACK if request.only_for is None else SENT_TO_ONE
    assignment_actions.want(session, item, request.wanted, project.votes)


def take_back_request(session: Session, project: Project, batch: str) -> int:
    """Undo what was asked in one step; returns of how many items. What was answered meanwhile stays and counts."""
    project = alone_with(session, project)
    taken, workers = 0, _at_work(session, project.id)
    for request in reversed(_of_batch(session, project.id, batch) or []):
        item = session.get(Item, request.item_id)
        request.undone_at = clock(session)
        if item is None or item.round or _wanted(item, project) != request.wanted:
            continue  # something else was asked of it since
        item.priority, item.only_for = request.before_priority, request.before_only_for
        if item.only_for is not None and item.only_for not in workers:  # nobody waits for one who has gone
            item.priority, item.only_for = SENT_BACK, None
        assignment_actions.want(session, item, request.before_wanted, project.votes)
        taken += 1
    session.flush()
    return taken


def newest_request(session: Session, project_id: int, by: int) -> str:
    """Return the batch of what a person asked last and that was not undone, "" for none."""
    query = select(VoteRequest.batch).where(
        VoteRequest.project_id == project_id, VoteRequest.created_by == by, VoteRequest.undone_at.is_(None)
    )
    return session.scalar(query.order_by(VoteRequest.id.desc()).limit(1)) or ""


def _of_batch(session: Session, project_id: int, batch: str) -> list[VoteRequest] | None:
    query = select(VoteRequest).where(VoteRequest.project_id == project_id, VoteRequest.batch == batch)
    found = list(session.scalars(query.order_by(VoteRequest.id)))
    return [one for one in found if one.undone_at is None] if found else None


def _at_work(session: Session, project_id: int) -> set[int]:
    query = select(Membership.user_id).where(
        Membership.project_id == project_id, can_work(project_id, Membership.user_id)
    )
    return set(session.scalars(query))


def _seen(session: Session, project_id: int, item_ids: Sequence[int]) -> dict[int, set[int]]:
    """Return who has ever answered, skipped or holds each of these items."""
    seen: dict[int, set[int]] = {}
    for start in range(0, len(item_ids), _CHUNK):
        part = item_ids[start : start + _CHUNK]
        said = select(Annotation.item_id, Annotation.user_id).where(
            Annotation.project_id == project_id, Annotation.item_id.in_(part)
        )
        has = select(Assignment.item_id, Assignment.user_id).where(
            Assignment.item_id.in_(part), Assignment.state != "expired"
        )
        for query in (said, has):
            for item, user in session.execute(query):
                seen.setdefault(item, set()).add(user)
    return seen
