"""The labels of a project as a file, streamed."""

from typing import Annotated, Any, Literal

from apiflask.schemas import FileSchema
from flask import Response
from pydantic import Field

from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.shapes import Query, Shape
from labeler.errors import Invalid
from labeler.exchange.formats.base import Writer
from labeler.exchange.formats.registry import WRITERS, check_fits
from labeler.exchange.losses import count_losses
from labeler.exchange.queries import context_of, left_out, rows
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.extensions.demands import takes_long
from labeler.extensions.export import export_file
from labeler.storage.database import clock


def _name_formats(schema: dict[str, Any]) -> None:
    schema["enum"] = [*WRITERS]


class ExportQuery(Query):
    """Which format. items: labeled leaves out what has no final label or was excluded; all leaves out nothing."""

    format: Annotated[str, Field(json_schema_extra=_name_formats)]
    items: Literal["labeled", "all"] = "labeled"


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


@blueprint.get("/projects/<slug>/export")
@takes_long
@needs(Action.LEAD)
@blueprint.input(ExportQuery, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type="application/octet-stream")
def export_labels(slug: str, query: ExportQuery) -> Response:
    """Download all labels with votes and flags; the header X-Labeler-Left-Out counts what is not in it."""
    writer = _fitting(query.format)
    labeled_only = query.items == "labeled"
    with database().read() as session:
        missing = left_out(session, project().id)
    counts = (
        f"excluded={missing.excluded}, unlabeled={missing.unlabeled}, tied={missing.tied}" if labeled_only else "none"
    )
    answer = export_file(project(), writer, slug, labeled_only=labeled_only)
    answer.headers["X-Labeler-Left-Out"] = counts
    return answer


@blueprint.get("/projects/<slug>/export/losses")
@takes_long
@needs(Action.LEAD)
@blueprint.input(ExportQuery, location="query", arg_name="query")
@blueprint.output(LossesOut)
def export_losses(slug: str, query: ExportQuery) -> dict[str, Any]:
    """Count what an export would lose, item by item, without making it; what the format never holds is in `always`."""
    del slug
    writer = _fitting(query.format)
    with database().read() as session:
        context = context_of(session, project(), clock(session))
        found = rows(session, project(), labeled_only=query.items == "labeled")
        report = count_losses(found, writer, context).report
    lost = [{"what": what, "count": one.count, "items": one.items} for what, one in report.losses.items()]
    return {"written": report.written, "lost": lost, "always": list(writer.losses)}


def _fitting(name: str) -> Writer:
    if name not in WRITERS:
        raise Invalid(
            "There is no export format {name!r}; choose one of {formats}.",
            field="format",
            name=name,
            formats=", ".join(WRITERS),
        )
    check_fits(WRITERS[name], project().task, project().media)
    return WRITERS[name]
