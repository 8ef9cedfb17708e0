"""Storing decisions, and taking them back. What a decision does to serving is done in the same transaction."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from labeler.annotations.queries import counted_answers, vote_shares
from labeler.assignment import actions as assignment_actions
from labeler.assignment.rounds import opinion_round
from labeler.decisions import queries
from labeler.decisions.final import AMBIGUOUS, standing_of
from labeler.decisions.models import SECOND_OPINION, Review
from labeler.errors import Conflict, Invalid
from labeler.projects.actions import alone_with
from labeler.projects.models import Item, Project
from labeler.projects.queries import classes_of, item_in, task_of
from labeler.task_types.base import Value

DECISIONS = ("keep", "relabel", "exclude", "send_back", AMBIGUOUS, SECOND_OPINION)
SEVERAL = 2  # classes a soft label has at least
ROUNDING = 0.01  # shares written with two digits may miss 1 by as much


@dataclass(frozen=True)
class Decision:
    """What a lead decided about one item. code, value: the new label for relabel (value: as kept, of objects only).

    soft: for ambiguous, the share of each class by class id as text; None takes the shares of the votes.
    batch: decisions made in one step share it and are undone together.
    flag: id of the flag that was decided about, 0 for none; None for the first of the item in the queue's order.
    """

    key: str
    item: int
    decision: str
    code: str = ""
    reason: str = ""
    batch: str = ""
    value: Value | None = None
    soft: Mapping[str, float] | None = None
    flag: int | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what was decided, to tell a repeated request from another decision under the same key."""
        soft = [sorted(self.soft.items())] if self.soft is not None else []
        what = [self.item, self.decision, self.code, self.reason, *soft]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()

    def check(self) -> None:
        """Raise Invalid, naming the field."""
        if not 8 <= len(self.key) <= 64:  # noqa: PLR2004 - a UUID with room; the column's width
            raise Invalid("The key must be a text of 8 to 64 characters, best a UUID.", field="key")
        if self.decision not in DECISIONS:
            raise Invalid("The decision must be one of {decisions}.", field="decision", decisions=", ".join(DECISIONS))
        if (self.decision == "relabel") != bool(self.code):
            raise Invalid("A relabel needs the new label, and only a relabel has one.", field="value")
        if self.soft is not None and self.decision != AMBIGUOUS:
            raise Invalid("Only the decision ambiguous has shares of classes.", field="soft")
        if len(self.reason) > 4000:  # noqa: PLR2004 - a bound, far above any reason
            raise Invalid("The reason is too long.", field="reason")


class Flagged(Protocol):
    """What a decision keeps of the flag it is about (`quality.models.Flag`)."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def kind(self) -> str:
        """The detector that raised it."""

    @property
    def suggested_code(self) -> str:
        """The label it proposes, "" for none."""


def decide(
    session: Session, project: Project, decision: Decision, *, flag: Flagged | None, by: int, now: datetime
) -> tuple[Review, bool]:
    """Store a decision and what follows from it; returns it and whether it is new (False: the same key again).

    Raises Conflict for a key that was used for something else, Invalid for keeping a label that is not there.
    """
    decision.check()
    known = queries.by_key(session, by, decision.key)
    if known is not None:
        if known.fingerprint != decision.fingerprint:
            raise Conflict("This key was used for another decision; nothing was changed.", field="key")
        return known, False
    item = session.get_one(Item, decision.item)
    standing = standing_of(session, project.id, item.id)
    before = standing.final
    if decision.decision == "keep" and not before:
        raise Invalid("There is no label to keep: the votes tie or nobody labeled this item yet.", field="decision")
    soft = _shares(session, project, decision) if decision.decision == AMBIGUOUS else None
    previous = queries.current_of(session, item.id)
    if previous is not None:
        _take_effect_back(session, project, item, previous)
        previous.status = "replaced"
        session.flush()
    review = Review(
        project_id=project.id,
        item_id=item.id,
        flag_id=flag.id if flag else None,
        user_id=by,
        key=decision.key,
        fingerprint=decision.fingerprint,
        decision=decision.decision,
        code=before if decision.decision == "keep" else decision.code,
        value=standing.value if decision.decision == "keep" else decision.value,
        soft=soft,
        before_code=before,
        suggested_code=flag.suggested_code if flag else "",
        kind=flag.kind if flag else "",
        reason=decision.reason.strip(),
        batch=decision.batch,
        replaces_id=previous.id if previous else None,
        status="current",
        created_at=now,
    )
    session.add(review)
    session.flush()
    _take_effect(session, item, review)
    return review, True


def _shares(session: Session, project: Project, decision: Decision) -> dict[str, float] | None:
    """Return the soft label of an item called ambiguous; None where an answer is no single class. Raises Invalid."""
    if not task_of(project).one_class:
        if decision.soft is not None:
            raise Invalid(
                "Answers to this task are no single class, so classes have no shares; leave them out.", field="soft"
            )
        if len({said.code for said in counted_answers(session, decision.item)}) < SEVERAL:
            raise Invalid("Nobody's answers differ here, so there is nothing to keep as votes.", field="decision")
        return None
    if decision.soft is None:
        shares = vote_shares(session, [decision.item]).get(decision.item, {})
        if len(shares) < SEVERAL:
            raise Invalid("Nobody's answers differ here, so there are no shares to keep; give them.", field="soft")
        return shares
    return _checked_shares(decision.soft, classes_of(session, project.id).by_code)


def _checked_shares(soft: Mapping[str, float], known: Mapping[str, str]) -> dict[str, float]:
    if any(code not in known for code in soft):
        raise Invalid("The shares name a class that this project does not have.", field="soft")
    if not all(math.isfinite(share) and share >= 0 for share in soft.values()):
        raise Invalid("Each share must be a number from 0 to 1.", field="soft")
    total = sum(soft.values())
    if abs(total - 1) > ROUNDING:
        raise Invalid("The shares must sum to 1, not {total:g}.", field="soft", total=total)
    shares = {code: share / total for code, share in soft.items() if share > 0}
    if len(shares) < SEVERAL:
        raise Invalid("A soft label has two classes or more; for one class use the decision relabel.", field="soft")
    return shares


def settle_questions(session: Session, item_id: int) -> None:
    """Bring what was sent back up to date with the answers that count by now.

    A question is answered while an answer of its round or a later one counts. One whose answer was taken back waits:
    it stands if no decision came after it, else it stands again once those are undone.
    """
    answered = max((said.round for said in counted_answers(session, item_id)), default=0)
    newest = queries.standing_or_before(session, item_id)
    for asked in queries.asked_in_rounds(session, item_id):
        waits = "current" if asked is newest else "replaced"
        asked.status = "answered" if asked.round <= answered else waits
    session.flush()


def undo(session: Session, project: Project, review: Review) -> None:
    """Take a standing decision back; what stood before it stands again. Raises Conflict when it does not stand."""
    if review.status != "current":
        raise Conflict("This decision was replaced or undone already.")
    item = session.get_one(Item, review.item_id)
    _take_effect_back(session, project, item, review)
    review.status = "undone"
    session.flush()
    before = queries.standing_or_before(session, item.id)
    if before is None or before.status == "answered":
        return
    before.status = "current"
    session.flush()
    if before.round and before.round == item.round:  # its answer was taken back meanwhile: it is asked still
        assignment_actions.resume_round(session, item)
    else:
        _take_effect(session, item, before)


def undo_standing(session: Session, project: Project, item_id: int, review_id: int) -> bool:
    """Undo the decision that stands for an item, whoever made it; False when another one stands by now."""
    project = alone_with(session, project)
    review = queries.current_of(session, item_in(session, project.id, item_id).id)
    if review is None or review.id != review_id:
        return False
    undo(session, project, review)
    return True


def _take_effect(session: Session, item: Item, review: Review) -> None:
    if review.decision == "exclude":
        assignment_actions.close_item(session, item)
    elif review.decision == "send_back":
        only_for = queries.asked_again(session, item.project_id, item.id)
        assignment_actions.start_round(session, item, only_for=only_for)
        review.round = item.round
        session.flush()


def _take_effect_back(session: Session, project: Project, item: Item, review: Review) -> None:
    if review.decision == "exclude":
        assignment_actions.reopen_item(session, item, project.votes)
    elif review.decision == SECOND_OPINION:
        assignment_actions.end_round(session, item.id, opinion_round(review.id))
    elif review.round and review.round == item.round:
        # nobody has answered yet, or it would not stand: as if it had not been asked
        assignment_actions.cancel_round(session, item, project.votes)
        review.round = 0
