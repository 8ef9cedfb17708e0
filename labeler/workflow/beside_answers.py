"""What a file says of people beside their answers: who skipped an item, and that a lead called it ambiguous.

Neither may undo what people did here: a skip of somebody who has answered and a decision about an item that has one are
left out, with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isclose

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.accounts import actions as account_actions
from labeler.annotations.actions import Answer
from labeler.annotations.models import Annotation
from labeler.annotations.queries import counted_of
from labeler.assignment import actions as assignment_actions
from labeler.decisions import queries as decision_queries
from labeler.decisions.actions import Decision
from labeler.decisions.final import AMBIGUOUS
from labeler.decisions.models import Review
from labeler.errors import Conflict, Invalid, NotFound
from labeler.exchange.actions import Counts
from labeler.exchange.parsing.annotations import given_at
from labeler.exchange.rows import RejectedRow, VoteRow
from labeler.projects import queries as project_queries
from labeler.projects.models import Import, Item
from labeler.projects.queries import Question
from labeler.workflow.answers import Kept, store_answer
from labeler.workflow.decisions import resolve

UNNAMED_LEAD = "Decisions of an imported file"
"""Who is said to have decided where a command imports a file, which does not say it."""
_ROUNDING = 1e-4


@dataclass(frozen=True)
class Beside:
    """Rows of an import that are no answers, in one transaction."""

    session: Session
    question: Question
    import_id: int
    counts: Counts
    now: datetime

    def store(self, rows: Sequence[VoteRow]) -> None:
        """Store each row, or reject it with the reason."""
        for row in rows:
            try:
                item = self._item(row)
                is_new = self._skip(row, item) if row.soft is None else self._decide(row, item)
            except (Invalid, Conflict, NotFound) as error:
                shown = row.external_id or (row.text or "")[:500]
                self.counts.rejected.append(RejectedRow(row.number, error.field or "", error.message, shown))
            else:
                self.counts.added += is_new
                self.counts.unchanged += not is_new
                self.counts.note_parts(row)

    def _item(self, row: VoteRow) -> Item:
        if row.item is not None:
            return project_queries.item_in(self.session, self.question.project.id, row.item)
        item = project_queries.item_by_name(self.session, self.question.project.id, row.external_id, row.text)
        if item is None:
            raise Invalid("No item of this project has this id or text; import the items first.", field="id")
        return item

    def _skip(self, row: VoteRow, item: Item) -> bool:
        """Store that somebody skipped an item, which takes no slot; returns whether that is new."""
        who = account_actions.member_named(self.session, self.question.project.id, row.annotator, now=self.now)
        if counted_of(self.session, item.id, who) is not None:
            raise Invalid("This person has answered the item, so the skip was left out.", field="skip")
        skipped = select(Annotation.id).where(
            Annotation.item_id == item.id, Annotation.user_id == who, Annotation.status == "skipped"
        )
        if self.session.scalar(skipped.limit(1)) is not None:
            return False
        assignment = assignment_actions.stand_in(self.session, item, who, now=self.now)
        assignment_actions.let_skip(self.session, assignment)
        answer = Answer(
            key=f"import-{self.import_id}-{row.number}-{who}",
            assignment=assignment.id,
            skip=row.skip,
            seconds=row.seconds or 0.0,
            comment=row.comment or "",
            mode="import",
            at=given_at(row.created_at, self.now),
        )
        answer.check()
        store_answer(self.session, self.question, (assignment, item), Kept(answer), now=self.now)
        return True

    def _decide(self, row: VoteRow, item: Item) -> bool:
        """Store that a lead called an item ambiguous; returns whether that is new."""
        codes, soft = self.question.classes.by_name, row.soft or {}
        if unknown := sorted(soft.keys() - codes.keys()):
            raise Invalid("{name!r} is not a class of this project.", field="soft_label", name=unknown[0])
        shares = {codes[name]: share for name, share in soft.items()}
        standing = decision_queries.current_of(self.session, item.id)
        if standing is not None:
            if _says(standing, shares):
                return False
            raise Invalid("A lead has decided about the item here, and that stands.", field="final_source")
        decision = Decision(f"import-{self.import_id}-{item.id}", item.id, AMBIGUOUS, soft=shares or None)
        resolve(self.session, self.question.project, decision, by=self._lead())
        return True

    def _lead(self) -> int:
        by = self.session.get_one(Import, self.import_id).created_by
        if by is not None:
            return by
        return account_actions.member_named(self.session, self.question.project.id, UNNAMED_LEAD, now=self.now)


def _says(review: Review, shares: dict[str, float]) -> bool:
    """Whether a decision calls its item ambiguous with these shares, but for the rounding of files."""
    kept = review.soft or {}
    alike = all(isclose(kept.get(code, 0.0), share, abs_tol=_ROUNDING) for code, share in shares.items())
    return review.decision == AMBIGUOUS and kept.keys() == shares.keys() and alike
