"""Files somebody sent for an import, kept under a random name until they were imported, and for two days at most.

Note: the name the person gave the file is only ever shown. A file belongs to one project, and
looked at from another it does not exist.
"""

import json
import re
import secrets
import zipfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, BinaryIO

from labeler import durable
from labeler.errors import Invalid, NotFound
from labeler.exchange.sources import Source
from labeler.storage.leftovers import remove_upload
from labeler.storage.pictures import render

_TOKEN = re.compile(r"[0-9a-f]{32}")
_LONGEST_NAME = 255


@dataclass(frozen=True)
class Upload:
    """One file. name: what the person called it.

    address: where it was fetched, "" for one that was sent; listed: it only says where files lie that are not fetched
    yet; reference: whether pictures that lie elsewhere are to stay there.
    """

    token: str
    name: str
    path: Path
    address: str = ""
    listed: bool = False
    reference: bool = False

    @property
    def source(self) -> Source:
        """The file as the formats read it."""
        return Source.upload(self.path, self.name)

    def as_payload(self) -> dict[str, Any]:
        """Return what a job needs to know to read it."""
        where = {"address": self.address} if self.address else {}
        return {"name": self.name, **where} | ({} if self.listed else {"path": str(self.path)})

    def remove(self) -> None:
        """Forget the file and what was kept beside it."""
        remove_upload(self.path)


def keep(
    folder: Path,
    project_id: int,
    name: str,
    write: Callable[[BinaryIO], object],
    *,
    elsewhere: Mapping[str, Any] = MappingProxyType({}),
) -> Upload:
    """Store a file durably, as `write` writes it; raises Invalid when nothing is in it.

    elsewhere: what an Upload says of a file that was fetched; its name is the address then.
    """
    durable.make_folder(folder)
    own = name if elsewhere else Path(name).name
    plain = "".join(letter for letter in own if letter.isprintable())[:_LONGEST_NAME] or "upload"
    upload = Upload(secrets.token_hex(16), plain, folder)
    upload = Upload(upload.token, plain, folder / upload.token, **elsewhere)
    with durable.writing(upload.path) as file:  # the job that reads it is durable, so it must be too
        write(file)
    if upload.path.stat().st_size == 0:
        upload.remove()
        raise Invalid("{plain} is empty.", field="file", plain=plain)
    about = {"project": project_id, "name": plain, "elsewhere": dict(elsewhere)}
    durable.write(upload.path.with_suffix(".json"), json.dumps(about).encode())
    return upload


def keep_together(folder: Path, project_id: int, name: str, files: Sequence[tuple[str, IO[bytes]]]) -> Upload:
    """Store several files as one ZIP. files: (name, content); of those with one name each has a folder of its own."""

    def write(archive_file: BinaryIO) -> None:
        taken: set[str] = set()
        with zipfile.ZipFile(archive_file, "w", zipfile.ZIP_STORED) as archive:
            for number, (own, content) in enumerate(files, 1):
                full = own if own not in taken else f"{number}/{own}"
                taken.add(full)
                archive.writestr(full, content.read())

    return keep(folder, project_id, name, write)


def waiting(folder: Path, project_id: int, used: Collection[str]) -> list[Upload]:
    """Return the files sent to a project that nobody has imported yet, the oldest first. used: paths that jobs need."""
    in_use = {Path(path).name for path in used if path}
    found = []
    for about in folder.glob("*.json"):
        path = about.with_suffix("")
        try:
            known, sent = json.loads(about.read_text(encoding="utf-8")), path.stat().st_mtime_ns
        except FileNotFoundError:
            continue  # it was removed at this moment
        if known["project"] == project_id and path.name not in in_use:
            found.append((sent, _known(path, known)))
    return [upload for _, upload in sorted(found, key=lambda pair: pair[0])]


def find(folder: Path, project_id: int, token: str) -> Upload:
    """Return a file sent to this project; raises NotFound."""
    path = folder / token
    about = path.with_suffix(".json")
    if _TOKEN.fullmatch(token) and path.is_file() and about.is_file():
        known = json.loads(about.read_text(encoding="utf-8"))
        if known["project"] == project_id:
            return _known(path, known)
    raise NotFound("This upload is not kept any more: it was imported, or it is older than two days.")


def _known(path: Path, about: dict[str, Any]) -> Upload:
    return Upload(path.name, about["name"], path, **about.get("elsewhere", {}))


def keep_thumb(upload: Upload, number: int, data: bytes) -> None:
    """Keep a small re-encoded copy of one picture for the preview; raises UnreadableImageError."""
    copies = render(data)
    durable.write(upload.path.with_suffix(f".{number}"), copies.thumb or copies.display)


def thumb(upload: Upload, number: int) -> bytes:
    """Return such a copy; raises NotFound."""
    try:
        return upload.path.with_suffix(f".{number}").read_bytes()
    except FileNotFoundError as error:
        raise NotFound("There is no such picture.") from error
