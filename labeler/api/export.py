"""The labels of a project as a file, streamed; and what would be in it."""

from dataclasses import asdict
from typing import Any

from apiflask.schemas import FileSchema
from flask import Response

from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.export_query import ExportQuery
from labeler.api.shapes import Shape
from labeler.exchange.contents import contents_of
from labeler.exchange.export_choices import ExportChoices
from labeler.exchange.exporting import prepare, writer_of
from labeler.exchange.losses import count_losses
from labeler.exchange.queries import left_out
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.extensions.demands import takes_long
from labeler.extensions.export import export_file
from labeler.projects.queries import classes_of
from labeler.releases.counted import error_as_json
from labeler.statistics.conditions import LABELED
from labeler.statistics.remaining_error import remaining_error
from labeler.storage.database import clock


class LossOut(Shape):
    """One thing that is lost. count: how often; items: the first items it happens to."""

    what: str
    count: int
    items: list[int]


class LossesOut(Shape):
    """What an export would lose. written: items; always: what the format can hold of no item."""

    written: int
    lost: list[LossOut]
    always: list[str]


class CountOut(Shape):
    """Of how many items something is true: of those in the file, and of all."""

    inside: int
    all: int


class ExpectedOut(Shape):
    """Of so many labels, how many are wrong: the expected number, and the whole numbers it lies between in 9 of 10."""

    of: int
    wrong: float
    low: int
    high: int


class PartOut(Shape):
    """One part of a split. groups: of items that stay together; rarest: items of the rarest class."""

    name: str
    items: int
    groups: int
    rarest: int
    reviewed: int


class ContentsOut(Shape):
    """What an export would hold. flagged, tied: they wait for a decision; given, automatic: labels nobody saw.

    excluded, unlabeled, ties_out, filtered: items that are not in it, each once; expected_wrong: of the flagged ones.
    error: the measured remaining error of all labels of the project: its state, "never" without an audit; with one its
    share, low and high, 0 to 1.
    """

    items: int
    written: int
    flagged: CountOut
    tied: CountOut
    given: CountOut
    automatic: CountOut
    reviewed: CountOut
    ambiguous: CountOut
    consensus: CountOut
    excluded: int
    unlabeled: int
    ties_out: int
    filtered: int
    expected_wrong: ExpectedOut | None
    error: dict[str, Any]
    parts: list[PartOut]
    choices: dict[str, Any]


@blueprint.get("/projects/<slug>/export")
@takes_long
@needs(Action.LEAD)
@blueprint.input(ExportQuery, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type="application/octet-stream")
def export_labels(slug: str, query: ExportQuery) -> Response:
    """Download what was chosen; the header X-Labeler-Left-Out counts what is not in it."""
    with database().read() as session:
        chosen = query.choices(session, project().id)
        writer_of(project(), chosen)
        missing = left_out(session, project().id)
        filtered = contents_of(session, project().id, chosen.items).filtered if chosen.items.filtered else 0
    counts = f"excluded={missing.excluded}, unlabeled={missing.unlabeled}, tied={missing.tied}"
    told = [counts] if chosen.items.which == LABELED else []
    told += [f"filtered={filtered}"] if chosen.items.filtered else []
    answer = export_file(project(), chosen, slug)
    answer.headers["X-Labeler-Left-Out"] = ", ".join(told) or "none"
    return answer


@blueprint.get("/projects/<slug>/export/losses")
@takes_long
@needs(Action.LEAD)
@blueprint.input(ExportQuery, location="query", arg_name="query")
@blueprint.output(LossesOut)
def export_losses(slug: str, query: ExportQuery) -> dict[str, Any]:
    """Count what an export would lose, item by item, without making it; what the format never holds is in `always`."""
    del slug
    with database().read() as session:
        export = prepare(session, project(), query.choices(session, project().id), clock(session))
        report = count_losses(export.rows(), export.writer, export.context).report
    lost = [{"what": what, "count": one.count, "items": one.items} for what, one in report.losses.items()]
    return {"written": report.written, "lost": lost, "always": list(export.writer.loses(export.context))}


@blueprint.get("/projects/<slug>/export/contents")
@takes_long
@needs(Action.LEAD)
@blueprint.input(ExportQuery, location="query", arg_name="query")
@blueprint.output(ContentsOut)
def export_contents(slug: str, query: ExportQuery) -> dict[str, Any]:
    """Count what would be in an export, what nobody has decided yet, what is left out, and what its parts are like."""
    del slug
    with database().read() as session:
        chosen: ExportChoices = query.choices(session, project().id)
        export = prepare(session, project(), chosen, clock(session))
        found = asdict(contents_of(session, project().id, chosen.items))
        names = classes_of(session, project().id).by_code
        error = error_as_json(remaining_error(session, project()), names)
    parts = [asdict(part) for part in export.parts.listed] if export.parts else []
    return {**found, "error": error, "parts": parts, "choices": chosen.to_json()}
