"""Lists of items by what is known about them: which states there are, one page of a list, how many fit.

Note: every count on another page links to one of these lists, so a condition here and the
count of the same name in `statistics.counts` have to mean the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, false, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from labeler.agreement.conditions import answers_meant, items_meant
from labeler.agreement.meant import Meant, day_in, version_in
from labeler.annotations.models import Annotation
from labeler.assignment.models import Assignment
from labeler.consensus.models import ItemConsensus
from labeler.decisions.final import (
    AMBIGUOUS,
    final_code,
    final_source,
    final_value,
    is_automatic,
    is_kept,
    is_labeled,
    is_tie,
    is_unlabeled,
    says_label,
    with_standing,
)
from labeler.decisions.models import AGREED, SECOND_OPINION, Review
from labeler.decisions.outcomes import outcome
from labeler.projects.models import Item
from labeler.projects.naming import Names, naming
from labeler.projects.queries import item_count
from labeler.statistics.conditions import Conditions
from labeler.statistics.item_conditions import asked_beside, is_flagged, met
from labeler.test_items.models import TestItem

STATES = (
    "unlabeled",
    "labeled",
    "automatic",
    "given",
    "consensus",
    "decided",
    "done",
    "differ",
    "tie",
    "flagged",
    "reviewed",
    "changed",
    "kept",
    "settled",
    "excluded",
    "ambiguous",
    "sent_back",
    "second_opinion",
    "agreed",
    "skipped",
    "commented",
    "test",
)
FAST = 1.0  # seconds; nobody reads an item in less
RECENT = 50  # newest answers of an annotator that "often" is about


@dataclass(frozen=True)
class ItemFilter:
    """Which items a list shows. Codes are class ids as text; text is looked for in the content and the external id.

    A label of several parts is of each class that one of its parts has.

    vote: with `final`, the items whose final label is one class while somebody voted for the other; beside: with
    `vote`, those that somebody else called this class (for the same class: that two or more called so);
    annotator: user id, of who answered (or skipped or commented, where `state` asks for that); disagrees: only items
    where this annotator's vote is not the final label; fast: only items with an answer in less than a second; recent:
    only the annotator's newest answers (`RECENT`) of those given one by one; about: "column=value" of the metadata;
    among: of the items whose agreement is measured those with two answers (`two`), or whose answers `differ`; way,
    version, since, until: which answers and items that is (`agreement.meant`), and vote and beside are of these; also:
    a second person who answered, beside `annotator`;
    chosen: the items of an export; left_out: those that only what is asked beside `which` keeps out of it.
    """

    state: str = ""
    text: str = ""
    final: str = ""
    given: str = ""
    vote: str = ""
    beside: str = ""
    annotator: int = 0
    disagrees: bool = False
    import_id: int = 0
    fast: bool = False
    recent: bool = False
    about: str = ""
    among: str = ""
    way: str = ""
    version: str = ""
    since: str = ""
    until: str = ""
    also: int = 0
    chosen: Conditions | None = None
    left_out: bool = False

    @property
    def meant(self) -> Meant:
        """Which answers count here."""
        return Meant(self.way, version_in(self.version), day_in(self.since), day_in(self.until))


def item_page(
    session: Session,
    project_id: int,
    wanted: ItemFilter,
    *,
    inspection_id: int | None,
    after: int = 0,
    before: int = 0,
    limit: int = 50,
) -> list[Item]:
    """Return one page of the items that fit, by id: those after the item `after`, or the last ones before `before`."""
    first = session.scalar(select(func.min(Item.id)).where(Item.project_id == project_id)) or 0
    # "+ 0" keeps the database from an index that it would have to sort: reading by id it stops when the page is full
    here = and_(Item.project_id + 0 == project_id, Item.id >= first)
    asked = _asked(session, project_id, wanted)
    query = _filtered(here, wanted, inspection_id, naming(session, project_id), asked).limit(limit)
    if before:
        return list(reversed(session.scalars(query.where(Item.id < before).order_by(Item.id.desc())).all()))
    return list(session.scalars(query.where(Item.id > after).order_by(Item.id)))


def item_total(session: Session, project_id: int, wanted: ItemFilter, *, inspection_id: int | None) -> int:
    """Return how many items fit."""
    if wanted == ItemFilter():
        return item_count(session, project_id)
    here = Item.project_id == project_id
    asked = _asked(session, project_id, wanted)
    query = _filtered(here, wanted, inspection_id, naming(session, project_id), asked)
    return session.scalar(query.with_only_columns(func.count(), maintain_column_froms=True)) or 0


def item_ids(
    session: Session, project_id: int, wanted: ItemFilter, *, inspection_id: int | None, limit: int
) -> list[int]:
    """Return the items that fit, by id, at most so many."""
    asked = _asked(session, project_id, wanted)
    query = _filtered(Item.project_id == project_id, wanted, inspection_id, naming(session, project_id), asked)
    ids = query.with_only_columns(Item.id, maintain_column_froms=True)
    return list(session.scalars(ids.order_by(Item.id).limit(limit)))


def done_among(session: Session, item_ids: Sequence[int]) -> set[int]:
    """Return those of these items that are done (see `statistics.progress`)."""
    query = with_standing(select(Item.id)).where(Item.id.in_(item_ids), _state("done", None))
    return set(session.scalars(query))


def _filtered(
    here: ColumnElement[bool],
    wanted: ItemFilter,
    inspection_id: int | None,
    names: Names,
    asked: Sequence[ColumnElement[bool]] = (),
) -> Select[Item]:
    query = with_standing(select(Item)).where(here)
    conditions = [_state(wanted.state, inspection_id)] if wanted.state else []
    if wanted.text:
        pattern = f"%{wanted.text.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        conditions.append(or_(Item.text.ilike(pattern, escape="!"), Item.external_id.ilike(pattern, escape="!")))
    if wanted.final:
        conditions += [names(final_code(), final_value(), wanted.final), is_kept()]
    if wanted.given:
        conditions.append(names(Item.given_code, Item.given_value, wanted.given))
    if wanted.import_id:
        conditions.append(Item.import_id == wanted.import_id)
    if wanted.beside:
        conditions.append(_voted_times(wanted.beside, 2 if wanted.beside == wanted.vote else 1, wanted.way))
    if wanted.also:
        conditions.append(_answered(wanted.also, wanted.way))
    if wanted.about:
        conditions.append(says_about(*wanted.about.partition("=")[::2]))
    if wanted.vote or wanted.annotator or wanted.fast or wanted.recent:
        conditions.append(_voted(wanted, names))
    return query.where(*conditions, *asked)


def _asked(session: Session, project_id: int, wanted: ItemFilter) -> list[ColumnElement[bool]]:
    """Return what only a look at the project says: which answers are meant, and which items an export takes."""
    meant = wanted.meant
    compared: list[ColumnElement[bool]] = []
    if wanted.among or meant.of_answers:
        compared.append(Item.id.in_(items_meant(project_id, meant, wanted.among)))
    if wanted.chosen is None:
        return compared
    if not wanted.left_out:
        return [*compared, *met(session, project_id, wanted.chosen)]
    beside = and_(literal(value=True), *asked_beside(session, project_id, wanted.chosen))
    return [
        *compared,
        *met(session, project_id, Conditions(which=wanted.chosen.which)),
        ~func.coalesce(beside, literal(value=False)),
    ]


def says_about(column: str, value: str) -> ColumnElement[bool]:
    """Return the SQL of whether an item's metadata say this; one database spells true and false as numbers."""
    if not column or '"' in column:  # which cannot be looked for
        return false()
    return cast(Item.meta[column].as_string(), String).in_({value, {"true": "1", "false": "0"}.get(value, value)})


def _commented() -> list[ColumnElement[bool]]:
    return [Annotation.comment != "", Annotation.status.in_(("counted", "skipped"))]


def _voted(wanted: ItemFilter, names: Names) -> ColumnElement[bool]:
    statuses = {"skipped": [Annotation.status == "skipped"], "commented": _commented()}
    vote = [
        Annotation.project_id == Item.project_id,
        Annotation.item_id == Item.id,
        *statuses.get(wanted.state, answers_meant(wanted.way)),
    ]
    if wanted.fast:
        vote += [Annotation.seconds > 0, Annotation.seconds < FAST, Annotation.mode != "bulk"]
    if wanted.vote:
        vote.append(names(Annotation.code, Annotation.value, wanted.vote))
    if wanted.annotator:
        vote.append(Annotation.user_id == wanted.annotator)
    if wanted.recent:
        vote.append(Annotation.id.in_(_newest(wanted.annotator)))
    if wanted.disagrees:
        vote.append(Annotation.code != final_code())
    return exists().where(*vote)


def _answered(user_id: int, way: str) -> ColumnElement[bool]:
    return exists().where(*_of_item(way), Annotation.user_id == user_id)


def _of_item(way: str) -> list[ColumnElement[bool]]:
    return [Annotation.project_id == Item.project_id, Annotation.item_id == Item.id, *answers_meant(way)]


def _voted_times(code: str, least: int, way: str) -> ColumnElement[bool]:
    times = select(func.count()).select_from(Annotation).where(*_of_item(way), Annotation.code == code)
    return times.correlate(Item).scalar_subquery() >= least


def _newest(annotator: int) -> Select[int]:
    one = aliased(Annotation)  # under its own name it would be the answer of the query around it
    return (
        select(one.id)
        .where(
            one.project_id == Item.project_id,
            one.user_id == annotator,
            one.status == "counted",
            one.mode != "bulk",
        )
        .order_by(one.id.desc())
        .limit(RECENT)
        .correlate(Item)
    )


def _state(state: str, inspection_id: int | None) -> ColumnElement[bool]:
    # naming the project as well lets the index of (project, status, item) answer
    about = and_(Annotation.project_id == Item.project_id, Annotation.item_id == Item.id)
    skipped = exists().where(about, Annotation.status == "skipped")
    held = Item.id.in_(select(Assignment.item_id).where(Assignment.state == "held", Assignment.round >= 0))
    known: dict[str, ColumnElement[bool]] = {
        "unlabeled": is_unlabeled(),
        "labeled": is_labeled(),
        "automatic": is_automatic(),
        "given": and_(final_source() == "given", is_kept()),
        "decided": and_(final_source() == "review", is_kept()),
        "consensus": and_(final_source() == "consensus", is_kept()),
        "done": or_(and_(Item.open_slots == 0, ~held), func.coalesce(says_label(), literal(value=False))),
        "differ": ItemConsensus.differ.is_(True),
        "tie": is_tie(),
        "ambiguous": Review.decision == AMBIGUOUS,
        "flagged": is_flagged(inspection_id),
        "reviewed": Review.id.is_not(None),
        **{one: and_(Review.id.is_not(None), outcome() == one) for one in ("changed", "kept", "settled")},
        "excluded": Review.decision == "exclude",
        "sent_back": Review.decision == "send_back",
        **{one: Review.decision == one for one in (SECOND_OPINION, AGREED)},
        "skipped": skipped,
        "commented": exists().where(about, *_commented()),
        "test": exists().where(TestItem.item_id == Item.id, TestItem.active),
    }
    return known.get(state, literal(value=False))
