"""What all formats of COCO share as they go out: one JSON object; split, or with pictures, an archive of them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.coco_archive import Around, coco_archive
from labeler.exchange.writing.coco_json import OUTSIDE, Draw, Head, Named, coco_json, unheard

DrawFor = Callable[[ExportContext], Draw]
"""Returns how objects stand in the files of one export."""
OPENS = """from pycocotools.coco import COCO

data = COCO("{path}")"""


def coco_writer(name: str, title: str, losses: tuple[str, ...], shapes: frozenset[str], draw_for: DrawFor) -> Writer:
    """Return a way out as COCO, with what is packed. shapes: of the labels that it can hold; the rest as a Writer's."""

    def written(rows: Iterable[ExportRow], context: ExportContext, named: Named) -> Iterator[bytes]:
        head = Head(context.name, context.exported_at, context.classes, context.class_numbers, context.report)
        return coco_json(rows, head, draw_for(context), named)

    def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
        return written(rows, context, unheard)

    def write_packed(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
        picture = context.picture if context.pictures else None
        told = Around(context.exported_at, context.parts, picture, context.report, plain.loses(context))
        return coco_archive(rows, lambda own, named: written(own, context, named), told)

    plain = Writer(
        name,
        title,
        ".json",
        "application/json",
        losses,
        write,
        shapes,
        frozenset({"image"}),
        counts=True,
        outside=OUTSIDE,
        opens=OPENS,
    )
    packed = replace(
        plain,
        suffix=".zip",
        content_type="application/zip",
        write=write_packed,
        archive=True,
        opens=OPENS.replace("{path}", "{path}/annotations/instances_train.json"),
    )
    return replace(plain, packed=packed)
