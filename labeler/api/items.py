"""Items: send new ones, and list what stands for each."""

from typing import Annotated, Any, Literal, cast

from flask import request
from pydantic import Field

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.paging import Listed, Page, cut, next_path
from labeler.api.shapes import PrintableText, Shape, content_of
from labeler.decisions.final import AMBIGUOUS, Standing, soft_labels, standings
from labeler.decisions.models import SECOND_OPINION
from labeler.errors import Invalid
from labeler.exchange.formats.registry import body_readers
from labeler.exchange.reading import options_of
from labeler.exchange.sources import Source
from labeler.extensions import database, files
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.demands import takes_long, takes_uploads
from labeler.projects.queries import Classes, classes_of
from labeler.quality.calibration.probability import Band
from labeler.quality.calibration.queries import calibration
from labeler.quality.flag_rows import said_of
from labeler.quality.queries import latest_inspection
from labeler.review.probability import probabilities_wrong
from labeler.statistics.item_search import ItemFilter, item_page
from labeler.storage.nested import shallow

State = Literal[
    "unlabeled",
    "labeled",
    "automatic",
    "given",
    "consensus",
    "decided",
    "done",
    "differ",
    "tie",
    "flagged",
    "reviewed",
    "changed",
    "kept",
    "settled",
    "excluded",
    "ambiguous",
    "sent_back",
    "second_opinion",
    "agreed",
    "skipped",
    "commented",
    "test",
]


class RejectedOut(Shape):
    """A row that was left out, or a part of it. row: 1 for the first; field: "" when the whole row is meant.

    file: which one of the sent file it is about, where that is a folder or ZIP; column: the same as field.
    """

    file: str
    row: int
    field: str
    column: str
    reason: str


class ImportOut(Shape):
    """What became of the rows that were sent. rejected_rows, incomplete_rows: the first hundred of each.

    not_counted: answers beyond the wanted ones; left_out: how much was left out, by what it is; incomplete_rows: rows
    that came in without a part of what was sent.
    """

    import_id: Annotated[int, Field(alias="import")]
    added: int
    changed: int
    unchanged: int
    rejected: int
    not_counted: int
    left_out: dict[str, int]
    rejected_rows: list[RejectedOut]
    incomplete_rows: list[RejectedOut]


class ItemOut(Shape):
    """What stands for one item. source: of the final label (review, consensus, given, or ambiguous for none of them).

    confidence: of the final label, 0..1; only a consensus has one. soft_label: of an ambiguous item, by a lead's
    decision or since its votes tie, the share of each class by name; null where it is no single class.
    *_label: class names, null where it is no single class; final_value: the final label in any task.
    probability_wrong, probability_low, probability_high, band: what the newest check and leads' decisions say of the
    final label (as in the flags), null where they say nothing of it.
    """

    item: int
    external_id: str | None
    text: str | None = None
    image_url: str | None = None
    thumb_url: str | None = None
    width: int | None = None
    height: int | None = None
    metadata: dict[str, Any]
    given_label: str | None
    consensus_label: str | None
    final_label: str | None
    final_value: dict[str, Any] | None
    soft_label: dict[str, float] | None
    source: str | None
    confidence: float | None
    probability_wrong: float | None
    probability_low: float | None
    probability_high: float | None
    band: Band | None
    votes: int
    open_slots: int
    state: Literal["unlabeled", "labeled", "tie", "reviewed", "excluded", "ambiguous", "sent_back", "second_opinion"]


class ItemList(Listed):
    """Items of a project by id."""

    data: list[ItemOut]


class ItemPage(Page):
    """Which items to list. text: looked for in the content and the external id; labels are class names."""

    state: State | None = None
    text: PrintableText | None = None
    final_label: PrintableText | None = None
    given_label: PrintableText | None = None


@blueprint.post("/projects/<slug>/items")
@takes_long
@takes_uploads
@needs(Action.LEAD)
@blueprint.output(ImportOut)
def add_items(slug: str) -> dict[str, Any]:
    """Send items as NDJSON or as a JSON list; good rows are stored whatever is wrong with others."""
    del slug
    reader = body_readers().get(request.mimetype)
    if reader is None:
        kinds = dict.fromkeys(one.sent_as[0] for one in body_readers().values())
        raise Invalid("Send {kinds}.", field="Content-Type", kinds=" or ".join(kinds))
    target = project()
    with database().read() as session:
        options = options_of(session, target)
    # the body is read as it comes in: it may be far larger than memory
    rows = reader.read(Source.sent(cast("Any", request.stream), "The request's body"), options)
    plan = workflow.ImportPlan("API", reader.name, by=user_id())
    return workflow.import_items(database(), files(), target.id, rows, plan).as_json()


@blueprint.get("/projects/<slug>/items")
@needs(Action.LEAD)
@blueprint.input(ItemPage, location="query", arg_name="page")
@blueprint.output(ItemList)
def list_items(slug: str, page: ItemPage) -> dict[str, Any]:
    """List items with what stands for them, by id."""
    project_id = project().id
    with database().read() as session:
        classes = classes_of(session, project_id)
        inspection = latest_inspection(session, project_id)
        found = item_page(
            session,
            project_id,
            _filter(page, classes),
            inspection_id=inspection.id if inspection else None,
            after=page.after,
            limit=page.one_more,
        )
        rows, more = cut(page, found)
        standing = {one.item_id: one for one in standings(session, project_id, [item.id for item in rows])}
        soft = soft_labels(session, list(standing))
        run = inspection.id if inspection else None
        wrong = probabilities_wrong(session, run, standing.values(), calibration(session, project_id))
        data = [
            {
                "item": item.id,
                "external_id": item.external_id,
                **content_of(slug, item),
                "metadata": shallow(item.meta),
                "open_slots": item.open_slots,
                **_standing(standing[item.id], classes),
                **said_of(wrong.get(item.id)),
                "soft_label": classes.shares(soft[item.id]) if item.id in soft else None,
            }
            for item in rows
        ]
    return {"data": data, "next": next_path(page, rows[-1].id if rows else 0, more=more)}


def code_named(classes: Classes, name: str | None, field: str) -> str:
    """Return the code of a class that a parameter names, "" for none; raises Invalid for a class that is not there."""
    if name is None:
        return ""
    if name not in classes.by_name:
        raise Invalid(
            "{name!r} is not a class of this project; it has {shown}.",
            field=field,
            name=name,
            shown=", ".join(classes.names[:8]),
        )
    return classes.by_name[name]


def _filter(page: ItemPage, classes: Classes) -> ItemFilter:
    return ItemFilter(
        state=page.state or "",
        text=page.text or "",
        final=code_named(classes, page.final_label, "final_label"),
        given=code_named(classes, page.given_label, "given_label"),
    )


def _standing(found: Standing, classes: Classes) -> dict[str, Any]:
    return {
        "given_label": classes.name_of(found.given),
        "consensus_label": classes.name_of(found.consensus),
        "final_label": None if found.excluded else classes.name_of(found.final),
        "final_value": None if found.excluded else classes.shown(found.final, found.value),
        "source": None if found.excluded else found.source or None,
        "confidence": None if found.excluded else found.confidence,
        "votes": found.votes,
        "state": _state(found),
    }


def _state(found: Standing) -> str:
    named = {"exclude": "excluded", "send_back": "sent_back", AMBIGUOUS: AMBIGUOUS, SECOND_OPINION: SECOND_OPINION}
    if found.decision in named:
        return named[found.decision]
    if found.decision:
        return "reviewed"
    if found.final:
        return "labeled"
    return "tie" if found.votes else "unlabeled"
