"""Taking labels out: what is chosen, what is in it and what is not, the first records, the file, the code."""

from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from flask import Response, render_template, request, url_for
from sqlalchemy.orm import Session

from labeler.accounts.permissions import Action
from labeler.errors import Invalid
from labeler.exchange import losses
from labeler.exchange.choice_texts import choices_said
from labeler.exchange.contents import Contents, contents_of
from labeler.exchange.export_choices import ExportChoices
from labeler.exchange.exporting import Export, has_pictures, prepare, writer_of
from labeler.exchange.formats.registry import writers_for
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.report import Report
from labeler.extensions import database
from labeler.extensions.access import needs, project
from labeler.extensions.demands import takes_long
from labeler.extensions.export import export_file
from labeler.statistics.conditions import Conditions
from labeler.statistics.remaining_error import RemainingError, remaining_error
from labeler.storage.database import clock
from labeler.web.blueprint import blueprint
from labeler.web.exports.code import Snippet, command, reading
from labeler.web.exports.code import request as curl
from labeler.web.exports.findings import Page, lines_of
from labeler.web.shared import export_form
from labeler.web.shared.conditions import without
from labeler.web.shared.words import gettext as _

SHOWN = 5
_LONGEST_PREVIEW = 8000
MOST_SPLIT = 100_000
"""Items that are split to show what the parts are like; of more the page would take too long."""
_OWN = frozenset(("format", "items", "people"))
"""Fields that are chosen from lists: what is wrong with one was not typed here."""


@dataclass(frozen=True)
class Seen:
    """What was read of an export for its page. first: its first items; counted: what it loses, None if always alike.

    error: the remaining error of all labels of the project, as an audit measured it.
    """

    contents: Contents
    export: Export
    first: list[ExportRow]
    counted: losses.Counted | None
    error: RemainingError
    offered: export_form.Offered


@blueprint.get("/p/<slug>/exports")
@takes_long
@needs(Action.LEAD)
def exports(slug: str) -> tuple[str, int]:
    """Let a lead choose, and show what will be in the file."""
    chosen, problem = _chosen_or_why_not()
    with database().read() as db:
        try:
            seen = _look(db, chosen)
        except Invalid as error:
            if error.field in _OWN:
                raise
            chosen, problem = _without(chosen, error.field), error
            seen = _look(db, chosen)
    return render_template("exports/exports.html", **_shown(slug, chosen, seen, problem)), _status(problem)


@blueprint.get("/p/<slug>/exports/code")
@needs(Action.LEAD)
def export_code(slug: str) -> str:
    """Show the code that makes the export that was chosen."""
    chosen = _chosen()
    writer = writer_of(project(), chosen)
    file = f"{slug}{writer.suffix}"
    address = url_for("api.export_labels", slug=slug, _external=True)
    snippets = [
        Snippet("curl", _("Request"), curl(chosen, address, file), _("With a token of your own, from your account.")),
        Snippet("command", _("Command"), command(chosen, slug, file), _("On the machine that Labeler runs on.")),
    ]
    if writer.opens:
        note = _("Unpack the file first.") if writer.archive and writer.suffix == ".zip" else ""
        snippets.append(Snippet("reading", _("Read it"), reading(writer, file), note))
    return render_template("exports/code.html", snippets=snippets, writer=writer, arguments=choices_said(chosen))


@blueprint.get("/p/<slug>/export")
@takes_long
@needs(Action.LEAD)
def download(slug: str) -> Response:
    """Stream the export as a file."""
    chosen = _chosen()
    return export_file(project(), chosen, f"{slug}-{chosen.items.which.replace('_', '-')}")


def _chosen() -> ExportChoices:
    return export_form.choices_of(request.args, _usual_format())


def _chosen_or_why_not() -> tuple[ExportChoices, Invalid | None]:
    """Return what is chosen, or what can be kept of it with what is wrong with the rest, so that it can be mended."""
    chosen, problem = export_form.choices_or_why_not(request.args, _usual_format())
    if problem is not None and problem.field in _OWN:
        raise problem
    writer_of(project(), chosen)
    return chosen, problem


def _usual_format() -> str:
    return next(iter(writers_for(project().task, project().media)))


def _without(chosen: ExportChoices, field: str) -> ExportChoices:
    """Return the choices without those that a wrong field is among."""
    return replace(chosen, split=None) if field == "group_by" else replace(chosen, items=Conditions(), split=None)


def _status(problem: Invalid | None) -> int:
    return problem.status if problem else 200


def _look(db: Session, chosen: ExportChoices) -> Seen:
    here = project()
    found = contents_of(db, here.id, chosen.items)
    asked = chosen if found.written <= MOST_SPLIT else replace(chosen, split=None)
    export = prepare(db, here, asked, clock(db))
    counted = None
    if export.writer.counts:
        context = replace(export.context, report=Report())
        counted = losses.count_losses(export.rows(), export.writer, context, seconds=losses.SECONDS)
    return Seen(
        found,
        export,
        list(islice(export.rows(), SHOWN)),
        counted,
        remaining_error(db, here),
        export_form.Offered.of(db, here),
    )


def _shown(slug: str, chosen: ExportChoices, seen: Seen, problem: Invalid | None) -> dict[str, Any]:
    here, export, page = project(), seen.export, Page(slug, chosen)
    sample = losses.shown(export.writer, seen.first, replace(export.context, report=Report()))
    words = export_form.words_of(chosen, seen.offered)
    return {
        **export_form.shown(chosen, seen.offered, request.args, problem),
        "seen": seen,
        "arguments": choices_said(chosen),
        "writer": export.writer,
        "always": export.writer.loses(export.context),
        "chips": [(said, page.with_(without(chosen.items, name))) for name, said in words.items()],
        "lines": lines_of(seen.contents, seen.error, page),
        "filtered_url": page.left_out(),
        "can_hold_pictures": bool(export.writer.outside) and here.media == "image",
        "has_pictures": has_pictures(here.media, export.writer, chosen),
        "sample": sample[:_LONGEST_PREVIEW],
        "cut": len(sample) > _LONGEST_PREVIEW,
        "shown": len(seen.first),
        "most_split": MOST_SPLIT,
    }
