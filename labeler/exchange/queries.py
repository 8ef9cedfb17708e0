"""What goes out: every item of a project with all that is known about it, streamed in id order.

Rows are read in blocks of items; for each block the votes, flags and scores are read with it, so that memory stays
flat however large the project is.
"""

import itertools
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, func, null, select
from sqlalchemy.orm import Session

from labeler.agreement.patterns import share_alike
from labeler.annotations.models import Annotation
from labeler.consensus.models import ItemConsensus
from labeler.decisions.final import (
    AMBIGUOUS,
    final_code,
    final_confidence,
    final_source,
    final_value,
    is_labeled,
    is_tie,
    is_unlabeled,
    soft_labels,
    with_standing,
)
from labeler.decisions.models import Review
from labeler.exchange.formats.base import ExportContext
from labeler.exchange.pseudonyms import emails
from labeler.exchange.rows import ExportRow, FlagOut, Skip, Vote
from labeler.projects.models import Item, Project
from labeler.projects.queries import Classes, classes_of, numbers_of
from labeler.quality.calibration.probability import Calibration
from labeler.quality.calibration.queries import calibration
from labeler.quality.detectors.registry import WRONG_LABELS
from labeler.quality.flag_rows import DIGITS, rounded_score
from labeler.quality.models import Flag, ItemScore
from labeler.quality.queries import SHARE, latest_inspection
from labeler.storage.moments import in_iso
from labeler.storage.nested import shallow
from labeler.task_types.base import Content, Value

BLOCK = 5000


@dataclass(frozen=True)
class LeftOut:
    """How many items an export leaves out, and why."""

    excluded: int
    unlabeled: int
    tied: int


@dataclass(frozen=True)
class Wanted:
    """Which rows go out, and what of them. conditions: SQL, all of which an item meets (`item_conditions.met`).

    names: what people go out as, by user id; probabilities: whether the newest pass's go out too.
    """

    conditions: Sequence[ColumnElement[bool]]
    names: Mapping[int, str]
    probabilities: bool = False


class _Answers(NamedTuple):
    """The counted answers to one item, in step: as they go out, and as they are kept."""

    votes: tuple[Vote, ...]
    kept: Sequence[Any]


class _Found(NamedTuple):
    """What was read of one item beside its own row."""

    answers: _Answers
    flags: tuple[FlagOut, ...]
    score: tuple[str, float | None, tuple[float, ...] | None] | None
    skips: tuple[Skip, ...]


_NO_ANSWERS = _Answers((), ())


@dataclass(frozen=True)
class Place:
    """What every block of rows needs."""

    project: Project
    classes: Classes
    wanted: Wanted
    known: Calibration

    def label(self, code: str, value: Value | None) -> tuple[str | None, Value | None]:
        """Return a label in words, and itself where it is no single class; (None, None) for none."""
        if self.classes.task.one_class:
            return self.classes.by_code.get(code), None
        shown = self.classes.shown(code, value)
        return (None, None) if shown is None else (self.classes.task.plain(shown), shown)

    def shares(self, soft: dict[str, float]) -> dict[str, float]:
        """Return the shares of a soft label by class name, the largest first."""
        return self.classes.shares(soft)


def context_of(session: Session, project: Project, now: datetime) -> ExportContext:
    """Return what is true of the whole export."""
    inspection = latest_inspection(session, project.id)
    classes = classes_of(session, project.id)
    return ExportContext(
        slug=project.slug,
        name=project.name,
        media=project.media,
        task=project.task,
        classes=classes.names,
        class_numbers=numbers_of(classes),
        exported_at=now.isoformat(timespec="seconds"),
        model_version=f"inspection {inspection.id}" if inspection else "",
    )


def left_out(session: Session, project_id: int) -> LeftOut:
    """Count what `rows(labeled_only=True)` leaves out; each item once, under the first reason that holds."""
    query = with_standing(
        select(
            func.coalesce(func.sum(case((Review.decision == "exclude", 1), else_=0)), 0),
            func.coalesce(func.sum(case((is_unlabeled(), 1), else_=0)), 0),
            func.coalesce(func.sum(case((is_tie(), 1), else_=0)), 0),
        ).select_from(Item)
    ).where(Item.project_id == project_id)
    row = session.execute(query).one()
    return LeftOut(row[0], row[1], row[2])


def rows(session: Session, project: Project, *, labeled_only: bool = True) -> Iterator[ExportRow]:
    """Yield the project's items in id order, people by e-mail. labeled_only leaves out what `left_out` counts."""
    return chosen_rows(session, project, Wanted([is_labeled()] if labeled_only else [], emails(session)))


def chosen_rows(session: Session, project: Project, wanted: Wanted) -> Iterator[ExportRow]:
    """Yield the items that are wanted in id order."""
    inspection = latest_inspection(session, project.id)
    where = Place(project, classes_of(session, project.id), wanted, calibration(session, project.id))
    after = 0
    while last := _end_of_block(session, project.id, after):
        block, first, after = _block(session, where, after, last), after + 1, last
        answers = _answers(session, where, first, last)
        skips = _skips(session, where, first, last)
        flags = _flags(session, inspection.id, first, last, where) if inspection else {}
        scores = _scores(session, inspection.id, first, last, where) if inspection else {}
        soft = soft_labels(session, [row[0] for row in block if row[8] == AMBIGUOUS])
        for row in block:
            item = row[0]
            found = _Found(answers.get(item, _NO_ANSWERS), flags.get(item, ()), scores.get(item), skips.get(item, ()))
            out = _row(row, where, found)
            yield out._replace(soft_label=where.shares(soft[item])) if item in soft else out


def _end_of_block(session: Session, project_id: int, after: int) -> int:
    """Return the id with which the next block of items ends, wanted or not, 0 for none: few may be, of a wide range."""
    ids = select(Item.id).where(Item.project_id + 0 == project_id, Item.id > after).order_by(Item.id).limit(BLOCK)
    return session.connection().scalar(select(func.max(ids.subquery().c.id))) or 0


def _block(session: Session, where: Place, after: int, last: int) -> Sequence[Any]:
    values = (
        (Item.given_value, ItemConsensus.value, final_value())
        if where.classes.task.keeps_value
        else (null(), null(), null())
    )
    query = with_standing(
        select(
            Item.id,
            Item.external_id,
            Item.text,
            Item.content_hash,
            Item.given_code,
            Item.meta,
            ItemConsensus.code.label("consensus"),
            final_confidence(),
            final_source(),
            final_code().label("final"),
            Review.decision,
            Item.width,
            Item.height,
            *values,
        ).select_from(Item)
    ).where(
        Item.project_id + 0 == where.project.id,  # the + 0 keeps SQLite on the order of ids: no sorting for each block
        Item.id > after,
        Item.id <= last,
        *where.wanted.conditions,
    )
    return session.connection().execute(query.order_by(Item.id)).all()


def _answers(session: Session, where: Place, first: int, last: int) -> dict[int, _Answers]:
    query = (
        select(
            Annotation.item_id,
            Annotation.user_id,
            Annotation.code,
            Annotation.seconds,
            Annotation.comment,
            in_iso(Annotation.created_at),
            Annotation.value if where.classes.task.keeps_value else null(),
        )
        .where(
            Annotation.project_id == where.project.id,
            Annotation.status == "counted",
            Annotation.item_id.between(first, last),
        )
        .order_by(Annotation.item_id, Annotation.id)
    )
    doubts = _doubts(session, where, first, last)
    votes = _classes_said if where.classes.task.one_class else _values_said
    found = session.connection().execute(query).all()
    return {item: _Answers(votes(rows, where, doubts), rows) for item, rows in _by_item(found)}


def _by_item(rows: Sequence[Any]) -> Iterator[tuple[int, list[Any]]]:
    for item, of_item in itertools.groupby(rows, key=itemgetter(0)):
        yield item, list(of_item)


def _classes_said(rows: list[Any], where: Place, doubts: set[tuple[int, int]]) -> tuple[Vote, ...]:
    # one list a call and no call a row: this is asked of every answer of an export
    names, words = where.wanted.names, where.classes.by_code
    return tuple(
        [
            Vote(names[user], words.get(code) or "", seconds, comment or None, at, None, (item, user) in doubts)
            for item, user, code, seconds, comment, at, _ in rows
        ]
    )


def _values_said(rows: list[Any], where: Place, doubts: set[tuple[int, int]]) -> tuple[Vote, ...]:
    names = where.wanted.names
    said = [(row, *where.label(row[2], row[6])) for row in rows]
    return tuple(
        [
            Vote(names[row[1]], label or "", row[3], row[4] or None, row[5], value, (row[0], row[1]) in doubts)
            for row, label, value in said
        ]
    )


def _doubts(session: Session, where: Place, first: int, last: int) -> set[tuple[int, int]]:
    """Return (item, person) of the counted answers that are marked as unsure: a few, so they are asked for alone."""
    query = select(Annotation.item_id, Annotation.user_id).where(
        Annotation.project_id == where.project.id,
        Annotation.status == "counted",
        Annotation.item_id.between(first, last),
        Annotation.unsure,
    )
    return {(row[0], row[1]) for row in session.connection().execute(query)}


def _skips(session: Session, where: Place, first: int, last: int) -> dict[int, tuple[Skip, ...]]:
    columns = (Annotation.item_id, Annotation.user_id, Annotation.skip, Annotation.seconds, Annotation.comment)
    query = (
        select(*columns, in_iso(Annotation.created_at))
        .where(
            Annotation.project_id == where.project.id,
            Annotation.status == "skipped",
            Annotation.round >= 0,  # a skip in an audit says nothing about the item's votes
            Annotation.item_id.between(first, last),
        )
        .order_by(Annotation.item_id, Annotation.id)
    )
    found: dict[int, tuple[Skip, ...]] = {}
    for item_id, user_id, reason, seconds, comment, at in session.connection().execute(query).all():
        skip = Skip(where.wanted.names[user_id], reason, seconds, comment or None, at)
        found[item_id] = (*found.get(item_id, ()), skip)
    return found


def _flags(session: Session, inspection_id: int, first: int, last: int, where: Place) -> dict[int, tuple[FlagOut, ...]]:
    query = (
        select(Flag.item_id, Flag.kind, Flag.score, Flag.suggested_code)
        .where(Flag.inspection_id == inspection_id, Flag.item_id.between(first, last))
        .order_by(Flag.score.desc())
    )
    names = where.classes.by_code
    found: dict[int, tuple[FlagOut, ...]] = {}
    for item_id, kind, score, code in session.execute(query):
        out = FlagOut(kind, rounded_score(kind, score, where.known), names.get(code))
        found[item_id] = (*found.get(item_id, ()), out)
    return found


def _scores(
    session: Session, inspection_id: int, first: int, last: int, where: Place
) -> dict[int, tuple[str, float | None, tuple[float, ...] | None]]:
    """Return {item: (the label that the pass saw, its score, its probabilities)}: of another label nothing is known."""
    asked = where.wanted.probabilities
    query = select(
        ItemScore.item_id, ItemScore.label_code, ItemScore.label_score, ItemScore.probabilities if asked else null()
    ).where(ItemScore.inspection_id == inspection_id, ItemScore.item_id.between(first, last))
    if not asked:
        query = query.where(ItemScore.label_score.is_not(None))
    count = len(where.classes.codes)
    return {row[0]: (row[1], row[2], _shares(row[3], count)) for row in session.execute(query)}


def _shares(data: bytes | None, classes: int) -> tuple[float, ...] | None:
    """Return the probabilities of the classes there are now; None without, and where the pass knew other classes."""
    return struct.unpack(f"<{classes}f", data) if data and len(data) == SHARE * classes else None


def _row(row: Any, where: Place, found: _Found) -> ExportRow:
    item, external_id, text, content_hash, given, meta, consensus, confidence, source, final, decision = row[:11]
    width, height, given_kept, consensus_kept, final_kept = row[11:]
    answers, flags, score, skips = found
    excluded = decision == "exclude"
    given_label, given_value = where.label(given, given_kept)
    consensus_label, consensus_value = where.label(consensus or "", consensus_kept)
    label, value = where.label(final or "", final_kept)
    wrong = next((flag for flag in flags if flag.kind == WRONG_LABELS.kind), None)
    return ExportRow(
        item=item,
        external_id=external_id,
        text=text,
        image=(meta.get("file_name") or content_hash) if where.project.media == "image" else None,
        media=where.project.media,
        given_label=given_label,
        consensus_label=consensus_label,
        final_label=label,
        final_source=None if excluded else source if label is not None or source == AMBIGUOUS else None,
        confidence=None if confidence is None or excluded else round(confidence, 4),
        votes=answers.votes,
        flags=flags,
        label_score=_label_score(score, final, where),
        suggested_label=wrong.suggested_label if wrong else None,
        agreement=_agreement(answers, where, row),
        metadata=shallow(meta) or None,
        excluded=excluded,
        given_value=given_value,
        consensus_value=consensus_value,
        final_value=value,
        width=width,
        height=height,
        skips=skips,
        flagged_wrong=wrong.score if wrong else None,
        content_hash=content_hash,
        probabilities=score[2] if score else None,
    )


def _label_score(score: tuple[str, float | None, Any] | None, final: str, where: Place) -> float | None:
    if score is None or score[0] != final or score[1] is None:
        return None
    return round(1 - where.known.of(score[1]).number, DIGITS)


def _agreement(answers: _Answers, where: Place, row: Any) -> float | None:
    """Return `share_alike` of an item's answers, None without any."""
    if not answers.kept:
        return None
    if len({answer[2] for answer in answers.kept}) == 1:  # equal codes are equal answers: most items need no more
        return 1.0
    said = [(str(answer[1]), answer[2], answer[6]) for answer in answers.kept]
    return round(share_alike(where.classes, said, Content(row.text, row.width, row.height)), 4)
