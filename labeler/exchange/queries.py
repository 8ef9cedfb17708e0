"""What goes out: every item of a project with all that is known about it, streamed in id order.

Rows are read in blocks of items; for each block the votes, flags and scores are read with it, so that memory stays
flat however large the project is.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from labeler.accounts.models import User
from labeler.annotations.models import Annotation
from labeler.consensus.models import ItemConsensus
from labeler.exchange.formats.base import ExportContext, ExportRow, FlagOut, Vote
from labeler.projects.models import Item, Project
from labeler.projects.queries import Classes, classes_of
from labeler.quality.models import Flag, ItemScore
from labeler.quality.queries import latest_inspection
from labeler.review.models import Review
from labeler.review.queries import final_code, with_standing

BLOCK = 2000


@dataclass(frozen=True)
class LeftOut:
    """How many items an export leaves out, and why."""

    excluded: int
    unlabeled: int
    tied: int


def context_of(session: Session, project: Project, now: datetime) -> ExportContext:
    """Return what is true of the whole export."""
    inspection = latest_inspection(session, project.id)
    return ExportContext(
        slug=project.slug,
        name=project.name,
        media=project.media,
        task=project.task,
        classes=classes_of(session, project.id).names,
        exported_at=now.isoformat(timespec="seconds"),
        model_version=f"inspection {inspection.id}" if inspection else "",
    )


def left_out(session: Session, project_id: int) -> LeftOut:
    """Count what `rows(labeled_only=True)` leaves out; each item once, under the first reason that holds."""
    empty = (final_code() == "") & (func.coalesce(Review.decision, "") != "exclude")
    query = with_standing(
        select(
            func.coalesce(func.sum(case((Review.decision == "exclude", 1), else_=0)), 0),
            func.coalesce(func.sum(case((empty, 1), else_=0)), 0),
            func.coalesce(func.sum(case((empty & (ItemConsensus.votes > 0), 1), else_=0)), 0),
        ).select_from(Item)
    ).where(Item.project_id == project_id)
    row = session.execute(query).one()
    return LeftOut(row[0], row[1] - row[2], row[2])


def rows(session: Session, project: Project, *, labeled_only: bool = True) -> Iterator[ExportRow]:
    """Yield the project's items in id order. labeled_only leaves out what `left_out` counts."""
    classes = classes_of(session, project.id)
    inspection = latest_inspection(session, project.id)
    after = 0
    while block := _block(session, project.id, after, labeled_only=labeled_only):
        after = block[-1].id
        first, last = block[0].id, after
        votes = _votes(session, project.id, first, last, classes)
        flags = _flags(session, inspection.id, first, last, classes) if inspection else {}
        scores = _scores(session, inspection.id, first, last) if inspection else {}
        for row in block:
            yield _row(row, project, classes, (votes.get(row.id, ()), flags.get(row.id, ()), scores.get(row.id)))


def _block(session: Session, project_id: int, after: int, *, labeled_only: bool) -> Sequence[Any]:
    query = with_standing(
        select(
            Item.id,
            Item.external_id,
            Item.text,
            Item.content_hash,
            Item.given_code,
            Item.meta,
            ItemConsensus.code.label("consensus"),
            ItemConsensus.confidence,
            ItemConsensus.votes,
            final_code().label("final"),
            Review.code.label("review"),
            Review.decision,
        ).select_from(Item)
    ).where(Item.project_id == project_id, Item.id > after)
    if labeled_only:
        query = query.where(final_code() != "", func.coalesce(Review.decision, "") != "exclude")
    return session.execute(query.order_by(Item.id).limit(BLOCK)).all()


def _votes(session: Session, project_id: int, first: int, last: int, classes: Classes) -> dict[int, tuple[Vote, ...]]:
    query = (
        select(
            Annotation.item_id,
            User.email,
            Annotation.code,
            Annotation.seconds,
            Annotation.comment,
            Annotation.created_at,
        )
        .join(User, User.id == Annotation.user_id)
        .where(
            Annotation.project_id == project_id,
            Annotation.status == "counted",
            Annotation.item_id.between(first, last),
        )
        .order_by(Annotation.id)
    )
    names = classes.by_code
    found: dict[int, tuple[Vote, ...]] = {}
    for item_id, email, code, seconds, comment, at in session.execute(query):
        vote = Vote(email, names.get(code, ""), seconds, comment or None, at.isoformat(timespec="seconds"))
        found[item_id] = (*found.get(item_id, ()), vote)
    return found


def _flags(
    session: Session, inspection_id: int, first: int, last: int, classes: Classes
) -> dict[int, tuple[FlagOut, ...]]:
    query = (
        select(Flag.item_id, Flag.kind, Flag.score, Flag.suggested_code)
        .where(Flag.inspection_id == inspection_id, Flag.item_id.between(first, last))
        .order_by(Flag.score.desc())
    )
    names = classes.by_code
    found: dict[int, tuple[FlagOut, ...]] = {}
    for item_id, kind, score, code in session.execute(query):
        found[item_id] = (*found.get(item_id, ()), FlagOut(kind, round(score, 4), names.get(code)))
    return found


def _scores(session: Session, inspection_id: int, first: int, last: int) -> dict[int, float]:
    query = select(ItemScore.item_id, ItemScore.label_score).where(
        ItemScore.inspection_id == inspection_id,
        ItemScore.item_id.between(first, last),
        ItemScore.label_score.is_not(None),
    )
    return {row[0]: row[1] or 0.0 for row in session.execute(query)}


def _row(
    row: Any, project: Project, classes: Classes, found: tuple[tuple[Vote, ...], tuple[FlagOut, ...], float | None]
) -> ExportRow:
    votes, flags, score = found
    names = classes.by_code
    final = names.get(row.final)
    source = "review" if row.review else "consensus" if row.votes else "given"
    suggested = next((flag.suggested_label for flag in flags if flag.kind == "label_error"), None)
    return ExportRow(
        item=row.id,
        external_id=row.external_id,
        text=row.text,
        image=row.meta.get("file_name") or f"{row.content_hash}" if project.media == "image" else None,
        media=project.media,
        given_label=names.get(row.given_code),
        consensus_label=names.get(row.consensus or ""),
        final_label=final,
        final_source=source if final else None,
        confidence=None if row.confidence is None else round(row.confidence, 4),
        votes=votes,
        flags=flags,
        label_score=None if score is None else round(1 - score, 4),
        suggested_label=suggested,
        agreement=_agreement(votes),
        metadata=row.meta or None,
        excluded=row.decision == "exclude",
    )


def _agreement(votes: tuple[Vote, ...]) -> float | None:
    if not votes:
        return None
    return round(Counter(vote.label for vote in votes).most_common(1)[0][1] / len(votes), 4)
