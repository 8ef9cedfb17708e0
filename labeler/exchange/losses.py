"""What an export would lose, counted before it is done: the rows go through the writer and the bytes go nowhere.

Note: a page may not wait for a large project, so the look can end after a given time; then
`complete` is false and the counts are those of the first items only. The counts of the export itself are in its
context's report when it is done.
"""

import itertools
import time
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.report import Report
from labeler.messages import Message

SECONDS = 1.0
_ROWS_BETWEEN_LOOKS_AT_THE_CLOCK = 200


@dataclass(frozen=True)
class Counted:
    """What went through a writer. complete: whether that was all of it."""

    report: Report
    complete: bool


def count_losses(
    rows: Iterable[ExportRow], writer: Writer, context: ExportContext, *, seconds: float | None = None
) -> Counted:
    """Write rows to nowhere, for some seconds (None: to the end), and return what was lost."""
    ends = None if seconds is None else time.monotonic() + seconds
    clock = _Clock(rows, ends)
    for _ in writer.write(clock, context):
        pass
    return Counted(context.report, complete=not clock.stopped)


def shown(writer: Writer, rows: Iterable[ExportRow], context: ExportContext) -> str:
    """Return what an export of a few rows looks like; of an archive each file, under its name."""
    data = b"".join(writer.write(rows, context))
    if not writer.archive:
        return _as_text(data)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return "\n".join(f"== {name}\n{_as_text(archive.read(name))}" for name in archive.namelist())


def _as_text(data: bytes) -> str:
    """Return what a file says, of one that is no text its size."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return Message("{size:,} bytes that are no text", size=len(data))


class _Clock:
    """Rows that end when the time is up."""

    def __init__(self, rows: Iterable[ExportRow], ends: float | None) -> None:
        self._rows = iter(rows)
        self._ends = ends
        self.stopped = False

    def __iter__(self) -> Iterator[ExportRow]:
        while block := list(itertools.islice(self._rows, _ROWS_BETWEEN_LOOKS_AT_THE_CLOCK)):
            yield from block
            if self._ends is not None and time.monotonic() > self._ends:
                self.stopped = next(self._rows, None) is not None
                return
