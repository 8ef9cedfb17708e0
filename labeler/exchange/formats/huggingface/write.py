"""A dataset of Hugging Face as it goes out: a ZIP with a dataset card and Parquet files for each split."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.parsing.arrow import library
from labeler.exchange.rows import ExportRow
from labeler.exchange.soft_labels import in_class_order
from labeler.exchange.writing.arrow import ClassNumbers, class_label, parquet_bytes, value_feature, with_features
from labeler.exchange.writing.chunks import chunks, to_json
from labeler.exchange.writing.originals import original
from labeler.exchange.writing.zip_stream import ZipStream
from labeler.messages import Message
from labeler.task_types.base import TaskType
from labeler.task_types.registry import task_type

ROWS_IN_A_FILE = 10_000
BYTES_IN_A_FILE = 64 * 1024 * 1024  # of pictures, which are held until their file is made
USUAL_SPLIT = "train"
_CALLED = {"val": "validation"}
SOFT_LABEL = "soft_label"
RENAMED = Message("The split of the item has another name here: such a name holds letters, digits and _ only.")
_LONGEST = 50
_PARTS = {
    "spans": {"start": "int64", "end": "int64"},
    "boxes": {"x": "float64", "y": "float64", "width": "float64", "height": "float64"},
}
_CARD = """---
{settings}---
# {name}

Exported {at} by Labeler. Open it with `datasets.load_dataset("folder")`.

Classes in their order: {classes}
"""


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield the ZIP; raises Invalid where the library for Parquet is missing."""
    library(Message("An export as a Hugging Face dataset"))
    return _written(rows, context)


def _written(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    out, files = ZipStream(context.exported_at), _Files(context)
    for chunk in chunks(rows, context.report):
        for row in chunk:
            files.take(row, out)
        if data := out.take():
            yield data
    files.close(out)
    yield out.close()


class _Files:
    """The rows of each split, of which some thousands at a time become a file."""

    def __init__(self, context: ExportContext) -> None:
        self._context = context
        self._task = task_type(context.task)
        self._numbers = ClassNumbers(context.classes)
        self._column = column_of(self._task)
        self._content = "image" if context.media == "image" else "text"
        self._schema = _schema(context, self._content, self._column)
        self._held: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._made: dict[str, int] = defaultdict(int)
        self._bytes: dict[str, int] = defaultdict(int)

    def take(self, row: ExportRow, out: ZipStream) -> None:
        split = self._split(row)
        data = original(row, self._context.picture, self._context.report) if self._context.pictures else b""
        self._held[split].append(self._record(row, data))
        self._bytes[split] += len(data)
        if len(self._held[split]) >= ROWS_IN_A_FILE or self._bytes[split] >= BYTES_IN_A_FILE:
            self._put(split, out)

    def close(self, out: ZipStream) -> None:
        """Add what is left, and the card that names the splits."""
        for split in [name for name, rows in self._held.items() if rows] or ([] if self._made else [USUAL_SPLIT]):
            self._put(split, out)
        splits = [{"split": split, "path": f"data/{split}-*.parquet"} for split in self._made]
        settings = {"configs": [{"config_name": "default", "data_files": splits}]}
        context = self._context
        classes = ", ".join(f"{number} = {name}" for number, name in enumerate(context.classes))
        dumped = yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)
        name = " ".join(context.name.split())
        out.add("README.md", _CARD.format(settings=dumped, name=name, at=context.exported_at, classes=classes))

    def _put(self, split: str, out: ZipStream) -> None:
        data = parquet_bytes(self._held.pop(split, []), self._schema, self._numbers)
        self._bytes.pop(split, None)
        out.add_packed(f"data/{split}-{self._made[split]:05}.parquet", data)
        self._made[split] += 1

    def _split(self, row: ExportRow) -> str:
        if row.split:
            return _CALLED.get(row.split, row.split)
        told = str((row.metadata or {}).get("split") or USUAL_SPLIT)
        split = re.sub(r"\W+", "_", told, flags=re.ASCII)[:_LONGEST]
        if split != told:
            self._context.report.lose(RENAMED, row.item)
        return split

    def _record(self, row: ExportRow, data: bytes) -> dict[str, Any]:
        content: Any = row.image if self._content == "image" else row.text
        if self._context.pictures:
            content = {"bytes": data or None, "path": row.image}
        return {
            "item": row.item,
            "external_id": row.external_id,
            self._content: content,
            self._column: _label(row, self._task, self._numbers),
            SOFT_LABEL: in_class_order(row.soft_label, self._context.classes),
            "metadata": to_json(row.metadata) if row.metadata else None,
        }


def column_of(task: TaskType) -> str:
    """Return the name of the column of labels: the usual one, or where it holds lists that of the shape."""
    return task.shape if task.shape in {"labels", "spans", "boxes", "polygons"} else "label"


def _label(row: ExportRow, task: TaskType, numbers: Mapping[str, int]) -> Any:
    value = row.final_value
    if task.one_class:
        return None if row.final_label is None else numbers[row.final_label]
    if value is None:
        return None
    if "labels" in value:
        return [numbers[name] for name in value["labels"]]
    if task.part_fields:
        return [{**part, "label": numbers[part["label"]]} for part in value[task.shape]]
    return task.to_cell(value, tuple(numbers))


def _schema(context: ExportContext, content: str, column: str) -> Any:
    arrow = library("")
    task, text = task_type(context.task), arrow.string()
    kind, feature = _label_type(task, context.classes)
    inside = arrow.struct([("bytes", arrow.binary()), ("path", text)]) if context.pictures else text
    soft = [(SOFT_LABEL, arrow.list_(arrow.float64()))] if context.soft_labels else []
    fields = [("item", arrow.int64()), ("external_id", text), (content, inside), (column, kind), *soft]
    known = {column: feature, **({content: {"_type": "Image"}} if context.pictures else {})}
    return with_features(arrow.schema([*fields, ("metadata", text)]), known)


def _label_type(task: TaskType, classes: tuple[str, ...]) -> tuple[Any, Any]:
    """Return the type of the column of labels, and what the datasets library is told of it."""
    arrow, number = library(""), class_label(classes)
    if task.one_class:
        return arrow.int64(), number
    if task.shape == "labels":
        return arrow.list_(arrow.int64()), {"feature": number, "_type": "Sequence"}
    if not task.part_fields:
        return arrow.string(), value_feature(arrow.string())
    parts = {name: getattr(arrow, kind)() for name, kind in _PARTS.get(task.shape, {}).items()}
    parts = parts or {"points": arrow.list_(arrow.list_(arrow.float64()))}
    fields = [("label", arrow.int64()), *parts.items()]
    told = {name: value_feature(kind) for name, kind in parts.items()}
    return arrow.list_(arrow.struct(fields)), [{"label": number, **told}]


WRITER = Writer(
    "huggingface",
    Message("Hugging Face dataset (ZIP of Parquet files)"),
    ".zip",
    "application/zip",
    (
        Message("Only final labels go out: no votes, no consensus, no flags, no scores."),
        Message("Metadata stand as JSON in a text column; items without a split are in train."),
    ),
    write,
    archive=True,
    counts=True,
    outside=Message("Images are named, not contained."),
    opens="""from datasets import load_dataset

data = load_dataset("{path}")
data["train"].features""",
)
