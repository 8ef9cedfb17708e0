"""The labels of a project as a file, streamed."""

from collections.abc import Iterator
from typing import Literal

from apiflask.schemas import FileSchema
from flask import Response

from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.shapes import Query
from labeler.errors import Invalid
from labeler.exchange.formats import WRITERS, Writer
from labeler.exchange.queries import context_of, left_out, rows
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.projects.models import Project
from labeler.storage.database import Database, clock


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
    # the request is over while this still runs, so what it needs is taken along
    body = _stream(database(), project(), writer, labeled_only=labeled_only)
    answer = Response(body, content_type=writer.content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}{writer.suffix}"'
    answer.headers["X-Labeler-Left-Out"] = counts if labeled_only else "none"
    return answer


def _stream(source: Database, exported: Project, writer: Writer, *, labeled_only: bool) -> Iterator[bytes]:
    with source.read() as session:
        context = context_of(session, exported, clock(session))
        yield from writer.write(rows(session, exported, labeled_only=labeled_only), context)
