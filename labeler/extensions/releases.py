"""The one way a page and the API hand out the files of a release.

Note: the request is over while a file is still sent, so the archive is opened by the stream and closed with it.
"""

import mimetypes
import zipfile
from collections.abc import Generator
from itertools import chain
from pathlib import Path

from flask import Response, make_response, send_file

from labeler.errors import Conflict, NotFound
from labeler.extensions import database, files
from labeler.projects.models import Project
from labeler.releases import queries
from labeler.releases.archive import BROKEN, pieces_of
from labeler.releases.models import Release
from labeler.releases.verifying import checked_path


def release_file(project: Project, number: int) -> Response:
    """Return the archive of a release. Raises NotFound, or Conflict for one that is damaged."""
    found, path = _at(project, number)
    name = f"{project.slug}-release-{number}.zip"
    answer = make_response(send_file(path, "application/zip", as_attachment=True, download_name=name, etag=False))
    answer.set_etag(found.sha256)
    return answer


def file_of(project: Project, number: int, name: str) -> Response:
    """Return one file of a release, for saving: no browser shows what came from users. Raises as `release_file`."""
    _, path = _at(project, number)
    pieces = _pieces(path, name)
    try:
        first = next(pieces, b"")
    except KeyError as error:
        raise NotFound("There is no file {name} in this release.", name=name) from error
    except BROKEN as error:
        raise Conflict("This file cannot be read any more. Verify the release.") from error
    response = Response(chain([first], pieces), content_type=_kind(name))
    response.call_on_close(pieces.close)
    saved = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in name.rpartition("/")[2])
    response.headers["Content-Disposition"] = f'attachment; filename="{saved.encode("ascii", "replace").decode()}"'
    return response


def _at(project: Project, number: int) -> tuple[Release, Path]:
    with database().read() as session:
        found = queries.release_in(session, project.id, number)
        check = queries.newest_checks(session, project.id).get(found.id)
    return found, checked_path(files(), found, check)


def _kind(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _pieces(path: Path, name: str) -> Generator[bytes, None, None]:
    with zipfile.ZipFile(path) as archive, archive.open(name) as entry:
        yield from pieces_of(entry)
