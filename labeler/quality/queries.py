"""Reads of inspections, flags and scores."""

from collections.abc import Container, Mapping, Sequence

from sqlalchemy import ColumnElement, and_, bindparam, func, select, true
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.assignment.queries import HELD_OR_OPEN_TO
from labeler.consensus.known import ModelShares
from labeler.decisions.models import Review
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of
from labeler.quality.changes import Changes, compare
from labeler.quality.detectors.registry import DRAWN, rank
from labeler.quality.models import Flag, Inspection, ItemScore, Prediction
from labeler.quality.schedule import Since
from labeler.quality.suggestions import Rules, Suggestion

_FOLLOWED: dict[str, type[Annotation | Review | Item]] = {"answer": Annotation, "decision": Review, "item": Item}
SHARES, SHARE = "<f4", 4  # how the probabilities of an item are kept, and the bytes of each
_SETTINGS = select(Project.settings).where(Project.id == bindparam("project"))  # of every claim: put together once


def latest_inspection(session: Session, project_id: int, *, state: str | None = "done") -> Inspection | None:
    """Return the newest run of a project in this state (any state for None)."""
    query = select(Inspection).where(Inspection.project_id == project_id).order_by(Inspection.id.desc()).limit(1)
    return session.scalar(query if state is None else query.where(Inspection.state == state))


def inspections(
    session: Session, project_id: int, limit: int = 50, *, before: int | None = None
) -> Sequence[Inspection]:
    """Return the newest runs of a project (before: older than the run with this id), newest first."""
    query = select(Inspection).where(Inspection.project_id == project_id).order_by(Inspection.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Inspection.id < before)
    return session.scalars(query).all()


def newest_ids(session: Session, project_id: int) -> dict[str, int]:
    """Return the newest ids of what labels follow from: answers, decisions and items."""
    return {
        name: session.scalar(select(func.max(table.id)).where(table.project_id == project_id)) or 0
        for name, table in _FOLLOWED.items()
    }


def since_the_last(session: Session, project_id: int) -> Since:
    """Return what happened since the last check began, whatever became of that."""
    last = latest_inspection(session, project_id, state=None)
    newest = last.newest if last else {}

    def count(name: str, *conditions: ColumnElement[bool]) -> int:
        table = _FOLLOWED[name]
        newer = (table.project_id == project_id, table.id > newest.get(name, 0))
        return session.scalar(select(func.count()).select_from(table).where(*newer, *conditions)) or 0

    answers = count("answer", Annotation.status == "counted")
    return Since(last.started_at if last else None, answers, count("decision") + count("item"))


def changes_by(session: Session, project_id: int, inspection_id: int, labels: Mapping[int, str]) -> Changes | None:
    """Return what changed from the last finished run to this one, None where it is the first.

    labels: of the items that this one looked at, as they are kept.
    """
    done = (Inspection.project_id == project_id, Inspection.state == "done", Inspection.id < inspection_id)
    before = session.scalar(select(Inspection).where(*done).order_by(Inspection.id.desc()).limit(1))
    if before is None:
        return None
    decisions = session.execute(
        select(Review.item_id, Review.created_at).where(Review.project_id == project_id, Review.status == "current")
    )
    decided = {row[0]: row[1] for row in decisions}
    then = {item for item, at in decided.items() if at <= before.started_at}
    waited, waits = _flagged(session, before.id, then), _flagged(session, inspection_id, decided)
    return compare(before.id, waited, waits, labels, decided.keys())


def _flagged(session: Session, inspection_id: int, decided: Container[int]) -> dict[tuple[int, str], str]:
    """Return the flags of a run that wait: by item and kind, the label they were raised about.

    Without those that every run draws anew by chance.
    """
    query = select(Flag.item_id, Flag.kind, Flag.label_code)
    query = query.where(Flag.inspection_id == inspection_id, Flag.kind != DRAWN.kind)
    return {(row[0], row[1]): row[2] for row in session.execute(query) if row[0] not in decided}


def flags_of_items(session: Session, inspection_id: int, item_ids: Sequence[int]) -> dict[int, list[Flag]]:
    """Return the flags of one run on these items, worst first."""
    query = select(Flag).where(Flag.inspection_id == inspection_id, Flag.item_id.in_(item_ids))
    found: dict[int, list[Flag]] = {}
    for flag in session.scalars(query.order_by(Flag.score.desc(), Flag.id)):
        found.setdefault(flag.item_id, []).append(flag)
    return found


def kinds_of(session: Session, inspection_id: int) -> list[str]:
    """Return the kinds of flags that a run has, in the order in which they are looked at."""
    found: list[str] = []
    while True:  # from one kind to the next along the index, however many flags there are of each
        later = [Flag.kind > found[-1]] if found else []
        kind = session.scalar(select(func.min(Flag.kind)).where(Flag.inspection_id == inspection_id, *later))
        if kind is None:
            return sorted(found, key=rank)
        found.append(kind)


def score_of(session: Session, inspection_id: int, item_id: int) -> ItemScore | None:
    """Return what a run computed about one item."""
    return session.get(ItemScore, (inspection_id, item_id))


def scores_of(session: Session, inspection_id: int, item_ids: Sequence[int]) -> dict[int, ItemScore]:
    """Return what a run computed about these items, by item id."""
    query = select(ItemScore).where(ItemScore.inspection_id == inspection_id, ItemScore.item_id.in_(item_ids))
    return {score.item_id: score for score in session.scalars(query)}


def has_clusters(session: Session, inspection_id: int) -> bool:
    """Whether a run put any items together as look-alikes."""
    query = select(ItemScore.item_id).where(ItemScore.inspection_id == inspection_id, ItemScore.cluster.is_not(None))
    return session.scalar(query.limit(1)) is not None


def next_cluster(
    session: Session, inspection_id: int, user_id: int, *, fewest: int, without: Sequence[int] = (), after: int = -1
) -> tuple[int, list[int]] | None:
    """Return the densest cluster that has at least `fewest` items for a person, and those items; None when none has.

    An item is for a person in its first round, when they hold it or could. without: ids of items to leave out, such as
    those the person set aside; after: a cluster whose followers are looked at first, which spares a walk over all that
    was answered (200,000 items: seconds).
    """
    theirs = and_(Item.round == 0, HELD_OR_OPEN_TO, Item.id.not_in(without) if without else true())
    query = (
        select(ItemScore.cluster)
        .join(Item, Item.id == ItemScore.item_id)
        .where(ItemScore.inspection_id == inspection_id, ItemScore.cluster.is_not(None), theirs)
    )
    enough = query.group_by(ItemScore.cluster).having(func.count() >= fewest).order_by(ItemScore.cluster).limit(1)
    person = {"user": user_id}
    found = session.scalar(enough.where(ItemScore.cluster > after), person)
    if found is None and after >= 0:
        found = session.scalar(enough, person)
    if found is None:
        return None
    items = query.with_only_columns(ItemScore.item_id).where(ItemScore.cluster == found)
    return found, list(session.scalars(items.order_by(ItemScore.item_id), person))


def probabilities(score: ItemScore) -> list[float]:
    """Return the held-out class probabilities of an item in the project's class order; empty without a model."""
    return shares_in(score.probabilities)


def shares_in(data: bytes | None) -> list[float]:
    """Return class probabilities as they are kept (`ItemScore.probabilities`); empty without."""
    import struct

    return list(struct.unpack(f"<{len(data or b'') // SHARE}f", data or b""))


def held_out_shares(session: Session, project_id: int) -> ModelShares | None:
    """Return what the model of the newest check said of items whose labels it never saw; None where none was heard.

    A model that knew other classes than there are now says nothing.
    """
    import numpy as np

    last, width = latest_inspection(session, project_id), SHARE * len(classes_of(session, project_id).codes)
    if last is None or not last.summary.get("model"):
        return None
    query = select(ItemScore.item_id, ItemScore.probabilities).where(
        ItemScore.inspection_id == last.id, func.length(ItemScore.probabilities) == width
    )
    rows = session.execute(query.order_by(ItemScore.item_id)).all()
    if not rows:
        return None
    shares = np.frombuffer(b"".join(row[1] or b"" for row in rows), dtype=SHARES).reshape(len(rows), -1)
    return ModelShares([row[0] for row in rows], shares.astype(np.float64), last.id)


def suggestion_rules(session: Session, project_id: int) -> Rules:
    """Return what a project's lead decided about suggestions, as of now."""
    return Rules.of(session.scalars(_SETTINGS, {"project": project_id}).one())


def suggestions_for(session: Session, project_id: int, source: str, item_ids: Sequence[int]) -> dict[int, Suggestion]:
    """Return what a project's model, or the predictions that were imported, say of these items, as far as they do.

    A model that knew other classes than there are now says nothing.
    """
    if not item_ids:
        return {}
    if source == "imported":
        rows = session.scalars(select(Prediction).where(Prediction.item_id.in_(item_ids)))
        return {row.item_id: Suggestion(row.code, row.value, row.score) for row in rows}
    inspection = latest_inspection(session, project_id)
    if inspection is None:
        return {}
    codes = classes_of(session, project_id).codes
    scores = select(ItemScore).where(ItemScore.inspection_id == inspection.id, ItemScore.item_id.in_(item_ids))
    found = {}
    for row in session.scalars(scores):
        shares = probabilities(row)
        if len(shares) == len(codes):
            best = max(range(len(codes)), key=shares.__getitem__)
            found[row.item_id] = Suggestion(codes[best], None, round(shares[best], 4))
    return found


def imported_predictions(session: Session, project_id: int) -> int:
    """Return of how many items a prediction was imported."""
    return session.scalar(select(func.count()).where(Prediction.project_id == project_id)) or 0
