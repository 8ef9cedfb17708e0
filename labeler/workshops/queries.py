"""Reads for workshops: which items were called both of two classes, and what each rule so far brought."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.annotations.queries import COUNTED
from labeler.consensus.models import ItemConsensus
from labeler.decisions.final import says_label, with_standing
from labeler.decisions.models import Review
from labeler.errors import NotFound
from labeler.measures.histogram import Counts, counts
from labeler.projects.models import Item
from labeler.projects.queries import Classes
from labeler.quality.models import Inspection, ItemScore
from labeler.quality.queries import shares_in
from labeler.workshops.border import Chances, Contested
from labeler.workshops.models import Workshop

_CHUNK = 500  # ids in one statement


def pair_counts(
    session: Session, project_id: int, pair: tuple[str, str], *, since: int | None = None, before: int | None = None
) -> Counts:
    """Return the answers that are one of the two classes, on items that have two such answers or more.

    since, before: only answers under this version of the guidelines or a later one, or under an earlier one.
    """
    under: list[ColumnElement[bool]] = []
    if since is not None:
        under.append(Annotation.guideline_version >= since)
    if before is not None:
        under.append(Annotation.guideline_version < before)
    firsts, seconds = (func.sum(case((Annotation.code == code, 1), else_=0)) for code in pair)
    each = (
        select(firsts.label("firsts"), seconds.label("seconds"))
        .where(*_said(project_id, pair), *under)
        .group_by(Annotation.item_id)
        .having(func.count() > 1)
        .subquery()
    )
    rows = session.execute(
        select(each.c.firsts, each.c.seconds, func.count()).group_by(each.c.firsts, each.c.seconds)
    ).all()
    return counts({(0,) * int(one) + (1,) * int(two): items for one, two, items in rows}, 2)


def contested(
    session: Session, project_id: int, pair: tuple[str, str], inspection: Inspection | None
) -> tuple[Contested, ...]:
    """Return the items that were called both, by id."""
    called = select(Annotation.item_id).where(*_said(project_id, pair)).group_by(Annotation.item_id)
    both = called.having(func.min(Annotation.code) != func.max(Annotation.code))
    answers = select(Annotation.item_id, Annotation.user_id, Annotation.code).where(
        *_said(project_id, pair), Annotation.item_id.in_(both)
    )
    said: dict[int, dict[int, str]] = defaultdict(dict)
    for item, user, code in session.execute(answers):
        said[item][user] = code
    settled, clusters = _decided(session, list(said)), _clusters(session, list(said), inspection)
    return tuple(Contested(item, said[item], item in settled, clusters.get(item)) for item in sorted(said))


def called_one(session: Session, project_id: int, pair: tuple[str, str]) -> list[int]:
    """Return the undecided items whose answers so far are one of the two classes and do not differ, by id."""
    query = with_standing(select(Item.id)).where(
        Item.project_id == project_id,
        Review.id.is_(None),
        ItemConsensus.votes > 0,
        ItemConsensus.differ.is_(False),
        ItemConsensus.code.in_(pair),
    )
    return list(session.scalars(query.order_by(Item.id)))


def model_says(
    session: Session, classes: Classes, pair: tuple[str, str], inspection: Inspection | None
) -> dict[int, Chances]:
    """Return what the newest pass's model says of the two classes, by item; {} where none is heard."""
    if inspection is None or not inspection.summary.get("model"):
        return {}
    one, two = (classes.codes.index(code) for code in pair)
    found: dict[int, Chances] = {}
    query = select(ItemScore.item_id, ItemScore.probabilities).where(
        ItemScore.inspection_id == inspection.id, ItemScore.probabilities.is_not(None)
    )
    for item, data in session.execute(query.execution_options(yield_per=5000)):
        shares = shares_in(data)
        if len(shares) == len(classes.codes):  # else classes were added or went since
            found[item] = (shares[one], shares[two])
    return found


def workshops_of(session: Session, project_id: int, pair: tuple[str, str] | None = None) -> Sequence[Workshop]:
    """Return the rules that came out of workshops and were not taken back, the newest first."""
    query = select(Workshop).where(Workshop.project_id == project_id, Workshop.undone_at.is_(None))
    if pair is not None:
        query = query.where(Workshop.first == pair[0], Workshop.second == pair[1])
    return session.scalars(query.order_by(Workshop.id.desc())).all()


def workshop_in(session: Session, project_id: int, workshop_id: int) -> Workshop:
    """Return one of them. Raises NotFound."""
    found = session.get(Workshop, workshop_id)
    if found is None or found.project_id != project_id:
        raise NotFound("There is no workshop {number} in this project.", number=workshop_id)
    return found


def _said(project_id: int, pair: tuple[str, str]) -> list[ColumnElement[bool]]:
    return [Annotation.project_id == project_id, Annotation.status == COUNTED, Annotation.code.in_(pair)]


def _decided(session: Session, item_ids: list[int]) -> set[int]:
    says = and_(Review.status == "current", says_label() | (Review.decision == "exclude"))
    found: set[int] = set()
    for start in range(0, len(item_ids), _CHUNK):
        part = item_ids[start : start + _CHUNK]
        found.update(session.scalars(select(Review.item_id).where(Review.item_id.in_(part), says)))
    return found


def _clusters(session: Session, item_ids: list[int], inspection: Inspection | None) -> dict[int, int]:
    found: dict[int, int] = {}
    for start in range(0, len(item_ids) if inspection else 0, _CHUNK):
        query = select(ItemScore.item_id, ItemScore.cluster).where(
            ItemScore.inspection_id == (inspection.id if inspection else 0),
            ItemScore.item_id.in_(item_ids[start : start + _CHUNK]),
            ItemScore.cluster.is_not(None),
        )
        found |= {item: cluster for item, cluster in session.execute(query) if cluster is not None}
    return found
