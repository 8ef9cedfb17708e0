"""Arrow's columns as they go out: types of labels, and what the datasets library wants said of them.

Note: the library is large and no dependency of ours, so it is asked for only when an export needs it.
"""

import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from labeler.exchange.parsing.arrow import library
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.chunks import chunks
from labeler.exchange.writing.report import Report
from labeler.exchange.writing.zip_stream import Sink

CHUNKS_IN_A_BLOCK = 20

Row = dict[str, Any]


class ClassNumbers(dict[str, int]):
    """The place of each class in the project's order; a name that is no class any more comes after them."""

    def __init__(self, classes: Iterable[str]) -> None:
        super().__init__({name: number for number, name in enumerate(classes)})

    def __missing__(self, name: str) -> int:
        self[name] = len(self)
        return self[name]


def parquet_file(
    rows: Iterable[ExportRow], report: Report, schema: Any, record: Callable[[ExportRow], Row], numbers: ClassNumbers
) -> Iterator[bytes]:
    """Yield a Parquet file, holding some thousands of rows at a time.

    record: returns the cells of a row by column, in a dictionary column the number of the class.
    """
    from pyarrow import parquet

    sink = Sink()
    with parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        for block in _blocks(rows, report):
            writer.write_table(table_of([record(row) for row in block], schema, numbers))
            yield sink.take()
    yield sink.take()


def parquet_bytes(records: list[Row], schema: Any, numbers: ClassNumbers) -> bytes:
    """Return a Parquet file of some records."""
    import pyarrow as pa
    from pyarrow import parquet

    buffer = pa.BufferOutputStream()
    parquet.write_table(table_of(records, schema, numbers), buffer, compression="zstd")
    return bytes(buffer.getvalue())


def table_of(records: list[Row], schema: Any, numbers: ClassNumbers) -> Any:
    """Return records as a table; in dictionary columns they hold the numbers of classes."""
    import pyarrow as pa

    places = {field.name for field in schema if pa.types.is_dictionary(field.type)}
    numbered = [field.with_type(pa.int32()) if field.name in places else field for field in schema]
    plain = pa.Table.from_pylist(records, schema=pa.schema(numbered))
    names = pa.array(list(numbers), pa.string())
    columns = [
        pa.DictionaryArray.from_arrays(column.combine_chunks(), names, ordered=field.type.ordered)
        if field.name in places
        else column
        for field, column in zip(schema, plain.columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _blocks(rows: Iterable[ExportRow], report: Report) -> Iterator[list[ExportRow]]:
    following = chunks(rows, report)
    while block := list(itertools.islice(following, CHUNKS_IN_A_BLOCK)):
        yield [row for chunk in block for row in chunk]


def with_features(schema: Any, known: dict[str, Any]) -> Any:
    """Return a schema that tells the datasets library what each column is. known: features that types do not say."""
    features = {field.name: known.get(field.name) or value_feature(field.type) for field in schema}
    return schema.with_metadata({b"huggingface": json.dumps({"info": {"features": features}})})


def class_label(classes: Iterable[str]) -> dict[str, Any]:
    """Return the feature of a number that stands for a class, in the order of the names."""
    return {"names": list(classes), "_type": "ClassLabel"}


def value_feature(kind: Any) -> Any:
    """Return what the datasets library calls a type."""
    types = library("").types
    if types.is_dictionary(kind):
        return value_feature(kind.value_type)
    if types.is_list(kind):
        return [value_feature(kind.value_type)] if types.is_struct(kind.value_type) else _sequence(kind.value_type)
    if types.is_struct(kind):
        return {field.name: value_feature(field.type) for field in kind}
    name = str(kind)
    return {"dtype": {"double": "float64"}.get(name, name), "_type": "Value"}


def _sequence(kind: Any) -> dict[str, Any]:
    return {"feature": value_feature(kind), "_type": "Sequence"}
