"""Writing automatic labels: propose, let stand, take back. Open slots follow, as nobody is asked about what stands."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, insert, select, update
from sqlalchemy.orm import Session

from labeler.assignment.slots import count_again
from labeler.automatic.models import CHECKING, FAILED, STANDS, TAKEN_BACK, AutomaticBatch, AutomaticLabel
from labeler.automatic.promise import Proposal, holds
from labeler.consensus.models import ItemConsensus
from labeler.decisions.final import excluded_items, is_excluded
from labeler.decisions.models import CURRENT, Review
from labeler.projects.models import Item

_ROWS = 1000


def store_proposals(
    session: Session,
    project_id: int,
    proposed: Sequence[Proposal],
    *,
    audit_id: int,
    promise: tuple[float, float],
    now: datetime,
) -> None:
    """Store what the model proposes of some classes, while an audit checks them. promise: (target, confidence)."""
    query = select(func.max(AutomaticBatch.number)).where(AutomaticBatch.project_id == project_id)
    number = session.scalar(query) or 0
    for step, one in enumerate(proposed, start=1):
        batch = AutomaticBatch(
            project_id=project_id,
            audit_id=audit_id,
            number=number + step,
            code=one.code,
            state=CHECKING,
            target=promise[0],
            confidence=promise[1],
            least=one.least,
            labels=len(one.items),
            created_at=now,
        )
        session.add(batch)
        session.flush()
        rows = [
            {"batch_id": batch.id, "item_id": item, "probability": p}
            for item, p in zip(one.items, one.probabilities, strict=True)
        ]
        for start in range(0, len(rows), _ROWS):
            session.execute(insert(AutomaticLabel), rows[start : start + _ROWS])


def settle(
    session: Session, batch: AutomaticBatch, outcomes: dict[int, bool], *, complete: bool, now: datetime
) -> None:
    """Let the labels of a batch stand where its audit shows the target; else none does.

    outcomes: {item: whether the proposed label is right} of all that were drawn of it. An audit that was closed before
    everything was answered shows nothing: who closes it may have seen how it goes.
    """
    wrong = [item for item, right in outcomes.items() if not right]
    batch.checked, batch.wrong = len(outcomes), len(wrong)
    if not complete or not holds(batch.right, batch.checked, batch.target, batch.confidence):
        batch.state, batch.ended_at = FAILED, now
        session.flush()
        return
    batch.state = STANDS
    session.flush()
    session.execute(
        update(Item)
        .where(_of(batch), Item.id.not_in(wrong), Item.given_code == "", Item.round == 0, ~_decided(), ~_answered())
        .values(automatic_code=batch.code, open_slots=0)
    )


def add_outcomes(session: Session, batch: AutomaticBatch, outcomes: dict[int, bool], *, now: datetime) -> None:
    """Add what a later audit found of labels that stand; none does where all audits together do not show the target."""
    batch.checked += len(outcomes)
    batch.wrong += sum(not right for right in outcomes.values())
    session.flush()
    if not holds(batch.right, batch.checked, batch.target, batch.confidence):
        take_back(session, batch, now=now)


def take_back(session: Session, batch: AutomaticBatch, *, now: datetime) -> int:
    """Take the labels of a batch back, so that people are asked about these items again; returns how many they are."""
    batch.state, batch.ended_at = TAKEN_BACK, now
    session.flush()
    query = select(Item.id).where(_of(batch), Item.automatic_code == batch.code).order_by(Item.id)
    which, out = list(session.scalars(query)), excluded_items(session, batch.project_id)
    for start in range(0, len(which), _ROWS):
        part = which[start : start + _ROWS]
        session.execute(update(Item).where(Item.id.in_(part)).values(automatic_code=""))
        count_again(session, [item for item in part if item not in out])
    return len(which)


def give_way(session: Session, item: Item) -> None:
    """Take the model's label from an item that a person answers: it is asked about as if there had never been one."""
    item.automatic_code = ""
    session.flush()
    if not is_excluded(session, item.id):
        count_again(session, [item.id])
        session.refresh(item)


def _of(batch: AutomaticBatch) -> ColumnElement[bool]:
    return Item.id.in_(select(AutomaticLabel.item_id).where(AutomaticLabel.batch_id == batch.id))


def _decided() -> ColumnElement[bool]:
    return exists().where(Review.item_id == Item.id, Review.status == CURRENT)


def _answered() -> ColumnElement[bool]:
    return exists().where(ItemConsensus.item_id == Item.id, ItemConsensus.votes > 0)
