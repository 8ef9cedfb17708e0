"""COCO as it goes out with masks in run lengths."""

from collections.abc import Sequence

from labeler.exchange.formats.base import ExportContext
from labeler.exchange.formats.coco_writer import coco_writer
from labeler.exchange.parsing.object_details import Part
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.coco_json import LOSSES, Draw, Drawn
from labeler.messages import Message

UNMEASURED = Message("The size of the picture is not known, so its label could not be written.")
TOO_THIN = Message("An object covers the middle of no pixel, so it has no mask.")


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


def _draw_for(context: ExportContext) -> Draw:
    return lambda row, parts: _masked(row, parts, context)


WRITER = coco_writer(
    "coco_rle",
    Message("COCO JSON with masks (RLE)"),
    (*LOSSES, Message("A mask is made of whole pixels: a corner is right to a pixel.")),
    frozenset({"polygons"}),
    _draw_for,
)
