"""Reads for consensus: the project's votes as arrays, and what was inferred."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.annotations.queries import votes_of_project
from labeler.consensus.models import ItemConsensus
from labeler.consensus.parts import Answers
from labeler.consensus.together import ProjectVotes
from labeler.projects.models import Item
from labeler.projects.queries import Classes
from labeler.task_types.base import Content, Value


def project_votes(session: Session, project_id: int, index_of_code: dict[str, int]) -> ProjectVotes:
    """Return all counted answers of a project; answers of classes that are gone are left out."""
    import numpy as np

    from labeler.consensus.base import Votes

    items: dict[int, int] = {}
    users: dict[int, int] = {}
    rows = [
        (
            items.setdefault(vote.item_id, len(items)),
            users.setdefault(vote.user_id, len(users)),
            index_of_code[vote.code],
        )
        for vote in votes_of_project(session, project_id)
        if vote.code in index_of_code
    ]
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    votes = Votes(
        item=table[:, 0],
        annotator=table[:, 1],
        label=table[:, 2],
        n_items=len(items),
        n_annotators=len(users),
        n_classes=len(index_of_code),
    )
    return ProjectVotes(votes, tuple(items), tuple(users))


def answered_by_several(session: Session, project_id: int, classes: Classes) -> dict[int, Answers]:
    """Return the counted answers to the items that two people or more answered, by item, naming classes by code."""
    said: dict[int, dict[str, Value]] = defaultdict(dict)
    for vote in votes_of_project(session, project_id, values=True):
        value = classes.by_codes(vote.code, vote.value)
        if value is not None:
            said[vote.item_id][str(vote.user_id)] = value
    about = select(Item.id, Item.text, Item.width, Item.height, ItemConsensus.differ)
    about = about.join(ItemConsensus, ItemConsensus.item_id == Item.id).where(Item.project_id == project_id)
    return {
        row[0]: Answers(said[row[0]], Content(text=row[1], width=row[2], height=row[3]), row[4])
        for row in session.execute(about.order_by(Item.id).execution_options(yield_per=1000))
        if len(said.get(row[0], ())) > 1
    }


def computed_times(session: Session, project_id: int) -> dict[int, datetime]:
    """Return when the consensus of each item was stored: any answer to the item moves it."""
    query = select(ItemConsensus.item_id, ItemConsensus.computed_at).where(ItemConsensus.project_id == project_id)
    return {row[0]: row[1] for row in session.execute(query)}


def consensus_of(session: Session, item_ids: Sequence[int]) -> dict[int, ItemConsensus]:
    """Return the consensus of those items that have one."""
    rows = session.scalars(select(ItemConsensus).where(ItemConsensus.item_id.in_(item_ids)))
    return {row.item_id: row for row in rows}


def consensus_page(
    session: Session, project_id: int, *, after: int, limit: int
) -> list[tuple[ItemConsensus, str | None]]:
    """Return the consensus of the answered items after an id with their external ids, by item."""
    query = (
        select(ItemConsensus, Item.external_id)
        .join(Item, Item.id == ItemConsensus.item_id)
        .where(ItemConsensus.project_id == project_id, ItemConsensus.item_id > after)
        .order_by(ItemConsensus.item_id)
        .limit(limit)
    )
    return [(row, external_id) for row, external_id in session.execute(query)]
