"""Pictures sorted into `<split>/<class>/`, as programs that learn classes of pictures read them.

The part of the split that was chosen decides the folder, else the split of an item's metadata; without either it is in
`train`.

Note: the name of a class may hold what no folder can be called; then the folder has another name, and
`classes.csv` says which is which. A picture keeps only the last part of its name, since some readers take the folder it
lies in for its class, and it gets an ending that they open.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from labeler.exchange.parsing.spreadsheet import neutralise
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.chunks import chunks
from labeler.exchange.writing.originals import original
from labeler.exchange.writing.parts import split_of
from labeler.exchange.writing.picture_names import PictureNames
from labeler.exchange.writing.report import Report
from labeler.exchange.writing.zip_stream import ZipStream
from labeler.messages import Message

UNLABELED = Message("The item has no label, so its picture is in no folder of a class.")
ODD_ENDING = Message("The picture has an ending that programs for training may not open.")
SPLITS = {"train": ("train", "training"), "val": ("val", "valid", "validation", "dev"), "test": ("test", "testing")}
_READ = frozenset((".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"))
_ENDINGS = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "BMP": ".bmp", "TIFF": ".tif", "WEBP": ".webp"}
_UNSAFE = re.compile(r"""[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff]+""")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST = 100


class ClassFolders:
    """A ZIP of pictures in folders of classes. folders: the folder of each class by its name; splits: those in use.

    picture: gives the bytes of an original by its hash; None leaves the pictures out.
    """

    def __init__(self, classes: Sequence[str], at: str, report: Report, picture: Callable[[str], bytes] | None) -> None:
        self.archive = ZipStream(at)
        self.folders = folders_of(classes)
        self.splits: set[str] = set()
        self._report = report
        self._picture = picture
        self._names = PictureNames(report, by_stem=False)
        self._table = io.StringIO(newline="")
        self._pictures: Any = csv.writer(self._table)
        self._pictures.writerow(("item", "external_id", "image", "class", "picture"))

    def add_all(self, rows: Iterable[ExportRow]) -> Iterator[bytes]:
        """Put the pictures of rows into the folders of their final labels, and yield the bytes as they come."""
        for chunk in chunks(rows, self._report):
            for row in chunk:
                self.add(row)
                if data := self.archive.take():
                    yield data

    def add(self, row: ExportRow) -> None:
        """Put the picture of a row into the folder of its final label."""
        if row.final_label is None:
            self._report.lose(UNLABELED, row.item)
            return
        split = _split(row)
        self.splits.add(split)
        folder = f"{split}/{self.folders[row.final_label]}"
        data = original(row, self._picture, self._report)
        place = f"{folder}/{self._names.name(row._replace(image=self._name(row, data)), folder)}"
        told = (neutralise(row.external_id), neutralise(row.image), neutralise(row.final_label))
        self._pictures.writerow((row.item, *told, place))
        if data:
            self.archive.add_packed(place, data)

    def close(self, losses: Iterable[str]) -> bytes:
        """Return the last bytes. losses: what the format never holds."""
        classes = io.StringIO(newline="")
        csv.writer(classes).writerows((("class", "directory"), *((neutralise(a), b) for a, b in self.folders.items())))
        self.archive.add("classes.csv", classes.getvalue())
        self.archive.add("pictures.csv", self._table.getvalue())
        self.archive.add("report.txt", "\n".join((*self._report.lines(), *losses, "")))
        return self.archive.close()

    def _name(self, row: ExportRow, data: bytes) -> str:
        """Return the last part of a picture's name, with an ending that says what it is."""
        name = PurePosixPath((row.image or "").replace("\\", "/")).name
        if PurePosixPath(name).suffix.lower() in _READ:
            return name
        ending = _ending(data)
        if ending:
            return f"{PurePosixPath(name).stem or f'item{row.item}'}{ending}"
        self._report.lose(ODD_ENDING, row.item)
        return name


def folders_of(classes: Sequence[str]) -> dict[str, str]:
    """Return a folder for each class, no two alike, each a plain name on every disk."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for number, name in enumerate(classes, 1):
        safe = _UNSAFE.sub("_", name)[:_LONGEST].strip(". ")
        if not safe or safe.startswith("-") or _DEVICES.fullmatch(safe):
            safe = f"class_{safe}"
        while _key(safe) in taken:
            safe = f"{safe}_{number}"
        taken.add(_key(safe))
        found[name] = safe
    return found


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _split(row: ExportRow) -> str:
    stated = split_of(row).lower()
    return next((split for split, names in SPLITS.items() if stated in names), "train")


def _ending(data: bytes) -> str:
    """Return the ending of a picture by what it holds, "" where that is not known."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            return _ENDINGS.get(image.format or "", "")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""
