"""Reads of automatic labels: what could be proposed, which batches there are, what they label."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from labeler.automatic.models import CHECKING, STANDS, AutomaticBatch, AutomaticLabel
from labeler.automatic.promise import Proposal, propose
from labeler.consensus.models import ItemConsensus
from labeler.decisions.final import is_automatic, is_unlabeled, with_standing
from labeler.errors import NotFound
from labeler.projects.models import Item
from labeler.projects.queries import Classes
from labeler.quality.models import ItemScore
from labeler.quality.queries import SHARE, SHARES, latest_inspection


def proposals(
    session: Session, project_id: int, classes: Classes, *, target: float, confidence: float
) -> list[Proposal]:
    """Return what the model of the last pass could label of each class, in the project's order; none without a model.

    Of items without any label that nobody is checking now, each for the class that the model finds likeliest.
    """
    import numpy as np

    inspection = latest_inspection(session, project_id)
    if inspection is None or not inspection.summary.get("model"):
        return []
    batches = select(AutomaticBatch.id).where(AutomaticBatch.project_id == project_id, AutomaticBatch.state == CHECKING)
    checking = select(AutomaticLabel.item_id).where(AutomaticLabel.batch_id.in_(batches))
    query = (
        with_standing(select(ItemScore.item_id, ItemScore.probabilities))  # not its neighbours, which are much more
        .join(ItemScore, (ItemScore.item_id == Item.id) & (ItemScore.inspection_id == inspection.id))
        .where(Item.project_id == project_id, is_unlabeled(), Item.round == 0, Item.id.not_in(checking))
    )
    many = len(classes.codes)
    known = [(item, data) for item, data in session.execute(query) if data and len(data) == many * SHARE]
    shares = np.frombuffer(b"".join(data for _, data in known), dtype=SHARES).reshape(-1, many)
    said: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for (item, _), place, share in zip(known, shares.argmax(axis=1).tolist(), shares.max(axis=1).tolist(), strict=True):
        said[place].append((share, item))
    return [propose(code, said[place], target, confidence) for place, code in enumerate(classes.codes)]


def batches_of(session: Session, project_id: int) -> Sequence[AutomaticBatch]:
    """Return the batches of a project, newest first."""
    query = select(AutomaticBatch).where(AutomaticBatch.project_id == project_id)
    return session.scalars(query.order_by(AutomaticBatch.number.desc())).all()


def batch_in(session: Session, project_id: int, number: int) -> AutomaticBatch:
    """Return a batch of this project by its number; raises NotFound."""
    query = select(AutomaticBatch).where(AutomaticBatch.project_id == project_id, AutomaticBatch.number == number)
    found = session.scalar(query)
    if found is None:
        raise NotFound("There are no automatic labels with the number {number} in this project.", number=number)
    return found


def batches_in_audit(session: Session, audit_id: int) -> Sequence[AutomaticBatch]:
    """Return the batches that an audit checks before any of their labels stands."""
    query = select(AutomaticBatch).where(AutomaticBatch.audit_id == audit_id, AutomaticBatch.state == CHECKING)
    return session.scalars(query.order_by(AutomaticBatch.id)).all()


def checked_in(session: Session, audit_id: int) -> Sequence[AutomaticBatch]:
    """Return the batches that an audit was to check, whatever became of them."""
    query = select(AutomaticBatch).where(AutomaticBatch.audit_id == audit_id).order_by(AutomaticBatch.id)
    return session.scalars(query).all()


def standing_batches(session: Session, project_id: int) -> Sequence[AutomaticBatch]:
    """Return the batches whose labels stand."""
    query = select(AutomaticBatch).where(AutomaticBatch.project_id == project_id, AutomaticBatch.state == STANDS)
    return session.scalars(query.order_by(AutomaticBatch.id)).all()


def items_of(session: Session, batch: AutomaticBatch) -> set[int]:
    """Return the ids of the items that a batch is about."""
    return set(session.scalars(select(AutomaticLabel.item_id).where(AutomaticLabel.batch_id == batch.id)))


def answered_among(session: Session, item_ids: Collection[int]) -> set[int]:
    """Return those of these items that people have answered as any item."""
    query = select(ItemConsensus.item_id).where(ItemConsensus.item_id.in_(item_ids), ItemConsensus.votes > 0)
    return set(session.scalars(query))


def labeled_by(session: Session, batch: AutomaticBatch) -> set[int]:
    """Return the ids of the items that have their label by a batch: people answered the others meanwhile."""
    return set(session.scalars(_labeled_by(batch))) if batch.state == STANDS else set()


def standing_count(session: Session, batch: AutomaticBatch) -> int:
    """Return how many these are."""
    if batch.state != STANDS:
        return 0
    return session.scalar(select(func.count()).select_from(_labeled_by(batch).subquery())) or 0


def _labeled_by(batch: AutomaticBatch) -> Select[int]:
    mine = select(AutomaticLabel.item_id).where(AutomaticLabel.batch_id == batch.id)
    return with_standing(select(Item.id)).where(Item.id.in_(mine), Item.automatic_code == batch.code, is_automatic())


def standing_labels(session: Session, project_id: int) -> int:
    """Return of how many items the model's label is the final one by now."""
    query = with_standing(select(func.count(Item.id))).where(Item.project_id == project_id, is_automatic())
    return session.scalar(query) or 0
