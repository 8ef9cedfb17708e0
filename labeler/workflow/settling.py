"""What follows from the answers of items: agreement histogram, consensus and the answers they want from now on.

Always in the transaction that changed the answers, so that no reader ever sees the one without the other.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from labeler.adaptive_votes.actions import weigh_items
from labeler.agreement import actions as agreement_actions
from labeler.agreement.patterns import patterns_of
from labeler.annotations.queries import Said
from labeler.consensus import actions as consensus_actions
from labeler.projects import queries as project_queries
from labeler.projects.models import Item
from labeler.projects.queries import Question


class Moved(NamedTuple):
    """An item whose counted answers changed."""

    item: Item
    before: Sequence[Said]
    after: Sequence[Said]


def settle(
    session: Session, question: Question, item: Item, *, before: list[Said], after: list[Said], now: datetime
) -> None:
    """Bring what depends on an item's counted answers up to date, in the answer's own transaction."""
    settle_all(session, question, [Moved(item, before, after)], now=now)


def settle_all(session: Session, question: Question, moved: Sequence[Moved], *, now: datetime) -> None:
    """Do the same for many items at once; those whose answers are the same as before stay as they are."""
    moved = [one for one in moved if sorted(s.code for s in one.before) != sorted(s.code for s in one.after)]
    if not moved:
        return
    before, after = Counter[str](), Counter[str]()
    for one in moved:
        before.update(_patterns(question, one.item, one.before))
        after.update(_patterns(question, one.item, one.after))
    agreement_actions.move_items(session, question.project.id, before=before, after=after)
    answered = [(one.item, one.after) for one in moved]
    consensus_actions.settle_items(session, question, answered, now)
    weigh_items(session, question, answered)


def _patterns(question: Question, item: Item, answers: Sequence[Said]) -> Counter[str]:
    said = [(str(one.user_id), one.code, one.value) for one in answers]
    return patterns_of(question.classes, said, project_queries.content_of(item))
