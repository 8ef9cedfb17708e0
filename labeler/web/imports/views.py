"""Bringing items in: a file or pasted text, then which column is what, then what became of it.

Note: the second step stores nothing. It reads the kept file again each time and shows the
first rows as they would come in. Only "Start" makes a job, and a worker does the work.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, get_args

from flask import Response, flash, make_response, redirect, render_template, request, stream_with_context, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug import Response as AnyResponse

from labeler import workflow
from labeler.accounts.permissions import Action
from labeler.errors import Conflict, Invalid, NotFound
from labeler.exchange import preview
from labeler.exchange.elsewhere import reaching
from labeler.exchange.formats.base import Reader
from labeler.exchange.formats.registry import READERS, sent_readers
from labeler.exchange.numbers import NUMBERS
from labeler.exchange.parsing.encodings import Proposal, proposed
from labeler.exchange.parsing.spreadsheet import neutralise
from labeler.exchange.reading import detected, options_of
from labeler.exchange.rows import Row
from labeler.exchange.sources import Mapping, ReadOptions, Wants
from labeler.extensions import database, files, settings
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.demands import takes_long, takes_uploads
from labeler.extensions.headers import as_user_bytes
from labeler.extensions.translating import translated
from labeler.jobs import queries as jobs
from labeler.jobs.actions import enqueue
from labeler.jobs.models import IMPORT
from labeler.projects.actions import add_classes
from labeler.projects.queries import classes_of, import_in, imports_of, rejected_rows, task_of
from labeler.remote.files import RemoteFile
from labeler.storage.database import Database, clock
from labeler.storage.leftovers import remove_old_uploads
from labeler.storage.pictures import UnreadableImageError, content_type
from labeler.web.blueprint import blueprint
from labeler.web.imports import sent_files, uploads
from labeler.web.imports.elsewhere import kept_as, start_from_elsewhere
from labeler.web.imports.forms import FilesForm, ReadingForm
from labeler.web.imports.reaching import reach
from labeler.web.shared.forms import choices_of

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
            return redirect(url_for("web.import_job", slug=slug, job_id=start_from_elsewhere(form)), 303)
        elif (form.pasted.data or "").strip():
            kept = [sent_files.keep_pasted(folder, project(), form.pasted.data, table=bool(form.table.data))]
        else:
            raise Invalid("Choose a file, or paste something.", field="file")  # noqa: TRY301 - shown like the others
    except Invalid as error:
        form.refuse(error)
        return _data(form)
    good = [one for one in kept if _is_good(one, form)]
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


# -- 2: the columns -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """How a file is read: in which format and why, its columns and sheets, and how the form maps them.

    proposal: the encoding that it seems to be in where that is not UTF-8.
    """

    format: str
    why: str
    names: tuple[str, ...]
    options: ReadOptions
    problem: str = ""
    proposal: Proposal | None = None
    sheets: tuple[str, ...] = ()

    @property
    def reader(self) -> Reader:
        """What reads the file."""
        return READERS[self.format]


@blueprint.route("/p/<slug>/data/uploads/<token>", methods=["GET", "POST"])
@takes_long
@needs(Action.LEAD)
def map_columns(slug: str, token: str) -> Response | AnyResponse:
    """Show which column is what and the first rows; start the import when asked to."""
    kept = uploads.find(settings().uploads, project().id, token)
    form = ReadingForm()
    reading = _read(kept, form)
    with database().read() as db:
        classes = classes_of(db, project().id).names
    seen = preview.Preview()
    problem = reading.problem
    if not problem and reading.names and not (form.content.data or (_wants(form) != "items" and form.id.data)):
        problem = _("No column looks like the item itself. Choose the one that holds it, then look again.")
    if not problem:
        try:
            source, join = reach(reaching(kept.source, files().elsewhere, kept_as(form)), reading.options)
            seen = preview.look(source, reading.format, reading.options, classes, join=join)
        except Invalid as error:
            problem = error.message
    if request.method == "POST" and "start" in request.form and not problem:
        try:
            new = _new_classes(seen) if form.add_classes.data else []
            told = {"replace": bool(form.replace.data), "keep": kept_as(form)}
            job_id = _start(kept, reading, seen, add=new, told=told)
        except Invalid as error:
            problem = error.message
        else:
            return redirect(url_for("web.import_job", slug=slug, job_id=job_id), 303)
    page = render_template(
        "imports/map_columns.html",
        form=form,
        upload=kept,
        reading=reading,
        seen=seen,
        problem=problem,
        is_row=lambda row: isinstance(row, Row),
        said=_said,
        new_classes=_new_classes(seen),
        pictures=_keep_thumbs(kept, seen),
        of_numbers=reading.options.wants in NUMBERS,
        from_elsewhere=any(isinstance(row, Row) and isinstance(row.image, RemoteFile) for row in seen.first),
    )
    return make_response(page, 422 if problem else 200)


def _said(row: Row) -> str:
    """Return what a row says of its item in words, where that is no single class."""
    value = row.prediction or row.given_value
    try:
        return task_of(project()).text(value) if value else ""
    except (LookupError, TypeError, ValueError):
        return ""  # it is no answer; the line of its reason says so


def _read(kept: uploads.Upload, form: ReadingForm) -> Reading:
    """Decide how the file is read: as the form says, or as it looks when the form was not sent yet."""
    fitting = sent_readers(project().task, project().media)
    form.format.choices = choices_of(*((name, translated(one.title)) for name, one in fitting.items()))
    problem = why = ""
    with database().read() as session:
        options = options_of(
            session,
            project(),
            wants=_wants(form),
            encoding=form.encoding.data or None,
            sheet=form.sheet.data or "",
            annotator=form.answers_of.data or "",
        )
    try:
        found = detected(kept.source, options)
        looks, why = found.format, found.why
    except Invalid as error:
        looks = ""
        problem = (
            _("Nothing says in which format this file is; choose one.") if error.field == "format" else error.message
        )
    asked = form.format.data if form.format.data in READERS else ""
    name = asked or looks or next(iter(fitting))
    form.format.data = name
    names: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    proposal = proposed(kept.source) if READERS[name].encoded else None
    if proposal and request.method == "GET":
        form.encoding.data = proposal.encoding
        options = replace(options, encoding=proposal.encoding or None)
    try:
        sheets = READERS[name].sheets(kept.source, options)
        names = preview.columns_in(kept.source, name, options)
        problem = problem if not asked else ""
    except Invalid as error:
        problem = problem or error.message
    form.sheet.choices = choices_of(*((sheet, sheet) for sheet in sheets))
    mapped = _mapped(kept, form, names, options)
    return Reading(name, why if name == looks else "", names, mapped, problem, proposal, sheets)


def _mapped(kept: uploads.Upload, form: ReadingForm, names: tuple[str, ...], options: ReadOptions) -> ReadOptions:
    """Fill the choices of the form and return the options it stands for."""
    said = {"predictions": _("What the model says"), "annotations": _("Answer column"), "labels": _("Label column")}
    form.label.label.text = said.get(options.wants, form.label.label.text)
    for field in (form.content, form.id, form.label, form.annotator):
        none = _("choose a column") if field is form.content and options.wants == "items" else _("none")
        field.choices = choices_of(("", none), *((name, name) for name in names))
    guess = preview.guessed(names, replace(options, annotator=options.annotator or _("somebody")), kept.source)
    sent = request.method == "POST" and "columns" in request.form
    sent = sent and request.form.get("wants_before", "items") == options.wants
    if not sent or any(field.data and field.data not in names for field in (form.content, form.id, form.label)):
        form.content.data = (guess and guess.content) or ""
        form.id.data = (guess and guess.id) or ""
        form.label.data = (guess and (guess.prediction if _wants(form) == "predictions" else guess.label)) or ""
        form.annotator.data = (guess and guess.annotator) or ""
    if not sent:
        form.folder_labels.data = True
    if not names:
        mapping = Mapping(folder_labels=form.folder_labels.data)
    else:
        parts: dict[str, Any] = {"id": form.id.data, "label": None if options.wants in NUMBERS else form.label.data}
        parts[options.media] = form.content.data or (None if options.wants == "items" else "")
        parts["annotator"] = form.annotator.data if options.wants == "annotations" else None
        mapping = Mapping(**parts, folder_labels=form.folder_labels.data)
    return replace(options, mapping=mapping)


def _wants(form: ReadingForm) -> Wants:
    return next((one for one in get_args(Wants) if one == form.wants.data), "items")


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
    payload = {
        "path": str(kept.path),
        "name": kept.name,
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
        return enqueue(db, project().id, IMPORT, payload=payload, by=user_id(), now=clock(db)).id


def _keep_thumbs(kept: uploads.Upload, seen: preview.Preview) -> set[int]:
    """Keep small copies of the first pictures; returns which of them could be shown.

    Those that lie elsewhere are not fetched for it: nobody should wait for twenty websites.
    """
    shown = set()
    for number, row in enumerate(seen.first):
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
