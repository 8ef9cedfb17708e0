"""What pictures are called in an export that names them: safely, and no two alike.

Note: the name of a picture may come from anybody's file or metadata. Unpacked, a name with
`..` or a drive in it would leave its folder, so such names are replaced; and names that differ only in case or in how
accents are written are one name on many disks.
"""

import re
import unicodedata
from pathlib import PurePosixPath

from labeler.exchange.parsing.image_files import is_plain
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.report import Report
from labeler.messages import Message

RENAMED = Message(
    "Another picture has this name too, or it leads out of its folder; here it has the number of its item in its name."
)
_UNSAFE = re.compile(r"[^\w.-]+")
_LONGEST = 200


class PictureNames:
    """Gives names, each once. by_stem: names that differ only in their ending count as alike."""

    def __init__(self, report: Report, *, by_stem: bool) -> None:
        self._report = report
        self._by_stem = by_stem
        self._taken: set[str] = set()

    def name(self, row: ExportRow, folder: str = "") -> str:
        """Return the relative path a picture has in this export; folder: names are alike only within one."""
        own = row.image or ""
        path = PurePosixPath(own if is_plain(own) and len(own) <= _LONGEST else _UNSAFE.sub("_", own[-_LONGEST:]))
        if path.name.strip(".") == "":
            path = PurePosixPath(f"item{row.item}")
        number, name = 1, str(path)
        while self._key(folder, name) in self._taken:
            again = f"_{number}" if number > 1 else ""
            name = str(path.with_name(f"{path.stem}_item{row.item}{again}{path.suffix}"))
            number += 1
        if name != own:
            self._report.lose(RENAMED, row.item)
        self._taken.add(self._key(folder, name))
        return name

    def _key(self, folder: str, name: str) -> str:
        stem = str(PurePosixPath(name).with_suffix("")) if self._by_stem else name
        return unicodedata.normalize("NFC", f"{folder}/{stem}").casefold()
