"""Reads of flags and scores as tools outside get them: by API and by command, one row each."""

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlalchemy.orm import Session

from labeler.decisions.final import final_code, is_kept, with_standing
from labeler.projects.models import Item
from labeler.projects.queries import classes_of
from labeler.quality.calibration.probability import Band, Calibration, ProbabilityWrong
from labeler.quality.calibration.queries import calibration, suggestion_number
from labeler.quality.detectors.registry import WRONG_LABELS
from labeler.quality.models import Flag, ItemScore
from labeler.quality.queries import kinds_of
from labeler.task_types.base import Value

_OF_LABEL = (ItemScore.label_score, ItemScore.label_code)
DIGITS = 6  # of every share that tools outside read, so that one number is the same text everywhere


class FlagRow(NamedTuple):
    """One reason to look again, as tools outside read it. score: of a wrong label the probability wrong; labels: names.

    suggested_value: the suggestion as a value, in any task, while the labels are names where a label is one class.
    suggested_probability: how probable the suggestion is, None without one; cleanlab_score: what cleanlab's default
    says of the label on the same held-out probabilities, turned round (1 = surely wrong), None where it has none.
    probability_*: of the label that stands now, with its 90 % interval; None before enough was decided to know it, and
    where the pass saw another label; band: strong, likely or sample, None as well where it saw another.
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
    probability_wrong: float | None = None
    probability_low: float | None = None
    probability_high: float | None = None
    band: Band | None = None
    suggested_value: Value | None = None


def said_of(label: ProbabilityWrong | None) -> dict[str, Any]:
    """Return what tools outside read of the label of an item; None for all of it where nothing is known."""
    return {
        "probability_wrong": rounded(label.probability) if label else None,
        "probability_low": rounded(label.low) if label else None,
        "probability_high": rounded(label.high) if label else None,
        "band": label.band if label else None,
    }


def worst_flags(session: Session, project_id: int, inspection_id: int) -> Iterator[FlagRow]:
    """Yield a run's flags, worst first within their kind, kinds in the order of the queue."""
    classes, known = classes_of(session, project_id), calibration(session, project_id)
    names = classes.by_code
    ranks = {kind: place for place, kind in enumerate(kinds_of(session, inspection_id))} or {"": 0}
    query = (
        with_standing(
            select(Flag, Item.external_id, Item.given_code, ItemScore.cleanlab_score, *_OF_LABEL, _label_now())
        )
        .join(Flag, Flag.item_id == Item.id)
        .outerjoin(ItemScore, and_(ItemScore.item_id == Item.id, ItemScore.inspection_id == inspection_id))
        .where(Flag.inspection_id == inspection_id)
        .order_by(case(ranks, value=Flag.kind), Flag.score.desc(), Flag.id)
    )
    for flag, external_id, given, cleanlab, score, judged, now in session.execute(query):
        said = known.of(score) if score is not None else None
        yield FlagRow(
            flag.item_id,
            external_id,
            flag.kind,
            rounded_score(flag.kind, flag.score, known),
            names.get(given),
            names.get(flag.label_code),
            names.get(flag.suggested_code),
            flag.reasons,
            rounded(suggestion_number(known, flag)),
            rounded(cleanlab),
            **said_of(said if judged == now else None),
            suggested_value=classes.shown(flag.suggested_code, flag.suggested_value),
        )


def rounded_score(kind: str, score: float, known: Calibration) -> float:
    """Return the score of a flag as tools outside read it: of a wrong label the probability wrong, else what orders."""
    return round(known.of(score).number if kind == WRONG_LABELS.kind else score, DIGITS)


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
    classes, known = classes_of(session, project_id), calibration(session, project_id)
    names = classes.by_code
    query = (
        with_standing(
            select(
                ItemScore,
                Item.external_id,
                Item.given_code,
                Flag,
                _label_now(),
            )
        )
        .join(ItemScore, ItemScore.item_id == Item.id)
        .outerjoin(
            Flag,
            and_(Flag.item_id == Item.id, Flag.inspection_id == inspection_id, Flag.kind == WRONG_LABELS.kind),
        )
        .where(ItemScore.inspection_id == inspection_id, ItemScore.label_score.is_not(None))
        .order_by(ItemScore.label_score.desc(), ItemScore.item_id)
    )
    for score, external_id, given, flagged, now in session.execute(query):
        said, flag = known.of(score.label_score or 0.0), cast("Flag | None", flagged)
        yield FlagRow(
            score.item_id,
            external_id,
            WRONG_LABELS.kind,
            round(said.number, DIGITS),
            names.get(given),
            names.get(score.label_code),
            names.get(flag.suggested_code) if flag else None,
            flag.reasons if flag else [],
            rounded(suggestion_number(known, flag)) if flag else None,
            rounded(score.cleanlab_score),
            **said_of(said if score.label_code == now else None),
            suggested_value=classes.shown(flag.suggested_code, flag.suggested_value) if flag else None,
        )


def _label_now() -> ColumnElement[str]:
    """Return the SQL of the label that stands, "" for none and of what was taken out."""
    return case((is_kept(), final_code()), else_="")
