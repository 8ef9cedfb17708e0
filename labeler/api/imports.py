"""Uploads of whole files, imported in the background."""

import os
import secrets
from pathlib import Path
from typing import Any, get_args

from flask import request, url_for
from werkzeug.datastructures import FileStorage

from labeler.accounts.permissions import Action
from labeler.api.blueprint import blueprint
from labeler.api.jobs import JobOut, as_shape
from labeler.errors import Invalid
from labeler.exchange.formats import Source
from labeler.exchange.formats.base import Wants
from labeler.exchange.reading import format_of, options_of
from labeler.extensions import database, settings
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.demands import takes_long, takes_uploads
from labeler.jobs.actions import enqueue
from labeler.storage.database import clock

COLUMNS = ("id", "text", "image", "label")
_FIELDS = {"format", "as", "metadata", *COLUMNS}


@blueprint.post("/projects/<slug>/imports")
@takes_long
@takes_uploads
@needs(Action.LEAD)
@blueprint.output(JobOut, status_code=202)
def start_import(slug: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Upload a file of any import format; a job imports it, and its result counts the rows.

    Its rows are items unless the field `as` says annotations or predictions, which need items that are there.
    """
    upload, mapping = _form()
    wants = request.form.get("as", "items")
    if wants not in get_args(Wants):
        raise Invalid(f"Rows are {', '.join(get_args(Wants))}, not {wants!r}.", field="as")
    name = Path(upload.filename or "upload").name[:255] or "upload"
    kept = _keep(upload)
    try:
        with database().read() as session:
            options = options_of(session, project())
        found = format_of(Source.upload(kept, name), request.form.get("format"), options)
        payload = {"path": str(kept), "name": name, "format": found, "as": wants, "mapping": mapping}
        with database().write() as session:
            job = enqueue(session, project().id, "import", payload=payload, by=user_id(), now=clock(session))
            shape = as_shape(job, slug)
    except BaseException:
        kept.unlink(missing_ok=True)
        raise
    return shape, 202, {"Location": url_for("api.read_job", job_id=shape["id"])}


def _form() -> tuple[FileStorage, dict[str, Any]]:
    if unknown := sorted((set(request.form) - _FIELDS) | (set(request.files) - {"file"})):
        raise Invalid(f"{unknown[0]} is not a field of an import.", field=unknown[0])
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid("Send the file as multipart/form-data, in the field file.", field="file")
    mapping: dict[str, Any] = {part: request.form[part] for part in COLUMNS if request.form.get(part)}
    if "metadata" in request.form:
        mapping["metadata"] = [column for column in request.form.getlist("metadata") if column]
    return upload, mapping


def _keep(upload: FileStorage) -> Path:
    folder = settings().uploads
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / secrets.token_hex(16)
    with path.open("wb") as file:
        upload.save(file)
        file.flush()
        os.fsync(file.fileno())  # the job is durable, so what it needs must be too
    return path
