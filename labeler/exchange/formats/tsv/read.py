"""TSV: a table whose cells are separated by tabs, quoted as in CSV unless told otherwise (`quoted`)."""

from collections.abc import Iterator

from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
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


def sign(glimpse: Glimpse) -> Sign | None:
    """Know a table by its ending, or by tabs in its first line."""
    tabs = "\t" in glimpse.text.partition("\n")[0]
    looks = Sign(Certainty.PLAUSIBLE, Message("has tabs in its first line.")) if tabs else None
    return glimpse.named(".tsv", ".tab") or looks


READER = Reader("tsv", Message("TSV table"), (".tsv", ".tab"), columns, read, answers=True, sign=sign)
