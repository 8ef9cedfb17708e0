"""The parts of a split as files of their own in a ZIP, for a format whose one file has no place for a split."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.parts import divided
from labeler.exchange.writing.zip_stream import ZipStream


def files_of_parts(
    rows: Iterable[ExportRow],
    parts: Sequence[str],
    archive: ZipStream,
    *,
    called: Callable[[str], str],
    write: Callable[[Iterator[ExportRow]], Iterator[bytes]],
    report: Callable[[], str],
) -> Iterator[bytes]:
    """Yield the archive: a file for each part, and the report.

    called: returns the name of the file of a part; write: makes a file of rows; report: is asked when all are made.
    """
    for part, own in divided(rows, parts):
        archive.begin(called(part))
        for data in write(own):
            archive.put_data(data)
            yield archive.take() or b""
    archive.add("report.txt", report())
    yield archive.close()
