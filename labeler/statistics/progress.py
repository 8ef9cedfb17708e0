"""How far a project is: the words "done" and "labeled" and the answers wanted, each with its one definition.

*Done* is an item that wants no more answers and has none under way, or about which a lead has said what it is.
*Labeled* is an item that is not excluded and has a final label, one class or (by a lead's decision) a soft label;
a tie that nobody decided is not. So items = labeled + tied + unlabeled + excluded.
*Answers wanted* are what each item that is not excluded wants, the project's votes unless it says another number;
*given* are those of them that are neither open nor under way. So sending an item back takes one from what is given and
adds nothing to what is wanted.
Note: an item may be labeled and not done (it came with a label, or has one answer of two), and
done without being labeled (its answers tie).
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from labeler.assignment.queries import answers_missing
from labeler.decisions.final import is_labeled, with_standing
from labeler.decisions.models import CURRENT, Review
from labeler.projects.models import Item, Project
from labeler.projects.queries import item_count
from labeler.statistics.snapshot import open_items


@dataclass(frozen=True)
class Progress:
    """How far a project is. answers of wanted: given of those that all items together want."""

    items: int
    done: int
    answers: int
    wanted: int


def progress_of(session: Session, project: Project) -> Progress:
    """Return how far a project is, without what takes a look at every item (`labeled_items`)."""
    items = item_count(session, project.id)
    wanted = project.votes * items + _beyond_votes(session, project) - _of_excluded(session, project)
    missing = min(answers_missing(session, project.id), wanted)
    return Progress(items, items - open_items(session, project.id), wanted - missing, wanted)


def _beyond_votes(session: Session, project: Project) -> int:
    """Return how many answers more (or less) the items want that say a number of their own."""
    own = select(func.coalesce(func.sum(Item.wanted - project.votes), 0)).where(
        Item.project_id == project.id, Item.wanted.is_not(None)
    )
    return session.scalar(own) or 0


def _of_excluded(session: Session, project: Project) -> int:
    out = select(Review.item_id).where(Review.project_id == project.id, Review.status == CURRENT)
    wanted = select(func.coalesce(func.sum(func.coalesce(Item.wanted, project.votes)), 0)).where(
        Item.id.in_(out.where(Review.decision == "exclude"))
    )
    return session.scalar(wanted) or 0


def labeled_items(session: Session, project_id: int) -> int:
    """Return how many items are labeled."""
    query = with_standing(select(func.count()).select_from(Item)).where(Item.project_id == project_id, is_labeled())
    return session.scalar(query) or 0
