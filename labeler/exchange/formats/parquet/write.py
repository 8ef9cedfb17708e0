"""Parquet as it goes out: everything that JSON Lines holds, in typed columns."""

from collections.abc import Iterable, Iterator
from typing import Any

from labeler.exchange.formats.base import KEEPS, ExportContext, Writer
from labeler.exchange.parsing.arrow import library
from labeler.exchange.parsing.column_names import EXPORT_COLUMNS, VALUE_COLUMNS
from labeler.exchange.rows import ExportRow, Vote
from labeler.exchange.writing.arrow import ClassNumbers, parquet_file, with_features
from labeler.exchange.writing.chunks import to_json
from labeler.messages import Message
from labeler.task_types.base import TaskType
from labeler.task_types.registry import task_type

_LABELS = ("given_label", "consensus_label", "final_label", "suggested_label")
_NUMBERS = ("confidence", "label_score", "agreement")


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a Parquet file with every vote and flag; raises Invalid where the library for it is missing."""
    schema = _schema(library(Message("An export as Parquet")), context)
    task = task_type(context.task)
    content = "image" if context.media == "image" else "text"
    numbers = ClassNumbers(context.classes)
    return parquet_file(rows, context.report, schema, lambda row: _record(row, task, content, numbers), numbers)


def _schema(arrow: Any, context: ExportContext) -> Any:
    task, text, number = task_type(context.task), arrow.string(), arrow.float64()
    label = _label_type(arrow, task)
    said = [("seconds", number), ("comment", text), ("created_at", text)]
    votes = [("annotator", text), ("label", text), *said, ("unsure", arrow.bool_()), ("value", text)]
    special = dict.fromkeys(_LABELS, label) | dict.fromkeys(_NUMBERS, number)
    special |= {
        "suggested_label": text if label.equals(arrow.list_(text)) else label,
        "excluded": arrow.bool_(),
        "votes": arrow.list_(arrow.struct(votes)),
        "flags": arrow.list_(arrow.struct([("kind", text), ("score", number), ("suggested_label", text)])),
    }
    names = [*EXPORT_COLUMNS, *(() if task.label_says_all else VALUE_COLUMNS)]
    first = [("item", arrow.int64()), ("external_id", text), ("image" if context.media == "image" else "text", text)]
    skips = ("skips", arrow.list_(arrow.struct([("annotator", text), ("reason", text), *said])))
    split = [("split", text)] if context.parts else []
    columns = [*first, *((name, special.get(name, text)) for name in names), skips, *split]
    return with_features(arrow.schema(columns), {})


def _label_type(arrow: Any, task: TaskType) -> Any:
    if task.one_class:
        return arrow.dictionary(arrow.int32(), arrow.string(), ordered=task.ordered)
    return arrow.list_(arrow.string()) if task.shape == "labels" else arrow.string()


def _record(row: ExportRow, task: TaskType, content: str, numbers: ClassNumbers) -> dict[str, Any]:
    cells: dict[str, Any] = {name: getattr(row, name) for name in ("item", "external_id", content, *_NUMBERS)}
    labels = ("given", "consensus", "final")
    cells |= {f"{one}_label": _label(row, one, task, numbers) for one in labels}
    if not task.label_says_all:
        cells |= {f"{one}_value": _json(getattr(row, f"{one}_value")) for one in labels}
    return cells | {
        "final_source": row.final_source,
        "suggested_label": _suggested(row, task, numbers),
        "soft_label": _json(row.soft_label),
        "excluded": row.excluded,
        "votes": [_vote(vote) for vote in row.votes],
        "skips": [skip._asdict() for skip in row.skips],
        "flags": [flag._asdict() for flag in row.flags],
        "split": row.split,
        "metadata": _json(row.metadata),
    }


def _label(row: ExportRow, which: str, task: TaskType, numbers: ClassNumbers) -> Any:
    label, value = getattr(row, f"{which}_label"), getattr(row, f"{which}_value")
    if task.one_class:
        return None if label is None else numbers[label]
    if value is None or not task.label_says_all:
        return label
    return value["labels"] if task.shape == "labels" else task.to_cell(value, tuple(numbers))


def _suggested(row: ExportRow, task: TaskType, numbers: ClassNumbers) -> Any:
    return numbers[row.suggested_label] if task.one_class and row.suggested_label else row.suggested_label


def _vote(vote: Vote) -> dict[str, Any]:
    return {**vote._asdict(), "value": _json(vote.value)}


def _json(value: dict[str, Any] | None) -> str | None:
    return to_json(value) if value else None


WRITER = Writer(
    "parquet",
    "Parquet",
    ".parquet",
    "application/vnd.apache.parquet",
    (
        Message("Images are named, not contained."),
        Message("Evidence of flags and reviews stays in the project."),
        Message("Metadata, soft labels and labels made of objects stand as JSON in text columns."),
    ),
    write,
    keeps=KEEPS,
    answers=True,
    opens="""import pandas

data = pandas.read_parquet("{path}")""",
)
