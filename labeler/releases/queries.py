"""Reads of releases, and of what one freezes: every item of a project with what is behind its label."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from labeler.annotations.models import Annotation
from labeler.annotations.queries import COUNTED
from labeler.audits.models import Audit
from labeler.automatic.models import STANDS, AutomaticBatch, AutomaticLabel
from labeler.consensus.models import ItemConsensus
from labeler.decisions.final import AUTOMATIC, final_code, final_source, with_standing
from labeler.decisions.models import Review
from labeler.errors import NotFound
from labeler.exchange.export_choices import ExportChoices
from labeler.exchange.formats.registry import WRITERS
from labeler.exchange.pseudonyms import emails, pseudonyms
from labeler.exchange.queries import Wanted, chosen_rows
from labeler.exchange.rows import ExportRow
from labeler.projects.models import Import, Project
from labeler.projects.models import Item as ItemTable
from labeler.releases.frozen import FILTERED, UNMET, Behind, Decided, Item, Said
from labeler.releases.models import Release, ReleaseCheck
from labeler.statistics.conditions import Conditions
from labeler.statistics.item_conditions import all_of, asked_beside, met

BLOCK = 5000


# -- releases that are there ------------------------------------------------------------------------------------------


def releases_of(session: Session, project_id: int) -> Sequence[Release]:
    """Return a project's releases, newest first."""
    query = select(Release).where(Release.project_id == project_id)
    return session.scalars(query.order_by(Release.number.desc())).all()


def release_in(session: Session, project_id: int, number: int) -> Release:
    """Return a release by its number; raises NotFound."""
    query = select(Release).where(Release.project_id == project_id, Release.number == number)
    found = session.scalar(query)
    if found is None:
        raise NotFound("There is no release {number} of this project.", number=number)
    return found


def newest(session: Session, project_id: int) -> Release | None:
    """Return a project's newest release."""
    query = select(Release).where(Release.project_id == project_id)
    return session.scalar(query.order_by(Release.number.desc()).limit(1))


def by_key(session: Session, project_id: int, key: str) -> Release | None:
    """Return the release that was asked for with this key."""
    return session.scalar(select(Release).where(Release.project_id == project_id, Release.key == key))


def newest_checks(session: Session, project_id: int) -> dict[int, ReleaseCheck]:
    """Return {id of a release: the newest time it was verified}."""
    query = select(ReleaseCheck).join(Release, Release.id == ReleaseCheck.release_id)
    found = session.scalars(query.where(Release.project_id == project_id).order_by(ReleaseCheck.id))
    return {one.release_id: one for one in found}


def files_named(session: Session) -> set[str]:
    """Return the SHA-256 of every file that a release of any project is made of."""
    return {digest for pair in session.execute(select(Release.sha256, Release.state)) for digest in pair}


# -- what one freezes -------------------------------------------------------------------------------------------------


def newest_moment(session: Session, project: Project) -> datetime:
    """Return when the newest thing came that labels depend on: an item, an answer, a decision or an audit's end."""
    times = [
        session.scalar(select(func.max(ItemTable.created_at)).where(ItemTable.project_id == project.id)),
        session.scalar(select(func.max(Annotation.created_at)).where(Annotation.project_id == project.id)),
        session.scalar(select(func.max(Review.created_at)).where(Review.project_id == project.id)),
        session.scalar(select(func.max(Audit.closed_at)).where(Audit.project_id == project.id)),
    ]
    return max([one for one in times if one is not None], default=project.created_at)


def pseudonyms_by_address(session: Session, project_id: int) -> dict[str, str]:
    """Return {e-mail address: pseudonym} of everybody who ever answered, the one that exports use too."""
    addresses = emails(session)
    return {addresses[user]: name for user, name in pseudonyms(session, project_id).items()}


def imports_named(session: Session, project_id: int) -> dict[str, Any]:
    """Return {id as text: {name, format, at}} of a project's imports."""
    query = select(Import).where(Import.project_id == project_id).order_by(Import.id)
    return {
        str(one.id): {"name": one.name, "format": one.format, "at": moment(one.created_at)}
        for one in session.scalars(query)
    }


def frozen_items(session: Session, project: Project, chosen: ExportChoices) -> Iterator[Item]:
    """Yield every item of a project in the order of ids, with what is behind its label, and whether it goes out."""
    found = chosen_rows(session, project, Wanted([], emails(session), WRITERS[chosen.format].probabilities))
    asked = _Asked.of(session, project.id, chosen.items)
    while block := list(islice(found, BLOCK)):
        first, last = block[0].item, block[-1].item
        behind, out = _behind(session, project.id, first, last), _out(session, project.id, asked, first, last)
        yield from (Item(_in_order(row), behind[row.item], out.get(row.item, "")) for row in block)


class _Asked(NamedTuple):
    """What an item must meet, as SQL. which: to be one of the items at all; beside: what else is asked."""

    which: ColumnElement[bool]
    beside: ColumnElement[bool]

    @classmethod
    def of(cls, session: Session, project_id: int, wanted: Conditions) -> "_Asked":
        which = met(session, project_id, Conditions(which=wanted.which))
        return cls(all_of(which), all_of(asked_beside(session, project_id, wanted)))


def _out(session: Session, project_id: int, asked: _Asked, first: int, last: int) -> dict[int, str]:
    """Return {item: why it is in no file} of those that are in none."""
    query = with_standing(select(ItemTable.id, asked.which, asked.beside).select_from(ItemTable)).where(
        ItemTable.project_id == project_id, ItemTable.id.between(first, last)
    )
    found = session.execute(query)
    return {item: FILTERED if which else UNMET for item, which, beside in found if not (which and beside)}


def moment(at: datetime) -> str:
    """Return a time as the files of a release say it: ISO 8601 in UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def at(moment_in_words: str) -> datetime:
    """Return the time that `moment` wrote."""
    return datetime.fromisoformat(moment_in_words)


def _in_order(row: ExportRow) -> ExportRow:
    """Return a row whose flags are in the same order on every database, also where two are as sure."""
    return row._replace(flags=tuple(sorted(row.flags, key=lambda flag: (-flag.score, flag.kind))))


def _behind(session: Session, project_id: int, first: int, last: int) -> dict[int, Behind]:
    query = with_standing(
        select(
            ItemTable.id,
            final_code(),
            final_source(),
            ItemTable.import_id,
            ItemTable.created_at,
            ItemConsensus.method,
            Review,
        )
    ).where(ItemTable.project_id == project_id, ItemTable.id.between(first, last))
    answers = _answers(session, project_id, first, last)
    automatic = _automatic(session, project_id, first, last)
    return {
        item: Behind(
            code or "",
            source,
            tuple(answers.get(item, ())),
            _decided(review),
            method or "",
            str(came or ""),
            moment(created),
            automatic.get(item, 0) if source == AUTOMATIC else 0,
        )
        for item, code, source, came, created, method, review in session.execute(query)
    }


def _decided(review: Review | None) -> Decided | None:
    if review is None:
        return None
    return Decided(
        review.id,
        review.decision,
        moment(review.created_at),
        review.before_code,
        review.kind,
        review.reason,
        review.batch.startswith("audit-"),
    )


def _answers(session: Session, project_id: int, first: int, last: int) -> dict[int, list[Said]]:
    query = select(
        Annotation.item_id,
        Annotation.id,
        Annotation.code,
        Annotation.created_at,
        Annotation.round,
        Annotation.guideline_version,
    ).where(Annotation.project_id == project_id, Annotation.status == COUNTED, Annotation.item_id.between(first, last))
    found: dict[int, list[Said]] = defaultdict(list)
    for item, number, code, at, turn, guideline in session.execute(query.order_by(Annotation.item_id, Annotation.id)):
        found[item].append(Said(number, code, moment(at), turn, guideline))
    return found


def _automatic(session: Session, project_id: int, first: int, last: int) -> dict[int, int]:
    """Return {item: number of the newest standing batch that labels it}."""
    query = (
        select(AutomaticLabel.item_id, AutomaticBatch.number)
        .join(AutomaticBatch, AutomaticBatch.id == AutomaticLabel.batch_id)
        .where(
            AutomaticBatch.project_id == project_id,
            AutomaticBatch.state == STANDS,
            AutomaticLabel.item_id.between(first, last),
        )
        .order_by(AutomaticBatch.number)
    )
    return {row[0]: row[1] for row in session.execute(query)}


# -- what the database says of it by now ------------------------------------------------------------------------------


class Recorded(NamedTuple):
    """An answer or a decision as its row is now. code: of an answer; of a decision, what was decided."""

    item: int
    code: str
    at: str


def answers_now(session: Session, project_id: int, first: int, last: int) -> dict[int, Recorded]:
    """Return {id: answer} of every answer to the items from one id to another, whatever became of it."""
    query = select(Annotation.id, Annotation.item_id, Annotation.code, Annotation.created_at).where(
        Annotation.project_id == project_id, Annotation.item_id.between(first, last)
    )
    return {row[0]: Recorded(row[1], row[2], moment(row[3])) for row in session.execute(query)}


def decisions_now(session: Session, project_id: int, first: int, last: int) -> dict[int, Recorded]:
    """Return {id: decision} of every decision about the items from one id to another, whatever became of it."""
    query = select(Review.id, Review.item_id, Review.decision, Review.created_at).where(
        Review.project_id == project_id, Review.item_id.between(first, last)
    )
    return {row[0]: Recorded(row[1], row[2], moment(row[3])) for row in session.execute(query)}
