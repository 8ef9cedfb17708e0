"""COCO as it goes out: the final labels, each outline as its corners."""

from collections.abc import Sequence

from labeler.exchange.formats.coco_writer import coco_writer
from labeler.exchange.parsing.coordinates import MEASURED
from labeler.exchange.parsing.object_details import Part
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.coco_json import LOSSES, Drawn, around, boxed
from labeler.task_types.geometry import area


def _drawn(row: ExportRow, parts: Sequence[Part]) -> Drawn:
    del row
    if "points" not in parts[0]:
        return boxed(parts[0])
    flat = [[side for corner in part["points"] for side in corner] for part in parts]
    return Drawn(around(parts), sum(area(part["points"]) for part in parts), flat)


WRITER = coco_writer("coco", "COCO JSON", LOSSES, MEASURED, lambda _context: _drawn)
