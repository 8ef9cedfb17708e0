"""Handing out second opinions among a person's others, without a sign. This file changes rows, as `actions.py` does.

They are held as items of an audit are, by an assignment with a lease in a round of their own, and mixed in likewise.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.assignment.models import Assignment
from labeler.assignment.queries import holders
from labeler.assignment.rounds import TEST, opinion_round
from labeler.assignment.sharing import READY, share
from labeler.audits.serving import Asking, Held, hold_beside, renewed, since_beside
from labeler.audits.spacing import SPACING, mixed, room
from labeler.decisions.models import SECOND_OPINION
from labeler.projects.models import Item
from labeler.second_opinions import queries


def take_due(session: Session, asking: Asking) -> None:
    """Hold for a person what is due to them, before they are handed anything of their own.

    Otherwise an item that still wants votes would come to them as one of these, and be no second opinion any more.
    """
    if queries.waiting_count(session, asking.project_id):
        held = len(_renewed(session, asking))
        since = since_beside(session, asking.project_id, asking.user_id, SPACING)
        _take(session, asking, max(0, room(asking.count, asking.count, since, SPACING) - held))


def mix_in(session: Session, asking: Asking, others: Held) -> Held:
    """Return what a person holds with the second opinions that are due to them, in the order to answer."""
    if not queries.waiting_count(session, asking.project_id):
        return others  # who decides over a question ends what is held for it
    held = _renewed(session, asking)
    since = since_beside(session, asking.project_id, asking.user_id, SPACING)
    wanted = _wanted(session, asking, len(others), since, len(held)) - len(held)
    if wanted > 0:
        held += _take(session, asking, wanted)
    return mixed(others, held, since, SPACING)[: max(asking.count, len(others))]


def _wanted(session: Session, asking: Asking, others: int, since: int, held: int) -> int:
    """Return how many second opinions a person should hold now."""
    if others or asking.more:
        return room(others, asking.count, since, SPACING)
    if asking.desk != READY:
        return asking.count
    people = {*holders(session, asking.project_id, asking.now), asking.user_id}
    return share(queries.open_count(session, asking.project_id) + held, len(people), asking.count)


def _renewed(session: Session, asking: Asking) -> Held:
    query = (
        select(Assignment, Item)
        .join(Item, Item.id == Assignment.item_id)
        .where(
            Assignment.project_id == asking.project_id,
            Assignment.user_id == asking.user_id,
            Assignment.state == "held",
            Assignment.round < opinion_round(0),
            Assignment.round > TEST,
        )
        .order_by(Assignment.round.desc())
    )
    return renewed(session, asking, [(assignment, item) for assignment, item in session.execute(query)])


def _take(session: Session, asking: Asking, count: int) -> Held:
    chosen = queries.open_to(session, asking.project_id, asking.user_id, count) if count else ()
    taken = [
        (
            hold_beside(session, asking, one.item_id, opinion_round(one.id), SECOND_OPINION),
            session.get_one(Item, one.item_id),
        )
        for one in chosen
    ]
    session.flush()
    return taken
