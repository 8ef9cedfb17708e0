"""Import from elsewhere: what an address stands for is listed, then it is a source like any other.

One file (a table, a ZIP, labels) is fetched as if somebody had sent it; a folder or a pattern is a folder of files that
are fetched when they are asked for. Begun again after a kill it lists again and adds nothing twice.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from labeler import durable
from labeler.errors import Invalid
from labeler.exchange.actions import ImportResult
from labeler.exchange.elsewhere import beside, check_kept, folder_at, image_at, reaching
from labeler.exchange.parsing.imagefolder import is_image
from labeler.exchange.sources import Source
from labeler.messages import Message
from labeler.remote.addresses import Address
from labeler.remote.elsewhere import Elsewhere
from labeler.remote.files import Keep
from labeler.storage.database import Database
from labeler.storage.files import FileStore
from labeler.workflow.imports import Progress, silent
from labeler.workflow.sources import Asked, import_source

_TOLD_EVERY = 8 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class RemoteSource:
    """What is imported from where. elsewhere: what may be fetched; keep: what is kept of pictures."""

    elsewhere: Elsewhere
    address: Address
    keep: Keep = "copy"


def import_address(
    database: Database,
    files: FileStore,
    project_id: int,
    place: RemoteSource,
    asked: Asked,
    *,
    progress: Progress = silent,
) -> ImportResult:
    """Import what lies at an address; the source of `asked` is not looked at.

    Raises Invalid when there is nothing, or it may not be fetched, NotFound, Forbidden, and Unavailable when it cannot
    be reached: what was read by then is stored, and importing it again goes on from there.
    """
    place.elsewhere.allowed.check(place.address)
    if place.keep == "reference":
        check_kept(place.address)
    with _opened(database, place, asked, progress) as source:
        total = asked.total or len(source.files or ())
        told = replace(asked, source=source, total=total)
        return import_source(database, files, project_id, told, progress=progress)


@contextmanager
def _opened(database: Database, place: RemoteSource, asked: Asked, progress: Progress) -> Iterator[Source]:
    progress(0.0, Message("Looking for files at {address}", address=str(place.address)))
    if not place.elsewhere.is_file(place.address):
        yield folder_at(
            place.elsewhere,
            place.address,
            place.keep,
            asked.options.limits,
            lambda count: progress(0.0, Message("{count:,} files found", count=count)),
        )
    elif is_image(place.address.path):
        name = place.address.name
        picture = image_at(place.elsewhere, place.address, place.keep, asked.options.limits.image_bytes)
        yield Source(str(place.address), files={name: picture})
    else:
        path = database.settings.uploads / f"fetched-{secrets.token_hex(16)}"
        try:
            _fetch(place, path, database.settings.max_upload_bytes, progress)
            found = Source(place.address.name, path=path, find=beside(place.elsewhere, place.address, place.keep))
            yield reaching(found, place.elsewhere, place.keep)
        finally:
            path.unlink(missing_ok=True)


def _fetch(place: RemoteSource, path: Path, most: int, progress: Progress) -> None:
    """Write a file that lies elsewhere to a path; raises Invalid when nothing is in it."""
    durable.make_folder(path.parent)
    size, told = 0, 0
    with durable.writing(path) as file:
        for piece in place.elsewhere.pieces(place.address, most):
            file.write(piece)
            size += len(piece)
            if size - told >= _TOLD_EVERY:
                told = size
                progress(0.0, Message("{count:,} bytes fetched", count=size))
    if not size:
        raise Invalid("{plain} is empty.", field="address", plain=place.address.name)
