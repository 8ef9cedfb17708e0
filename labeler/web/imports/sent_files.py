"""Files that were sent together: which of them are one set, and which are looked at one by one.

Pictures are one set, with the files that label them; so are label files alone. What is a table, an archive or a
workbook is a file of its own, of whatever is sent beside it.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import FileStorage

from labeler.errors import Invalid
from labeler.exchange.formats.detection import detect
from labeler.exchange.parsing.image_files import is_picture, is_plain
from labeler.exchange.parsing.imagefolder import is_image
from labeler.projects.models import Project
from labeler.web.imports import uploads

_LABELS = frozenset((".txt", ".xml", ".json", ".yaml", ".yml", ".names"))
_BESIDE_PICTURES = _LABELS | {".csv", ".jsonl"}


def keep(folder: Path, project: Project, sent: Sequence[FileStorage]) -> list[uploads.Upload]:
    """Keep files that were sent, a set of them as one; raises Invalid for an empty one."""
    together = _one_set(project, sent)
    kept = [uploads.keep(folder, project.id, one.filename or "", one.save) for one in sent if one not in together]
    if together:
        name = ngettext("%(count)s file.zip", "%(count)s files.zip", len(together), count=len(together))
        files = [(_name(one), one.stream) for one in together]
        kept.insert(0, uploads.keep_together(folder, project.id, name, files))
    return kept


def keep_pasted(folder: Path, project: Project, pasted: str, *, table: bool) -> uploads.Upload:
    """Keep what was pasted as a table. table: it is one, else each line that is not empty is a text."""
    text = pasted.replace("\r\n", "\n")
    if not table:
        buffer = io.StringIO()
        csv.writer(buffer).writerows([["text"], *([line] for line in text.split("\n") if line.strip())])
        text = buffer.getvalue()

    def write(file: BinaryIO) -> None:
        file.write(text.encode())

    return uploads.keep(folder, project.id, _("pasted.csv"), write)


def check(upload: uploads.Upload, media: str) -> None:
    """Remove a file that cannot be imported into a project of this medium, and raise Invalid saying why."""
    try:
        found = detect(upload.source)
        if media == "text" and _is_picture(upload):
            raise Invalid(  # noqa: TRY301 - shown like the others
                "{why} The items of this project are texts.", field="file", why=found.why
            )
    except Invalid as error:
        if error.field != "format":  # that one can be said in the next step
            upload.remove()
            raise


def _is_picture(upload: uploads.Upload) -> bool:
    with upload.path.open("rb") as file:
        return is_picture(upload.name, file.read(16))


def _one_set(project: Project, sent: Sequence[FileStorage]) -> list[FileStorage]:
    if project.media != "image" or len(sent) < 2:  # noqa: PLR2004 - one is none
        return []
    pictures = any(is_image(one.filename or "") for one in sent)
    loose = _BESIDE_PICTURES if pictures else _LABELS
    found = [one for one in sent if is_image(one.filename or "") or _ending(one) in loose]
    return found if len(found) > 1 else []


def _ending(one: FileStorage) -> str:
    return PurePosixPath(one.filename or "").suffix.lower()


def _name(one: FileStorage) -> str:
    """Return the path of a file within its set: that of the folder it was in, where a browser says it."""
    name = (one.filename or "").replace("\\", "/")
    return name if is_plain(name) else PurePosixPath(name).name or "file"
