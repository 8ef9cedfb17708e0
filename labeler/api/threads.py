"""Threads: what annotators and leads said about answers. An annotator has those on their own answers, and no others."""

from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.accounts.queries import user_by_email, users_by_id
from labeler.api.blueprint import blueprint
from labeler.api.paging import Listed, Page, cut, next_path
from labeler.api.shapes import MAX_ID, Body, Id, Shape, moment
from labeler.extensions import database
from labeler.extensions.access import actor, needs, project, user_id
from labeler.projects.queries import Classes, classes_of, item_in, items_by_id
from labeler.projects.seen import seen_name
from labeler.threads.actions import LONGEST, NewMessage
from labeler.threads.queries import Standing, Word, items_with_threads, standings, words_in

State = Literal["open", "answered", "settled"]


class ThreadPage(Page):
    """Which threads to list. state: only these; item: only those on it. limit: of items; each comes with all its own.

    state: open (the annotator had the last word), answered (a lead had), settled (decided, sent back, in the
    guidelines, or closed).
    """

    state: State | None = None
    item: Id | None = None


class WordOut(Shape):
    """One thing that was said. by: annotator or lead; message, annotation: where it is kept, null for a decision.

    outcome: closed or guideline where a message settles the thread, decision or sent_back of a decision, else null;
    value: the label that a decision set.
    """

    by: Literal["annotator", "lead"]
    who: str
    text: str
    at: str
    message: int | None
    annotation: int | None
    outcome: str | None
    guideline_version: int | None
    decision: str | None
    value: dict[str, Any] | None


class ThreadOut(Shape):
    """A thread: on the answers of one person (annotator) to one item. said: the oldest first.

    settled_by: decision or sent_back where a decision settled it, imported where it came with a file, else null.
    """

    item: int
    external_id: str | None
    annotator: str
    state: State
    settled_by: str | None
    said_at: str
    said: list[WordOut]


class ThreadList(Listed):
    """Threads by item."""

    data: list[ThreadOut]


class NewWord(Body):
    """A message. key: a UUID made by the client; annotator: whose answer it is about, left out for one's own.

    outcome: closed or guideline settle the thread, as leads may; guideline_version: the version that has the rule.
    """

    key: str
    item: Id
    annotator: str | None = None
    text: Annotated[str, Field(max_length=LONGEST)] = ""
    outcome: Literal["closed", "guideline"] | None = None
    guideline_version: Annotated[int, Field(ge=1, le=MAX_ID)] | None = None


class MessageOut(Shape):
    """A stored message."""

    id: int
    key: str
    item: int
    by: Literal["annotator", "lead"]
    text: str
    outcome: str | None
    guideline_version: int | None
    created_at: str


@blueprint.get("/projects/<slug>/threads")
@needs(Action.ANNOTATE)
@blueprint.input(ThreadPage, location="query", arg_name="page")
@blueprint.output(ThreadList)
def list_threads(slug: str, page: ThreadPage) -> dict[str, Any]:
    """List threads with all that was said in them, by item."""
    del slug
    whose = None if actor().may(Action.LEAD) else user_id()
    with database().read() as session:
        if page.item is not None:
            items, more = [page.item] if page.item > page.after else [], False
        else:
            asked = {"state": page.state or "", "user_id": whose, "after": page.after, "limit": page.one_more}
            found = items_with_threads(session, project().id, **asked)  # type: ignore[arg-type]  # by name
            ids, more = cut(page, found)
            items = list(ids)
        threads = standings(session, project().id, state=page.state or "", user_id=whose, item_ids=items)
        data = _as_shapes(session, sorted(threads, key=lambda one: one.pair), leads=whose is None)
    return {"data": data, "next": next_path(page, items[-1] if items else 0, more=more)}


@blueprint.post("/projects/<slug>/threads")
@needs(Action.ANNOTATE)
@blueprint.input(NewWord, arg_name="body")
@blueprint.output(MessageOut, status_code=201)
@blueprint.doc(responses={200: "The same key again: nothing was changed."})
def add_message(slug: str, body: NewWord) -> tuple[dict[str, Any], int]:
    """Say something about an answer: an annotator about their own, a lead about anybody's."""
    del slug
    leads = actor().may(Action.LEAD)
    with database().write() as session:
        item_in(session, project().id, body.item)
        about = user_id() if body.annotator is None else _annotator(session, body.annotator, leads=leads)
        message = NewMessage(body.key, body.item, about, body.text, body.outcome or "", body.guideline_version or 0)
        added, new = workflow.say_in_thread(session, project().id, message, by=user_id(), leads=leads)
        shape = {
            "id": added.id,
            "key": added.key,
            "item": body.item,
            "by": "lead" if added.by_lead else "annotator",
            "text": added.text,
            "outcome": added.outcome or None,
            "guideline_version": added.guideline_version or None,
            "created_at": moment(added.created_at),
        }
    return shape, 201 if new else 200


def _annotator(session: Session, email: str, *, leads: bool) -> int:
    """Return the id of the person an address is of; others than leads are told nothing about it."""
    if not leads:
        return user_id() if email == actor().email else 0
    return user_by_email(session, email).id


def _as_shapes(session: Session, found: list[Standing], *, leads: bool) -> list[dict[str, Any]]:
    words = words_in(session, [one.pair for one in found])
    items = items_by_id(session, project().id, [one.item_id for one in found])
    emails = {user.id: user.email for user in users_by_id(session, {one.user_id for one in found})}
    classes = classes_of(session, project().id)
    shapes = []
    for one in found:
        external_id = items[one.item_id].external_id
        shapes.append(
            {
                "item": one.item_id,
                "external_id": external_id if leads else seen_name(external_id, project().media),
                "annotator": emails[one.user_id],
                "state": one.state,
                "settled_by": one.settled_by or None,
                "said_at": moment(one.said_at),
                "said": [word_shape(classes, word) for word in words[one.pair]],
            }
        )
    return shapes


def word_shape(classes: Classes, word: Word) -> dict[str, Any]:
    """Return one thing that was said."""
    return {
        "by": "lead" if word.by_lead else "annotator",
        "who": word.who,
        "text": word.text,
        "at": moment(word.at),
        "message": word.message or None,
        "annotation": word.answer or None,
        "outcome": word.outcome or None,
        "guideline_version": word.guideline_version or None,
        "decision": word.decision or None,
        "value": classes.shown(word.code, word.value),
    }
