"""The one definition of an item's final label, of where it comes from, and of the state an item is in by decisions.

Final label = the lead's review, else the consensus of the votes, else the given label, else one that the model gave
(`automatic/`: only where an audit showed that enough of these are right). An item whose votes tie has no
final label until somebody decides: its given label is one more opinion, not the answer. An item that a lead called
ambiguous has none either: it is left with a soft label, the shares of several classes (`soft_labels`).
The confidence of a final label is its own: that of the consensus where the consensus is the final label. What a lead
decided, what was given, what the model gave and what is ambiguous have none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, null, or_, select
from sqlalchemy.orm import Session

from labeler.annotations.queries import vote_shares
from labeler.consensus.models import ItemConsensus
from labeler.decisions.models import CURRENT, Review
from labeler.projects.models import Item, Project
from labeler.projects.naming import naming
from labeler.projects.queries import task_of
from labeler.task_types.base import Value

Columns = TypeVarTuple("Columns")
AMBIGUOUS, AUTOMATIC = "ambiguous", "automatic"


@dataclass(frozen=True)
class Standing:
    """What stands for one item now.

    Codes are identities of labels, "" for none; source: of the final label, review, consensus, given or automatic;
    ambiguous where there is none because a lead said so or the votes tie (`soft_labels` says what there is instead), ""
    for nothing;
    confidence: of the final label (see above), 0 to 1; value, consensus_value: those labels as they are kept (objects
    only).
    """

    item_id: int
    given: str
    consensus: str
    final: str
    source: str
    confidence: float | None
    votes: int
    decision: str
    value: Value | None = None
    consensus_value: Value | None = None

    @property
    def excluded(self) -> bool:
        """Whether a lead took the item out."""
        return self.decision == "exclude"

    @property
    def tie(self) -> bool:
        """Whether the votes tie and wait for a decision: sent back, the item waits for an answer instead."""
        return self.source == AMBIGUOUS and not self.decision


def _review_on() -> ColumnElement[bool]:
    return and_(Review.item_id == Item.id, Review.status == CURRENT)


def says_label() -> ColumnElement[bool]:
    """Return the SQL of whether a decision says what the label is: one class, or that it is ambiguous."""
    return or_(Review.code != "", Review.decision == AMBIGUOUS)


def final_code() -> ColumnElement[str]:
    """Return the SQL of the final label; needs Item outer-joined with Review (current) and ItemConsensus."""
    return case(
        (says_label(), Review.code),
        (ItemConsensus.votes > 0, ItemConsensus.code),
        (Item.given_code != "", Item.given_code),
        else_=Item.automatic_code,
    )


def final_source() -> ColumnElement[str]:
    """Return the SQL of where the final label comes from: review, consensus, given, automatic, ambiguous, or ""."""
    return case(
        (Review.code != "", "review"),
        (Review.decision == AMBIGUOUS, AMBIGUOUS),
        (and_(ItemConsensus.votes > 0, ItemConsensus.code == ""), AMBIGUOUS),
        (ItemConsensus.votes > 0, "consensus"),
        (Item.given_code != "", "given"),
        (Item.automatic_code != "", AUTOMATIC),
        else_="",
    )


def final_confidence() -> ColumnElement[float | None]:
    """Return the SQL of the final label's own confidence; NULL where it has none."""
    return case((final_source() == "consensus", ItemConsensus.confidence), else_=null())


def is_kept() -> ColumnElement[bool]:
    """Return the SQL of whether no lead took the item out."""
    return func.coalesce(Review.decision, "") != "exclude"


def is_automatic() -> ColumnElement[bool]:
    """Return the SQL of whether the model's label is what stands for an item."""
    return and_(Item.automatic_code != "", final_source() == AUTOMATIC, is_kept())


def is_tie() -> ColumnElement[bool]:
    """Return the SQL of whether the votes tie and wait for a decision."""
    return and_(ItemConsensus.votes > 0, ItemConsensus.code == "", Review.id.is_(None))


def is_labeled() -> ColumnElement[bool]:
    """Return the SQL of whether an item is labeled: not taken out, and with one label or a lead's soft label."""
    return and_(or_(final_code() != "", Review.decision == AMBIGUOUS), is_kept())


def is_unlabeled() -> ColumnElement[bool]:
    """Return the SQL of whether an item that is not taken out has no label and no shares of classes either."""
    undecided = func.coalesce(Review.decision, "").not_in(("exclude", AMBIGUOUS))
    tie = func.coalesce(is_tie(), literal(value=False))
    return and_(final_code() == "", undecided, ~tie)


def final_value() -> ColumnElement[Any]:
    """Return the SQL of the final label itself, for objects; NULL or JSON null where its code says it."""
    return case(
        (says_label(), Review.value),
        (ItemConsensus.votes > 0, ItemConsensus.value),
        else_=Item.given_value,
    )


def with_standing(query: Select[*Columns]) -> Select[*Columns]:
    """Join what `final_code` and the filters below need."""
    joined = query.select_from(Item).outerjoin(Review, _review_on())
    return joined.outerjoin(ItemConsensus, ItemConsensus.item_id == Item.id)


def standings(session: Session, project_id: int, item_ids: Sequence[int] | None = None) -> Iterator[Standing]:
    """Yield what stands for each item of a project (or for some of them), by id."""
    query = (
        select(
            Item.id,
            Item.given_code,
            func.coalesce(ItemConsensus.code, ""),
            final_code(),
            final_source(),
            final_confidence(),
            func.coalesce(ItemConsensus.votes, 0),
            func.coalesce(Review.decision, ""),
            final_value(),
            ItemConsensus.value,
        )
        .select_from(Item)
        .outerjoin(Review, _review_on())
        .outerjoin(ItemConsensus, ItemConsensus.item_id == Item.id)
        .order_by(Item.id)
    )
    if item_ids is None:
        query = query.where(Item.project_id == project_id)
    else:
        # + 0: SQLite would rather read the whole project by its index than look up a dozen items
        query = query.where(Item.id.in_(item_ids), Item.project_id + 0 == project_id)
    for row in session.execute(query.execution_options(yield_per=5000)):
        yield Standing(*row)


def about_class(session: Session, project_id: int, wanted: str) -> Select[int] | None:
    """Return the ids of the items whose final label has a class among its parts; None where a label is one class."""
    if task_of(session.get_one(Project, project_id)).one_class:
        return None
    named = naming(session, project_id)(final_code(), final_value(), wanted)
    return with_standing(select(Item.id)).where(Item.project_id == project_id, named)


def standing_of(session: Session, project_id: int, item_id: int) -> Standing:
    """Return what stands for one item."""
    return next(standings(session, project_id, [item_id]))


def soft_labels(session: Session, item_ids: Sequence[int]) -> dict[int, dict[str, float]]:
    """Return {item: {class id as text: share}} of those of these items that are ambiguous; shares sum to 1.

    A lead's own shares where a lead decided so, the shares of the votes where they tie. Answers that are no single
    class have no shares of classes: their items are not in it.
    """
    decided = select(Review.item_id, Review.soft).where(
        Review.item_id.in_(item_ids), Review.status == CURRENT, Review.decision == AMBIGUOUS
    )
    found = {row[0]: dict(row[1] or {}) for row in session.execute(decided)}
    settled = or_(says_label(), Review.decision == "exclude")
    said = exists().where(Review.item_id == ItemConsensus.item_id, Review.status == CURRENT, settled)
    tied = select(ItemConsensus.item_id).where(
        ItemConsensus.item_id.in_(item_ids), ItemConsensus.code == "", ItemConsensus.votes > 0, ~said
    )
    found |= vote_shares(session, list(session.scalars(tied)))
    return {item: shares for item, shares in found.items() if shares}


def excluded_items(session: Session, project_id: int) -> set[int]:
    """Return the items a lead took out."""
    query = select(Review.item_id).where(
        Review.project_id == project_id, Review.status == "current", Review.decision == "exclude"
    )
    return set(session.scalars(query))


def is_excluded(session: Session, item_id: int) -> bool:
    """Whether a lead took the item out."""
    out = exists().where(Review.item_id == item_id, Review.status == CURRENT, Review.decision == "exclude")
    return bool(session.scalar(select(out)))
