"""Taking labels out: a format, which items, what is left out and why, the first records as they will be, the file."""

from dataclasses import replace
from itertools import islice

from flask import Response, render_template, request
from sqlalchemy.orm import Session

from labeler.accounts.permissions import Action
from labeler.errors import Invalid
from labeler.exchange import losses, queries
from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.formats.registry import WRITERS, check_fits, writers_for
from labeler.exchange.writing.report import Report
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.extensions.demands import takes_long
from labeler.extensions.export import export_file
from labeler.projects.queries import item_count
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint

SHOWN = 5
_LONGEST_PREVIEW = 8000
WHICH = ("labeled", "all")


@blueprint.get("/p/<slug>/exports")
@takes_long
@needs(Action.LEAD)
def exports(slug: str) -> str:
    """Let a lead choose, and show what will be in the file."""
    del slug
    writer, which = _chosen()
    labeled_only = which == "labeled"
    with database().read() as db:
        context = queries.context_of(db, project(), clock(db))
        first = list(islice(queries.rows(db, project(), labeled_only=labeled_only), SHOWN))
        counted = _counted(db, writer, context, labeled_only=labeled_only)
        missing = queries.left_out(db, project().id)
        items = item_count(db, project().id)
    sample = losses.shown(writer, first, replace(context, report=Report()))
    out = missing.excluded + missing.unlabeled + missing.tied if labeled_only else 0
    return render_template(
        "exports/exports.html",
        writers=writers_for(project().task, project().media).values(),
        counted=counted,
        writer=writer,
        which=which,
        missing=missing,
        items=items,
        written=items - out,
        sample=sample[:_LONGEST_PREVIEW],
        cut=len(sample) > _LONGEST_PREVIEW,
        shown=len(first),
    )


@blueprint.get("/p/<slug>/export")
@takes_long
@needs(Action.LEAD)
def download(slug: str) -> Response:
    """Stream the export as a file."""
    writer, which = _chosen()
    return export_file(project(), writer, f"{slug}-{which}", labeled_only=which == "labeled")


def _counted(session: Session, writer: Writer, context: ExportContext, *, labeled_only: bool) -> losses.Counted | None:
    """Count what this export would lose, None where its format loses the same of every item."""
    if not writer.counts:
        return None
    found = queries.rows(session, project(), labeled_only=labeled_only)
    return losses.count_losses(found, writer, context, seconds=losses.SECONDS)


def _chosen() -> tuple[Writer, str]:
    fitting = writers_for(project().task, project().media)
    name = request.args.get("format") or next(iter(fitting))
    which = request.args.get("items", "labeled")
    if name not in WRITERS:
        raise Invalid("There is no such export format; choose one on the Export page.", field="format")
    if which not in WHICH:
        raise Invalid("Choose labeled or all items.", field="items")
    check_fits(WRITERS[name], project().task, project().media)
    return WRITERS[name], which
