"""COCO as it goes out: the final labels, each outline as its corners; split, or with pictures, as an archive."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.parsing.coordinates import MEASURED
from labeler.exchange.parsing.object_details import Part
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.coco_archive import Around, coco_archive
from labeler.exchange.writing.coco_json import LOSSES, OUTSIDE, Drawn, Head, Named, around, boxed, coco_json, unheard
from labeler.task_types.geometry import area


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield one JSON object in UTF-8."""
    return _written(rows, context, unheard)


def write_packed(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a ZIP with a file for each part of the split, and the pictures where they are asked for."""
    picture = context.picture if context.pictures else None
    told = Around(context.exported_at, context.parts, picture, context.report, WRITER.loses(context))
    return coco_archive(rows, lambda own, named: _written(own, context, named), told)


def _written(rows: Iterable[ExportRow], context: ExportContext, named: Named) -> Iterator[bytes]:
    head = Head(context.name, context.exported_at, context.classes, context.class_numbers, context.report)
    return coco_json(rows, head, _drawn, named)


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
    outside=OUTSIDE,
)
WRITER = replace(
    WRITER,
    packed=replace(WRITER, suffix=".zip", content_type="application/zip", write=write_packed, archive=True),
    opens="""from pycocotools.coco import COCO

data = COCO("{path}/annotations/instances_train.json")""",
)
