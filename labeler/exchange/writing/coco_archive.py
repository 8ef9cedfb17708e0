"""COCO as an archive, as other tools make it: `annotations/instances_train.json` and `images/train/`.

Without a split the one part is called `default`.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.coco_json import Named
from labeler.exchange.writing.originals import LaterOriginals
from labeler.exchange.writing.parts import divided
from labeler.exchange.writing.report import Report
from labeler.exchange.writing.zip_stream import ZipStream

_IN_MEMORY = 8 * 1024 * 1024
Written = Callable[[Iterable[ExportRow], Named], Iterator[bytes]]


class Around(NamedTuple):
    """What is true of the archive. picture: gives originals by hash, None where only names are wanted."""

    exported_at: str
    parts: tuple[str, ...]
    picture: Callable[[str], bytes] | None
    report: Report
    losses: tuple[str, ...]


def coco_archive(rows: Iterable[ExportRow], written: Written, around: Around) -> Iterator[bytes]:
    """Yield a ZIP with a file for each part of the split, and the pictures where they are asked for."""
    archive = ZipStream(around.exported_at)
    for part, own in divided(rows, around.parts):
        place = part or "default"
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as names:
            later = LaterOriginals(names)
            archive.begin(f"annotations/instances_{place}.json")
            for data in written(own, later.note):
                archive.put_data(data)
                yield archive.take() or b""
            for name, data in later.each(around.picture, around.report):
                archive.add_packed(f"images/{place}/{name}", data)
                yield archive.take()
    archive.add("report.txt", "\n".join((*around.report.lines(), *around.losses, "")))
    yield archive.close()
