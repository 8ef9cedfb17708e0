"""Serving: hold the next items, and look at what one has answered.

Note: nothing here may show what others said about an item. Given labels, flags, consensus and
other people's answers are not even read.
"""

from datetime import timedelta
from typing import Annotated, Any, Literal

from flask import Response
from pydantic import Field, RootModel
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.annotations.blind import seen_purpose, seen_status
from labeler.annotations.models import Annotation
from labeler.annotations.queries import ANSWERED, latest_of
from labeler.api.blueprint import blueprint
from labeler.api.paging import Listed
from labeler.api.shapes import Body, Id, Query, Shape, answered, content_of, moment
from labeler.assignment import queries as assignment_queries
from labeler.assignment.claims import MAX_CLAIM
from labeler.assignment.models import Assignment
from labeler.extensions import database, settings
from labeler.extensions.access import needs, project, user_id
from labeler.projects.models import Item
from labeler.projects.queries import Classes, classes_of, guideline_version, task_of
from labeler.projects.seen import seen_name
from labeler.storage.database import clock
from labeler.storage.nested import shallow
from labeler.threads.queries import words_in

MOST_RENEWED = 400  # assignments in one request: what a page holds, with those it went back to

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

    items: only these, as far as they are yours or open to you; count does not matter then. hold: `all`: each is yours
    until its expires_at; `share`: for a workspace that renews what it has: not more than your share of what is left,
    and what you have not opened may come to somebody who would have nothing to do; `none`: hold nothing, an answer
    counts if one more is wanted when it comes.
    """

    count: Annotated[int, Field(ge=1, le=MAX_CLAIM)] = 1
    items: Annotated[list[Id], Field(max_length=MAX_CLAIM, default_factory=list)]
    hold: Literal["all", "share", "none"] = "all"


class Renewal(Body):
    """What a workspace goes on holding, and which of it is on the screen or begun."""

    assignments: Annotated[list[Id], Field(max_length=MOST_RENEWED)]
    open: Annotated[list[Id], Field(max_length=MOST_RENEWED, default_factory=list)]


class RenewedItem(Shape):
    """What became of one assignment. state: held, done, skipped, or expired: it was passed on."""

    assignment: int
    state: str
    expires_at: str


class RenewedItems(RootModel[list[RenewedItem]]):
    """What became of these assignments."""


class Release(Body):
    """What to give back: assignments whatever was done with them, and of `ready` those no page of yours has opened."""

    assignments: Annotated[list[Id], Field(max_length=MOST_RENEWED, default_factory=list)]
    ready: Annotated[list[Id], Field(max_length=MOST_RENEWED, default_factory=list)]


class Released(Shape):
    """How many were given back."""

    released: int


class OthersOut(Shape):
    """What others hold that you could answer if it came free. free_by: when the first of it does, if left idle."""

    held: int
    free_by: str | None


class SuggestionOut(Shape):
    """What a model suggests. score: how sure it is, 0 to 1; null when it does not say."""

    value: dict[str, Any]
    score: float | None


class EarlierOut(Shape):
    """What you answered to an item before a lead sent it back."""

    value: dict[str, Any]
    unsure: bool
    comment: str


class SaidOut(Shape):
    """One thing that was said about your answer. by: annotator (you) or lead; who: by name."""

    by: Literal["annotator", "lead"]
    who: str
    text: str
    at: str


class HeldItem(Shape):
    """An item as an annotator sees it. note: why a lead sent it back; expires_at: until when it is held.

    suggestion: only where the lead turned suggestions on, and not for the share of items where it stays hidden.
    earlier: only where you answered the item before it was sent back; your next answer takes its place.
    start: what an answer starts from, where the project says so.
    said: of an item that was sent back, what you and leads said about it, the oldest first.
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
    earlier: EarlierOut | None = None
    start: dict[str, Any] | None = None
    said: list[SaidOut] | None = None


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
    """Which of one's own items to list: those answered or skipped, or only those skipped. item: only this one."""

    state: Literal["done", "skipped"] = "done"
    item: Id | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


_LISTED = {"done": (*ANSWERED, "skipped"), "skipped": ("skipped",)}


@blueprint.post("/projects/<slug>/assignments")
@needs(Action.ANNOTATE)
@blueprint.input(Claim, arg_name="body")
@blueprint.output(HeldItems)
def claim_items(slug: str, body: Claim) -> Response:
    """Hold up to count items for yourself; an empty list when nothing is left for you."""
    with database().write() as session:
        held, more = _serve(session, body)
        version = guideline_version(session, project().id)
        classes = classes_of(session, project().id)
        said = _said(session, held)
    answer = answered(
        [
            {
                "assignment": one.assignment.id,
                **shown(slug, one.item),
                "expires_at": moment(one.assignment.expires_at),
                "purpose": seen_purpose(one.assignment.purpose),
                "note": one.note or None,
                "suggestion": _suggestion(classes, one.assignment),
                **_earlier(classes, one.earlier),
                **said.get(one.item.id, {}),
            }
            for one in held
        ]
    )
    answer.headers["X-Guideline-Version"] = str(version)  # a page that shows an older one says so
    answer.headers["X-More-Items"] = str(int(more))  # fewer came than were asked for, but not because none are left
    return answer


def _serve(session: Session, body: Claim) -> tuple[list[workflow.Held], bool]:
    """Hold what is asked for in the way it is asked for; returns it and whether there is more for later."""
    place = (session, project().id, user_id())
    if body.hold == "none" and not body.items:
        return workflow.show(*place, count=body.count), True
    if body.hold == "share" and not body.items:
        return workflow.serve_workspace(*place, count=body.count, lease=lease())
    held = workflow.serve(*place, count=body.count, only=body.items, lease=lease())
    return held, len(held) >= body.count


def lease() -> timedelta:
    """Return how long an item is held without a word from who holds it."""
    return timedelta(seconds=settings().lease_seconds)


@blueprint.post("/projects/<slug>/assignments/renewals")
@needs(Action.ANNOTATE)
@blueprint.input(Renewal, arg_name="body")
@blueprint.output(RenewedItems)
def renew_assignments(slug: str, body: Renewal) -> Response:
    """Go on holding items; one whose lease ended is held again if nobody took it."""
    del slug
    with database().write() as session:
        own = workflow.renew(session, project().id, user_id(), body.assignments, opened=body.open, lease=lease())
    return answered([{"assignment": one.id, "state": one.state, "expires_at": moment(one.expires_at)} for one in own])


@blueprint.post("/projects/<slug>/assignments/releases")
@needs(Action.ANNOTATE)
@blueprint.input(Release, arg_name="body")
@blueprint.output(Released)
def release_assignments(slug: str, body: Release) -> dict[str, Any]:
    """Give items back before their lease ends. An answer still on its way counts if one more is wanted."""
    del slug
    with database().write() as session:
        released = workflow.release(session, project().id, user_id(), body.assignments, ready=body.ready)
    return {"released": released}


@blueprint.get("/projects/<slug>/assignments/others")
@needs(Action.ANNOTATE)
@blueprint.output(OthersOut)
def held_by_others(slug: str) -> dict[str, Any]:
    """Say how many items that you could answer are held by others now."""
    del slug
    with database().read() as session:
        theirs = assignment_queries.held_by_others(session, project().id, user_id(), clock(session))
    free_by = min((one.expires_at for one in theirs), default=None)
    return {"held": len({one.item for one in theirs}), "free_by": free_by and moment(free_by)}


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
                "purpose": seen_purpose(annotation.purpose),
                "note": None,
                "value": classes.shown(annotation.code, annotation.value),
                "annotation": annotation.id,
                "skip": annotation.skip,
                "comment": annotation.comment,
                "unsure": annotation.unsure,
                "status": seen_status(annotation.status),
                "answered_at": moment(annotation.created_at),
            }
            for annotation, item in latest_of(
                session, project().id, user_id(), query.limit, statuses=_LISTED[query.state], item_id=query.item
            )
        ]
    return {"data": data, "next": None}


def _said(session: Session, held: list[workflow.Held]) -> dict[int, dict[str, Any]]:
    """Return what was said about the answers of who asks to items that came back, as a part of each item."""
    words = words_in(session, [(one.item.id, user_id()) for one in held if one.assignment.purpose == "review"])
    return {
        item_id: {
            "said": [
                {
                    "by": "lead" if word.by_lead else "annotator",
                    "who": word.who,
                    "text": word.text,
                    "at": moment(word.at),
                }
                for word in said
                if word.text
            ]
        }
        for (item_id, _), said in words.items()
        if said
    }


def _earlier(classes: Classes, annotation: Annotation | None) -> dict[str, Any]:
    """Return what somebody answered before the item came back to them, as a part of the item; {} without one."""
    value = annotation and classes.shown(annotation.code, annotation.value)
    if annotation is None or value is None:
        return {}
    return {"earlier": {"value": value, "unsure": annotation.unsure, "comment": annotation.comment}}


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
    start = task_of(project()).start(item.meta, item.given_value, project().settings)
    seen = {"item": item.id, "external_id": name, **content_of(slug, item), "metadata": shallow(metadata)}
    return seen if start is None else {**seen, "start": start}
