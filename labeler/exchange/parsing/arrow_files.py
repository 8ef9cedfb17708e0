"""Files of Arrow itself, as streams or with a list of their parts at the end.

Note: what such a file says of its own lengths is checked batch by batch before a value is taken from it,
as the library would read past the end of its memory otherwise.
"""

from collections.abc import Iterator
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.parsing import arrow
from labeler.exchange.parsing.json_records import Record
from labeler.exchange.rows import RejectedRow
from labeler.exchange.sources import Source


def columns(source: Source) -> tuple[str, ...]:
    """Return the names of the columns; raises Invalid when it cannot be read."""
    return arrow.names_in(_opened(source).schema, source.name)


def records(source: Source, features: dict[str, Any], first: int = 1) -> Iterator[Record | RejectedRow]:
    """Yield the rows as JSON has them, numbered from `first`; features: where the file itself says nothing of them."""
    file = _opened(source)
    arrow.names_in(file.schema, source.name)
    yield from arrow.records(_batches(file), arrow.features_in(file.schema) or features, first)


def _opened(source: Source) -> Any:
    library = arrow.library(source.name)
    try:
        place = library.memory_map(str(source.path)) if source.path else library.py_buffer(_bytes(source))
        try:
            return library.ipc.open_stream(place)
        except ValueError:
            return library.ipc.open_file(place)
    except arrow.DAMAGED as error:
        raise Invalid("{name} cannot be read: {reason}.", field="file", name=source.name, reason=error) from error


def _bytes(source: Source) -> bytes:
    return source.stream.read() if source.stream else b""


def _batches(file: Any) -> Iterator[Any]:
    whole = hasattr(file, "get_batch")
    following = (file.get_batch(place) for place in range(file.num_record_batches)) if whole else iter(file)
    size = arrow.rows_at_once(file.schema)
    for batch in following:
        batch.validate(full=True)
        for start in range(0, batch.num_rows, size):
            yield batch.slice(start, size)
