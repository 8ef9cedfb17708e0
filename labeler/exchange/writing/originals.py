"""The pictures themselves, as they were sent in, on their way into an archive."""

import json
from collections.abc import Callable, Iterator
from typing import IO

from labeler.errors import NotFound
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.report import Report
from labeler.messages import Message

GONE = Message("The picture is not in the store any more, so it is not in the file.")
Picture = Callable[[str], bytes]


def original(row: ExportRow, picture: Picture | None, report: Report) -> bytes:
    """Return the bytes of an item's picture, b"" where pictures are left out or it is gone.

    picture: gives an original by its hash; None leaves pictures out.
    """
    if picture is None:
        return b""
    try:
        return picture(row.content_hash)
    except NotFound:
        report.lose(GONE, row.item)
        return b""


class LaterOriginals:
    """Pictures that go into an archive after a file that names them. They wait on disk, as names."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def note(self, row: ExportRow, name: str) -> None:
        """Keep what a picture is called."""
        self._file.write(json.dumps([row.item, row.content_hash, name]).encode() + b"\n")

    def each(self, picture: Picture | None, report: Report) -> Iterator[tuple[str, bytes]]:
        """Yield the pictures that are there, with their names."""
        self._file.seek(0)
        for line in self._file:
            item, content_hash, name = json.loads(line)
            bare = ExportRow(item, None, None, None, "image", None, None, None, None, None, content_hash=content_hash)
            if data := original(bare, picture, report):
                yield name, data
