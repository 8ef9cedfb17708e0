"""A lead's decisions about items."""

from typing import Any, Literal

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.shapes import Body, Id, Shape, moment
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.projects.models import Item, Project
from labeler.projects.queries import Classes, classes_of, content_of, item_in, task_of
from labeler.review.actions import Decision
from labeler.task_types.base import Value


class NewReview(Body):
    """One decision. key: a UUID made by the client; value: the new label, for relabel only."""

    key: str
    item: Id
    decision: Literal["keep", "relabel", "exclude", "send_back"]
    value: dict[str, Any] | None = None
    reason: str = ""


class ReviewOut(Shape):
    """A stored decision. label: the class it sets (choices); value: the label in any task, null for none."""

    id: int
    key: str
    item: int
    decision: str
    label: str | None
    value: dict[str, Any] | None
    before_label: str | None
    reason: str
    status: str
    created_at: str


@blueprint.post("/projects/<slug>/reviews")
@needs(Action.LEAD)
@blueprint.input(NewReview, arg_name="body")
@blueprint.output(ReviewOut, status_code=201)
@blueprint.doc(responses={200: "The same key again: nothing was changed."})
def add_review(slug: str, body: NewReview) -> tuple[dict[str, Any], int]:
    """Decide about an item: keep its label, relabel, exclude, or send it back to an annotator."""
    del slug
    with database().write() as session:
        target = session.get_one(Project, project().id)
        classes = classes_of(session, target.id)
        code, value = _label(target, classes, item_in(session, target.id, body.item), body.value)
        decision = Decision(body.key, body.item, body.decision, code, body.reason, value=value)
        review, new = workflow.resolve(session, target, decision, by=user_id())
        shape = {
            "id": review.id,
            "key": review.key,
            "item": review.item_id,
            "decision": review.decision,
            "label": classes.name_of(review.code),
            "value": classes.shown(review.code, review.value),
            "before_label": classes.name_of(review.before_code),
            "reason": review.reason,
            "status": review.status,
            "created_at": moment(review.created_at),
        }
    return shape, 201 if new else 200


def _label(target: Project, classes: Classes, item: Item, value: dict[str, Any] | None) -> tuple[str, Value | None]:
    """Return the code of a decision's value, and the value as it is kept."""
    if value is None:
        return "", None
    task = task_of(target)
    checked = task.check_value(value, classes.config, content_of(item))
    return task.code(checked, classes.by_name), classes.stored(task, checked) if task.objects else None
