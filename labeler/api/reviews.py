"""A lead's decisions about items."""

from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.items import code_named
from labeler.api.paging import Listed, Page, cut, next_path
from labeler.api.shapes import Body, FlagKind, Id, Shape, moment
from labeler.decisions.actions import Decision
from labeler.decisions.models import Review
from labeler.decisions.queries import by_key, listing
from labeler.errors import Invalid
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.projects.models import Item, Project
from labeler.projects.queries import Classes, classes_of, content_of, item_in
from labeler.quality.queries import flags_of_items, latest_inspection
from labeler.task_types.base import Value


class NewReview(Body):
    """One decision. key: a UUID made by the client; value: the new label, for relabel only.

    soft: for ambiguous, the share of each class by name, which sum to 1; without it the shares of the votes are kept.
    kind: of the flag of the newest inspection that was decided about; without it the item's first in the queue's order.
    """

    key: str
    item: Id
    decision: Literal["keep", "relabel", "exclude", "send_back", "ambiguous", "second_opinion"]
    value: dict[str, Any] | None = None
    soft: dict[str, Annotated[float, Field(ge=0, le=1, strict=False)]] | None = None
    kind: FlagKind | None = None
    reason: str = ""


class ReviewOut(Shape):
    """A stored decision. label: the class it sets (choices); value: the label in any task, null for none.

    soft: of an ambiguous item, the share of each class by name; kind: of the flag it was about, null for none.
    """

    id: int
    key: str
    item: int
    decision: str
    label: str | None
    value: dict[str, Any] | None
    soft: dict[str, float] | None
    kind: str | None
    before_label: str | None
    reason: str
    status: str
    created_at: str


class ReviewListed(ReviewOut):
    """A decision in the list of them. by: the e-mail address of who made it.

    status: current, replaced, undone, or answered (it was sent back or asked, and the answer came).
    """

    external_id: str | None
    by: str


class ReviewList(Listed):
    """Decisions in the order they were made."""

    data: list[ReviewListed]


class ReviewPage(Page):
    """Which decisions to list. item: only those about this one."""

    item: Id | None = None


@blueprint.post("/projects/<slug>/reviews")
@needs(Action.LEAD)
@blueprint.input(NewReview, arg_name="body")
@blueprint.output(ReviewOut, status_code=201)
@blueprint.doc(responses={200: "The same key again: nothing was changed."})
def add_review(slug: str, body: NewReview) -> tuple[dict[str, Any], int]:
    """Decide about an item: keep its label, relabel, exclude, send it back, call it ambiguous, or ask somebody else."""
    del slug
    with database().write() as session:
        target = session.get_one(Project, project().id)
        classes = classes_of(session, target.id)
        code, value = _label(classes, item_in(session, target.id, body.item), body.value)
        decision = Decision(
            body.key,
            body.item,
            body.decision,
            code,
            body.reason,
            value=value,
            soft=_by_code(classes, body.soft),
            flag=_flag(session, target.id, body),
        )
        review, new = workflow.resolve(session, target, decision, by=user_id())
        shape = _as_shape(classes, review)
    return shape, 201 if new else 200


@blueprint.get("/projects/<slug>/reviews")
@needs(Action.LEAD)
@blueprint.input(ReviewPage, location="query", arg_name="page")
@blueprint.output(ReviewList)
def list_reviews(slug: str, page: ReviewPage) -> dict[str, Any]:
    """List every decision that was made, oldest first: also those that were replaced or undone since."""
    del slug
    with database().read() as session:
        classes = classes_of(session, project().id)
        found = listing(session, project().id, item_id=page.item, after=page.after, limit=page.one_more)
        rows, more = cut(page, found)
        data = [
            {**_as_shape(classes, review), "external_id": external_id, "by": email}
            for review, email, external_id in rows
        ]
    return {"data": data, "next": next_path(page, rows[-1][0].id if rows else 0, more=more)}


def _as_shape(classes: Classes, review: Review) -> dict[str, Any]:
    return {
        "id": review.id,
        "key": review.key,
        "item": review.item_id,
        "decision": review.decision,
        "label": classes.name_of(review.code),
        "value": classes.shown(review.code, review.value),
        "soft": classes.shares(review.soft) if review.soft else None,
        "kind": review.kind or None,
        "before_label": classes.name_of(review.before_code),
        "reason": review.reason,
        "status": review.status,
        "created_at": moment(review.created_at),
    }


class NewGroup(Body):
    """One decision for a group of items, such as the twins that a flag names; all of it is stored, or nothing.

    key: a UUID made by the client. decision: same (all get this value), keep (each keeps its own label), keep_first
    (the first keeps its label, the others are excluded) or exclude.
    """

    key: str
    items: Annotated[list[Id], Field(min_length=2, max_length=500)]
    decision: Literal["same", "keep", "keep_first", "exclude"]
    value: dict[str, Any] | None = None
    reason: str = ""


class GroupOut(Shape):
    """What was done. items: how many were decided, or undone."""

    key: str
    items: int


@blueprint.post("/projects/<slug>/reviews/groups")
@needs(Action.LEAD)
@blueprint.input(NewGroup, arg_name="body")
@blueprint.output(GroupOut, status_code=201)
def add_group(slug: str, body: NewGroup) -> dict[str, Any]:
    """Decide about a group of items in one step; the same key again changes nothing."""
    del slug
    with database().write() as session:
        target = session.get_one(Project, project().id)
        items = [item_in(session, target.id, one) for one in body.items]
        code, value = _label(classes_of(session, target.id), items[0], body.value)
        wanted = workflow.GroupDecision(body.key, body.items, body.decision, code, value, body.reason)
        decided = workflow.resolve_group(session, target, wanted, by=user_id())
    return {"key": body.key, "items": len(decided)}


@blueprint.delete("/projects/<slug>/reviews/groups/<key>")
@needs(Action.LEAD)
@blueprint.output(GroupOut)
def undo_group(slug: str, key: str) -> dict[str, Any]:
    """Undo what still stands of one's own decision for a group; what was decided since stays."""
    del slug
    with database().write() as session:
        undone = workflow.take_group_back(session, session.get_one(Project, project().id), key, by=user_id())
    return {"key": key, "items": undone}


def _by_code(classes: Classes, soft: dict[str, float] | None) -> dict[str, float] | None:
    if soft is None:
        return None
    return {code_named(classes, name, "soft"): share for name, share in soft.items()}


def _flag(session: Session, project_id: int, body: NewReview) -> int | None:
    """Return the id of the flag that a decision names, None where it names none; raises Invalid for one not there."""
    if body.kind is None or by_key(session, user_id(), body.key) is not None:
        return None  # sent again, the flag of the first time stands, even where the newest check has none
    inspection = latest_inspection(session, project_id)
    flags = flags_of_items(session, inspection.id, [body.item]) if inspection else {}
    for flag in flags.get(body.item, []):
        if flag.kind == body.kind:
            return flag.id
    raise Invalid("The last check has no flag {kind!r} on this item.", field="kind", kind=body.kind)


def _label(classes: Classes, item: Item, value: dict[str, Any] | None) -> tuple[str, Value | None]:
    """Return the code of a decision's value, and the value as it is kept."""
    if value is None:
        return "", None
    checked = classes.task.check_value(value, classes.config, content_of(item))
    return classes.keep(checked)
