"""The second step of an import: which column is what, some rows, and what is wrong with any.

Note: this step stores nothing. It reads the kept file again each time. Only "Start" makes a job, and a worker does the
work.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from labeler.accounts.permissions import Action
from labeler.errors import Invalid
from labeler.exchange import preview
from labeler.exchange.numbers import NUMBERS
from labeler.exchange.raw_rows import raw_rows
from labeler.exchange.rows import RejectedRow, Row
from labeler.extensions import database, settings
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.demands import takes_long
from labeler.extensions.headers import as_user_bytes
from labeler.extensions.translating import translated
from labeler.jobs.actions import enqueue
from labeler.jobs.models import IMPORT
from labeler.projects.actions import add_classes
from labeler.projects.queries import classes_of, task_of
from labeler.remote.files import RemoteFile
from labeler.storage.database import clock
from labeler.storage.pictures import UnreadableImageError, content_type
from labeler.web.blueprint import blueprint
from labeler.web.imports import uploads
from labeler.web.imports.elsewhere import kept_as, source_of
from labeler.web.imports.file_reading import Reading, read_as, wants_of
from labeler.web.imports.forms import ReadingForm
from labeler.web.imports.reaching import reach

_MOST_NEW_CLASSES = 100
WAYS = ("first", "random", "annotators")
"""Which rows are shown, and how: the first ones, some at random, or as annotators will see their items."""


@blueprint.route("/p/<slug>/data/uploads/<token>", methods=["GET", "POST"])
@takes_long
@needs(Action.LEAD)
def map_columns(slug: str, token: str) -> Response | AnyResponse:
    """Show which column is what and the first rows; start the import when asked to."""
    kept = uploads.find(settings().uploads, project().id, token)
    form = ReadingForm()
    if request.method == "GET" and kept.reference:
        form.keep.data = "reference"
    source = source_of(kept, kept_as(form))
    reading = read_as(source, form)
    with database().read() as db:
        classes = classes_of(db, project().id).names
    seen, seed = preview.Preview(), secrets.randbits(32)
    problem = reading.problem
    if not problem and reading.names and not (form.content.data or (wants_of(form) != "items" and form.id.data)):
        problem = _("No column looks like the item itself. Choose the one that holds it, then look again.")
    if not problem:
        try:
            reached, join = reach(source, reading.options)
            seen = preview.look(reached, reading.format, reading.options, classes, seed=seed, join=join)
        except Invalid as error:
            problem = error.message
    if request.method == "POST" and "start" in request.form and not problem:
        try:
            new = _new_classes(seen) if form.add_classes.data else []
            told = {"replace": bool(form.replace.data), "keep": kept_as(form), "classes": form.classes.data or ""}
            job_id = _start(kept, reading, seen, add=new, told=told)
        except Invalid as error:
            problem = error.message
        else:
            return redirect(url_for("web.import_job", slug=slug, job_id=job_id), 303)
    way = next((one for one in WAYS if one == request.form.get("show", request.form.get("way"))), "first")
    rows = seen.drawn if way == "random" else seen.first
    page = render_template(
        "imports/map_columns.html",
        form=form,
        upload=kept,
        reading=reading,
        seen=seen,
        problem=problem,
        way=way,
        seed=seed,
        rows=rows,
        raw=raw_rows(source, reading.format, reading.names, reading.options),
        is_row=lambda row: isinstance(row, Row),
        said=_said,
        question=_question(),
        classes=classes,
        new_classes=_new_classes(seen),
        pictures=_keep_thumbs(kept, rows),
        of_numbers=reading.options.wants in NUMBERS,
        from_elsewhere=any(isinstance(row, Row) and isinstance(row.image, RemoteFile) for row in rows),
    )
    return make_response(page, 422 if problem else 200)


def _question() -> str:
    """Return what annotators are asked."""
    return str(project().settings.get("question") or translated(task_of(project()).words.question))


def _said(row: Row) -> str:
    """Return what a row says of its item in words, where that is no single class."""
    value = row.prediction or row.given_value
    try:
        return task_of(project()).text(value) if value else ""
    except (LookupError, TypeError, ValueError):
        return ""  # it is no answer; the line of its reason says so


def _new_classes(seen: preview.Preview) -> list[tuple[str, str]]:
    """Return the labels that could become classes: none for a scale, whose steps have an order only people know."""
    if task_of(project()).ordered or len(seen.unknown) > _MOST_NEW_CLASSES:
        return []
    return [(name, "") for name in sorted(seen.unknown)]


def _start(
    kept: uploads.Upload,
    reading: Reading,
    seen: preview.Preview,
    *,
    add: list[tuple[str, str]],
    told: dict[str, Any],
) -> int:
    mapping = reading.options.mapping
    parts = {name: getattr(mapping, name) for name in ("id", "text", "image", "label", "annotator", "folder_labels")}
    payload = kept.as_payload() | {
        "format": reading.format,
        "as": reading.options.wants,
        "mapping": parts,
        "encoding": reading.options.encoding,
        "sheet": reading.options.sheet,
        "annotator": reading.options.annotator,
        "total": seen.read if seen.complete else 0,
        **told,
    }
    with database().write() as db:
        if add:
            add_classes(db, project().id, add)
        job = enqueue(db, project().id, IMPORT, payload=payload, by=user_id(), now=clock(db)).id
    if kept.listed:
        kept.remove()  # the job looks there itself
    return job


def _keep_thumbs(kept: uploads.Upload, rows: Sequence[Row | RejectedRow]) -> set[int]:
    """Keep small copies of the pictures shown; returns which of them could be shown.

    Those that lie elsewhere are not fetched for it: nobody should wait for twenty websites.
    """
    shown = set()
    for number, row in enumerate(rows):
        if isinstance(row, Row) and row.image is not None and not isinstance(row.image, RemoteFile):
            try:
                uploads.keep_thumb(kept, number, row.image())
            except (Invalid, UnreadableImageError):
                continue  # the import itself will say why
            shown.add(number)
    return shown


@blueprint.get("/p/<slug>/data/uploads/<token>/<int:number>")
@needs(Action.LEAD)
def preview_image(slug: str, token: str, number: int) -> Response:
    """Send the small copy of one picture of the preview."""
    del slug
    kept = uploads.find(settings().uploads, project().id, token)
    content = uploads.thumb(kept, number)
    return as_user_bytes(make_response(content, 200, {"Content-Type": content_type(content[:16])}))
