"""Answers: submit, undo, list.

Note: in a list each entry stands for itself. One that cannot be taken (even one that is not
shaped like an answer) is `rejected` with its reason and stops none of the others; only a single answer sent alone turns
a rejection into an error status.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Literal

from flask import Response, request
from pydantic import RootModel, ValidationError

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.annotations.actions import Answer
from labeler.annotations.blind import seen_purpose, seen_status
from labeler.annotations.models import Annotation
from labeler.annotations.queries import listing
from labeler.api.blueprint import blueprint
from labeler.api.paging import Listed, Page, cut, next_path
from labeler.api.problems import Fault, faulty, invalid, problem, told
from labeler.api.shapes import Body, Id, PrintableText, Shape, answered, moment
from labeler.errors import Invalid
from labeler.extensions import database, settings
from labeler.extensions.access import actor, needs, project, user_id
from labeler.extensions.demands import takes_many
from labeler.messages import verbatim
from labeler.projects.queries import Question, classes_of
from labeler.projects.seen import seen_name
from labeler.storage.database import alone
from labeler.test_items import queries as test_items
from labeler.test_items.rules import TestRules
from labeler.workflow import Receipt

MOST = 100


class Submission(Body):
    """One answer. key: a UUID made by the client; either value or skip (the reason); seconds: active time.

    mode: "single", or "bulk" with the id of its page; input: key, pointer or touch; guideline: the version one could
    see.
    """

    key: str
    assignment: Id
    value: dict[str, Any] | None = None
    seconds: float = 0.0
    comment: str = ""
    skip: str | None = None
    unsure: bool = False
    mode: Literal["single", "bulk"] = "single"
    page: PrintableText = ""
    input: Literal["", "key", "pointer", "touch"] = ""
    guideline: int | None = None


class FeedbackOut(Shape):
    """What is right on a test item, said to who has answered it. value: the right answer; note: why, or ""."""

    right: bool
    value: dict[str, Any] | None
    note: str


class ReceiptOut(Shape):
    """What became of one answer. status: created, replayed, late (stored, not counted) or rejected with a reason.

    feedback: of an answer to a test item, where the project tells people what is right; else null.
    """

    key: str
    status: str
    id: int | None
    reason: str
    feedback: FeedbackOut | None = None


class Receipts(RootModel[list[ReceiptOut] | ReceiptOut]):
    """What became of each answer, in the order they were sent."""


class UndoneOut(Shape):
    """An answer that was taken back."""

    id: int
    status: str


class AnnotationOut(Shape):
    """One answer.

    status: counted, late, superseded, undone, skipped, or audit: it stands, and is no vote.
    skip: the reason, or "".

    original: what was answered, with the names of then, where a class of it was merged into another since, else null.
    guideline: the version of the guidelines one could see, 0 before the first. suggestion_shown, took_suggestion: of an
    item with a suggestion, whether it was shown and whether the answer is the same; only a lead is told, else null.
    """

    id: int
    item: int
    external_id: str | None
    annotator: str
    value: dict[str, Any] | None
    skip: str
    comment: str
    unsure: bool
    seconds: float
    purpose: str
    status: str
    guideline: int
    suggestion_shown: bool | None = None
    took_suggestion: bool | None = None
    original: dict[str, Any] | None = None
    created_at: str


class AnnotationList(Listed):
    """Answers in the order they were given."""

    data: list[AnnotationOut]


@blueprint.post("/projects/<slug>/annotations")
@takes_many
@needs(Action.ANNOTATE)
@blueprint.output(Receipts, description="What became of each answer; a list for a list, one for one.")
@blueprint.doc(responses={201: "A single answer was stored."})
def submit_annotations(slug: str) -> Response:
    """Submit one answer or up to a hundred; each is acknowledged only after it is durable."""
    del slug
    body = request.get_json(force=True)
    if isinstance(body, list):
        if len(body) > MOST:
            raise Invalid("Send at most {most} answers at once.", most=MOST)
        receipts = _submit([_read(entry) for entry in body])
        right = _feedback(receipts)
        return answered([_as_told(receipt, right) for receipt in receipts])
    entry = _read(body)
    if isinstance(entry, _Unreadable):
        return faulty(entry.faults)
    receipt = _submit([entry])[0]
    if receipt.status == "rejected":
        return problem(Invalid(verbatim(receipt.reason)))
    return answered(_as_told(receipt, _feedback([receipt])), 200 if receipt.status == "replayed" else 201)


def _as_told(receipt: Receipt, right: dict[int, dict[str, Any]]) -> dict[str, Any]:
    return {**asdict(receipt), "reason": told(receipt.reason), "feedback": right.get(receipt.id or 0)}


def _feedback(receipts: Sequence[Receipt]) -> dict[int, dict[str, Any]]:
    """Return what is right on the test items that were answered, by answer; {} where a project does not tell it."""
    ids = [one.id for one in receipts if one.id is not None and one.status in {"created", "replayed"}]
    if not ids or not TestRules.of(project().settings).feedback:
        return {}
    with database().read() as session:
        classes = classes_of(session, project().id)
        found = {}
        for said in test_items.answers_to_tests(session, ids):
            right = test_items.right_answer(session, said.item_id)
            if right is not None:
                value = classes.shown(right.code, right.value)
                same = test_items.is_right(session, classes, said, right)
                found[said.id] = {"right": same, "value": value, "note": right.note}
        return found


@blueprint.delete("/projects/<slug>/annotations/<int:annotation_id>")
@needs(Action.ANNOTATE)
@blueprint.output(UndoneOut)
def undo_annotation(slug: str, annotation_id: int) -> dict[str, Any]:
    """Take back an answer of your own; the item is held for you again."""
    del slug
    lease = timedelta(seconds=settings().lease_seconds)
    with database().write() as session:
        undone = workflow.undo(session, project().id, user_id(), annotation_id, lease=lease)
        return {"id": undone.id, "status": undone.status}


@blueprint.get("/projects/<slug>/annotations")
@needs(Action.ANNOTATE)
@blueprint.input(Page, location="query", arg_name="page")
@blueprint.output(AnnotationList)
def list_annotations(slug: str, page: Page) -> dict[str, Any]:
    """List every answer (a lead) or your own, oldest first."""
    del slug
    whose = None if actor().may(Action.LEAD) else user_id()
    with database().read() as session:
        classes = classes_of(session, project().id)
        found = listing(session, project().id, user_id=whose, after=page.after, limit=page.one_more)
        rows, more = cut(page, found)
        data = [
            {
                "id": annotation.id,
                "item": annotation.item_id,
                "external_id": external_id if whose is None else seen_name(external_id, project().media),
                "annotator": email,
                "value": classes.shown(annotation.code, annotation.value),
                "skip": annotation.skip,
                "comment": annotation.comment,
                "unsure": annotation.unsure,
                "seconds": annotation.seconds,
                "purpose": annotation.purpose if whose is None else seen_purpose(annotation.purpose),
                "status": annotation.status if whose is None else seen_status(annotation.status),
                "original": annotation.original,
                "guideline": annotation.guideline_version,
                **(_led(annotation) if whose is None else {"suggestion_shown": None, "took_suggestion": None}),
                "created_at": moment(annotation.created_at),
            }
            for annotation, email, external_id in rows
        ]
    return {"data": data, "next": next_path(page, rows[-1][0].id if rows else 0, more=more)}


def _led(annotation: Annotation) -> dict[str, bool | None]:
    """Return what a lead may know of the suggestion that an answer was given with."""
    shown = annotation.suggestion_shown
    took = None if shown is None else annotation.code == annotation.suggested_code
    return {"suggestion_shown": shown, "took_suggestion": took}


class _Unreadable:
    """An entry that is not shaped like an answer."""

    def __init__(self, key: str, faults: list[Fault]) -> None:
        self.key = key
        self.faults = faults

    def receipt(self) -> Receipt:
        return Receipt(self.key, "rejected", reason=invalid(self.faults).message)


def _read(entry: Any) -> Answer | _Unreadable:
    try:
        read = Submission.model_validate(entry)
    except ValidationError as error:
        faults = [Fault(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors()]
        key = entry.get("key") if isinstance(entry, dict) else None
        return _Unreadable(key if isinstance(key, str) else "", faults)
    return Answer(**read.model_dump())


def _submit(entries: list[Answer | _Unreadable]) -> list[Receipt]:
    answers = [entry for entry in entries if isinstance(entry, Answer)]
    stored: list[Receipt] = []
    if answers:
        with database().write() as session:
            alone(session, project().id)  # before the look at the classes: a lead may be merging two
            question = Question.of(session, project())
            stored = workflow.submit(session, question, user_id(), answers)
    receipts = iter(stored)
    return [next(receipts) if isinstance(entry, Answer) else entry.receipt() for entry in entries]
