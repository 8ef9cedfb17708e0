"""Bringing items in: a file, an address or pasted text, and, after a look at its columns, what became of it."""

import csv
import io
from collections.abc import Iterator

from flask import Response, flash, make_response, redirect, render_template, request, stream_with_context, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug import Response as AnyResponse

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.errors import Conflict, Invalid, NotFound
from labeler.exchange.formats.registry import sent_readers
from labeler.exchange.parsing.spreadsheet import neutralise
from labeler.extensions import database, files, settings
from labeler.extensions.access import needs, project
from labeler.extensions.demands import takes_long, takes_uploads
from labeler.extensions.translating import translated
from labeler.jobs import queries as jobs
from labeler.jobs.models import IMPORT
from labeler.projects.queries import import_in, imports_of, rejected_rows
from labeler.storage.database import Database, clock
from labeler.storage.leftovers import remove_old_uploads
from labeler.web.blueprint import blueprint
from labeler.web.imports import sent_files, uploads
from labeler.web.imports.elsewhere import keep_from_elsewhere
from labeler.web.imports.forms import FilesForm

_MOST_NEW_CLASSES = 100
_PIECE = 64 * 1024


# -- 1: the file ----------------------------------------------------------------------------------------------------


@blueprint.get("/p/<slug>/data")
@needs(Action.LEAD)
def data(slug: str) -> Response:
    """Ask for a file, and list the imports so far."""
    del slug
    return _data(FilesForm(None))


@blueprint.post("/p/<slug>/data")
@takes_long
@takes_uploads
@needs(Action.LEAD)
def upload(slug: str) -> Response | AnyResponse:
    """Keep what was sent and go on to its columns; a file that cannot be one of ours is refused here."""
    form = FilesForm()
    folder = settings().uploads
    with database().read() as db:
        remove_old_uploads(folder, jobs.uploads_in_use(db))
    try:
        if form.file.data:
            kept = sent_files.keep(folder, project(), form.file.data)
        elif "address" in request.form:
            kept = [keep_from_elsewhere(form)]
        elif (form.pasted.data or "").strip():
            kept = [sent_files.keep_pasted(folder, project(), form.pasted.data, table=bool(form.table.data))]
        else:
            raise Invalid("Choose a file, or paste something.", field="file")  # noqa: TRY301 - shown like the others
    except Invalid as error:
        form.refuse(error)
        return _data(form)
    good = [one for one in kept if one.listed or _is_good(one, form)]
    if form.errors:
        return _data(form)
    if len(good) == 1:
        return redirect(url_for("web.map_columns", slug=slug, token=good[0].token), 303)
    flash(_("The files are here. Look at one after the other; nothing is imported before that."), "success")
    return redirect(url_for("web.data", slug=slug), 303)


def _is_good(kept: uploads.Upload, form: FilesForm) -> bool:
    """Whether a file may be one that can be imported; where not, it is removed and the form says why."""
    try:
        sent_files.check(kept, project().media)
    except Invalid as error:
        form.refuse(error)
        return False
    return True


@blueprint.post("/p/<slug>/data/uploads/<token>/remove")
@needs(Action.LEAD)
def remove_upload(slug: str, token: str) -> AnyResponse:
    """Forget a file that was sent and not imported."""
    kept = uploads.find(settings().uploads, project().id, token)
    with database().read() as db:
        used = jobs.uploads_in_use(db)
    if str(kept.path) in used:
        raise Conflict("This file is being imported; cancel that first.")
    kept.remove()
    return redirect(url_for("web.data", slug=slug), 303)


def _data(form: FilesForm) -> Response:
    with database().read() as db:
        page = render_template(
            "imports/data.html",
            form=form,
            readers=sent_readers(project().task, project().media).values(),
            imports=imports_of(db, project().id),
            running=jobs.open_job(db, project().id, IMPORT),
            places=[str(place) for place in files().elsewhere.allowed.places],
            waiting=uploads.waiting(settings().uploads, project().id, jobs.uploads_in_use(db)),
            worker=_worker_seen(db),
        )
    return make_response(page, 422 if form.errors else 200)


def _worker_seen(db: Session) -> bool:
    return jobs.worker_seen(db, clock(db))


# -- 3: the result --------------------------------------------------------------------------------------------------


@blueprint.get("/p/<slug>/data/jobs/<int:job_id>")
@needs(Action.LEAD)
def import_job(slug: str, job_id: int) -> Response:
    """Show how far an import is and what became of its rows."""
    del slug
    with database().read() as db:
        job = jobs.job_of(db, project().id, job_id)
        if job.kind != IMPORT:
            raise NotFound("There is no job {number}.", number=job_id)
        worker = _worker_seen(db)
        beyond = workflow.beyond(db, project())
    return make_response(render_template("imports/import_job.html", job=job, worker=worker, beyond=beyond))


@blueprint.get("/p/<slug>/data/imports/<int:import_id>/left-out.csv")
@takes_long
@needs(Action.LEAD)
def left_out_rows(slug: str, import_id: int) -> Response:
    """Send what an import left out, rows and parts of rows, each with its file, number, column and reason, as CSV."""
    with database().read() as db:
        name = import_in(db, project().id, import_id).name
    response = Response(
        stream_with_context(_left_out(database(), import_id, name)), content_type="text/csv; charset=utf-8"
    )
    response.headers.set("Content-Disposition", "attachment", filename=f"{slug}-import-{import_id}-left-out.csv")
    return response


def _left_out(source: Database, import_id: int, name: str) -> Iterator[str]:
    buffer = io.StringIO()
    table = csv.writer(buffer)
    table.writerow(("file", "row", "column", "reason", "original", "came in"))
    with source.read() as db:
        for row in rejected_rows(db, import_id):
            file, said = neutralise(row.file or name), (row.column, translated(row.reason), row.original)
            table.writerow((file, row.row, *map(neutralise, said), "without this" if row.taken else "no"))
            if buffer.tell() > _PIECE:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
    yield buffer.getvalue()
