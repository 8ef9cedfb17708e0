"""Serving: hold the next items, and look at what one has answered.

What a reader would get wrong: nothing here may show what others said about an item. Given labels, flags, consensus and
other people's answers are not even read.
"""

from datetime import timedelta
from typing import Annotated, Any, Literal

from flask import Response
from pydantic import Field, RootModel

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.annotations.queries import latest_of
from labeler.api.blueprint import blueprint
from labeler.api.paging import Listed
from labeler.api.shapes import Body, Id, Query, Shape, answered, content_of, moment, seen_name
from labeler.assignment.actions import MAX_CLAIM
from labeler.assignment.models import Assignment
from labeler.extensions import database, settings
from labeler.extensions.access import needs, project, user_id
from labeler.projects.models import Item
from labeler.projects.queries import Classes, classes_of, guideline_version
from labeler.storage.nested import shallow

# Columns that by their usual names say what somebody, or a model, thinks the answer is. A file's folder often does too.
_TELLING = frozenset(
    [
        "file_name",
        "answer",
        "gold",
        "label",
        "labels",
        "prediction",
        "prediction_score",
        "predicted_label",
        "true_label",
        "truth",
        "target",
        "given_label",
        "consensus_label",
        "final_label",
        "suggested_label",
        "votes",
        "annotations",
    ]
)


class Claim(Body):
    """How many items to hold. Those held already count: asking twice takes nothing twice.

    items: only these, as far as they are yours or open to you; count does not matter then.
    """

    count: Annotated[int, Field(ge=1, le=MAX_CLAIM)] = 1
    items: Annotated[list[Id], Field(max_length=MAX_CLAIM, default_factory=list)]


class SuggestionOut(Shape):
    """What a model suggests. score: how sure it is, 0 to 1; null when it does not say."""

    value: dict[str, Any]
    score: float | None


class HeldItem(Shape):
    """An item as an annotator sees it. note: why a lead sent it back; expires_at: until when it is held.

    suggestion: only where the lead turned suggestions on, and not for the share of items where it stays hidden.
    """

    assignment: int | None
    item: int
    external_id: str | None
    text: str | None = None
    image_url: str | None = None
    thumb_url: str | None = None
    width: int | None = None
    height: int | None = None
    expires_at: str | None
    purpose: str
    note: str | None
    metadata: dict[str, Any]
    suggestion: SuggestionOut | None = None


class HeldItems(RootModel[list[HeldItem]]):
    """The items one holds, in the order to answer them."""


class AnsweredItem(HeldItem):
    """An item with one's own answer. skip: the reason, or ""."""

    value: dict[str, Any] | None
    annotation: int
    skip: str
    comment: str
    unsure: bool
    status: str
    answered_at: str


class AnsweredList(Listed):
    """One's own answers that stand, newest first."""

    data: list[AnsweredItem]


class AnsweredQuery(Query):
    """Which of one's own items to list."""

    state: Literal["done"] = "done"
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@blueprint.post("/projects/<slug>/assignments")
@needs(Action.ANNOTATE)
@blueprint.input(Claim, arg_name="body")
@blueprint.output(HeldItems)
def claim_items(slug: str, body: Claim) -> Response:
    """Hold up to count items for yourself; an empty list when nothing is left for you."""
    lease = timedelta(seconds=settings().lease_seconds)
    with database().write() as session:
        held = workflow.serve(session, project().id, user_id(), count=body.count, only=body.items, lease=lease)
        version = guideline_version(session, project().id)
        classes = classes_of(session, project().id)
    answer = answered(
        [
            {
                "assignment": one.assignment.id,
                **shown(slug, one.item),
                "expires_at": moment(one.assignment.expires_at),
                "purpose": one.assignment.purpose,
                "note": one.note or None,
                "suggestion": _suggestion(classes, one.assignment),
            }
            for one in held
        ]
    )
    answer.headers["X-Guideline-Version"] = str(version)  # a page that shows an older one says so
    return answer


@blueprint.get("/projects/<slug>/assignments")
@needs(Action.ANNOTATE)
@blueprint.input(AnsweredQuery, location="query", arg_name="query")
@blueprint.output(AnsweredList)
def list_answered(slug: str, query: AnsweredQuery) -> dict[str, Any]:
    """List the items you answered or skipped, newest first, with your own answer."""
    with database().read() as session:
        classes = classes_of(session, project().id)
        data = [
            {
                "assignment": annotation.assignment_id,
                **shown(slug, item),
                "expires_at": None,
                "purpose": annotation.purpose,
                "note": None,
                "value": classes.shown(annotation.code, annotation.value),
                "annotation": annotation.id,
                "skip": annotation.skip,
                "comment": annotation.comment,
                "unsure": annotation.unsure,
                "status": annotation.status,
                "answered_at": moment(annotation.created_at),
            }
            for annotation, item in latest_of(session, project().id, user_id(), query.limit)
        ]
    return {"data": data, "next": None}


def _suggestion(classes: Classes, assignment: Assignment) -> dict[str, Any] | None:
    """Return what was suggested when the item was handed out; None also when it is to stay hidden."""
    if not assignment.suggestion_shown:
        return None
    kept = assignment.suggested_value or {}
    value = classes.shown(assignment.suggested_code, kept.get("value"))
    return None if value is None else {"value": value, "score": kept.get("score")}


def shown(slug: str, item: Item) -> dict[str, Any]:
    """Return what an annotator may see of an item before they answer."""
    name = seen_name(item.external_id, project().media)
    metadata = {key: value for key, value in item.meta.items() if key.lower() not in _TELLING}
    return {"item": item.id, "external_id": name, **content_of(slug, item), "metadata": shallow(metadata)}
