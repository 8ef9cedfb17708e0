"""The one way a page and the API hand out the labels of a project: as a file that is written while it is read.

Note: the request is over while this still runs, so the reading session is opened by the
stream itself and lives exactly as long as the answer does.
"""

from collections.abc import Generator
from itertools import chain

from flask import Response

from labeler.exchange.export_choices import ExportChoices
from labeler.exchange.exporting import prepare, writer_of
from labeler.extensions import database, files
from labeler.projects.models import Project
from labeler.storage.database import Database, clock
from labeler.storage.files import FileStore
from labeler.workflow.telling import export_done


def export_file(project: Project, chosen: ExportChoices, name: str) -> Response:
    """Stream what was chosen of a project. name: of the file: letters, digits and dashes, no suffix."""
    writer = writer_of(project, chosen)
    chunks = _written(database(), files(), project, chosen)
    # the first piece is made before the answer begins, so that what fails at once is an error and not half a file
    response = Response(chain([next(chunks, b"")], chunks), content_type=writer.content_type)
    response.call_on_close(chunks.close)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}{writer.suffix}"'
    return response


def _written(
    source: Database, pictures: FileStore, project: Project, chosen: ExportChoices
) -> Generator[bytes, None, None]:
    with source.read() as session:
        yield from prepare(session, project, chosen, clock(session), picture=pictures.read_original).chunks()
    export_done(source, project.id, chosen.format, chosen.items.which)
