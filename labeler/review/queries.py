"""Reads about decisions, and the one definition of an item's final label.

Final label = the lead's review, else the consensus of the votes, else the given label. An item whose votes tie has no
final label until somebody decides: its given label is one more opinion, not the answer. An item that a lead called
ambiguous has none either: it is left with a soft label, the shares of several classes (`soft_labels`).
The confidence of a final label is its own: that of the consensus where the consensus is the final label. What a lead
decided, what was given and what is ambiguous have none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, null, or_, select
from sqlalchemy.orm import Session

from labeler.accounts.models import User
from labeler.accounts.queries import can_work
from labeler.annotations.models import Annotation
from labeler.annotations.queries import COUNTED, vote_shares
from labeler.consensus.models import ItemConsensus
from labeler.projects.models import Item, Project
from labeler.projects.naming import naming
from labeler.projects.queries import task_of
from labeler.quality.detectors import detector
from labeler.quality.models import Flag, Inspection
from labeler.review.models import Review
from labeler.review.queue import CURRENT, Wanted, checked, counts, waiting
from labeler.task_types.base import Value

Columns = TypeVarTuple("Columns")
AMBIGUOUS = "ambiguous"


@dataclass(frozen=True)
class Standing:
    """What stands for one item now.

    Codes are identities of labels, "" for none; source: of the final label, review, consensus or given; ambiguous where
    there is none because a lead said so or the votes tie (`soft_labels` says what there is instead), "" for nothing;
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
        """Whether the votes tie and nobody decided what the label is."""
        return self.source == AMBIGUOUS and self.decision != AMBIGUOUS


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
        else_=Item.given_code,
    )


def final_source() -> ColumnElement[str]:
    """Return the SQL of where the final label comes from: review, consensus, given, ambiguous, or "" for nothing."""
    return case(
        (Review.code != "", "review"),
        (Review.decision == AMBIGUOUS, AMBIGUOUS),
        (and_(ItemConsensus.votes > 0, ItemConsensus.code == ""), AMBIGUOUS),
        (ItemConsensus.votes > 0, "consensus"),
        (Item.given_code != "", "given"),
        else_="",
    )


def final_confidence() -> ColumnElement[float | None]:
    """Return the SQL of the final label's own confidence; NULL where it has none."""
    return case((final_source() == "consensus", ItemConsensus.confidence), else_=null())


def is_kept() -> ColumnElement[bool]:
    """Return the SQL of whether no lead took the item out."""
    return func.coalesce(Review.decision, "") != "exclude"


def is_tie() -> ColumnElement[bool]:
    """Return the SQL of whether the votes tie and wait for a decision."""
    return and_(ItemConsensus.votes > 0, ItemConsensus.code == "", Review.id.is_(None))


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
    if not task_of(session.get_one(Project, project_id)).parts:
        return None
    named = naming(session, project_id)(final_code(), final_value(), wanted)
    return with_standing(select(Item.id)).where(Item.project_id == project_id, named)


def standing_of(session: Session, project_id: int, item_id: int) -> Standing:
    """Return what stands for one item."""
    return next(standings(session, project_id, [item_id]))


def soft_labels(session: Session, item_ids: Sequence[int]) -> dict[int, dict[str, float]]:
    """Return {item: {class id as text: share}} of those of these items that are ambiguous; shares sum to 1.

    A lead's own shares where a lead decided so, the shares of the votes where they tie. Answers with parts have no
    shares of classes: their items are not in it.
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
    current = current_of(session, item_id)
    return current is not None and current.decision == "exclude"


def current_of(session: Session, item_id: int) -> Review | None:
    """Return the decision that stands for an item."""
    return session.scalar(select(Review).where(Review.item_id == item_id, Review.status == "current"))


def history_of(session: Session, item_id: int) -> Sequence[Review]:
    """Return every decision about an item, oldest first."""
    return session.scalars(select(Review).where(Review.item_id == item_id).order_by(Review.id)).all()


def history_with_authors(session: Session, item_id: int) -> list[tuple[Review, User]]:
    """Return every decision about an item with who made it, oldest first."""
    query = select(Review, User).join(User, User.id == Review.user_id).where(Review.item_id == item_id)
    return [(review, user) for review, user in session.execute(query.order_by(Review.id))]


def by_key(session: Session, user_id: int, key: str) -> Review | None:
    """Return the review a person sent with this key."""
    return session.scalar(select(Review).where(Review.user_id == user_id, Review.key == key))


def asked_again(session: Session, project_id: int, item_id: int) -> int | None:
    """Return who a sent-back item goes to: the newest of those who answered it and can still do so; None for anybody.

    Who left the project, was switched off or (an annotator named in a file) has no way in cannot.
    """
    answered = (
        select(Annotation.user_id)
        .where(
            Annotation.item_id == item_id,
            Annotation.status == COUNTED,
            can_work(project_id, Annotation.user_id),
        )
        .order_by(Annotation.id.desc())
        .limit(1)
    )
    return session.scalar(answered)


def last_by(session: Session, project_id: int, user_id: int) -> Review | None:
    """Return a person's newest decision that has not been undone or replaced."""
    query = (
        select(Review)
        .where(Review.project_id == project_id, Review.user_id == user_id, Review.status == "current")
        .order_by(Review.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def in_batch(session: Session, user_id: int, batch: str) -> Sequence[Review]:
    """Return the standing decisions a person made in one step."""
    query = select(Review).where(Review.user_id == user_id, Review.batch == batch, Review.status == "current")
    return session.scalars(query.order_by(Review.id.desc())).all()


# -- the review queue ---------------------------------------------------------------------------------------------


def queue(
    session: Session, inspection_id: int, *, kind: str = "", min_confidence: float = 0.0, limit: int = 50
) -> list[Flag]:
    """Return the flags still to be decided, one an item: by kind in a fixed order, worst first within a kind."""
    return waiting(session, Wanted(inspection_id, kind, min_confidence=min_confidence), limit=limit)


def queue_counts(session: Session, inspection_id: int) -> dict[str, int]:
    """Return how many items are still to be decided: by kind, and under "" in all."""
    return counts(session, inspection_id)


def decided_counts(session: Session, inspection_id: int) -> dict[str, int]:
    """Return how many of a run's flagged items were decided how (keep, relabel, exclude, send_back, ambiguous)."""
    project = select(Inspection.project_id).where(Inspection.id == inspection_id).scalar_subquery()
    flagged = exists().where(Flag.item_id == Review.item_id, Flag.inspection_id == inspection_id)
    query = (
        select(Review.decision, func.count())
        .where(Review.project_id == project, Review.status == "current", flagged)
        .group_by(Review.decision)
    )
    return {row[0]: row[1] for row in session.execute(query)}


@dataclass(frozen=True)
class Precision:
    """How often checked flags of a kind were right, of the decisions that say whether one was (`Detector.judge`)."""

    checked: int
    right: int


def precision(session: Session, project_id: int, kind: str = "label_error") -> Precision:
    """Return what reviews say about flags of a kind; decisions made in bulk are not counted, since nobody looked.

    A decision is judged against the label that was flagged; what the item was called by then does not matter.
    """
    said = (Review.decision, Review.code, Flag.label_code)
    query = select(*said, func.count()).join(Flag, Flag.id == Review.flag_id).where(*checked(project_id, kind))
    judge = detector(kind).judge
    judged = [(judge(*row[:3]), row[3]) for row in session.execute(query.group_by(*said))]
    return Precision(
        checked=sum(count for right, count in judged if right is not None),
        right=sum(count for right, count in judged if right),
    )
