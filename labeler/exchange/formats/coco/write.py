"""COCO as it goes out: the final labels, each outline as its corners."""

from collections.abc import Iterable, Iterator, Sequence

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.parsing.coordinates import MEASURED
from labeler.exchange.parsing.object_details import Part
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.coco_json import LOSSES, Drawn, Head, around, boxed, coco_json
from labeler.task_types.geometry import area


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield one JSON object in UTF-8."""
    head = Head(context.name, context.exported_at, context.classes, context.class_numbers, context.report)
    return coco_json(rows, head, _drawn)


def _drawn(row: ExportRow, parts: Sequence[Part]) -> Drawn:
    del row
    if "points" not in parts[0]:
        return boxed(parts[0])
    flat = [[side for corner in part["points"] for side in corner] for part in parts]
    return Drawn(around(parts), sum(area(part["points"]) for part in parts), flat)


WRITER = Writer(
    "coco",
    "COCO JSON",
    ".json",
    "application/json",
    LOSSES,
    write,
    MEASURED,
    frozenset({"image"}),
    counts=True,
)
