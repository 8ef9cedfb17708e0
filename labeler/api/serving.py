"""Serving: the rules, requests for one more answer, test items, who holds what, and one person's work."""

from typing import Annotated, Any, Literal

from flask import Response
from pydantic import Field
from sqlalchemy.orm import Session

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.accounts.queries import user_by_email
from labeler.api.blueprint import blueprint
from labeler.api.items import State
from labeler.api.shapes import Body, Id, PrintableText, Shape, moment
from labeler.assignment.hours import LONGEST
from labeler.errors import Invalid
from labeler.extensions import database
from labeler.extensions.access import needs, project, user_id
from labeler.projects.actions import MAX_VOTES
from labeler.projects.models import Project
from labeler.quality.queries import latest_inspection
from labeler.statistics.at_work import at_work
from labeler.statistics.item_search import ItemFilter, item_ids
from labeler.storage.database import clock
from labeler.workflow.serving_rules import MOST_TESTS
from labeler.workflow.vote_requests import MOST_ITEMS
from labeler.workflow.work_rules import MOST

Order = Literal["in_order", "shuffled", "fewest_first", "most_uncertain", "most_doubtful", "by_column"]
Items = Annotated[list[Id], Field(min_length=1, max_length=MOST_ITEMS)]


class ServingOut(Shape):
    """The rules of serving. Shares are 0 to 1.

    order_column: of the metadata, for the order by_column, a minus before it turns it round; votes: answers an item
    gets at least; votes_share: of items that get so many, the rest get one; votes_cap: answers an item gets at most
    while it is unsure, 0 for no more than votes; target_error: how often its label may be wrong by then.
    test_share, repeat_share: of what a person is served; test_round: test items before anything else, of which
    pass_mark have to be right; test_feedback: people are told what is right after they answered one.
    lease_minutes: how long an item is held, 0 as the server says; work_until: the hour in UTC that no lease goes past.
    """

    order: str
    order_column: str
    votes: int
    votes_cap: int
    target_error: float
    votes_share: float
    test_share: float
    repeat_share: float
    test_round: int
    pass_mark: float
    test_feedback: bool
    lease_minutes: int
    work_until: int | None


class ServingChange(Body):
    """What changes of the rules; the rest stays. As in the answer of GET."""

    order: Order | None = None
    order_column: PrintableText | None = None
    votes: Annotated[int | None, Field(ge=1, le=MAX_VOTES)] = None
    votes_cap: Annotated[int | None, Field(ge=0, le=MAX_VOTES)] = None
    target_error: Annotated[float | None, Field(gt=0, lt=0.5)] = None
    votes_share: Annotated[float | None, Field(gt=0, le=1)] = None
    test_share: Annotated[float | None, Field(ge=0, le=0.5)] = None
    repeat_share: Annotated[float | None, Field(ge=0, le=0.5)] = None
    test_round: Annotated[int | None, Field(ge=0, le=MOST_TESTS)] = None
    pass_mark: Annotated[float | None, Field(ge=0, le=1)] = None
    test_feedback: bool | None = None
    lease_minutes: Annotated[int | None, Field(ge=0, le=LONGEST)] = None
    work_until: Annotated[int | None, Field(ge=0, le=23)] = None


class RequestIn(Body):
    """Items that one more answer is asked for: these, or all in a state. key: the same again changes nothing.

    people: e-mail addresses of those they are given to, dealt out in turn; none for whoever comes first.
    """

    key: Annotated[str, Field(min_length=8, max_length=64)]
    items: Annotated[list[Id], Field(max_length=MOST_ITEMS, default_factory=list)]
    state: State | None = None
    people: Annotated[list[str], Field(max_length=100, default_factory=list)]


class RequestOut(Shape):
    """What became of it. nobody: items that everybody at work has seen; elsewhere: out, sent back or test items."""

    key: str
    asked: int
    nobody: int
    elsewhere: int


class TakenBackOut(Shape):
    """How many items want what they wanted before; answers that came meanwhile stay."""

    taken_back: int


class TestsIn(Body):
    """Items that become test items. value: what is right on them, as an answer; null for what a lead decided.

    note: why, for who is told.
    """

    items: Items
    value: dict[str, Any] | None = None
    note: str = ""


class TestsEnd(Body):
    """Items that are to be no test items any more."""

    items: Items


class TestsOut(Shape):
    """How many became test items, or are none any more, and how many nobody has decided about."""

    changed: int
    undecided: int


class HoldOut(Shape):
    """What one member holds and what a lead decided about their work.

    opened: of what is held, on a screen or asked for by a program; until: when the first of it comes free without a
    word; why: paused, enough (their limit is reached) or failed (the test round) where they are handed nothing.
    """

    email: str
    name: str
    held: int
    opened: int
    until: str | None
    paused: bool
    most: int | None
    why: str | None


class HoldList(Shape):
    """The members of a project."""

    data: list[HoldOut]


class WorkChange(Body):
    """What a lead decides about one member; what is not given stays. most: answers, null for no limit.

    let_in: they work without the test round; another_round: they get one more; free: what they hold comes free.
    """

    paused: bool | None = None
    most: Annotated[int | None, Field(ge=0, le=MOST)] = None
    let_in: bool = False
    another_round: bool = False
    free: bool = False


@blueprint.get("/projects/<slug>/serving")
@needs(Action.LEAD)
@blueprint.output(ServingOut)
def read_serving(slug: str) -> dict[str, Any]:
    """Read the rules of serving."""
    del slug
    return workflow.serving_of(project())


@blueprint.patch("/projects/<slug>/serving")
@needs(Action.LEAD)
@blueprint.input(ServingChange, arg_name="body")
@blueprint.output(ServingOut)
def change_serving(slug: str, body: ServingChange) -> dict[str, Any]:
    """Change rules of serving; all of it or nothing."""
    del slug
    changes = {name: getattr(body, name) for name in body.model_fields_set}
    if empty := sorted(name for name, value in changes.items() if value is None and name != "work_until"):
        raise Invalid("This cannot be null; leave it out to keep it.", field=empty[0])
    with database().write() as session:
        here = _here(session)
        workflow.change_serving(session, here, changes)
        return workflow.serving_of(here)


@blueprint.post("/projects/<slug>/requests")
@needs(Action.LEAD)
@blueprint.input(RequestIn, arg_name="body")
@blueprint.output(RequestOut)
def ask_one_more(slug: str, body: RequestIn) -> dict[str, Any]:
    """Ask for one more answer to items, before all others; with people, from them."""
    del slug
    if not body.items and body.state is None:
        raise Invalid("Name items or a state.", field="items")
    with database().write() as session:
        here = _here(session)
        people = [user_by_email(session, email).id for email in body.people]
        found = workflow.ask_one_more(
            session, here, _meant(session, here, body), by=user_id(), batch=body.key, people=people
        )
    return {"key": body.key, **vars(found)}


@blueprint.delete("/projects/<slug>/requests/<key>")
@needs(Action.LEAD)
@blueprint.output(TakenBackOut)
def take_back_request(slug: str, key: str) -> dict[str, int]:
    """Take back what was asked for with a key."""
    del slug
    with database().write() as session:
        return {"taken_back": workflow.take_back_request(session, _here(session), key)}


@blueprint.post("/projects/<slug>/test_items")
@needs(Action.LEAD)
@blueprint.input(TestsIn, arg_name="body")
@blueprint.output(TestsOut)
def make_tests(slug: str, body: TestsIn) -> dict[str, int]:
    """Make items test items: they check people, and their answers are never votes."""
    del slug
    with database().write() as session:
        here = _here(session)
        if body.value is None:
            made = workflow.make_decided(session, here, body.items, by=user_id())
            return {"changed": made.added, "undecided": made.undecided}
        for item in body.items:
            workflow.make_test(session, here, item, by=user_id(), value=body.value, note=body.note)
        return {"changed": len(body.items), "undecided": 0}


@blueprint.post("/projects/<slug>/test_items/ends")
@needs(Action.LEAD)
@blueprint.input(TestsEnd, arg_name="body")
@blueprint.output(TestsOut)
def end_tests(slug: str, body: TestsEnd) -> dict[str, int]:
    """Let items be no test items any more; they want votes again."""
    del slug
    with database().write() as session:
        return {"changed": workflow.end_tests(session, _here(session), body.items), "undecided": 0}


@blueprint.get("/projects/<slug>/holds")
@needs(Action.LEAD)
@blueprint.output(HoldList)
def list_holds(slug: str) -> dict[str, Any]:
    """List the members with what each holds now."""
    del slug
    with database().read() as session:
        found = at_work(session, project().id, clock(session))
        return {
            "data": [
                {
                    "email": one.email,
                    "name": one.name,
                    "held": one.held,
                    "opened": one.opened,
                    "until": one.until and moment(one.until),
                    "paused": bool(one.rule and one.rule.paused_at),
                    "most": one.rule.most if one.rule else None,
                    "why": workflow.turn_of(session, project().id, one.user_id).why or None,
                }
                for one in found
            ]
        }


@blueprint.patch("/projects/<slug>/members/<email>/work")
@needs(Action.LEAD)
@blueprint.input(WorkChange, arg_name="body")
@blueprint.output({}, status_code=204)
def change_work(slug: str, email: str, body: WorkChange) -> Response:
    """Pause a member, limit them, let them in, or free what they hold."""
    del slug
    with database().write() as session:
        here, member = _here(session), user_by_email(session, email).id
        if body.paused is not None and body.paused:
            workflow.pause(session, here, member, by=user_id())
        elif body.paused is not None:
            workflow.resume(session, here, member)
        if "most" in body.model_fields_set:
            workflow.limit(session, here, member, body.most)
        for asked, does in ((body.let_in, workflow.let_in), (body.another_round, workflow.try_again)):
            if asked:
                does(session, here, member)
        if body.free:
            workflow.free_holds(session, here, member)
    return Response(status=204)


def _here(session: Session) -> Project:
    return session.get_one(Project, project().id)


def _meant(session: Session, here: Project, body: RequestIn) -> list[int]:
    if body.items:
        return list(body.items)
    inspection = latest_inspection(session, here.id)
    run = inspection.id if inspection else None
    wanted = ItemFilter(state=body.state or "")
    return item_ids(session, here.id, wanted, inspection_id=run, limit=MOST_ITEMS + 1)
