"""COCO as it goes out with masks in run lengths."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.parsing.object_details import Part
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.coco_archive import Around, coco_archive
from labeler.exchange.writing.coco_json import LOSSES, OUTSIDE, Drawn, Head, Named, coco_json, unheard
from labeler.messages import Message

UNMEASURED = Message("The size of the picture is not known, so its label could not be written.")
TOO_THIN = Message("An object covers the middle of no pixel, so it has no mask.")


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield one JSON object in UTF-8."""
    return _written(rows, context, unheard)


def write_packed(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a ZIP with a file for each part of the split, and the pictures where they are asked for."""
    picture = context.picture if context.pictures else None
    told = Around(context.exported_at, context.parts, picture, context.report, WRITER.loses(context))
    return coco_archive(rows, lambda own, named: _written(own, context, named), told)


def _written(rows: Iterable[ExportRow], context: ExportContext, named: Named) -> Iterator[bytes]:
    def drawn(row: ExportRow, parts: Sequence[Part]) -> Drawn | None:
        return _masked(row, parts, context)

    head = Head(context.name, context.exported_at, context.classes, context.class_numbers, context.report)
    return coco_json(rows, head, drawn, named)


def _masked(row: ExportRow, parts: Sequence[Part], context: ExportContext) -> Drawn | None:
    import numpy as np

    from labeler.exchange.writing.raster import covered, packed_runs

    if not row.width or not row.height:
        context.report.lose(UNMEASURED, row.item)
        return None
    inside = covered(parts[0]["points"], row.width, row.height)
    for part in parts[1:]:
        inside |= covered(part["points"], row.width, row.height)
    if not inside.any():
        context.report.lose(TOO_THIN, row.item)
        return None
    across, down = np.flatnonzero(inside.any(axis=0)), np.flatnonzero(inside.any(axis=1))
    left, top = int(across[0]), int(down[0])
    bbox: list[float] = [left, top, int(across[-1]) - left + 1, int(down[-1]) - top + 1]
    return Drawn(bbox, int(inside.sum()), {"size": [row.height, row.width], "counts": packed_runs(inside)})


WRITER = Writer(
    "coco_rle",
    Message("COCO JSON with masks (RLE)"),
    ".json",
    "application/json",
    (*LOSSES, Message("A mask is made of whole pixels: a corner is right to a pixel.")),
    write,
    frozenset({"polygons"}),
    frozenset({"image"}),
    counts=True,
    outside=OUTSIDE,
)
WRITER = replace(
    WRITER, packed=replace(WRITER, suffix=".zip", content_type="application/zip", write=write_packed, archive=True)
)
