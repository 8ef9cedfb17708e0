"""Reads all that is known about one item into a `Card`: every query here is for one item or for a handful.

Used by the review page and by the disagreements page, so that both show the same evidence in the same words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.accounts.models import User
from labeler.annotations.queries import standing_answers
from labeler.decisions import final
from labeler.decisions import queries as decision_queries
from labeler.decisions.models import AGREED, SECOND_OPINION
from labeler.projects.models import Item, Project
from labeler.projects.queries import Classes, classes_of
from labeler.quality.calibration.probability import Calibration
from labeler.quality.calibration.queries import calibration, suggestion_number, suggestion_right
from labeler.quality.detectors.registry import DRAWN, rank
from labeler.quality.models import Flag, Inspection
from labeler.quality.queries import flags_of_items, probabilities, score_of
from labeler.review.accepting import suggest_from
from labeler.review.probability import probabilities_wrong
from labeler.second_opinions.queries import opinions_on
from labeler.statistics.checked_answers import accuracy_of
from labeler.storage.nested import shallow
from labeler.task_types.base import Value
from labeler.web.shared.item_card import (
    PLACE,
    Card,
    Chance,
    Label,
    Near,
    Now,
    Palette,
    Past,
    Shown,
    Vote,
    Why,
    which_is_right,
)
from labeler.web.shared.threads import threads_on
from labeler.web.shared.words import gettext as _

SHOWN_CLASSES = 3
ABOUT = 3  # metadata fields named beside an item


@dataclass(frozen=True)
class Desk:
    """What every read of a page needs: the session, the project and its classes as labels."""

    session: Session
    project: Project
    palette: Palette
    classes: Classes

    @classmethod
    def of(cls, session: Session, project: Project) -> "Desk":
        """Read the classes once for the whole page."""
        classes = classes_of(session, project.id)
        palette = Palette.of(classes.names, classes.codes, one_class=classes.task.one_class)
        return cls(session, project, palette, classes)

    @cached_property
    def known(self) -> Calibration:
        """What decisions taught of scores, read once for the whole page."""
        return calibration(self.session, self.project.id)

    def suggestion(self, flag: Flag | None) -> Chance | None:
        """Return the suggestion of a flag with its probability; None without one."""
        label = self.label(flag.suggested_code, flag.suggested_value) if flag else None
        return (label, suggestion_right(self.known, flag)) if flag and label else None

    def offered(self, flag: Flag | None) -> Chance | None:
        """Return the suggestion of a flag where it is likely enough to be the main action.

        Without a model that is heard, nothing is.
        """
        if flag is None or not self._is_model_heard(flag.inspection_id):
            return None
        if round(suggestion_number(self.known, flag) or 0.0, 2) < suggest_from(self.project.settings):
            return None  # compared as it is shown: what reads 80 % has 80 %
        return self.suggestion(flag)

    def _is_model_heard(self, inspection_id: int) -> bool:
        """Whether what a pass suggests rests on anything; a judge of other labels than classes flags only then."""
        judged = self.classes.task.judged_by
        return bool(judged) or bool(self.session.get_one(Inspection, inspection_id).summary.get("model"))

    def label(self, code: str, value: Value | None = None) -> Label | None:
        """Return what an answer or a label says; None for none. value: as it is kept beside the code."""
        if self.palette.one_class:
            return self.palette.of_code(code)
        shown = self.classes.shown(code, value)
        return None if shown is None else Label(0, self.classes.task.text(shown), code, value=shown)


def read_card(desk: Desk, item: Item, *, flag: Flag | None, inspection: Inspection | None) -> Card:
    """Read one card. flag: why it is in the queue; inspection: the run it is from."""
    votes, standing = votes_on(desk, item.id), final.standing_of(desk.session, desk.project.id, item.id)
    now = _now(desk, item, votes, standing)
    run = inspection.id if inspection else None
    wrong = probabilities_wrong(desk.session, run, [standing], desk.known).get(item.id)
    offered = desk.offered(flag)
    near, ranked = _computed(desk, item, inspection) if inspection else ((), ())
    history = decision_queries.history_with_authors(desk.session, item.id)
    return Card(
        item=shown(item),
        now=now,
        wrong=wrong,
        flag=flag.id if flag else 0,
        kind=flag.kind if flag else "",
        suggested=offered[0] if offered else None,
        right=offered[1] if offered else None,
        possible=_possible(desk, flag) if offered is None else None,
        flagged_as=_flagged_as(desk, flag, now.label, standing.final),
        why=_reasons(desk, flag, standing.final) if flag else (),
        chances=which_is_right(ranked, now.label, wrong, desk.suggestion(flag))[:SHOWN_CLASSES],
        near=near,
        votes=votes,
        history=tuple(_past(review, user.name or user.email, desk) for review, user in history),
        standing=next((review.id for review, _ in history if review.status == "current"), 0),
        threads=threads_on(desk.session, desk.project.id, item.id, desk.label),
    )


def other_reasons(desk: Desk, card: Card, inspection: Inspection) -> tuple[Card, ...]:
    """Return a card once more for each other flag of its item, in the order of the queue, with what that says more.

    A label that was drawn at random is judged without them, or it would teach nothing.
    """
    if card.kind == DRAWN.kind:
        return ()
    flags = flags_of_items(desk.session, inspection.id, [card.item.id]).get(card.item.id, [])
    standing = final.standing_of(desk.session, desk.project.id, card.item.id).final
    found: list[Card] = []
    said = list(card.why)
    for flag in sorted(flags, key=lambda one: rank(one.kind)):
        if flag.id != card.flag and flag.kind != DRAWN.kind:
            why = tuple(one for one in _reasons(desk, flag, standing) if one not in said)
            said += why
            found.append(replace(card, flag=flag.id, kind=flag.kind, why=why))
    return tuple(found)


def shown(item: Item) -> Shown:
    """Return an item as pages show it."""
    facts = [f"{name} {value}" for name, value in list(shallow(item.meta).items())[:ABOUT] if value not in (None, "")]
    about = " · ".join([*([item.external_id] if item.external_id else []), *facts])
    return Shown(item.id, item.text if item.width is None else None, about, item.width, item.height)


def shown_items(desk: Desk, item_ids: Sequence[int]) -> dict[int, Shown]:
    """Return several items by id."""
    return {item.id: shown(item) for item in desk.session.scalars(select(Item).where(Item.id.in_(item_ids)))}


def standings_of(desk: Desk, item_ids: Sequence[int]) -> dict[int, final.Standing]:
    """Return what stands for several items by id."""
    return {one.item_id: one for one in final.standings(desk.session, desk.project.id, item_ids)}


def labels_of(desk: Desk, item_ids: Sequence[int]) -> dict[int, Label | None]:
    """Return what several items are labeled as now."""
    return {item: desk.label(one.final, one.value) for item, one in standings_of(desk, item_ids).items()}


def votes_on(desk: Desk, item_id: int) -> tuple[Vote, ...]:
    """Return everybody's standing answer or skip, then second opinions, each with their person's accuracy."""
    given = [(one, user, False) for one, user in standing_answers(desk.session, desk.project.id, item_id)]
    given += [(one, user, True) for one, user in opinions_on(desk.session, item_id)]
    known = accuracy_of(desk.session, desk.classes, desk.project.id, [user.id for _, user, _ in given])
    return tuple(
        Vote(
            who=user.name or user.email,
            label=desk.label(answer.code, answer.value),
            seconds=answer.seconds,
            skip=answer.skip if answer.status == "skipped" else "",
            comment=answer.comment,
            unsure=answer.unsure,
            guideline_version=answer.guideline_version,
            second=second,
            accuracy=known[user.id] if user.id in known and known[user.id].enough else None,
        )
        for answer, user, second in given
    )


def near_to(desk: Desk, pairs: Sequence[Sequence[float]]) -> tuple[Near, ...]:
    """Return the items of (id, similarity) pairs, in their order; those that are gone are left out."""
    similarity = {int(pair[0]): float(pair[1]) for pair in pairs}
    items, labels = shown_items(desk, list(similarity)), labels_of(desk, list(similarity))
    return tuple(Near(items[one], labels.get(one), alike) for one, alike in similarity.items() if one in items)


def _now(desk: Desk, item: Item, votes: Sequence[Vote], standing: final.Standing) -> Now:
    label = desk.label(standing.final, standing.value)
    counted = [vote for vote in votes if vote.label is not None and not vote.second]
    return Now(
        label=label,
        source=standing.source,
        same=sum(vote.label == label for vote in counted),
        votes=len(counted),
        tie=standing.tie and not standing.excluded,
        excluded=standing.excluded,
        sent_back=standing.decision == "send_back",
        ambiguous=standing.decision == final.AMBIGUOUS,
        asked=standing.decision == SECOND_OPINION,
        agreed=standing.decision == AGREED,
        soft=_soft(desk, item),
    )


def _soft(desk: Desk, item: Item) -> tuple[tuple[Label, float], ...]:
    shares = final.soft_labels(desk.session, [item.id]).get(item.id, {})
    named = [(label, shares[code]) for code, label in desk.palette.by_code.items() if code in shares]
    return tuple(sorted(named, key=lambda pair: (-pair[1], pair[0].position)))


def _computed(
    desk: Desk, item: Item, inspection: Inspection
) -> tuple[tuple[Near, ...], tuple[tuple[Label, float], ...]]:
    """Return the most similar items, and the classes with the model's shares, the largest first."""
    score, labels = score_of(desk.session, inspection.id, item.id), desk.palette.labels
    if score is None:
        return (), ()
    near, shares = near_to(desk, score.neighbours), probabilities(score)
    if not inspection.summary.get("model") or not shares or len(shares) != len(labels):
        return near, ()  # without a model of single classes, or classes were added since the pass
    return near, tuple(sorted(zip(labels, shares, strict=True), key=lambda pair: -pair[1]))


def _possible(desk: Desk, flag: Flag | None) -> Label | None:
    """Return a suggestion that is no main action, where no button for a class would say it."""
    suggestion = None if desk.palette.one_class else desk.suggestion(flag)
    return suggestion[0] if suggestion else None


def _flagged_as(desk: Desk, flag: Flag | None, now: Label | None, standing: str) -> Label | None:
    """Return what the item was labeled as when it was checked; of an answer with parts only its identity is known."""
    if flag is None or (not flag.label_code and not desk.palette.one_class):
        return now
    if desk.classes.task.keeps_value:
        return now if flag.label_code == standing else Label(0, _("another one"), flag.label_code)
    return desk.label(flag.label_code)


def _reasons(desk: Desk, flag: Flag, standing: str) -> tuple[Why, ...]:
    """Return the reasons of a flag; places only while the label they are in stands."""
    return tuple(
        _why(desk, reason) for reason in flag.reasons if reason.get("kind") != PLACE or flag.label_code == standing
    )


def _why(desk: Desk, reason: dict[str, Any]) -> Why:
    if reason.get("kind") == PLACE:
        right, now = desk.palette.at(reason.get("suggested")), desk.palette.at(reason.get("class"))
        return Why(PLACE, right, now, reason, wrong=desk.known.of(reason["probability"]))
    person = desk.session.get(User, reason["annotator"]) if "annotator" in reason else None
    return Why(
        kind=reason.get("kind", ""),
        label=desk.palette.at(reason.get("class", reason.get("suggested"))),
        other=desk.palette.at(reason.get("given")),
        facts=reason,
        item=reason.get("item", 0),
        who=(person.name or person.email) if person else "",
    )


def _past(review: Any, who: str, desk: Desk) -> Past:
    return Past(
        who=who,
        at=review.created_at,
        decision=review.decision,
        label=desk.label(review.code, review.value),
        before=desk.label(review.before_code),
        reason=review.reason,
        state=review.status,
        with_others=bool(review.batch),
    )
