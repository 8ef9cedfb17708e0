"""The one way a page and the API hand out the labels of a project: as a file that is written while it is read.

Note: the request is over while this still runs, so the reading session is opened by the
stream itself and lives exactly as long as the answer does.
"""

from collections.abc import Generator
from dataclasses import replace
from itertools import chain

from flask import Response

from labeler.exchange.formats.base import Writer
from labeler.exchange.queries import context_of, rows
from labeler.extensions import database, files
from labeler.projects.models import Project
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from labeler.workflow.telling import export_done


def export_file(project: Project, writer: Writer, name: str, *, labeled_only: bool) -> Response:
    """Stream a project in one format. name: of the file: letters, digits and dashes, no suffix."""
    chunks = _written(database(), files(), project, writer, labeled_only=labeled_only)
    # the first piece is made before the answer begins, so that what fails at once is an error and not half a file
    response = Response(chain([next(chunks, b"")], chunks), content_type=writer.content_type)
    response.call_on_close(chunks.close)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}{writer.suffix}"'
    return response


def _written(
    source: Database, pictures: FileStore, project: Project, writer: Writer, *, labeled_only: bool
) -> Generator[bytes, None, None]:
    with source.read() as session:
        context = replace(context_of(session, project, clock(session)), picture=pictures.read_original)
        yield from writer.write(rows(session, project, labeled_only=labeled_only), context)
    export_done(source, project.id, writer.name, "labeled" if labeled_only else "all")
