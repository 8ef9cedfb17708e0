"""CSV as it comes in. The delimiter is found by looking."""

from collections.abc import Iterator

from labeler.exchange.formats.base import Certainty, Glimpse, Reader, Sign
from labeler.exchange.parsing.delimited import CSV_DELIMITERS, read_columns, read_rows
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import ReadOptions, Source
from labeler.messages import Message


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the column names; raise Invalid when there is no header."""
    return read_columns(source, options, CSV_DELIMITERS)


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield the rows of a CSV file whose delimiter is a comma, semicolon, tab or bar."""
    return read_rows(source, options, CSV_DELIMITERS)


def sign(glimpse: Glimpse) -> Sign | None:
    """Know a table by its ending, or by separators in its first line."""
    separated = any(mark in glimpse.text.partition("\n")[0] for mark in ",;|")
    looks = Sign(Certainty.POSSIBLE, Message("has separators in its first line.")) if separated else None
    return glimpse.named(".csv") or looks


READER = Reader(
    "csv", Message("CSV table"), (".csv", ".txt"), columns, read, answers=True, sign=sign, usual=frozenset({"text"})
)
