"""The flagged items that wait for a decision: which, in what order, and how many.

Note: An item stands once in the whole queue, under the first of its kinds, but under
each of its kinds when one kind is asked for. And the order is by score within a kind, never across kinds: an outlier
of .9 and a wrong label of .9 do not compare. Once decisions taught how far scores can be believed, flags of labels that
are rather right than wrong by that (`Wanted.least`) come after all others: nothing is hidden.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from labeler.decisions.models import CURRENT, Review
from labeler.quality.detectors.registry import WRONG_LABELS, rank
from labeler.quality.models import Flag, ItemScore
from labeler.quality.queries import kinds_of

# Built once: putting an expression together costs more than running it.
_no_decision = ~exists().where(Review.item_id == Flag.item_id, Review.status == CURRENT)
_other = aliased(Flag)

CLOSE = 1e-9  # a score that was stored as 0.8999999999999999 counts as 0.9
LAST = 1000  # place of the rather right ones, after all kinds

Stretch = tuple[str, bool]
"""A part of the queue, in which flags stand by score: their kind, and whether they are those that come last."""


@dataclass(frozen=True)
class Wanted:
    """Which flags of one run: of one kind or all, about one label, with one suggestion.

    label, suggested: class ids as text, "" for any; score_from: the least score of the label (`ItemScore`), to be had
    from `Calibration.score_from`. least: the score below which flags of wrong labels come last (`review.offer`).
    items: ids of the items that a label of several parts, which no flag names, restricts it to
    (`decisions.final.about_class`).
    """

    inspection: int
    kind: str = ""
    label: str = ""
    suggested: str = ""
    score_from: float = 0.0
    least: float = 0.0
    items: Select[int] | None = field(default=None, compare=False)

    def stretch_of(self, flag: Flag) -> Stretch:
        """Return the part of this queue in which a flag stands."""
        return flag.kind, not self.kind and flag.kind == WRONG_LABELS.kind and flag.score < self.least - CLOSE


def waiting(session: Session, wanted: Wanted, *, after: Flag | None = None, limit: int = 50) -> list[Flag]:
    """Return the next flags without a decision: kinds in their fixed order, worst first within a kind."""
    found: list[Flag] = []
    kinds = kinds_of(session, wanted.inspection)
    start = wanted.stretch_of(after) if after else None
    for stretch in _asked(wanted, kinds, start=start):
        query = _undecided(wanted, stretch, kinds).order_by(Flag.score.desc(), Flag.id).limit(limit - len(found))
        if after is not None and stretch == start:
            query = query.where(Flag.score <= after.score, or_(Flag.score < after.score, Flag.id > after.id))
        found += session.scalars(query)
        if len(found) >= limit:
            break
    return found


def first(session: Session, inspection_id: int, *, kind: str = "", limit: int = 50) -> list[Flag]:
    """Return the flags still to be decided, one an item: by kind in a fixed order, worst first within a kind."""
    return waiting(session, Wanted(inspection_id, kind), limit=limit)


def before(session: Session, wanted: Wanted, flag: Flag, limit: int = 1) -> list[Flag]:
    """Return the flags without a decision that stand just before one, nearest first."""
    found: list[Flag] = []
    kinds = kinds_of(session, wanted.inspection)
    asked, here = _asked(wanted, kinds), wanted.stretch_of(flag)
    for stretch in reversed(asked[: asked.index(here) + 1] if here in asked else []):
        query = _undecided(wanted, stretch, kinds).order_by(Flag.score, Flag.id.desc()).limit(limit - len(found))
        if stretch == here:
            query = query.where(Flag.score >= flag.score, or_(Flag.score > flag.score, Flag.id < flag.id))
        found += session.scalars(query)
        if len(found) >= limit:
            break
    return found


def flag_of(session: Session, wanted: Wanted, item_id: int) -> Flag | None:
    """Return the flag under which an item stands in this queue, decided or not."""
    query = select(Flag).where(Flag.inspection_id == wanted.inspection, Flag.item_id == item_id)
    flags = sorted(
        session.scalars(query),
        key=lambda flag: (flag.kind != wanted.kind, wanted.stretch_of(flag)[1], rank(flag.kind)),
    )
    return flags[0] if flags else None


def counts(session: Session, inspection_id: int) -> dict[str, int]:
    """Return how many items wait: by kind, and under "" in all."""
    kinds = kinds_of(session, inspection_id)
    if not kinds:
        return {"": 0}
    # no kind comes before the first one: most flags need no look at the others
    first = func.sum(case((Flag.kind == kinds[0], 1), (_under_an_earlier_kind(tuple(kinds)), 0), else_=1))
    query = (
        select(Flag.kind, func.count(), first)
        .where(Flag.inspection_id == inspection_id, _no_decision)
        .group_by(Flag.kind)
        .params(least=0.0)
    )
    rows = session.execute(query).all()
    return {"": sum(row[2] for row in rows), **{row[0]: row[1] for row in rows}}


def score_of_label(kind: str) -> Any:
    """Return the SQL of the score of a flag's label as its pass saw it; NULL where that is not known any more."""
    if kind == WRONG_LABELS.kind:
        return Flag.score  # the same value, kept for as long as the flag
    own = (ItemScore.item_id == Flag.item_id, ItemScore.inspection_id == Flag.inspection_id)
    return select(ItemScore.label_score).where(*own).correlate(Flag).scalar_subquery()


def suggestions_waiting(session: Session, inspection_id: int, kind: str, score_from: float) -> list[tuple[float, str]]:
    """Return (score of the label, the label) of the items of a kind that wait with a suggestion, from a score on."""
    score = score_of_label(kind)
    query = (
        select(score, Flag.label_code)
        .where(Flag.inspection_id == inspection_id, Flag.kind == kind, Flag.suggested_code != "")
        .where(score >= score_from - CLOSE, _no_decision)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _asked(wanted: Wanted, kinds: list[str], start: Stretch | None = None) -> list[Stretch]:
    asked: list[Stretch] = [(kind, False) for kind in ([wanted.kind] if wanted.kind else kinds)]
    if wanted.least > 0 and not wanted.kind and WRONG_LABELS.kind in kinds:
        asked.append((WRONG_LABELS.kind, True))
    return asked[asked.index(start) :] if start in asked else asked


@cache
def _under_an_earlier_kind(kinds: tuple[str, ...]) -> ColumnElement[bool]:
    """Return the SQL of whether an item has a flag that comes before this one. kinds: of the run; :least as above."""
    return exists().where(
        _other.inspection_id == Flag.inspection_id,
        _other.item_id == Flag.item_id,
        _place(_other, kinds) < _place(Flag, kinds),
    )


def _place(flag: Any, kinds: tuple[str, ...]) -> ColumnElement[int]:
    last = and_(flag.kind == WRONG_LABELS.kind, flag.score < bindparam("least", type_=Flag.score.type))
    return case((last, LAST), *[(flag.kind == kind, place) for place, kind in enumerate(kinds)], else_=LAST - 1)


def _undecided(wanted: Wanted, stretch: Stretch, kinds: list[str]) -> Select[Flag]:
    kind, last = stretch
    least = wanted.least - CLOSE
    query = select(Flag).where(Flag.inspection_id == wanted.inspection, Flag.kind == kind, _no_decision)
    if not wanted.kind:
        query = query.where(~_under_an_earlier_kind(tuple(kinds))).params(least=least)
        if wanted.least > 0 and kind == WRONG_LABELS.kind:
            query = query.where(Flag.score < least if last else Flag.score >= least)
    if wanted.items is not None:
        query = query.where(Flag.item_id.in_(wanted.items))
    elif wanted.label:
        query = query.where(Flag.label_code == wanted.label)
    if wanted.suggested:
        query = query.where(Flag.suggested_code == wanted.suggested)
    if wanted.score_from > 0:
        query = query.where(score_of_label(kind) >= wanted.score_from - CLOSE)
    return query
