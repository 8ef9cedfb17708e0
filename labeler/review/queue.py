"""The flagged items that wait for a decision: which, in what order, how many, and how probably they are wrong.

Note: An item stands once in the whole queue, under the first of its kinds, but under
each of its kinds when one kind is asked for. And the order is by score within a kind, never across kinds: an outlier
of .9 and a wrong label of .9 do not compare.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, case, cast, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from labeler.decisions.models import CURRENT, Review
from labeler.decisions.outcomes import is_checked
from labeler.quality.detectors.registry import WRONG_LABELS, rank
from labeler.quality.models import Flag, ItemScore
from labeler.quality.queries import kinds_of

# Built once: putting an expression together costs more than running it.
_no_decision = ~exists().where(Review.item_id == Flag.item_id, Review.status == CURRENT)
_other = aliased(Flag)
# floor(), for databases that have no floor(); never a tie, since those round differently in SQLite and PostgreSQL
# Numbers stand in it as they are: PostgreSQL would not see that SELECT and GROUP BY name the same expression otherwise.
_HUNDRED: ColumnElement[float] = literal_column("100")
_HALF: ColumnElement[float] = literal_column("0.4999999")

CLOSE = 1e-9  # a probability that was stored as 0.8999999999999999 counts as 0.9
LOWEST = 0.5  # probability wrong from which suggestions may be accepted in one step


@dataclass(frozen=True)
class Wanted:
    """Which flags of one run: of one kind or all, about one label, with one suggestion.

    label, suggested: class ids as text, "" for any; wrong_from: the least probability wrong (see `review.probability`).
    items: ids of the items that a label of several parts, which no flag names, restricts it to
    (`decisions.final.about_class`).
    """

    inspection: int
    kind: str = ""
    label: str = ""
    suggested: str = ""
    wrong_from: float = 0.0
    items: Select[int] | None = field(default=None, compare=False)


def waiting(session: Session, wanted: Wanted, *, after: Flag | None = None, limit: int = 50) -> list[Flag]:
    """Return the next flags without a decision: kinds in their fixed order, worst first within a kind."""
    found: list[Flag] = []
    kinds = kinds_of(session, wanted.inspection)
    for kind in _asked(wanted, kinds, start=after.kind if after else ""):
        query = _undecided(wanted, kind, kinds).order_by(Flag.score.desc(), Flag.id).limit(limit - len(found))
        if after is not None and kind == after.kind:
            query = query.where(Flag.score <= after.score, or_(Flag.score < after.score, Flag.id > after.id))
        found += session.scalars(query)
        if len(found) >= limit:
            break
    return found


def first(
    session: Session, inspection_id: int, *, kind: str = "", wrong_from: float = 0.0, limit: int = 50
) -> list[Flag]:
    """Return the flags still to be decided, one an item: by kind in a fixed order, worst first within a kind."""
    return waiting(session, Wanted(inspection_id, kind, wrong_from=wrong_from), limit=limit)


def before(session: Session, wanted: Wanted, flag: Flag, limit: int = 1) -> list[Flag]:
    """Return the flags without a decision that stand just before one, nearest first."""
    found: list[Flag] = []
    kinds = kinds_of(session, wanted.inspection)
    asked = _asked(wanted, kinds)
    for kind in reversed(asked[: asked.index(flag.kind) + 1] if flag.kind in asked else []):
        query = _undecided(wanted, kind, kinds).order_by(Flag.score, Flag.id.desc()).limit(limit - len(found))
        if kind == flag.kind:
            query = query.where(Flag.score >= flag.score, or_(Flag.score > flag.score, Flag.id < flag.id))
        found += session.scalars(query)
        if len(found) >= limit:
            break
    return found


def flag_of(session: Session, wanted: Wanted, item_id: int) -> Flag | None:
    """Return the flag under which an item stands in this queue, decided or not."""
    query = select(Flag).where(Flag.inspection_id == wanted.inspection, Flag.item_id == item_id)
    flags = sorted(session.scalars(query), key=lambda flag: (flag.kind != wanted.kind, rank(flag.kind)))
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
    )
    rows = session.execute(query).all()
    return {"": sum(row[2] for row in rows), **{row[0]: row[1] for row in rows}}


def waiting_by_probability(session: Session, inspection_id: int, kind: str) -> dict[int, int]:
    """Return how many items of a kind wait with a suggestion, by whole percent of probability wrong from 50 on."""
    number = _wrong(kind)
    percent = _percent(number)
    query = (
        select(percent, func.count())
        .select_from(Flag)
        .where(Flag.inspection_id == inspection_id, Flag.kind == kind, Flag.suggested_code != "")
        .where(number >= LOWEST - CLOSE, _no_decision)
        .group_by(percent)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def checked_by_probability(session: Session, project_id: int, kind: str) -> dict[int, tuple[int, int]]:
    """Return (checked, of these the suggestion was taken) by whole percent of probability wrong.

    Only those that had a suggestion, and a probability that is still known: of other kinds than wrong labels it is
    forgotten with the pass.
    """
    took = func.sum(case((Review.code == Review.suggested_code, 1), else_=0))
    number = _wrong(kind)
    percent = _percent(number)
    query = (
        select(percent, func.count(), took)
        .select_from(Review)
        .join(Flag, Flag.id == Review.flag_id)
        .where(Review.project_id == project_id, is_checked(kind), Review.suggested_code != "", number.is_not(None))
        .group_by(percent)
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(query)}


def _wrong(kind: str) -> Any:
    """Return the SQL of the probability wrong of a flag's item as its pass saw it; see `review.probability`."""
    if kind == WRONG_LABELS.kind:
        return Flag.score  # the same value, kept for as long as the flag
    own = (ItemScore.item_id == Flag.item_id, ItemScore.inspection_id == Flag.inspection_id)
    return select(ItemScore.label_score).where(*own).correlate(Flag).scalar_subquery()


def _percent(number: Any) -> ColumnElement[int]:
    return cast(func.round(number * _HUNDRED - _HALF), Integer)


def _asked(wanted: Wanted, kinds: list[str], start: str = "") -> list[str]:
    asked = [wanted.kind] if wanted.kind else kinds
    return asked[asked.index(start) :] if start in asked else asked


@cache
def _under_an_earlier_kind(kinds: tuple[str, ...]) -> ColumnElement[bool]:
    """Return the SQL of whether an item has a flag of a kind that comes before this one's. kinds: of the run."""
    ranks = {kind: place for place, kind in enumerate(kinds)}
    return exists().where(
        _other.inspection_id == Flag.inspection_id,
        _other.item_id == Flag.item_id,
        case(ranks, value=_other.kind) < case(ranks, value=Flag.kind),
    )


def _undecided(wanted: Wanted, kind: str, kinds: list[str]) -> Select[Flag]:
    query = select(Flag).where(Flag.inspection_id == wanted.inspection, Flag.kind == kind, _no_decision)
    if not wanted.kind:
        query = query.where(~_under_an_earlier_kind(tuple(kinds)))
    if wanted.items is not None:
        query = query.where(Flag.item_id.in_(wanted.items))
    elif wanted.label:
        query = query.where(Flag.label_code == wanted.label)
    if wanted.suggested:
        query = query.where(Flag.suggested_code == wanted.suggested)
    if wanted.wrong_from > 0:
        query = query.where(_wrong(kind) >= wanted.wrong_from - CLOSE)
    return query
