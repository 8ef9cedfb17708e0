"""Reads of flags and scores as tools outside get them: by API and by command, one row each."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import and_, case, or_, select
from sqlalchemy.orm import Session

from labeler.projects.models import Item
from labeler.projects.queries import classes_of
from labeler.quality.detectors.registry import WRONG_LABELS
from labeler.quality.models import Flag, ItemScore
from labeler.quality.queries import kinds_of
from labeler.task_types.base import Value

DIGITS = 6  # of every share that tools outside read, so that one number is the same text everywhere


class FlagRow(NamedTuple):
    """One reason to look again, as tools outside read it. score: of a wrong label the probability wrong; labels: names.

    suggested_value: the suggestion as a value, in any task, while the labels are names where a label is one class.
    suggested_probability: how probable the suggestion is, None without one; cleanlab_score: what cleanlab's default
    says of the label on the same held-out probabilities, turned round (1 = surely wrong), None where it has none.
    """

    item: int
    external_id: str | None
    kind: str
    score: float
    given_label: str | None
    label: str | None
    suggested_label: str | None
    reasons: list[Any]
    suggested_probability: float | None
    cleanlab_score: float | None
    suggested_value: Value | None = None


def worst_flags(session: Session, project_id: int, inspection_id: int) -> Iterator[FlagRow]:
    """Yield a run's flags, worst first within their kind, kinds in the order of the queue."""
    classes = classes_of(session, project_id)
    names = classes.by_code
    ranks = {kind: place for place, kind in enumerate(kinds_of(session, inspection_id))} or {"": 0}
    query = (
        select(Flag, Item.external_id, Item.given_code, ItemScore.cleanlab_score)
        .join(Item, Item.id == Flag.item_id)
        .outerjoin(ItemScore, and_(ItemScore.item_id == Item.id, ItemScore.inspection_id == inspection_id))
        .where(Flag.inspection_id == inspection_id)
        .order_by(case(ranks, value=Flag.kind), Flag.score.desc(), Flag.id)
    )
    for flag, external_id, given, cleanlab in session.execute(query):
        yield FlagRow(
            flag.item_id,
            external_id,
            flag.kind,
            round(flag.score, DIGITS),
            names.get(given),
            names.get(flag.label_code),
            names.get(flag.suggested_code),
            flag.reasons,
            rounded(flag.confidence if flag.suggested_code else None),
            rounded(cleanlab),
            classes.shown(flag.suggested_code, flag.suggested_value),
        )


def rounded(share: float | None) -> float | None:
    """Return a share as tools outside read it, the same digits everywhere; None for none."""
    return None if share is None else round(share, DIGITS)


def flag_page(
    session: Session, inspection_id: int, *, kind: str = "", after: Flag | None = None, limit: int = 50
) -> list[tuple[Flag, str | None]]:
    """Return the next flags of a run with their items' external ids: by kind in their order, worst first."""
    kinds = [kind] if kind else kinds_of(session, inspection_id)
    kinds = kinds[kinds.index(after.kind) :] if after else kinds
    found: list[tuple[Flag, str | None]] = []
    for one in kinds:
        query = (
            select(Flag, Item.external_id)
            .join(Item, Item.id == Flag.item_id)
            .where(Flag.inspection_id == inspection_id, Flag.kind == one)
            .order_by(Flag.score.desc(), Flag.id)
            .limit(limit - len(found))
        )
        if after is not None and after.kind == one:
            query = query.where(Flag.score <= after.score, or_(Flag.score < after.score, Flag.id > after.id))
        found += [(flag, external_id) for flag, external_id in session.execute(query)]
        if len(found) >= limit:
            break
    return found


def all_scores(session: Session, project_id: int, inspection_id: int) -> Iterator[FlagRow]:
    """Yield the probability wrong of every item of a run whose label could be judged, worst first."""
    classes = classes_of(session, project_id)
    names = classes.by_code
    query = (
        select(
            ItemScore,
            Item.external_id,
            Item.given_code,
            Flag.suggested_code,
            Flag.suggested_value,
            Flag.reasons,
            Flag.confidence,
        )
        .join(Item, Item.id == ItemScore.item_id)
        .outerjoin(
            Flag,
            and_(Flag.item_id == Item.id, Flag.inspection_id == inspection_id, Flag.kind == WRONG_LABELS.kind),
        )
        .where(ItemScore.inspection_id == inspection_id, ItemScore.label_score.is_not(None))
        .order_by(ItemScore.label_score.desc(), ItemScore.item_id)
    )
    for score, external_id, given, suggested, value, reasons, confidence in session.execute(query):
        yield FlagRow(
            score.item_id,
            external_id,
            WRONG_LABELS.kind,
            round(score.label_score, DIGITS),
            names.get(given),
            names.get(score.label_code),
            names.get(suggested or ""),
            reasons or [],
            rounded(confidence if suggested else None),
            rounded(score.cleanlab_score),
            classes.shown(suggested or "", value),
        )
