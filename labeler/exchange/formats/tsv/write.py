"""TSV as it goes out: the table of CSV with tabs between its cells, quoted where a cell holds a tab or a line break."""

from collections.abc import Iterable, Iterator

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.table import KEEPS, LOSSES, Table
from labeler.messages import Message


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield the table in UTF-8: a header, then one record an item."""
    table = Table(context.media, context.task, context.classes, context.report, bool(context.parts))
    return table.separated(rows, "\t")


WRITER = Writer(
    "tsv",
    Message("TSV table"),
    ".tsv",
    "text/tab-separated-values; charset=utf-8",
    LOSSES,
    write,
    keeps=KEEPS,
    answers=True,
    opens="""import pandas

data = pandas.read_csv("{path}", sep="\\t")""",
)
