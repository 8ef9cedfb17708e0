"""Reads all that is known about one item into a `Card`: every query here is for one item or for a handful.

Used by the review page and by the disagreements page, so that both show the same evidence in the same words.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.agreement.intervals import wilson
from labeler.annotations.queries import standing_answers
from labeler.consensus.queries import agreement_of
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of
from labeler.quality.models import Flag, Inspection
from labeler.quality.queries import probabilities, score_of
from labeler.review import queries
from labeler.web.review_view import Card, Label, Model, Near, Now, Palette, Past, Share, Shown, Vote, Why

MODEL_CLASSES = 3
ABOUT = 3  # metadata fields named beside an item


def palette_of(session: Session, project: Project) -> Palette:
    """Return a project's classes as labels."""
    classes = classes_of(session, project.id)
    return Palette.of(classes.names, classes.codes)


def read_card(
    session: Session, project: Project, item: Item, *, flag: Flag | None, inspection: Inspection | None
) -> Card:
    """Read one card. flag: why it is in the queue; inspection: the run it is from."""
    palette = palette_of(session, project)
    votes = votes_on(session, project, item.id, palette)
    now = _now(session, project, item, palette, votes)
    near, model = (), None
    if inspection is not None:
        near, model = _computed(session, project, item, inspection, palette)
    history = queries.history_with_authors(session, item.id)
    return Card(
        item=shown(item),
        now=now,
        kind=flag.kind if flag else "",
        suggested=palette.of_code(flag.suggested_code) if flag else None,
        confidence=flag.confidence if flag else 0.0,
        flagged_as=palette.of_code(flag.label_code) if flag else None,
        why=tuple(_why(reason, palette) for reason in flag.reasons) if flag else (),
        model=model,
        near=near,
        votes=votes,
        history=tuple(_past(review, user.name or user.email, palette) for review, user in history),
        standing=next((review.id for review, _ in history if review.status == "current"), 0),
    )


def shown(item: Item) -> Shown:
    """Return an item as pages show it."""
    facts = [f"{name} {value}" for name, value in list(item.meta.items())[:ABOUT] if value not in (None, "")]
    about = " · ".join([*([item.external_id] if item.external_id else []), *facts])
    return Shown(item.id, item.text if item.width is None else None, about, item.width, item.height)


def shown_items(session: Session, item_ids: Iterable[int]) -> dict[int, Shown]:
    """Return several items by id."""
    return {item.id: shown(item) for item in session.scalars(select(Item).where(Item.id.in_(list(item_ids))))}


def labels_of(session: Session, project: Project, item_ids: Sequence[int], palette: Palette) -> dict[int, Label | None]:
    """Return what several items are labeled as now."""
    found = queries.standings(session, project.id, item_ids)
    return {standing.item_id: palette.of_code(standing.final) for standing in found}


def votes_on(session: Session, project: Project, item_id: int, palette: Palette) -> tuple[Vote, ...]:
    """Return everybody's standing answer or skip, with how often each agrees with the consensus."""
    return tuple(
        Vote(
            who=user.name or user.email,
            label=palette.of_code(answer.code),
            seconds=answer.seconds,
            skip=answer.skip if answer.status == "skipped" else "",
            comment=answer.comment,
            unsure=answer.unsure,
            guideline_version=answer.guideline_version,
            agreed=_share(*agreement_of(session, project.id, user.id)),
        )
        for answer, user in standing_answers(session, project.id, item_id)
    )


def near_to(session: Session, project: Project, pairs: Sequence[Any], palette: Palette) -> tuple[Near, ...]:
    """Return the items of (id, similarity) pairs, in their order; those that are gone are left out."""
    ids = [int(pair[0]) for pair in pairs]
    items, labels = shown_items(session, ids), labels_of(session, project, ids, palette)
    return tuple(Near(items[one], labels.get(one), float(pair[1])) for one, pair in zip(ids, pairs, strict=True) if one in items)


def _share(same: int, of: int) -> Share | None:
    if not of:
        return None
    interval = wilson(same, of)
    return Share(same / of, interval.low, interval.high, of)


def _now(session: Session, project: Project, item: Item, palette: Palette, votes: Sequence[Vote]) -> Now:
    standing = queries.standing_of(session, project.id, item.id)
    label = palette.of_code(standing.final)
    counted = [vote for vote in votes if vote.label is not None]
    return Now(
        label=label,
        source=standing.source,
        same=sum(vote.label == label for vote in counted),
        votes=len(counted),
        tie=not standing.final and standing.votes > 0,
        excluded=standing.excluded,
        sent_back=standing.decision == "send_back",
    )


def _computed(
    session: Session, project: Project, item: Item, inspection: Inspection, palette: Palette
) -> tuple[tuple[Near, ...], Model | None]:
    score = score_of(session, inspection.id, item.id)
    if score is None:
        return (), None
    near = near_to(session, project, score.neighbours, palette)
    shares, summary = probabilities(score), inspection.summary.get("model")
    if not summary or len(shares) != len(palette.labels):
        return near, None  # without a model, or classes were added since the pass
    ranked = sorted(zip(palette.labels, shares, strict=True), key=lambda pair: -pair[1])[:MODEL_CLASSES]
    return near, Model(tuple(ranked), summary["accuracy"], summary["calibration_error"])


def _why(reason: dict[str, Any], palette: Palette) -> Why:
    second = {"model": "given", "mix_up": "given"}.get(reason["kind"], "")
    first = "suggested" if reason["kind"] == "mix_up" else "class"
    return Why(
        reason["kind"], palette.at(reason.get(first)), palette.at(reason.get(second)), reason, reason.get("item", 0)
    )


def _past(review: Any, who: str, palette: Palette) -> Past:
    return Past(
        who=who,
        at=review.created_at,
        decision=review.decision,
        label=palette.of_code(review.code),
        before=palette.of_code(review.before_code),
        reason=review.reason,
        state=review.status,
        with_others=bool(review.batch),
    )
