"""Open slots: how many more people may take an item, and who comes by it again when one comes free.

This file changes rows; all of `open_slots` is written here and in `actions.py`. Note: a
person's place in the serving order only moves on, so whatever makes an item open must say so, by `Item.freed` or by
moving places back, or nobody who has passed it would ever see it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, and_, bindparam, case, func, literal_column, select, true, tuple_, update
from sqlalchemy.orm import Session

from labeler.assignment.models import Assignment, Place
from labeler.assignment.policies import SENT_BACK
from labeler.projects.models import Item, Project

# The statements of every claim, put together once: building them costs more than running them.
# They name tables instead of classes, which spares the search for objects in the session that they might touch.
HOLDS, _ITEMS = cast("Table", Assignment.__table__), cast("Table", Item.__table__)
_PROJECTS, _PLACES = cast("Table", Project.__table__), cast("Table", Place.__table__)
# written into the statements: an index on part of a table is not used for a bound value
LIVE = HOLDS.c.state == literal_column("'held'")
_END = update(HOLDS).values(state="expired").returning(HOLDS.c.item_id, HOLDS.c.round, HOLDS.c.user_id)
_END_LEASES = _END.where(HOLDS.c.project_id == bindparam("in_project"), LIVE, HOLDS.c.expires_at <= bindparam("now"))
_END_THESE = _END.where(HOLDS.c.id.in_(bindparam("ids", expanding=True)), LIVE)
_TAKE_SLOTS = (
    update(_ITEMS)
    .where(_ITEMS.c.id.in_(bindparam("ids", expanding=True)), _ITEMS.c.open_slots > literal_column("0"))
    .values(open_slots=_ITEMS.c.open_slots - 1)
    .returning(_ITEMS.c.id)
)
TAKE_MANY = (  # with a list of {"item", "taken"}
    update(_ITEMS).where(_ITEMS.c.id == bindparam("item")).values(open_slots=_ITEMS.c.open_slots - bindparam("taken"))
)
_OF_PROJECT = select(_PROJECTS.c.votes).where(_PROJECTS.c.id == _ITEMS.c.project_id).scalar_subquery()
_STILL_WANTED = (
    case(
        (and_(_ITEMS.c.round == 0, _ITEMS.c.automatic_code != literal_column("''")), 0),  # nobody is asked about it
        (_ITEMS.c.round == 0, func.coalesce(_ITEMS.c.wanted, _OF_PROJECT)),
        else_=1,
    )
    - select(func.count())
    .where(HOLDS.c.item_id == _ITEMS.c.id, HOLDS.c.round == _ITEMS.c.round, HOLDS.c.state.in_(("held", "done")))
    .scalar_subquery()
)
_COUNTED_AGAIN = update(_ITEMS).values(
    open_slots=case((_STILL_WANTED > 0, _STILL_WANTED), else_=0),
    # people have passed by while it was full; where it was not, they took it or hold it
    freed=case((_ITEMS.c.open_slots == 0, true()), else_=_ITEMS.c.freed),
)
_COUNT_SLOTS = _COUNTED_AGAIN.where(_ITEMS.c.id == bindparam("item"), _ITEMS.c.round == bindparam("in_round"))
_COUNT_MANY = _COUNTED_AGAIN.where(_ITEMS.c.id.in_(bindparam("ids", expanding=True)))
_GO_BACK = (
    update(_PLACES)
    .where(
        _PLACES.c.project_id == bindparam("in_project"),
        tuple_(_PLACES.c.priority, _PLACES.c.item_id) >= tuple_(bindparam("first"), bindparam("item")),
    )
    .values(priority=bindparam("first"), item_id=bindparam("before"))
)
_NEAR = 500  # open items that a claim may look at again
_OPEN_ITEMS = select(_ITEMS.c.id).where(
    _ITEMS.c.project_id == bindparam("in_project"), _ITEMS.c.open_slots > literal_column("0")
)
_BESIDE = select(func.count()).select_from(
    _OPEN_ITEMS.where(
        _ITEMS.c.priority == bindparam("first"), _ITEMS.c.id >= bindparam("item"), _ITEMS.c.id <= bindparam("end")
    )
    .limit(bindparam("most"))
    .subquery()
)
_BETWEEN = select(func.count()).select_from(
    _OPEN_ITEMS.where(_ITEMS.c.priority > bindparam("first"), _ITEMS.c.priority <= bindparam("last"))
    .limit(bindparam("most"))
    .subquery()
)
_PLACE = select(_PLACES.c.priority, _PLACES.c.item_id).where(
    _PLACES.c.project_id == bindparam("in_project"), _PLACES.c.user_id == bindparam("user")
)
FIRST_NEW = (
    select(_ITEMS.c.priority, _ITEMS.c.id)
    .where(
        # expressions, so that they are found by their ids alone: the new items are few, all of a project are many
        _ITEMS.c.project_id + literal_column("0") == bindparam("in_project"),
        _ITEMS.c.id > bindparam("after"),
        _ITEMS.c.priority > literal_column(str(SENT_BACK)),
    )
    .order_by(_ITEMS.c.priority + literal_column("0"), _ITEMS.c.id)
    .limit(1)
)
_ONE_GOES_BACK = _GO_BACK.where(_PLACES.c.user_id == bindparam("user"))


def end_leases(session: Session, project_id: int, now: datetime) -> int:
    """End the project's leases that ran out and give their slots back; returns how many."""
    session.flush()  # a statement on tables does not ask for it
    return _after_end(session, project_id, session.execute(_END_LEASES, {"in_project": project_id, "now": now}).all())


def take_slots(session: Session, item_ids: list[int], round_: int | None = None) -> set[int]:
    """Take a slot of each of these items that has one (and is in this round); returns the ids of those."""
    session.flush()  # a statement on tables does not ask for it
    if round_ is None:
        return set(session.scalars(_TAKE_SLOTS, {"ids": item_ids}))
    return set(session.scalars(_TAKE_SLOTS.where(_ITEMS.c.round == round_), {"ids": item_ids}))


def end_now(session: Session, project_id: int, ids: Sequence[int]) -> int:
    """End these leases now and give their slots back; returns how many were held."""
    session.flush()
    return _after_end(session, project_id, session.execute(_END_THESE, {"ids": list(ids)}).all() if ids else [])


def _after_end(session: Session, project_id: int, ended: Sequence[Any]) -> int:
    """Give back the slots of leases (item, round, user) that ended, and let each person come by their items again."""
    count, ended = len(ended), [row for row in ended if row[1] >= 0]  # what asks beside the votes has no slot
    if not ended:
        return count
    for item_id, round_ in sorted({(row[0], row[1]) for row in ended}):
        free(session, item_id, round_)
    where = select(_ITEMS.c.id, _ITEMS.c.priority).where(_ITEMS.c.id.in_({row[0] for row in ended}))
    order = {row[0]: row[1] for row in session.execute(where) if row[1] > SENT_BACK}
    for user in sorted({row[2] for row in ended}):
        own = sorted((order[row[0]], row[0]) for row in ended if row[2] == user and row[0] in order)
        _come_by_own(session, project_id, user, own)
    return count


def _come_by_own(session: Session, project_id: int, user_id: int, own: list[tuple[float, int]]) -> None:
    """Let a person come by (priority, id) of items they held again: in order where that is near, else as freed ones."""
    place = session.execute(_PLACE, {"in_project": project_id, "user": user_id}).one_or_none()
    if place is None:
        return
    far: list[int] = []
    for first in own:
        if _is_near(session, project_id, first, (place[0], place[1])):
            session.execute(_ONE_GOES_BACK, {**_before(project_id, *first), "user": user_id})
            break
        far.append(first[1])
    if far:
        session.execute(update(_ITEMS).where(_ITEMS.c.id.in_(far)).values(freed=true()))


def _is_near(session: Session, project_id: int, first: tuple[float, int], place: tuple[float, int]) -> bool:
    """Whether going back from a place to an item means to look at few open items again."""
    between = {"in_project": project_id, "first": first[0], "item": first[1], "last": place[0], "most": _NEAR}
    counted = session.scalar(_BESIDE, between | {"end": place[1] if place[0] == first[0] else 2**31 - 1}) or 0
    if counted < _NEAR and place[0] > first[0]:
        counted += session.scalar(_BETWEEN, between) or 0
    return counted < _NEAR


def free(session: Session, item_id: int, round_: int) -> None:
    """Count an item's slots again after somebody gave theirs back."""
    # counted afresh: where fewer answers are wanted by now, a slot that comes free is not open to anybody
    session.execute(_COUNT_SLOTS, {"item": item_id, "in_round": round_})


def count_again(session: Session, item_ids: Sequence[int]) -> None:
    """Count the slots of these items again, whatever changed that says how many are wanted."""
    session.flush()
    session.execute(_COUNT_MANY, {"ids": list(item_ids)})


def newest_item(session: Session) -> int:
    """Return the highest id of any item, to tell what comes in after it (see `serve_new`)."""
    return session.scalar(select(func.max(Item.id))) or 0


def serve_new(session: Session, project_id: int, after: int) -> None:
    """Let everybody come by the items with an id above `after`, which may lie before their place in serving order."""
    _come_by_again(session, project_id, session.execute(FIRST_NEW, {"in_project": project_id, "after": after}).first())


def come_by_again(session: Session, project_id: int, item_ids: Sequence[int]) -> None:
    """Move everybody's place in the serving order before the first of these items."""
    first = session.execute(
        select(Item.priority, Item.id)
        .where(Item.project_id == project_id, Item.priority > SENT_BACK, Item.id.in_(item_ids))
        .order_by(Item.priority, Item.id)
        .limit(1)
    )
    _come_by_again(session, project_id, first.first())


def _come_by_again(session: Session, project_id: int, first: Any) -> None:
    """first: a row (priority, id), None where there is none."""
    if first is not None:
        session.execute(_GO_BACK, _before(project_id, first[0], first[1]))


def _before(project_id: int, priority: float, item_id: int) -> dict[str, Any]:
    return {"in_project": project_id, "first": priority, "item": item_id, "before": item_id - 1}
