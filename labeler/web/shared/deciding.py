"""From a pressed button to a stored decision: what the review and disagreements forms send, checked and put into words.

Note: the key is made by the server when the card is shown, so that a form sent twice
is one decision. And a card remembers which decision stood when it was shown: when somebody else decided in the
meantime, nothing is stored until the lead has seen that. And a decision is about the flag on the card (`flag`), if one
is shown.
"""

import uuid
from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.annotations.queries import answer_with
from labeler.decisions import queries as decision_queries
from labeler.decisions.actions import Decision
from labeler.decisions.final import AMBIGUOUS
from labeler.decisions.models import SECOND_OPINION, Review
from labeler.errors import Conflict, Invalid
from labeler.extensions.access import NO_ID
from labeler.projects.models import Project
from labeler.projects.queries import Classes, classes_of, content_of, item_in
from labeler.quality.models import Flag
from labeler.storage.database import alone
from labeler.task_types.base import Value
from labeler.web.shared.numbers import id_in

RELABEL = "relabel:"
OTHER = "other"  # the class stands in the list beside the button


def new_key() -> str:
    """Return a fresh key for a form."""
    return str(uuid.uuid4())


def store(session: Session, project: Project, by: int) -> Review:
    """Store the decision of the request's form. Raises Invalid, Conflict or NotFound, and then nothing is stored."""
    alone(session, project.id)  # before the look at what stands, or two leads would not see each other
    decision = _decision(session, project, classes_of(session, project.id))
    return _resolve(session, project, decision, by=by, stood=request.form.get("stood", 0, type=id_in))


def store_own(session: Session, project: Project, by: int, sent: Any) -> Review:
    """Store a lead's own answer, sent as {key, item, flag, stood, reason, value}; raises as `store` does."""
    alone(session, project.id)
    if not isinstance(sent, dict):
        raise Invalid("This is no answer to an item; nothing was stored.")
    classes = classes_of(session, project.id)
    item = item_in(session, project.id, _number(sent, "item"))
    value = classes.task.check_value(sent.get("value"), classes.config, content_of(item))
    code, kept = classes.keep(value)
    key, reason = str(sent.get("key", "")), str(sent.get("reason", "")).strip()
    decision = Decision(key, item.id, "relabel", code, reason, value=kept, flag=_number(sent, "flag"))
    return _resolve(session, project, decision, by=by, stood=_number(sent, "stood"))


def _number(sent: dict[str, Any], name: str) -> int:
    found = sent.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < NO_ID:
        raise Invalid("This must be the number of something that is there.", field=name)
    return found


def _resolve(session: Session, project: Project, decision: Decision, *, by: int, stood: int) -> Review:
    if decision_queries.by_key(session, by, decision.key) is None:
        _check_unseen(session, decision.item, stood)
    review, _new = workflow.resolve(session, project, decision, by=by)
    return review


def words_of(session: Session, project: Project, review: Review) -> str:
    """Say what a decision did, in one short sentence."""
    classes = classes_of(session, project.id)
    shown = classes.shown(review.code, review.value)
    name = classes.task.text(shown) if shown else ""
    said: dict[str, str] = {
        "relabel": _("Item %(item)s is now %(name)s", item=review.item_id, name=name),
        "keep": _("Item %(item)s keeps %(name)s", item=review.item_id, name=name),
        "exclude": _("Item %(item)s is excluded", item=review.item_id),
        "send_back": _("Item %(item)s was sent back", item=review.item_id),
        SECOND_OPINION: _("Item %(item)s waits for a second opinion", item=review.item_id),
        AMBIGUOUS: _("Item %(item)s is ambiguous: it keeps the shares of its votes", item=review.item_id),
    }
    return said[review.decision]


def take_back(session: Session, project: Project, by: int) -> tuple[str, int]:
    """Undo a person's newest step; returns what happened in words, and the item to show (0 for several or none)."""
    undone = workflow.take_back(session, project, by)
    if not undone:
        return _("There is nothing of yours left to undo"), 0
    if len(undone) > 1:
        return _("%(count)s decisions are undone", count=len(undone)), 0
    return _("Item %(item)s is back in the queue", item=undone[0].item_id), undone[0].item_id


def _decision(session: Session, project: Project, classes: Classes) -> Decision:
    form = request.form
    wanted, reason = form.get("decision", ""), form.get("reason", "").strip()
    if wanted == OTHER:
        wanted = form.get(OTHER, "")
    code = wanted.removeprefix(RELABEL) if wanted.startswith(RELABEL) else ""
    item, value = form.get("item", 0, type=id_in), None
    flag = form.get("flag", type=id_in)
    if code and not classes.task.one_class:
        value = _value_of(session, project, classes, item=item, code=code, flag=flag)
    elif code and code not in classes.by_code:
        raise Invalid("There is no such class in this project.", field="decision")
    return Decision(form.get("key", ""), item, "relabel" if code else wanted, code, reason, value=value, flag=flag)


def _value_of(
    session: Session, project: Project, classes: Classes, *, item: int, code: str, flag: int | None
) -> Value | None:
    """Return what a label that is no single class is kept with: the suggestion of the card's flag, or an answer."""
    flagged = session.get(Flag, flag) if flag else None
    if flagged is not None and (flagged.item_id, flagged.suggested_code) == (item, code):
        return flagged.suggested_value
    given = answer_with(session, project.id, item, code)
    if given is None:
        raise Invalid("Nobody gave this answer; take one of those shown.", field="decision")
    return given.value if classes.task.keeps_value else None


def _check_unseen(session: Session, item_id: int, stood: int) -> None:
    current = decision_queries.current_of(session, item_id)
    if (current.id if current else 0) != stood:
        raise Conflict("Somebody decided this item in the meantime; nothing was stored. Look at it again below.")
