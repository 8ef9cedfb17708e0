"""One decision for a whole group of items: all of it in one step, or nothing; one undo takes all of it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from labeler.decisions import actions as review_actions
from labeler.decisions import queries as decision_queries
from labeler.decisions.actions import Decision
from labeler.decisions.models import Review
from labeler.errors import Conflict, Invalid
from labeler.projects.actions import alone_with
from labeler.projects.models import Project
from labeler.projects.queries import classes_of, content_of, item_in
from labeler.task_types.base import Value
from labeler.workflow.decisions import resolve

GROUP_DECISIONS = ("same", "keep", "keep_first", "exclude")
MOST = 500


@dataclass(frozen=True)
class GroupDecision:
    """What a lead decided about a group.

    decision: `same` (all get this label), `keep` (each keeps its own), `keep_first` (the first keeps its label, the
    others are excluded) or `exclude`; code, value: the label, for same; stood: {item: id of the decision that stood
    when the lead looked, 0 for none}, None where nobody looked.
    """

    key: str
    items: Sequence[int]
    decision: str
    code: str = ""
    value: Value | None = None
    reason: str = ""
    stood: Mapping[int, int] | None = None

    def check(self) -> None:
        """Raise Invalid, naming the field."""
        if not 8 <= len(self.key) <= 40:  # noqa: PLR2004 - a UUID with room; each item's own key is longer by its id
            raise Invalid("The key must be a text of 8 to 40 characters, best a UUID.", field="key")
        if self.decision not in GROUP_DECISIONS:
            raise Invalid(
                "The decision must be one of {decisions}.", field="decision", decisions=", ".join(GROUP_DECISIONS)
            )
        if not 2 <= len(set(self.items)) == len(self.items) <= MOST:  # noqa: PLR2004 - one item is no group
            raise Invalid("A group has 2 to {most} different items.", field="items", most=MOST)
        if (self.decision == "same") != bool(self.code):
            raise Invalid("The decision same needs the label, and only that decision has one.", field="value")


def resolve_group(session: Session, project: Project, wanted: GroupDecision, *, by: int) -> list[Review]:
    """Store one decision for each item of a group; returns them in the order of the items.

    The same key again changes nothing. Raises Conflict where somebody decided one of them since the lead looked, and
    what `resolve` raises; then nothing is to be stored: the caller's transaction is rolled back.
    """
    wanted.check()
    project = alone_with(session, project)
    for item, stood in (wanted.stood or {}).items():
        current = decision_queries.current_of(session, item)
        known = decision_queries.by_key(session, by, _key(wanted, item))
        if known is None and (current.id if current else 0) != stood:
            raise Conflict("Somebody decided one of these items in the meantime; nothing was stored. Look again.")
    if wanted.decision == "same":
        _check_fits(session, project, wanted)
    return [resolve(session, project, one, by=by)[0] for one in _each(wanted)]


def _check_fits(session: Session, project: Project, wanted: GroupDecision) -> None:
    """Raise Invalid where one item's label cannot be another's: places in one are not the same places in the other."""
    classes = classes_of(session, project.id)
    value = classes.shown(wanted.code, wanted.value)
    if value is None:
        raise Invalid("This label names a class that this project does not have.", field="value")
    contents = [content_of(item_in(session, project.id, one)) for one in wanted.items]
    if classes.task.part_fields and len(set(contents)) > 1:
        raise Invalid(
            "These items have not the same text or size, so a place in one is another place in the next. Decide them "
            "one by one.",
            field="items",
        )
    for content in contents:
        classes.task.check_value(value, classes.config, content)


def take_group_back(session: Session, project: Project, key: str, *, by: int) -> int:
    """Undo what still stands of one's own decision for a group; returns of how many items."""
    project = alone_with(session, project)
    mine = [one for one in decision_queries.in_batch(session, by, _batch(key)) if one.project_id == project.id]
    for review in mine:
        review_actions.undo(session, project, review)
    return len(mine)


def _each(wanted: GroupDecision) -> list[Decision]:
    decided = []
    for place, item in enumerate(wanted.items):
        decision = {"same": "relabel", "keep_first": "exclude" if place else "keep"}.get(
            wanted.decision, wanted.decision
        )
        decided.append(
            Decision(
                _key(wanted, item),
                item,
                decision,
                code=wanted.code,
                value=wanted.value,
                reason=wanted.reason,
                batch=_batch(wanted.key),
            )
        )
    return decided


def _batch(key: str) -> str:
    return f"group-{key}"


def _key(wanted: GroupDecision, item: int) -> str:
    return f"{wanted.key}-{item}"
