"""TSV: a table whose cells are separated by tabs, quoted as in CSV unless told otherwise (`quoted`)."""

from collections.abc import Iterator

from labeler.exchange.formats.base import Reader
from labeler.exchange.parsing.delimited import read_columns, read_rows
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the column names; raise Invalid when there is no header."""
    return read_columns(source, options, "\t")


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield the rows of a TSV file."""
    return read_rows(source, options, "\t")


READER = Reader("tsv", Message("TSV table"), (".tsv", ".tab"), columns, read, answers=True)
