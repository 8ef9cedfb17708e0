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
from labeler.exchange.elsewhere import of_address
from labeler.exchange.formats.registry import READERS
from labeler.exchange.numbers import NUMBERS
from labeler.exchange.parsing.class_names import names_by_number
from labeler.exchange.parsing.encodings import check_readable, known_name
from labeler.exchange.reading import format_of, options_of
from labeler.exchange.sources import Source, Wants
from labeler.extensions import database, files, settings
from labeler.extensions.access import needs, project, user_id
from labeler.extensions.demands import takes_long, takes_uploads
from labeler.jobs.actions import enqueue
from labeler.jobs.models import IMPORT
from labeler.remote.files import Keep
from labeler.storage.database import clock

COLUMNS = ("id", "text", "image", "label", "annotator")
_FIELDS = {"format", "as", "metadata", "encoding", "sheet", "answers_of", "folder_labels", "replace", "address", "keep"}
_FIELDS |= {"classes", *COLUMNS}


@blueprint.post("/projects/<slug>/imports")
@takes_long
@takes_uploads
@needs(Action.LEAD)
@blueprint.output(JobOut, status_code=202)
def start_import(slug: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Upload a file of any import format, or name what lies elsewhere; a job imports it, its result counts the rows.

    Its rows are items unless the field `as` says labels, annotations, predictions, vectors or probabilities, which need
    items that are there: found by id, file name or content. answers_of: who gave annotations, where the file does not
    say it; sheet: of a workbook. Vectors and probabilities (also as NPZ and Parquet) are heard by the next label check;
    probabilities must be of a model that did not learn from the labels of the items it speaks of. A text file is UTF-8
    unless the field `encoding` says otherwise; folder_labels: whether a picture's folder is its given label (yes or
    no); classes: what the numbers of classes mean where the file holds no names of them, as `cat,dog` from 0 on or as
    `1=cat,3=dog`; replace: whether vectors or probabilities take the place of all that were imported before (yes or
    no).

    In place of a file the field `address` names one that lies elsewhere, a folder (`s3://bucket/folder/`) or a pattern
    (`s3://bucket/folder/*.jpg`) that the setting LABELER_REMOTE allows. keep: of pictures that lie elsewhere, also of
    those that a table names by addresses, a `copy` (the default) or a `reference`, which leaves them there.
    """
    upload, mapping = _form()
    encoding = known_name(request.form["encoding"]) if request.form.get("encoding") else None
    payload: dict[str, Any] = {"as": _wants(request.form.get("as", "items")), "mapping": mapping, "encoding": encoding}
    payload |= {"sheet": request.form.get("sheet", ""), "annotator": request.form.get("answers_of", "")}
    payload |= {"classes": request.form.get("classes", "")}
    names_by_number(payload["classes"])  # raises where they say no names
    payload |= {"keep": _keeping(request.form.get("keep", "copy"))}
    payload |= {"replace": _yes(request.form.get("replace", "no"), "replace")}
    shape = _of_address(slug, payload) if upload is None else _of_upload(slug, upload, payload)
    return shape, 202, {"Location": url_for("api.read_job", job_id=shape["id"])}


def _of_address(slug: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Ask for the import of what lies elsewhere; the job looks what it is."""
    named = request.form.get("format")
    if named and named not in READERS:
        known = ", ".join(READERS)
        raise Invalid(
            "There is no import format {named!r}; choose one of {formats}.", field="format", named=named, formats=known
        )
    return _asked(slug, payload | of_address(files().elsewhere, request.form["address"], payload["keep"]), named)


def _of_upload(slug: str, upload: FileStorage, payload: dict[str, Any]) -> dict[str, Any]:
    """Keep a file and ask for its import; raises Invalid where it cannot be read at all."""
    name = Path(upload.filename or "upload").name[:255] or "upload"
    kept = _keep(upload)
    try:
        with database().read() as session:
            options = options_of(
                session,
                project(),
                wants=payload["as"],
                encoding=payload["encoding"],
                sheet=payload["sheet"],
                annotator=payload["annotator"],
                classes=payload["classes"],
            )
        source = Source.upload(kept, name)
        if payload["as"] in NUMBERS:
            found = numbers.format_of(source, request.form.get("format"), options)
        else:
            found = format_of(source, request.form.get("format"), options)
            check_readable(source, options)
        return _asked(slug, payload | {"path": str(kept), "name": name}, found)
    except BaseException:
        kept.unlink(missing_ok=True)
        raise


def _asked(slug: str, payload: dict[str, Any], found: str | None) -> dict[str, Any]:
    with database().write() as session:
        job = enqueue(
            session, project().id, IMPORT, payload=payload | {"format": found}, by=user_id(), now=clock(session)
        )
        return as_shape(session, job, slug)


def _keeping(given: str) -> Keep:
    known: tuple[Keep, ...] = get_args(Keep)
    if given not in known:
        raise Invalid("Pictures are kept as {kinds}, not {given!r}.", field="keep", kinds=", ".join(known), given=given)
    return next(one for one in known if one == given)


def _wants(given: str) -> Wants:
    known: tuple[Wants, ...] = get_args(Wants)
    if given not in known:
        raise Invalid("Rows are {kinds}, not {given!r}.", field="as", kinds=", ".join(known), given=given)
    return next(one for one in known if one == given)


def _form() -> tuple[FileStorage | None, dict[str, Any]]:
    """Return the file, None where the form names an address, and which column is what."""
    if unknown := sorted((set(request.form) - _FIELDS) | (set(request.files) - {"file"})):
        raise Invalid("{name} is not a field of an import.", field=unknown[0], name=unknown[0])
    upload = request.files.get("file")
    sent, named = upload is not None and bool(upload.filename), bool(request.form.get("address"))
    if sent == named:
        raise Invalid(
            "Send the file as multipart/form-data, in the field file, or the address of what lies elsewhere in the "
            "field address.",
            field="file",
        )
    mapping: dict[str, Any] = {part: request.form[part] for part in COLUMNS if request.form.get(part)}
    if "metadata" in request.form:
        mapping["metadata"] = [column for column in request.form.getlist("metadata") if column]
    if "folder_labels" in request.form:
        mapping["folder_labels"] = _yes(request.form["folder_labels"], "folder_labels")
    return upload if sent else None, mapping


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
