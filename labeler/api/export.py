"""The labels of a project as a file, streamed."""

from typing import Literal

from apiflask.schemas import FileSchema
from flask import Response

from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.shapes import Query
from labeler.errors import Invalid
from labeler.exchange.formats import WRITERS
from labeler.exchange.queries import left_out
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.extensions.export import export_file


class Wanted(Query):
    """Which format. items: labeled leaves out what has no final label or was excluded; all leaves out nothing."""

    format: str
    items: Literal["labeled", "all"] = "labeled"


@blueprint.get("/projects/<slug>/export")
@needs(Action.LEAD)
@blueprint.input(Wanted, location="query", arg_name="query")
@blueprint.output(FileSchema(type="string", format="binary"), content_type="application/octet-stream")
def export_labels(slug: str, query: Wanted) -> Response:
    """Download all labels with votes and flags; the header X-Labeler-Left-Out counts what is not in it."""
    if query.format not in WRITERS:
        raise Invalid(
            f"There is no export format {query.format!r}; choose one of {', '.join(WRITERS)}.", field="format"
        )
    writer = WRITERS[query.format]
    labeled_only = query.items == "labeled"
    with database().read() as session:
        missing = left_out(session, project().id)
    counts = (
        f"excluded={missing.excluded}, unlabeled={missing.unlabeled}, tied={missing.tied}" if labeled_only else "none"
    )
    answer = export_file(project(), writer, slug, labeled_only=labeled_only)
    answer.headers["X-Labeler-Left-Out"] = counts
    return answer
