"""In which order items are served: a lead chooses another one, and what moves items in it."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.orm import Session

from labeler.adaptive_votes.models import Voter
from labeler.assignment.models import Place
from labeler.assignment.policies import ANSWERS, CHECK, POLICIES, Facts, policy_of
from labeler.consensus.models import ItemConsensus
from labeler.errors import Invalid
from labeler.projects.actions import alone_with, change_project
from labeler.projects.models import Item, Project
from labeler.quality.models import ItemScore
from labeler.quality.queries import latest_inspection
from labeler.storage.database import Database

_CHUNK = 2000
_ITEMS = cast("Table", Item.__table__)
_PUT = update(_ITEMS).where(_ITEMS.c.id == bindparam("item")).values(priority=bindparam("place"))


def change_order(session: Session, project: Project, order: str, column: str = "") -> None:
    """Serve the items that are open in another order from now on; what was sent back stays in front.

    column: of the metadata, for an order by one; a minus before it turns it round. Raises Invalid, naming the field.
    """
    if order not in POLICIES:
        raise Invalid("There is no such order; there is {names}.", field="order", names=", ".join(POLICIES))
    if order == "by_column" and not column.removeprefix("-").strip():
        raise Invalid("Name the column that says the order.", field="order_column")
    project = alone_with(session, project)
    change_project(session, project, {"settings": {"order": order, "order_column": column.strip()}})
    session.execute(delete(Voter).where(Voter.project_id == project.id))  # so that certainty is looked at anew
    put_in_order(session, project)


def put_in_order(session: Session, project: Project) -> None:
    """Give each open item its place in the order of its project. The caller is alone there.

    Everybody begins at the front again, and passes what they have answered.
    """
    settings = project.settings or {}
    policy, column = policy_of(settings), str(settings.get("order_column", ""))
    moved = _places(session, project, policy.moves)
    query = select(Item.id, Item.content_hash, Item.meta).where(
        Item.project_id == project.id, Item.open_slots > 0, Item.priority >= 0
    )
    rows = [
        {"item": item, "place": moved.get(item, policy.first(Facts(content_hash, meta or {}, column)))}
        for item, content_hash, meta in session.execute(query)
    ]
    session.flush()
    for start in range(0, len(rows), _CHUNK):
        session.execute(_PUT, rows[start : start + _CHUNK])
    session.execute(delete(Place).where(Place.project_id == project.id))
    session.expire_all()


def order_by_check(database: Database, project_id: int) -> None:
    """Put items where the newest check says, if that is the order of the project."""
    with database.write() as session:
        project = session.get_one(Project, project_id)
        if policy_of(project.settings or {}).moves == CHECK:
            put_in_order(session, alone_with(session, project))


def _places(session: Session, project: Project, moves: str) -> Mapping[int, float]:
    """Return the places of items that are not where the order puts those nobody has answered."""
    if moves == ANSWERS:
        query: Any = select(ItemConsensus.item_id, ItemConsensus.votes).where(ItemConsensus.project_id == project.id)
        return {row[0]: float(row[1]) for row in session.execute(query)}
    inspection = latest_inspection(session, project.id) if moves == CHECK else None
    if inspection is None:
        return {}
    query = select(ItemScore.item_id, ItemScore.label_score).where(ItemScore.inspection_id == inspection.id)
    return {row[0]: 1.0 - float(row[1]) for row in session.execute(query) if row[1] is not None}
