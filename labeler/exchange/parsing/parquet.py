"""Parquet as it comes in: its tables are Arrow's, and what it says of its own size is bounded before it is read."""

from collections.abc import Iterator
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.parsing import arrow
from labeler.exchange.parsing.json_records import Record, to_rows
from labeler.exchange.rows import RejectedRow, Row
from labeler.exchange.sources import Limits, ReadOptions, Source

MAGIC = "PAR1"


def columns(source: Source, options: ReadOptions) -> tuple[str, ...]:
    """Return the names of the columns; raises Invalid when it cannot be read."""
    return arrow.names_in(opened(source, options.limits).schema_arrow, source.name)


def read(source: Source, options: ReadOptions) -> Iterator[Row | RejectedRow]:
    """Yield the rows; raises Invalid when it cannot be read, or has no column that looks like the item."""
    return arrow.with_names(to_rows(records(source, options), source, options))


def records(source: Source, options: ReadOptions, first: int = 1) -> Iterator[Record | RejectedRow]:
    """Yield the rows as JSON has them, numbered from `first`; raises Invalid when it cannot be read."""
    file = opened(source, options.limits)
    schema = file.schema_arrow
    arrow.names_in(schema, source.name)
    batches = file.iter_batches(arrow.rows_at_once(schema))
    yield from arrow.records(batches, arrow.features_in(schema), first)


def opened(source: Source, limits: Limits) -> Any:
    """Return the file, of which nothing but its end is read; raises Invalid when it is none, or too large unpacked."""
    arrow.library(source.name)
    from pyarrow import parquet

    place = source.path if source.path is not None else source.stream
    try:
        file = parquet.ParquetFile(place)
        size = sum(file.metadata.row_group(number).total_byte_size for number in range(file.metadata.num_row_groups))
        _ = file.schema_arrow
    except arrow.DAMAGED as error:
        raise Invalid("{name} cannot be read: {reason}.", field="file", name=source.name, reason=error) from error
    if size > limits.unpacked_bytes:
        raise Invalid(
            "{name} unpacks to {total:,} bytes; the limit is {most:,}.",
            field="file",
            name=source.name,
            total=size,
            most=limits.unpacked_bytes,
        )
    return file
