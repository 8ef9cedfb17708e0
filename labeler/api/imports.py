"""Uploads of whole files, imported in the background."""

import secrets
from pathlib import Path
from typing import Any, get_args

from flask import request, url_for
from werkzeug.datastructures import FileStorage

from labeler import durable
from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.jobs import JobOut, as_shape
from labeler.errors import Invalid
from labeler.exchange import numbers
from labeler.exchange.numbers import NUMBERS
from labeler.exchange.parsing.encodings import check_readable, known_name
from labeler.exchange.reading import format_of, options_of
from labeler.exchange.sources import Source, Wants
from labeler.extensions import database, settings
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.demands import takes_long, takes_uploads
from labeler.jobs.actions import enqueue
from labeler.jobs.models import IMPORT
from labeler.storage.database import clock

COLUMNS = ("id", "text", "image", "label", "annotator")
_FIELDS = {"format", "as", "metadata", "encoding", "sheet", "answers_of", "folder_labels", "replace", *COLUMNS}


@blueprint.post("/projects/<slug>/imports")
@takes_long
@takes_uploads
@needs(Action.LEAD)
@blueprint.output(JobOut, status_code=202)
def start_import(slug: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Upload a file of any import format; a job imports it, and its result counts the rows.

    Its rows are items unless the field `as` says labels, annotations, predictions, vectors or probabilities, which need
    items that are there: found by id, file name or content. answers_of: who gave annotations, where the file does not
    say it; sheet: of a workbook. Vectors and probabilities (also as NPZ and Parquet) are heard by the next label check;
    probabilities must be of a model that did not learn from the labels of the items it speaks of. A text file is UTF-8
    unless the field `encoding` says otherwise; folder_labels: whether a picture's folder is its given label (yes or
    no); replace: whether vectors or probabilities take the place of all that were imported before (yes or no).
    """
    upload, mapping = _form()
    wants = _wants(request.form.get("as", "items"))
    encoding = known_name(request.form["encoding"]) if request.form.get("encoding") else None
    name = Path(upload.filename or "upload").name[:255] or "upload"
    kept = _keep(upload)
    try:
        with database().read() as session:
            sheet, annotator = request.form.get("sheet", ""), request.form.get("answers_of", "")
            options = options_of(session, project(), wants=wants, encoding=encoding, sheet=sheet, annotator=annotator)
        source = Source.upload(kept, name)
        if wants in NUMBERS:
            found = numbers.format_of(source, request.form.get("format"), options)
        else:
            found = format_of(source, request.form.get("format"), options)
            check_readable(source, options)
        payload: dict[str, Any] = {"path": str(kept), "name": name, "format": found, "as": wants, "mapping": mapping}
        payload |= {
            "encoding": encoding,
            "sheet": sheet,
            "annotator": annotator,
            "replace": _yes(request.form.get("replace", "no"), "replace"),
        }
        with database().write() as session:
            job = enqueue(session, project().id, IMPORT, payload=payload, by=user_id(), now=clock(session))
            shape = as_shape(session, job, slug)
    except BaseException:
        kept.unlink(missing_ok=True)
        raise
    return shape, 202, {"Location": url_for("api.read_job", job_id=shape["id"])}


def _wants(given: str) -> Wants:
    known: tuple[Wants, ...] = get_args(Wants)
    if given not in known:
        raise Invalid("Rows are {kinds}, not {given!r}.", field="as", kinds=", ".join(known), given=given)
    return next(one for one in known if one == given)


def _form() -> tuple[FileStorage, dict[str, Any]]:
    if unknown := sorted((set(request.form) - _FIELDS) | (set(request.files) - {"file"})):
        raise Invalid("{name} is not a field of an import.", field=unknown[0], name=unknown[0])
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid("Send the file as multipart/form-data, in the field file.", field="file")
    mapping: dict[str, Any] = {part: request.form[part] for part in COLUMNS if request.form.get(part)}
    if "metadata" in request.form:
        mapping["metadata"] = [column for column in request.form.getlist("metadata") if column]
    if "folder_labels" in request.form:
        mapping["folder_labels"] = _yes(request.form["folder_labels"], "folder_labels")
    return upload, mapping


def _yes(given: str, field: str) -> bool:
    answers = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if given.strip().lower() not in answers:
        raise Invalid("{name} is yes or no.", field=field, name=field)
    return answers[given.strip().lower()]


def _keep(upload: FileStorage) -> Path:
    folder = settings().uploads
    durable.make_folder(folder)
    path = folder / secrets.token_hex(16)
    with durable.writing(path) as file:  # the job is durable, so what it needs must be too
        upload.save(file)
    return path
