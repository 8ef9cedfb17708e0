"""Probabilities of classes as Parquet, as they go out."""

from collections.abc import Iterable, Iterator
from typing import Any

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.parsing.arrow import library
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.arrow import ClassNumbers, parquet_file
from labeler.exchange.writing.chunks import to_json
from labeler.messages import Message

UNKNOWN = Message("The last check says nothing of the item, so it has no probabilities.")


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a Parquet file; raises Invalid where the library for it is missing."""
    arrow = library(Message("An export as Parquet"))
    numbers = ClassNumbers(context.classes)
    return parquet_file(rows, context.report, _schema(arrow, context), lambda row: _record(row, context), numbers)


def _schema(arrow: Any, context: ExportContext) -> Any:
    text = arrow.string()
    fields = [("item", arrow.int64()), ("external_id", text), ("final_label", text)]
    fields += [("probabilities", arrow.list_(arrow.float32()))]
    fields += [("split", text)] if context.parts else []
    return arrow.schema(fields).with_metadata({b"classes": to_json(context.classes).encode()})


def _record(row: ExportRow, context: ExportContext) -> dict[str, Any]:
    if row.probabilities is None:
        context.report.lose(UNKNOWN, row.item)
    return {
        "item": row.item,
        "external_id": row.external_id,
        "final_label": row.final_label,
        "probabilities": row.probabilities,
        "split": row.split,
    }


WRITER = Writer(
    "probabilities_parquet",
    Message("Out-of-sample probabilities (Parquet)"),
    ".parquet",
    "application/vnd.apache.parquet",
    (
        Message("Only probabilities and final labels go out: no votes, no flags, no texts, no pictures."),
        Message("Probabilities are those of the last check, before later answers and decisions."),
    ),
    write,
    frozenset({"label"}),
    counts=True,
    probabilities=True,
    opens="""import numpy, pandas

data = pandas.read_parquet("{path}")
probabilities = numpy.stack(data["probabilities"].dropna())""",
)
