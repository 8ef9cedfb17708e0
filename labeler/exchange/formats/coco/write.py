"""COCO as it goes out: the final labels, categories numbered from 1 in the project's order.

Split, or with pictures, it is an archive as other tools make it: `annotations/instances_train.json` and
`images/train/`, without a split `default`.

Note: annotations stand before images. Both come from one pass over the rows, so the images
wait in a temporary file; the order of members means nothing in JSON.
"""

import itertools
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from labeler.exchange.formats.base import ExportContext, Writer
from labeler.exchange.parsing.coordinates import MEASURED, bounds
from labeler.exchange.rows import ExportRow
from labeler.exchange.writing.chunks import chunks, to_json
from labeler.exchange.writing.originals import LaterOriginals
from labeler.exchange.writing.parts import divided
from labeler.exchange.writing.picture_names import PictureNames
from labeler.exchange.writing.zip_stream import ZipStream
from labeler.messages import Message
from labeler.task_types.geometry import area

UNLABELED = Message("The item has no label; here it looks as if nothing were in its picture.")
_IN_MEMORY = 8 * 1024 * 1024
_BLOCK = 256 * 1024
_RESERVED = frozenset(("id", "width", "height", "file_name", "external_id"))
Named = Callable[[ExportRow, str], None]


def write(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield one JSON object in UTF-8."""
    return _written(rows, context, lambda _row, _name: None)


def write_packed(rows: Iterable[ExportRow], context: ExportContext) -> Iterator[bytes]:
    """Yield a ZIP with a file for each part of the split, and the pictures where they are asked for."""
    archive = ZipStream(context.exported_at)
    picture = context.picture if context.pictures else None
    for part, own in divided(rows, context.parts):
        place = part or "default"
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as names:
            later = LaterOriginals(names)
            archive.begin(f"annotations/instances_{place}.json")
            for data in _written(own, context, later.note):
                archive.put_data(data)
                yield archive.take() or b""
            for name, data in later.each(picture, context.report):
                archive.add_packed(f"images/{place}/{name}", data)
                yield archive.take()
    archive.add("report.txt", "\n".join((*context.report.lines(), *WRITER.loses(context), "")))
    yield archive.close()


def _written(rows: Iterable[ExportRow], context: ExportContext, named: Named) -> Iterator[bytes]:
    """Yield the JSON. named: is told what each picture is called."""
    categories = {name: number for number, name in enumerate(context.classes, 1)}
    listed = [{"id": number, "name": name, "supercategory": ""} for name, number in categories.items()]
    info = {"description": context.name, "version": "1.0", "date_created": context.exported_at}
    yield f'{{"info": {to_json(info)}, "licenses": [], "categories": {to_json(listed)}, "annotations": ['.encode()
    names = PictureNames(context.report, by_stem=False)
    ids = itertools.count(1)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as images:
        separators = itertools.chain(["\n"], itertools.repeat(",\n"))
        for chunk in chunks(rows, context.report):
            for row in chunk:
                name = names.name(row)
                named(row, name)
                image = f"{',' if images.tell() else ''}\n{_image(row, name)}"
                images.write(image.encode(errors="replace"))
            found = itertools.chain.from_iterable(_annotations(row, context, categories) for row in chunk)
            text = "".join(next(separators) + to_json({"id": next(ids), **one}) for one in found)
            yield text.encode(errors="replace") or b" "
        yield b'\n], "images": ['
        images.seek(0)
        yield from iter(lambda: images.read(_BLOCK), b"")
    yield b"\n]}\n"


def _image(row: ExportRow, name: str) -> str:
    kept = {key: what for key, what in (row.metadata or {}).items() if key not in _RESERVED}
    size = {"width": row.width, "height": row.height}
    return to_json({"id": row.item, **size, "file_name": name, "external_id": row.external_id, **kept})


def _annotations(row: ExportRow, context: ExportContext, categories: dict[str, int]) -> Iterator[dict[str, Any]]:
    value = row.final_value
    if value is None:
        context.report.lose(UNLABELED, row.item)
        return
    for part in value.get("boxes", ()):
        sides = [part["x"], part["y"], part["width"], part["height"]]
        yield _annotation(row, categories[part["label"]], sides, sides[2] * sides[3], [])
    for part in value.get("polygons", ()):
        points = part["points"]
        flat = [number for point in points for number in point]
        yield _annotation(row, categories[part["label"]], list(bounds(points)), area(points), [flat])


def _annotation(
    row: ExportRow, category: int, bbox: list[float], covered: float, outlines: list[list[float]]
) -> dict[str, Any]:
    return {
        "image_id": row.item,
        "category_id": category,
        "bbox": bbox,
        "area": covered,
        "segmentation": outlines,
        "iscrowd": 0,
    }


WRITER = Writer(
    "coco",
    "COCO JSON",
    ".json",
    "application/json",
    (
        Message("Only final labels go out: no votes, no consensus, no flags, no scores."),
        Message(
            "Whether an item is excluded is not said; an item without a label looks as if nothing were in its picture."
        ),
    ),
    write,
    MEASURED,
    frozenset({"image"}),
    counts=True,
    outside=Message("Pictures are named, not contained: put them where the names say."),
)
WRITER = replace(
    WRITER,
    packed=replace(WRITER, suffix=".zip", content_type="application/zip", write=write_packed, archive=True),
    opens="""from pycocotools.coco import COCO

data = COCO("{path}/annotations/instances_train.json")""",
)
