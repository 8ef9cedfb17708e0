"""Opening a file, folder or stream as rows, by the format that was named or detected."""

from collections.abc import Iterator

from labeler.errors import Invalid
from labeler.exchange.formats import READERS, detect
from labeler.exchange.formats.base import ReadOptions, RejectedRow, Row, Source


def format_of(source: Source, named: str | None) -> str:
    """Return the name of the format to read with; raises Invalid naming the known ones."""
    if named is None:
        return detect(source).format
    if named not in READERS:
        raise Invalid(f"There is no import format {named!r}; choose one of {', '.join(READERS)}.", field="format")
    return named


def open_rows(source: Source, named: str | None, options: ReadOptions) -> tuple[str, Iterator[Row | RejectedRow]]:
    """Return the format's name and the rows of a source; raises Invalid when it cannot be read at all."""
    name = format_of(source, named)
    return name, READERS[name].read(source, options)
